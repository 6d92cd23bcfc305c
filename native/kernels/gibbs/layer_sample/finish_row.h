// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// One row of a tile of 64 sums becomes pre-activations, probabilities and samples. The 64 random numbers are one vector block of Philox,
// and the comparison's mask bits are the packed states.
#ifndef GENERATRIX_KERNELS_GIBBS_LAYER_SAMPLE_FINISH_ROW_H_
#define GENERATRIX_KERNELS_GIBBS_LAYER_SAMPLE_FINISH_ROW_H_

#include "kernels/gibbs/layer_sample/layer_sample.h"
#include "runtime/philox_vec.h"
#include "runtime/vec.h"
#include "runtime/vmath.h"

namespace gx::GX_ISA {

// Bits of `observed` words at a tile, 64 units in one word.
inline uint64_t tile_bits(const uint32_t* words, int64_t tile, int64_t word_count) {
  const uint64_t low = words[2 * tile];
  return 2 * tile + 1 < word_count ? low | uint64_t(words[2 * tile + 1]) << 32 : low;
}

inline void store_tile_bits(uint32_t* words, int64_t tile, int64_t word_count, uint64_t bits) {
  words[2 * tile] = uint32_t(bits);
  if (2 * tile + 1 < word_count) words[2 * tile + 1] = uint32_t(bits >> 32);
}

// Writes up to kLanes values of a row.
inline void put(float* to, vf value, int count) {
  if (count >= kLanes) {
    store(to, value);
  } else if (count > 0) {
    store_first(to, value, count);
  }
}

// Finishes one row of a tile from its sums: x, p, sample.
inline void finish_row(const LayerSample& a, int64_t tile, int64_t m, const float* sums) {
  const int64_t n0 = tile * kTileColumns, words = (a.out_units + 31) / 32;
  const int columns = int(lesser<int64_t>(kTileColumns, a.out_units - n0));
  const vf beta = splat(a.row_beta ? a.row_beta[m] : a.beta);
  const bool draws = a.sample_bits || a.sample_values;
  const uint64_t kept = a.observed ? tile_bits(a.observed + m * a.observed_stride, tile, words) : 0;
  const uint64_t old = kept && a.sample_bits ? tile_bits(a.sample_bits + m * words, tile, words) : 0;
  uint64_t bits = 0;
  for (int first = 0; first < kCountersPerBlock && first < columns; first += kLanes) {
    vu random[4] = {};
    if (draws) philox_units(a.stream, uint32_t(m), uint32_t(tile), first, random);
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      const int n = kCountersPerBlock * j + first;
      if (n >= columns) break;
      const int count = columns - n;
      const vf x = beta * loadf(sums + n);
      if (a.x) put(a.x + m * a.out_units + n0 + n, x, count);
      if (!draws && !a.p) continue;
      vf p = sigmoid(x);
      if (a.sample_bits) bits |= uint64_t(mask_bits(uniform_of_words(random[j]) < p)) << n;
      if (a.sample_values) {
        float* to = a.sample_values + m * a.out_units + n0 + n;
        vf value = uniform_of_words(random[j]) < p ? splat(1.0f) : vf{};
        if (kept) value = bits_mask(uint32_t(kept >> n)) ? load_first(to, lesser(count, kLanes)) : value;
        if (kept) p = bits_mask(uint32_t(kept >> n)) ? value : p;
        put(to, value, count);
      } else if (kept) {
        p = bits_mask(uint32_t(kept >> n)) ? (bits_mask(uint32_t(old >> n)) ? splat(1.0f) : vf{}) : p;
      }
      if (a.p) put(a.p + m * a.out_units + n0 + n, p, count);
    }
  }
  if (a.sample_bits) {
    if (columns < 64) bits &= (uint64_t(1) << columns) - 1;
    store_tile_bits(a.sample_bits + m * words, tile, words, (bits & ~kept) | (old & kept));
  }
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_GIBBS_LAYER_SAMPLE_FINISH_ROW_H_
