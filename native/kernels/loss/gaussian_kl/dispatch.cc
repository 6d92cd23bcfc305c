// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/loss/gaussian_kl/gaussian_kl.h"
#include "kernels/loss/rows.h"
#include "runtime/backend.h"
#include "runtime/check.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                          \
  namespace isa {                                                                    \
  double op##_##variant(const GaussianKl<float>&, int64_t, int64_t, int64_t);        \
  void op##_backward_##variant(const GaussianKl<float>&, int64_t, int64_t, int64_t); \
  }
#include "kernels/loss/gaussian_kl/kernels.inc"
#undef GX_KERNEL

namespace {

const GaussianKlVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant, isa::op##_backward_##variant},
#include "kernels/loss/gaussian_kl/kernels.inc"
#undef GX_KERNEL
};

// Both of p's operands or neither; gives the elements of an operand.
int64_t check_shape(int64_t rows, int64_t units, const void* p_mean, const void* p_logvar) {
  check::at_least(rows, 0, "rows");
  check::at_least(units, 0, "units");
  const int64_t size = check::product(rows, units, "mean");
  if (size > 0 && !p_mean != !p_logvar) {
    fail(GX_INVALID_ARGUMENT, "p_mean and p_logvar must both be given or both be null, got p_mean %s, p_logvar %s",
         p_mean ? "given" : "null", p_logvar ? "given" : "null");
  }
  return size;
}

}  // namespace

const GaussianKlVariant* gaussian_kl_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

void gaussian_kl(const GaussianKlVariant& variant, gx_device& device, const GaussianKl<float>& a) {
  row_sums(device, device.threads, a.rows, a.units, kLossSpan, a.out,
           [&](int64_t row, int64_t first, int64_t count, int) { return variant.forward(a, row, first, count); });
}

void gaussian_kl_backward(const GaussianKlVariant& variant, gx_device& device, const GaussianKl<float>& a) {
  each_row_span(device.threads, a.rows, a.units, kLossSpan,
                [&](int64_t row, int64_t first, int64_t count, int) { variant.backward(a, row, first, count); });
}

}  // namespace gx

gx_status gx_gaussian_kl(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* mean,
                         const void* logvar, const void* p_mean, const void* p_logvar, void* out) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const int64_t size = check_shape(rows, units, p_mean, p_logvar);
    check::disjoint({check::array(out, rows, format, "out")},
                    {check::array(mean, size, format, "mean"), check::array(logvar, size, format, "logvar"),
                     check::optional_array(p_mean, size, format, "p_mean"),
                     check::optional_array(p_logvar, size, format, "p_logvar")});
    if (ran_on_gpu(&Backend::gx_gaussian_kl, device, format, rows, units, mean, logvar, p_mean, p_logvar, out)) return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      GaussianKl<T> a = {};
      a.rows = rows, a.units = units;
      a.mean = static_cast<const T*>(mean), a.logvar = static_cast<const T*>(logvar);
      a.p_mean = static_cast<const T*>(p_mean), a.p_logvar = static_cast<const T*>(p_logvar);
      a.out = static_cast<T*>(out);
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::gaussian_kl(a);
      } else {
        gaussian_kl(first_usable(kVariants), *device, a);
      }
    });
  });
}

gx_status gx_gaussian_kl_backward(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* mean,
                                  const void* logvar, const void* p_mean, const void* p_logvar, const void* dy,
                                  void* dmean, void* dlogvar, void* dp_mean, void* dp_logvar) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const int64_t size = check_shape(rows, units, p_mean, p_logvar);
    check::disjoint(
        {check::optional_array(dmean, size, format, "dmean"), check::optional_array(dlogvar, size, format, "dlogvar"),
         check::optional_array(dp_mean, size, format, "dp_mean"),
         check::optional_array(dp_logvar, size, format, "dp_logvar")},
        {check::array(mean, size, format, "mean"), check::array(logvar, size, format, "logvar"),
         check::optional_array(p_mean, size, format, "p_mean"),
         check::optional_array(p_logvar, size, format, "p_logvar"), check::array(dy, rows, format, "dy")});
    if (ran_on_gpu(&Backend::gx_gaussian_kl_backward, device, format, rows, units, mean, logvar, p_mean, p_logvar, dy,
                   dmean, dlogvar, dp_mean, dp_logvar))
      return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      GaussianKl<T> a = {};
      a.rows = rows, a.units = units;
      a.mean = static_cast<const T*>(mean), a.logvar = static_cast<const T*>(logvar);
      a.p_mean = static_cast<const T*>(p_mean), a.p_logvar = static_cast<const T*>(p_logvar);
      a.dy = static_cast<const T*>(dy);
      a.dmean = static_cast<T*>(dmean), a.dlogvar = static_cast<T*>(dlogvar);
      a.dp_mean = static_cast<T*>(dp_mean), a.dp_logvar = static_cast<T*>(dp_logvar);
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::gaussian_kl_backward(a);
      } else {
        gaussian_kl_backward(first_usable(kVariants), *device, a);
      }
    });
  });
}
