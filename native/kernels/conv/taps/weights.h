// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The weights as the tiles read them: plan.h says where which stand. Terms behind the last one of a row are 0.
#ifndef GENERATRIX_KERNELS_CONV_TAPS_WEIGHTS_H_
#define GENERATRIX_KERNELS_CONV_TAPS_WEIGHTS_H_

#include "kernels/conv/taps/plan.h"
#include "kernels/linear/product/run.h"

namespace gx::GX_ISA {

// to[i] = from[at[i]] for i < n; whether all are finite.
inline bool gather_weights(const float* from, const int64_t* at, int64_t n, float* to) {
  if (at[n - 1] - at[0] == n - 1) {
    from += at[0];
    for (int64_t i = 0; i < n; ++i) to[i] = from[i];
  } else {
    for (int64_t i = 0; i < n; ++i) to[i] = from[at[i]];
  }
  uint32_t wrong = 0;
  for (int64_t i = 0; i < n; ++i) {
    uint32_t bits;
    __builtin_memcpy(&bits, to + i, sizeof bits);
    wrong |= (bits & 0x7F800000u) == 0x7F800000u;
  }
  return !wrong;
}

// The weights of some rows of a product with the input channels [from, to).
inline bool pack_rows_of(const ConvShape& s, const TapsPlan& plan, const TapsProduct& p, int64_t group, int64_t row,
                         int64_t rows, int64_t from, int64_t to, const float* W, float* packed) {
  bool finite = true;
  const float* const own = W + group * s.rows() * s.columns() * s.kernel_taps + (p.row + row) * plan.row_step();
  for (int64_t b = 0; b < p.blocks; ++b) {
    const int64_t begin = part(p.k, p.blocks, b), end = part(p.k, p.blocks, b + 1);
    const int64_t first = p.channel_from[from] > begin ? p.channel_from[from] : begin;
    const int64_t last = lesser(p.channel_from[to], end);
    float* block = packed + p.packed + ((group * p.blocks + b) * p.rows + row) * p.stride;
    for (int64_t r = 0; r < rows; ++r, block += p.stride) {
      if (first < last) {
        finite &= gather_weights(own + r * plan.row_step(), p.weight + first, last - first, block + first - begin);
      }
      for (int64_t k = end - begin; from == 0 && k < p.stride; ++k) block[k] = 0;
    }
  }
  return finite;
}

inline void pack_weights(const ConvShape& s, const TapsPlan& plan, const float* W, float* packed, Team& team) {
  // So much of W stays in the caches while all phases of a transposed convolution take their taps of it.
  constexpr int64_t kRows = 32, kChannels = 32;
  const int64_t row_parts = parts_of(s.out_channels, kRows), channel_parts = parts_of(s.in_channels, kChannels);
  const int64_t items = s.p.groups * row_parts * channel_parts;
  float* const wrong = team.scratch(items);
  auto work = [&](int64_t item, float*) {
    const int64_t c = item % channel_parts, r = item / channel_parts % row_parts, g = item / channel_parts / row_parts;
    const int64_t from = part(s.in_channels, channel_parts, c), to = part(s.in_channels, channel_parts, c + 1);
    const int64_t row = part(s.out_channels, row_parts, r), end = part(s.out_channels, row_parts, r + 1);
    bool finite = true;
    for (int64_t i = 0; i < plan.count(); ++i) {
      const TapsProduct& p = plan.products()[i];
      const int64_t first = row > p.row ? row - p.row : 0, last = lesser(p.rows, end - p.row);
      if (first < last) finite &= pack_rows_of(s, plan, p, g, first, last - first, from, to, W, packed);
    }
    wrong[item] = finite ? 0 : 1;
  };
  run_items(team, items, 0, work);
  for (int64_t i = 0; i < kTapsHeader; ++i) packed[i] = 0;
  for (int64_t i = 0; i < items; ++i) {
    if (wrong[i] != 0) packed[0] = 1;
  }
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_CONV_TAPS_WEIGHTS_H_
