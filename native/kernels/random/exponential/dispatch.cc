// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/random/check.h"
#include "kernels/random/exponential/exponential.h"
#include "kernels/random/spans.h"
#include "runtime/backend.h"
#include "runtime/check.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                          \
  namespace isa::unfused {                                                           \
  void op##_##variant(const PhiloxStream&, uint32_t, int64_t, int64_t, void*, bool); \
  }
#include "kernels/random/exponential/kernels.inc"
#undef GX_KERNEL

namespace {
const ExponentialVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::unfused::op##_##variant},
#include "kernels/random/exponential/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kSpan = 1 << 12;  // units of a work item, a multiple of 64
}  // namespace

const ExponentialVariant* exponential_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_random_exponential(gx_device* device, gx_format format, gx_rng rng, int64_t rows, int64_t units,
                                void* out) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    if (!check::draw(rng, rows, units, format, out)) return;
    if (ran_on_gpu(&Backend::gx_random_exponential, device, format, rng, rows, units, out)) return;
    const PhiloxStream stream = philox_stream(rng.seed, rng.step, GX_PURPOSE_EXPONENTIAL);
    const ExponentialKernel run = first_usable(kVariants).run;
    draw_spans(*device, rows, units, kSpan, [&](uint32_t row, int64_t first, int64_t count, int64_t at) {
      run(stream, row, first, count, element(out, at, format), format == GX_FLOAT64);
    });
  });
}
