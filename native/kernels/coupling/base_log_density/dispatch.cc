// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/coupling/base_log_density/base_log_density.h"
#include "kernels/coupling/operands.h"
#include "kernels/coupling/row_sums.h"
#include "runtime/backend.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                     \
  namespace isa {                                                               \
  double op##_##variant(gx_base, const float*, int64_t);                        \
  void op##_backward_##variant(gx_base, const float*, double, int64_t, float*); \
  }
#include "kernels/coupling/base_log_density/kernels.inc"
#undef GX_KERNEL

namespace {

const BaseLogDensityVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant, isa::op##_backward_##variant},
#include "kernels/coupling/base_log_density/kernels.inc"
#undef GX_KERNEL
};

// The elements of z from its first to its last.
int64_t check_shape(gx_device* device, gx_format format, int64_t rows, int64_t units, int64_t stride, gx_base base) {
  checked(device);
  check::real(format);
  check::at_least(rows, 0, "rows");
  check::at_least(units, 0, "units");
  check::at_least(stride, units, "stride");
  if (check::number_in(base) != GX_BASE_GAUSSIAN && check::number_in(base) != GX_BASE_LOGISTIC) {
    fail(GX_INVALID_ARGUMENT, "the base must be GX_BASE_GAUSSIAN (1) or GX_BASE_LOGISTIC (2), got %d",
         check::number_in(base));
  }
  if (check::product(rows, stride, "z") == 0 || units == 0) return 0;
  return (rows - 1) * stride + units;
}

}  // namespace

const BaseLogDensityVariant* base_log_density_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

void base_log_density(const BaseLogDensityVariant& variant, gx_device& device, const BaseLogDensity<float>& a) {
  add_row_sums(device, a.rows, a.units, a.in, 0, a.out, [&](int64_t row, int64_t first, int64_t count) {
    return variant.forward(a.base, a.z + row * a.stride + first, count);
  });
}

void base_log_density_backward(const BaseLogDensityVariant& variant, gx_device& device,
                               const BaseLogDensity<float>& a) {
  const RowSpans spans(a.rows, a.units, kRowSpan);
  parallel_for(device.threads, spans.items(), [&](int64_t item, int) {
    spans.each(item, [&](int64_t row, int64_t first, int64_t count) {
      variant.backward(a.base, a.z + row * a.stride + first, a.dout[row], count, a.dz + row * a.units + first);
    });
  });
}

}  // namespace gx

gx_status gx_base_log_density(gx_device* device, gx_format format, int64_t rows, int64_t units, int64_t stride,
                              gx_base base, const void* z, const double* in, double* out) {
  return gx::guarded([&] {
    using namespace gx;
    const int64_t extent = check_shape(device, format, rows, units, stride, base);
    const check::Range to = check::log_det(out, rows, "out"), from = check::optional_log_det(in, rows, "in");
    check::disjoint(to, check::array(z, extent, format, "z"));
    check::same_or_disjoint(to, from);
    if (ran_on_gpu(&Backend::gx_base_log_density, device, format, rows, units, stride, base, z, in, out)) return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      BaseLogDensity<T> a = {};
      a.rows = rows, a.units = units, a.stride = stride, a.base = base;
      a.z = static_cast<const T*>(z), a.in = in, a.out = out;
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::base_log_density(a);
      } else {
        base_log_density(first_usable(kVariants), *device, a);
      }
    });
  });
}

gx_status gx_base_log_density_backward(gx_device* device, gx_format format, int64_t rows, int64_t units, int64_t stride,
                                       gx_base base, const void* z, const double* dout, void* dz) {
  return gx::guarded([&] {
    using namespace gx;
    const int64_t extent = check_shape(device, format, rows, units, stride, base);
    check::disjoint({check::array(dz, check::product(rows, units, "dz"), format, "dz")},
                    {check::array(z, extent, format, "z"), check::log_det(dout, rows, "dout")});
    if (ran_on_gpu(&Backend::gx_base_log_density_backward, device, format, rows, units, stride, base, z, dout, dz)) {
      return;
    }
    with_real(format, [&](auto t) {
      using T = decltype(t);
      BaseLogDensity<T> a = {};
      a.rows = rows, a.units = units, a.stride = stride, a.base = base;
      a.z = static_cast<const T*>(z), a.dout = dout, a.dz = static_cast<T*>(dz);
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::base_log_density_backward(a);
      } else {
        base_log_density_backward(first_usable(kVariants), *device, a);
      }
    });
  });
}
