// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/random/check.h"
#include "kernels/random/spans.h"
#include "kernels/random/uniform/uniform.h"
#include "runtime/backend.h"
#include "runtime/check.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                     \
  namespace isa {                                                               \
  void op##_##variant(const PhiloxStream&, uint32_t, int64_t, int64_t, float*); \
  }
#include "kernels/random/uniform/kernels.inc"
#undef GX_KERNEL

namespace {
const UniformVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/random/uniform/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kSpan = 1 << 14;  // units of a work item, a multiple of 64
}  // namespace

const UniformVariant* uniform_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_random_uniform(gx_device* device, gx_format format, gx_rng rng, int64_t rows, int64_t units, void* out) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    if (!check::draw(rng, rows, units, format, out)) return;
    if (ran_on_gpu(&Backend::gx_random_uniform, device, format, rng, rows, units, out)) return;
    const PhiloxStream stream = philox_stream(rng.seed, rng.step, GX_PURPOSE_UNIFORM);
    const UniformKernel run = first_usable(kVariants).run;
    draw_spans(*device, rows, units, kSpan, [&](uint32_t row, int64_t first, int64_t count, int64_t at) {
      if (format == GX_FLOAT64) {
        reference::uniform(stream, row, first, count, static_cast<double*>(out) + at);
      } else {
        run(stream, row, first, count, static_cast<float*>(out) + at);
      }
    });
  });
}
