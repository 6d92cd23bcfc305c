// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// One row of a tile of 64 sums becomes pre-activations, probabilities and samples. The 64 random numbers are one vector
// block of Philox, and the comparison's mask bits are the packed states.
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

// Puts the values that observed units hold in the sample buffer into `bits` and p, and drawn values between them. The
// rare way: scalar.
inline void keep_observed(const LayerSample& a, int64_t tile, int64_t m, int columns, uint64_t* bits) {
  const int64_t n0 = tile * kTileColumns, words = (a.out_units + 31) / 32;
  const uint64_t observed = tile_bits(a.observed + m * a.observed_stride, tile, words);
  const uint64_t old = a.sample_bits ? tile_bits(a.sample_bits + m * words, tile, words) : 0;
  float* values = a.sample_values ? a.sample_values + m * a.out_units + n0 : nullptr;
  float* p = a.p ? a.p + m * a.out_units + n0 : nullptr;
  const uint64_t drawn = *bits;
  *bits = 0;
  for (int n = 0; n < columns; ++n) {
    const bool kept = observed >> n & 1;
    if (values && !kept) values[n] = float(drawn >> n & 1);
    if (kept && p) p[n] = values ? values[n] : float(old >> n & 1);
    *bits |= ((kept ? old : drawn) >> n & 1) << n;
  }
}

// uniform < sigmoid(x), as uniform (1 + e^-x) < 1: the same up to rounding, without the division, and the same whatever
// else is asked for. The factor 2^-24 of the uniform number stands on the other side.
inline vi fires(vu random, vf x) {
  const vf integer = __builtin_convertvector((vi)(random >> 8), vf);
  return integer * (1.0f + exp_of_negative(x)) < splat(0x1p24f);
}

// Finishes one row of a tile from its sums: x, p, sample.
inline void finish_row(const LayerSample& a, int64_t tile, int64_t m, const float* sums) {
  const int64_t n0 = tile * kTileColumns, words = (a.out_units + 31) / 32;
  const int columns = int(lesser<int64_t>(kTileColumns, a.out_units - n0));
  const vf beta = splat(a.row_beta ? a.row_beta[m] : a.beta);
  const bool draws = a.sample_bits || a.sample_values;
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
      const vi fired = draws ? fires(random[j], x) : vi{};
      bits |= uint64_t(mask_bits(fired)) << n;
      if (a.x) put(a.x + m * a.out_units + n0 + n, x, count);
      if (a.p) put(a.p + m * a.out_units + n0 + n, sigmoid(x), count);
      if (a.sample_values && !a.observed)
        put(a.sample_values + m * a.out_units + n0 + n, fired ? splat(1.0f) : vf{}, count);
    }
  }
  if (a.observed) {
    keep_observed(a, tile, m, columns, &bits);
  } else if (columns < 64) {
    bits &= (uint64_t(1) << columns) - 1;
  }
  if (a.sample_bits) store_tile_bits(a.sample_bits + m * words, tile, words, bits);
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_GIBBS_LAYER_SAMPLE_FINISH_ROW_H_
