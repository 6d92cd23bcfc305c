// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "generatrix/states.h"
#include "kernels/random/check.h"
#include "kernels/states/bernoulli/bernoulli.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/row_spans.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                              \
  namespace isa {                                                                                        \
  void op##_##variant(const PhiloxStream&, uint32_t, int64_t, int64_t, const float*, float*, uint32_t*); \
  }
#include "kernels/states/bernoulli/kernels.inc"
#undef GX_KERNEL

namespace {
const BernoulliVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/states/bernoulli/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kSpan = 1 << 13;  // units of a work item, a multiple of 64
}  // namespace

const BernoulliVariant* bernoulli_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_states_bernoulli(gx_device* device, const float* p, gx_rng rng, const gx_states* to) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::not_null(to, "to");
    check::drawable(to->units);
    check::states(to, to->units, "to");
    check::rng(rng, 1);
    const int64_t units = to->units, size = check::product(to->rows, units, "p");
    if (size == 0) return;
    check::not_null(p, "p");
    const bool in_place = to->format == GX_FLOAT32 && to->data == p;
    const check::Range probabilities = check::floats(p, size, "p");
    if (!in_place) check::disjoint(check::range(*to, "to"), probabilities);
    if (ran_on_gpu(&Backend::gx_states_bernoulli, device, p, rng, to)) return;
    const PhiloxStream stream = philox_stream(rng.seed, rng.step, GX_PURPOSE_BERNOULLI);
    const BernoulliKernel run = first_usable(kVariants).run;
    float* values = to->format == GX_FLOAT32 ? static_cast<float*>(to->data) : nullptr;
    uint32_t* bits = to->format == GX_BITS ? static_cast<uint32_t*>(to->data) : nullptr;
    const RowSpans spans(to->rows, units, kSpan);
    parallel_for(device->threads, spans.items(), [&](int64_t item, int) {
      spans.each(item, [&](int64_t row, int64_t first, int64_t count) {
        run(stream, uint32_t(row), first, count, p + row * units + first,
            values ? values + row * units + first : nullptr, bits ? bits + row * words(units) + first / 32 : nullptr);
      });
    });
  });
}
