// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/loss/bernoulli_log_likelihood/bernoulli_log_likelihood.h"
#include "kernels/loss/rows.h"
#include "runtime/check.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                      \
  namespace isa {                                                                                \
  double op##_##variant(const BernoulliLogLikelihood<float>&, int64_t, int64_t, int64_t);        \
  void op##_backward_##variant(const BernoulliLogLikelihood<float>&, int64_t, int64_t, int64_t); \
  }
#include "kernels/loss/bernoulli_log_likelihood/kernels.inc"
#undef GX_KERNEL

namespace {
const BernoulliLogLikelihoodVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant, isa::op##_backward_##variant},
#include "kernels/loss/bernoulli_log_likelihood/kernels.inc"
#undef GX_KERNEL
};
}  // namespace

const BernoulliLogLikelihoodVariant* bernoulli_log_likelihood_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

void bernoulli_log_likelihood(const BernoulliLogLikelihoodVariant& variant, gx_device& device,
                              const BernoulliLogLikelihood<float>& a) {
  row_sums(device, device.threads, a.rows, a.units, kLossSpan, a.out,
           [&](int64_t row, int64_t first, int64_t count, int) { return variant.forward(a, row, first, count); });
}

void bernoulli_log_likelihood_backward(const BernoulliLogLikelihoodVariant& variant, gx_device& device,
                                       const BernoulliLogLikelihood<float>& a) {
  each_row_span(device.threads, a.rows, a.units, kLossSpan,
                [&](int64_t row, int64_t first, int64_t count, int) { variant.backward(a, row, first, count); });
}

}  // namespace gx

gx_status gx_bernoulli_log_likelihood(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                      const void* logits, const void* x, void* out) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::at_least(rows, 0, "rows");
    check::at_least(units, 0, "units");
    const int64_t size = check::product(rows, units, "logits");
    check::disjoint({check::array(out, rows, format, "out")},
                    {check::array(logits, size, format, "logits"), check::array(x, size, format, "x")});
    with_real(format, [&](auto t) {
      using T = decltype(t);
      const BernoulliLogLikelihood<T> a = {
          rows,    units,  static_cast<const T*>(logits), static_cast<const T*>(x), static_cast<T*>(out), nullptr,
          nullptr, nullptr};
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::bernoulli_log_likelihood(a);
      } else {
        bernoulli_log_likelihood(first_usable(kVariants), *device, a);
      }
    });
  });
}

gx_status gx_bernoulli_log_likelihood_backward(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                               const void* logits, const void* x, const void* dy, void* dlogits,
                                               void* dx) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::at_least(rows, 0, "rows");
    check::at_least(units, 0, "units");
    const int64_t size = check::product(rows, units, "logits");
    check::disjoint(
        {check::optional_array(dlogits, size, format, "dlogits"), check::optional_array(dx, size, format, "dx")},
        {check::array(logits, size, format, "logits"), check::array(x, size, format, "x"),
         check::array(dy, rows, format, "dy")});
    with_real(format, [&](auto t) {
      using T = decltype(t);
      const BernoulliLogLikelihood<T> a = {rows,
                                           units,
                                           static_cast<const T*>(logits),
                                           static_cast<const T*>(x),
                                           nullptr,
                                           static_cast<const T*>(dy),
                                           static_cast<T*>(dlogits),
                                           static_cast<T*>(dx)};
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::bernoulli_log_likelihood_backward(a);
      } else {
        bernoulli_log_likelihood_backward(first_usable(kVariants), *device, a);
      }
    });
  });
}
