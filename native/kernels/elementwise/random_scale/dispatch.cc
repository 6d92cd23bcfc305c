// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/elementwise/random_scale/random_scale.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/row_spans.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                                           \
  namespace isa {                                                                                                     \
  void op##_##variant(const RandomScale&, const PhiloxStream&, int64_t, int64_t, const float*, const float*, float*); \
  }
#include "kernels/elementwise/random_scale/kernels.inc"
#undef GX_KERNEL

namespace {

const RandomScaleVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/elementwise/random_scale/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kSpan = 1 << 13;  // elements of a work item, a multiple of 64

void check_draws(const gx_rng& rng, int64_t n) {
  check::rng(rng, 1);
  if (n > kMaxRandomUnits) {
    fail(GX_INVALID_ARGUMENT, "n must be at most %lld for random numbers, got %lld", (long long)kMaxRandomUnits,
         (long long)n);
  }
}

// x may be null without slopes; y may be v.
void apply(gx_device* device, gx_format format, const gx_rng& rng, uint32_t purpose, const RandomScale& scale,
           int64_t n, const void* x, const void* v, void* y) {
  const PhiloxStream stream = philox_stream(rng.seed, rng.step, purpose);
  if (format == GX_FLOAT64) {
    return reference::random_scale(scale, stream, 0, n, static_cast<const double*>(x), static_cast<const double*>(v),
                                   static_cast<double*>(y));
  }
  const RandomScaleKernel run = first_usable(kVariants).run;
  const RowSpans spans(1, n, kSpan);
  parallel_for(device->threads, spans.items(), [&](int64_t item, int) {
    spans.each(item, [&](int64_t, int64_t first, int64_t count) {
      run(scale, stream, first, count, x ? static_cast<const float*>(x) + first : nullptr,
          static_cast<const float*>(v) + first, static_cast<float*>(y) + first);
    });
  });
}

RandomScale slopes(double lower, double upper) {
  check::finite(lower, "lower");
  check::finite(upper, "upper");
  if (lower > upper) fail(GX_INVALID_ARGUMENT, "lower must be at most upper, got %g and %g", lower, upper);
  return {true, lower, upper - lower};
}

}  // namespace

const RandomScaleVariant* random_scale_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_dropout(gx_device* device, gx_format format, gx_rng rng, double rate, int64_t n, const void* x, void* y) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    if (!(rate >= 0 && rate < 1)) fail(GX_INVALID_ARGUMENT, "the rate must be at least 0 and below 1, got %g", rate);
    check::same_or_disjoint(check::array(y, n, format, "y"), check::array(x, n, format, "x"));
    check_draws(rng, n);
    if (ran_on_gpu(&Backend::gx_dropout, device, format, rng, rate, n, x, y)) return;
    apply(device, format, rng, GX_PURPOSE_DROPOUT, {false, rate, 1 / (1 - rate)}, n, nullptr, x, y);
  });
}

gx_status gx_rrelu(gx_device* device, gx_format format, gx_rng rng, double lower, double upper, int64_t n,
                   const void* x, void* y) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const RandomScale scale = slopes(lower, upper);
    check::same_or_disjoint(check::array(y, n, format, "y"), check::array(x, n, format, "x"));
    check_draws(rng, n);
    if (ran_on_gpu(&Backend::gx_rrelu, device, format, rng, lower, upper, n, x, y)) return;
    apply(device, format, rng, GX_PURPOSE_SLOPE, scale, n, x, x, y);
  });
}

gx_status gx_rrelu_backward(gx_device* device, gx_format format, gx_rng rng, double lower, double upper, int64_t n,
                            const void* x, const void* dy, void* dx) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const RandomScale scale = slopes(lower, upper);
    const auto result = check::array(dx, n, format, "dx");
    check::disjoint(result, check::array(x, n, format, "x"));
    check::same_or_disjoint(result, check::array(dy, n, format, "dy"));
    check_draws(rng, n);
    if (ran_on_gpu(&Backend::gx_rrelu_backward, device, format, rng, lower, upper, n, x, dy, dx)) return;
    apply(device, format, rng, GX_PURPOSE_SLOPE, scale, n, x, dy, dx);
  });
}
