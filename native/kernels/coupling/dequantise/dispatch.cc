// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/coupling/dequantise/dequantise.h"
#include "kernels/coupling/operands.h"
#include "kernels/coupling/row_sums.h"
#include "kernels/random/check.h"
#include "runtime/backend.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                              \
  namespace isa {                                                                                        \
  double op##_##variant(const Dequantiser&, uint32_t, int64_t, int64_t, const float*, float*);           \
  void op##_backward_##variant(const Dequantiser&, double, int64_t, const float*, const float*, float*); \
  }
#include "kernels/coupling/dequantise/kernels.inc"
#undef GX_KERNEL

namespace {

const DequantiseVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant, isa::op##_backward_##variant},
#include "kernels/coupling/dequantise/kernels.inc"
#undef GX_KERNEL
};

// The number of elements of x.
int64_t check_params(const gx_dequantise_params* p) {
  check::not_null(p, "params");
  check::at_least(p->rows, 0, "rows");
  check::at_least(p->units, 0, "units");
  if (p->levels != 0) check::in_range(double(p->levels), 2, 65536, "levels that are not 0");
  if (p->logit && !(p->low >= 0 && p->low < p->high && p->high <= 1)) {
    fail(GX_INVALID_ARGUMENT, "low and high must have 0 <= low < high <= 1, got %g and %g", p->low, p->high);
  }
  return check::product(p->rows, p->units, "x");
}

template <class T>
Dequantise<T> operands(const gx_dequantise_params& p, const void* x) {
  Dequantise<T> a = {};
  a.rows = p.rows, a.units = p.units;
  a.map.levels = p.levels, a.map.logit = p.logit != 0, a.map.low = p.low, a.map.high = p.high;
  a.map.inverse = p.inverse != 0;
  a.x = static_cast<const T*>(x);
  return a;
}

}  // namespace

const DequantiseVariant* dequantise_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

void dequantise(const DequantiseVariant& variant, gx_device& device, const Dequantise<float>& a) {
  add_row_sums(device, a.rows, a.units, a.log_det_in, 0, a.log_det_out, [&](int64_t row, int64_t first, int64_t count) {
    const int64_t at = row * a.units + first;
    return variant.forward(a.map, uint32_t(row), first, count, a.x + at, a.y + at);
  });
}

void dequantise_backward(const DequantiseVariant& variant, gx_device& device, const Dequantise<float>& a) {
  const RowSpans spans(a.rows, a.units, kRowSpan);
  parallel_for(device.threads, spans.items(), [&](int64_t item, int) {
    spans.each(item, [&](int64_t row, int64_t first, int64_t count) {
      const int64_t at = row * a.units + first;
      variant.backward(a.map, a.dlog_det ? a.dlog_det[row] : 0, count, a.x + at, a.dy + at, a.dx + at);
    });
  });
}

}  // namespace gx

gx_status gx_dequantise(gx_device* device, gx_format format, const gx_dequantise_params* params, gx_rng rng,
                        const void* x, const double* log_det_in, void* y, double* log_det_out) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const int64_t size = check_params(params);
    const bool noisy = params->levels > 0 && !params->inverse;
    check::mapped(check::array(y, size, format, "y"), check::array(x, size, format, "x"),
                  check::log_det(log_det_out, params->rows, "log_det_out"),
                  check::optional_log_det(log_det_in, params->rows, "log_det_in"));
    if (noisy) check::draw(rng, params->rows, params->units, format, y);
    if (ran_on_gpu(&Backend::gx_dequantise, device, format, params, rng, x, log_det_in, y, log_det_out)) return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      auto a = operands<T>(*params, x);
      if (noisy) a.map.stream = philox_stream(rng.seed, rng.step, GX_PURPOSE_DEQUANTISE);
      a.log_det_in = log_det_in, a.y = static_cast<T*>(y), a.log_det_out = log_det_out;
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::dequantise(a);
      } else {
        dequantise(first_usable(kVariants), *device, a);
      }
    });
  });
}

gx_status gx_dequantise_backward(gx_device* device, gx_format format, const gx_dequantise_params* params, const void* x,
                                 const void* dy, const double* dlog_det, void* dx) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const int64_t size = check_params(params);
    if (params->levels != 0) {
      fail(GX_INVALID_ARGUMENT, "levels must be 0 for a gradient, got %lld", (long long)params->levels);
    }
    check::disjoint({check::array(dx, size, format, "dx")},
                    {check::array(x, size, format, "x"), check::array(dy, size, format, "dy"),
                     check::optional_log_det(dlog_det, params->rows, "dlog_det")});
    if (ran_on_gpu(&Backend::gx_dequantise_backward, device, format, params, x, dy, dlog_det, dx)) return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      auto a = operands<T>(*params, x);
      a.dy = static_cast<const T*>(dy), a.dlog_det = dlog_det, a.dx = static_cast<T*>(dx);
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::dequantise_backward(a);
      } else {
        dequantise_backward(first_usable(kVariants), *device, a);
      }
    });
  });
}
