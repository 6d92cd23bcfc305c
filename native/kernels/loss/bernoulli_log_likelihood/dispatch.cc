// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/loss/bernoulli_log_likelihood/bernoulli_log_likelihood.h"
#include "kernels/loss/rows.h"
#include "runtime/backend.h"
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

namespace gx {
namespace {

template <class T>
void forward(gx_device& device, const BernoulliLogLikelihood<T>& a) {
  if constexpr (sizeof(T) == sizeof(double)) {
    reference::bernoulli_log_likelihood(a);
  } else {
    bernoulli_log_likelihood(first_usable(kVariants), device, a);
  }
}

template <class T>
void backward(gx_device& device, const BernoulliLogLikelihood<T>& a) {
  if constexpr (sizeof(T) == sizeof(double)) {
    reference::bernoulli_log_likelihood_backward(a);
  } else {
    bernoulli_log_likelihood_backward(first_usable(kVariants), device, a);
  }
}

int64_t check_shape(int64_t rows, int64_t units) {
  check::at_least(rows, 0, "rows");
  check::at_least(units, 0, "units");
  return check::product(rows, units, "logits");
}

int64_t check_bits(const gx_states* x) {
  check::not_null(x, "x");
  check::states(x, x->units, "x");
  if (x->format != GX_BITS) {
    fail(GX_INVALID_ARGUMENT, "the format of x must be GX_BITS (1), got %d", check::number_in(x->format));
  }
  return check_shape(x->rows, x->units);
}

}  // namespace
}  // namespace gx

gx_status gx_bernoulli_log_likelihood(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                      const void* logits, const void* x, void* out) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const int64_t size = check_shape(rows, units);
    check::disjoint({check::array(out, rows, format, "out")},
                    {check::array(logits, size, format, "logits"), check::array(x, size, format, "x")});
    if (ran_on_gpu(&Backend::gx_bernoulli_log_likelihood, device, format, rows, units, logits, x, out)) return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      BernoulliLogLikelihood<T> a = {};
      a.rows = rows, a.units = units;
      a.logits = static_cast<const T*>(logits), a.x = static_cast<const T*>(x);
      a.out = static_cast<T*>(out);
      forward(*device, a);
    });
  });
}

gx_status gx_bernoulli_log_likelihood_backward(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                               const void* logits, const void* x, const void* dy, void* dlogits,
                                               void* dx) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const int64_t size = check_shape(rows, units);
    check::disjoint(
        {check::optional_array(dlogits, size, format, "dlogits"), check::optional_array(dx, size, format, "dx")},
        {check::array(logits, size, format, "logits"), check::array(x, size, format, "x"),
         check::array(dy, rows, format, "dy")});
    if (ran_on_gpu(&Backend::gx_bernoulli_log_likelihood_backward, device, format, rows, units, logits, x, dy, dlogits,
                   dx))
      return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      BernoulliLogLikelihood<T> a = {};
      a.rows = rows, a.units = units;
      a.logits = static_cast<const T*>(logits), a.x = static_cast<const T*>(x), a.dy = static_cast<const T*>(dy);
      a.dlogits = static_cast<T*>(dlogits), a.dx = static_cast<T*>(dx);
      backward(*device, a);
    });
  });
}

gx_status gx_bernoulli_log_likelihood_bits(gx_device* device, gx_format format, const void* logits, const gx_states* x,
                                           void* out) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const int64_t size = check_bits(x);
    check::disjoint({check::array(out, x->rows, format, "out")},
                    {check::array(logits, size, format, "logits"), check::range(*x, "x")});
    if (ran_on_gpu(&Backend::gx_bernoulli_log_likelihood_bits, device, format, logits, x, out)) return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      BernoulliLogLikelihood<T> a = {};
      a.rows = x->rows, a.units = x->units, a.bits = static_cast<const uint32_t*>(x->data);
      a.logits = static_cast<const T*>(logits), a.out = static_cast<T*>(out);
      forward(*device, a);
    });
  });
}

gx_status gx_bernoulli_log_likelihood_bits_backward(gx_device* device, gx_format format, const void* logits,
                                                    const gx_states* x, const void* dy, void* dlogits) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const int64_t size = check_bits(x);
    check::disjoint(
        {check::array(dlogits, size, format, "dlogits")},
        {check::array(logits, size, format, "logits"), check::range(*x, "x"), check::array(dy, x->rows, format, "dy")});
    if (ran_on_gpu(&Backend::gx_bernoulli_log_likelihood_bits_backward, device, format, logits, x, dy, dlogits)) return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      BernoulliLogLikelihood<T> a = {};
      a.rows = x->rows, a.units = x->units, a.bits = static_cast<const uint32_t*>(x->data);
      a.logits = static_cast<const T*>(logits), a.dy = static_cast<const T*>(dy);
      a.dlogits = static_cast<T*>(dlogits);
      backward(*device, a);
    });
  });
}
