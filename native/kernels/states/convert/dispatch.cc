// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cstring>

#include "generatrix/states.h"
#include "kernels/states/convert/convert.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/row_spans.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                            \
  namespace isa {                                                      \
  void op##_##variant##_pack(const float*, int64_t, float, uint32_t*); \
  void op##_##variant##_unpack(const uint32_t*, int64_t, float*);      \
  }
#include "kernels/states/convert/kernels.inc"
#undef GX_KERNEL

namespace {

const ConvertVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant##_pack, isa::op##_##variant##_unpack},
#include "kernels/states/convert/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kSpan = 1 << 15;  // units of a work item, a multiple of 32

// The part of a row that begins at `unit`, a multiple of 32.
float* floats_at(const gx_states& s, int64_t row, int64_t unit) {
  return static_cast<float*>(s.data) + row * s.units + unit;
}
uint32_t* bits_at(const gx_states& s, int64_t row, int64_t unit) {
  return static_cast<uint32_t*>(s.data) + row * words(s.units) + unit / 32;
}

void convert(const ConvertVariant& variant, const gx_states& from, float threshold, const gx_states& to, int64_t row,
             int64_t first, int64_t count) {
  if (from.format == GX_FLOAT32 && to.format == GX_BITS) {
    variant.pack(floats_at(from, row, first), count, threshold, bits_at(to, row, first));
  } else if (from.format == GX_BITS && to.format == GX_FLOAT32) {
    variant.unpack(bits_at(from, row, first), count, floats_at(to, row, first));
  } else if (from.format == GX_FLOAT32) {
    std::memcpy(floats_at(to, row, first), floats_at(from, row, first), size_t(count) * 4);
  } else {
    std::memcpy(bits_at(to, row, first), bits_at(from, row, first), size_t(words(count)) * 4);
  }
}

}  // namespace

const ConvertVariant* convert_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_states_convert(gx_device* device, const gx_states* from, float threshold, const gx_states* to) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::not_null(from, "from");
    check::at_least(from->units, 0, "the units of from");
    check::states(from, from->units, "from");
    check::states(to, from->rows, from->units, "to");
    check::disjoint(check::range(*to, "to"), check::range(*from, "from"));
    if (ran_on_gpu(&Backend::gx_states_convert, device, from, threshold, to)) return;
    const ConvertVariant& variant = first_usable(kVariants);
    const RowSpans spans(from->rows, from->units, kSpan);
    parallel_for(device->threads, spans.items(), [&](int64_t item, int) {
      spans.each(item, [&](int64_t row, int64_t first, int64_t count) {
        convert(variant, *from, threshold, *to, row, first, count);
      });
    });
  });
}
