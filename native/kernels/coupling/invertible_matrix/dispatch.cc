// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <vector>

#include "generatrix/coupling.h"
#include "kernels/coupling/invertible_matrix/invertible_matrix.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"

namespace gx {
namespace {

// Returns the number of elements of the matrix.
int64_t check_size(gx_device* device, gx_format format, int64_t n) {
  checked(device);
  check::real(format);
  check::at_least(n, 0, "n");
  return check::product(n, n, "W");
}

void check_permutation(int64_t n, const int64_t* permutation) {
  std::vector<bool> seen(size_t(n), false);
  for (int64_t i = 0; i < n; ++i) {
    const int64_t row = permutation[i];
    if (row < 0 || row >= n || seen[size_t(row)]) {
      fail(GX_INVALID_ARGUMENT, "permutation must hold each of 0 to %lld once, got %lld at %lld", (long long)(n - 1),
           (long long)row, (long long)i);
    }
    seen[size_t(row)] = true;
  }
}

template <class T>
InvertibleMatrix<T> checked_matrix(int64_t n, int32_t inverse, const int64_t* permutation, const void* lower,
                                   const void* upper, const void* sign, const void* log_scale) {
  const T* s = static_cast<const T*>(sign);
  for (int64_t i = 0; i < n; ++i) {
    if (!(s[i] == 1 || s[i] == -1)) {
      fail(GX_INVALID_ARGUMENT, "sign must be +1 or -1, got %g at %lld", double(s[i]), (long long)i);
    }
  }
  return {n,
          inverse != 0,
          permutation,
          static_cast<const T*>(lower),
          static_cast<const T*>(upper),
          s,
          static_cast<const T*>(log_scale)};
}

}  // namespace
}  // namespace gx

gx_status gx_invertible_matrix(gx_device* device, gx_format format, int64_t n, int32_t inverse,
                               const int64_t* permutation, const void* lower, const void* upper, const void* sign,
                               const void* log_scale, void* W) {
  return gx::guarded([&] {
    using namespace gx;
    const int64_t size = check_size(device, format, n);
    check::disjoint({check::array(W, size, format, "W")},
                    {check::array(permutation, n, GX_FLOAT64, "permutation"),
                     check::array(lower, size, format, "lower"), check::array(upper, size, format, "upper"),
                     check::array(sign, n, format, "sign"), check::array(log_scale, n, format, "log_scale")});
    check_permutation(n, permutation);
    if (ran_on_gpu(&Backend::gx_invertible_matrix, device, format, n, inverse, permutation, lower, upper, sign,
                   log_scale, W)) {
      return;
    }
    with_real(format, [&](auto t) {
      using T = decltype(t);
      reference::invertible_matrix(checked_matrix<T>(n, inverse, permutation, lower, upper, sign, log_scale),
                                   static_cast<T*>(W));
    });
  });
}

gx_status gx_invertible_matrix_backward(gx_device* device, gx_format format, int64_t n, int32_t inverse,
                                        const int64_t* permutation, const void* lower, const void* upper,
                                        const void* sign, const void* log_scale, const void* dW, void* dlower,
                                        void* dupper, void* dlog_scale) {
  return gx::guarded([&] {
    using namespace gx;
    const int64_t size = check_size(device, format, n);
    check::disjoint(
        {check::optional_array(dlower, size, format, "dlower"), check::optional_array(dupper, size, format, "dupper"),
         check::optional_array(dlog_scale, n, format, "dlog_scale")},
        {check::array(permutation, n, GX_FLOAT64, "permutation"), check::array(lower, size, format, "lower"),
         check::array(upper, size, format, "upper"), check::array(sign, n, format, "sign"),
         check::array(log_scale, n, format, "log_scale"), check::array(dW, size, format, "dW")});
    check_permutation(n, permutation);
    if (ran_on_gpu(&Backend::gx_invertible_matrix_backward, device, format, n, inverse, permutation, lower, upper, sign,
                   log_scale, dW, dlower, dupper, dlog_scale)) {
      return;
    }
    with_real(format, [&](auto t) {
      using T = decltype(t);
      reference::invertible_matrix_backward(checked_matrix<T>(n, inverse, permutation, lower, upper, sign, log_scale),
                                            static_cast<const T*>(dW), static_cast<T*>(dlower), static_cast<T*>(dupper),
                                            static_cast<T*>(dlog_scale));
    });
  });
}
