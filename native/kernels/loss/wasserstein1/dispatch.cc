// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>

#include "kernels/loss/wasserstein1/wasserstein1.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"

namespace gx {
namespace {

void check_sizes(int64_t rows, int64_t n) {
  check::at_least(rows, 1, "rows");
  check::at_least(n, 1, "n");
  check::product(check::product(rows, n, "x and y"), 2, "x and y");  // ranks are counted in units of 1 / (rows n)
}

}  // namespace
}  // namespace gx

gx_status gx_wasserstein1(gx_device* device, gx_format format, int64_t rows, int64_t n, const void* x, const void* y,
                          void* out) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check_sizes(rows, n);
    check::disjoint({check::array(out, 1, format, "out")},
                    {check::array(x, rows, format, "x"), check::array(y, n, format, "y")});
    if (ran_on_gpu(&Backend::gx_wasserstein1, device, format, rows, n, x, y, out)) return;
    Workspace workspace(*device);
    int64_t *x_order = workspace.get<int64_t>(rows), *y_order = workspace.get<int64_t>(n);
    with_real(format, [&](auto t) {
      using T = decltype(t);
      const T *a = static_cast<const T*>(x), *b = static_cast<const T*>(y);
      const bool ordered = reference::ascending(a, rows, x_order) && reference::ascending(b, n, y_order);
      *static_cast<T*>(out) = ordered ? T(reference::wasserstein1(a, rows, x_order, b, n, y_order)) : T(NAN);
    });
  });
}

gx_status gx_wasserstein1_backward(gx_device* device, gx_format format, int64_t rows, int64_t n, const void* x,
                                   const void* y, const void* dout, void* dx, void* dy) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check_sizes(rows, n);
    check::disjoint(
        {check::optional_array(dx, rows, format, "dx"), check::optional_array(dy, n, format, "dy")},
        {check::array(x, rows, format, "x"), check::array(y, n, format, "y"), check::array(dout, 1, format, "dout")});
    if (ran_on_gpu(&Backend::gx_wasserstein1_backward, device, format, rows, n, x, y, dout, dx, dy)) return;
    Workspace workspace(*device);
    int64_t *x_order = workspace.get<int64_t>(rows), *y_order = workspace.get<int64_t>(n);
    with_real(format, [&](auto t) {
      using T = decltype(t);
      const T *a = static_cast<const T*>(x), *b = static_cast<const T*>(y);
      T *to_x = static_cast<T*>(dx), *to_y = static_cast<T*>(dy);
      if (reference::ascending(a, rows, x_order) && reference::ascending(b, n, y_order)) {
        const double slope = double(*static_cast<const T*>(dout));
        return reference::wasserstein1_backward(a, rows, x_order, b, n, y_order, slope, to_x, to_y);
      }
      if (to_x) std::fill(to_x, to_x + rows, T(NAN));
      if (to_y) std::fill(to_y, to_y + n, T(NAN));
    });
  });
}
