// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/random/check.h"
#include "kernels/random/gamma/gamma.h"
#include "kernels/random/spans.h"
#include "runtime/backend.h"
#include "runtime/check.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                 \
  namespace isa::unfused {                                                  \
  void op##_##variant(const GammaDraw&, uint32_t, int64_t, int64_t, void*); \
  }
#include "kernels/random/gamma/kernels.inc"
#undef GX_KERNEL

namespace {
const GammaVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::unfused::op##_##variant},
#include "kernels/random/gamma/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kSpan = 1 << 10;  // units of a work item, a multiple of 64
}  // namespace

const GammaVariant* gamma_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_random_gamma(gx_device* device, gx_format format, gx_rng rng, double shape, const void* shapes,
                          int64_t rows, int64_t units, void* out) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    if (!shapes && !(shape > 0 && std::isfinite(shape))) {
      fail(GX_INVALID_ARGUMENT, "shape must be a positive finite number, got %g", shape);
    }
    if (!check::draw(rng, rows, units, format, out)) return;
    check::same_or_disjoint(check::array(out, rows * units, format, "out"),
                            check::optional_array(shapes, rows * units, format, "shapes"));
    if (ran_on_gpu(&Backend::gx_random_gamma, device, format, rng, shape, shapes, rows, units, out)) return;
    const GammaKernel run = first_usable(kVariants).run;
    draw_spans(*device, rows, units, kSpan, [&](uint32_t row, int64_t first, int64_t count, int64_t at) {
      const GammaDraw draw = {rng, shape, shapes ? element(shapes, at, format) : nullptr, format == GX_FLOAT64};
      run(draw, row, first, count, element(out, at, format));
    });
  });
}
