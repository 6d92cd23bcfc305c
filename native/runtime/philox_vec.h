// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Philox4x32-10 over vectors of counters. A block of 64 units takes 16 / kLanes calls; see random.h for the layout.
#ifndef GENERATRIX_RUNTIME_PHILOX_VEC_H_
#define GENERATRIX_RUNTIME_PHILOX_VEC_H_

#include "runtime/philox.h"
#include "runtime/vec.h"

namespace gx::GX_ISA {

// out[j][lane] is word j of the counter (c0, c1, c2, c3)[lane] under the key (k0, k1). The widening multiply reads the
// even words, so even and odd counters travel in two sets of 64-bit lanes: a product's low word is then where the next
// round's multiply or xor wants it, what gathers in the high words is never read, and a round takes 6 instructions per
// set instead of 10.
inline void philox(vu c0, vu c1, vu c2, vu c3, uint32_t k0, uint32_t k1, vu out[4]) {
  vul set[2][4];
  for (int odd = 0; odd < 2; ++odd) {
    set[odd][0] = (vul)c0 >> (32 * odd);
    set[odd][1] = (vul)c1 >> (32 * odd);
    set[odd][2] = (vul)c2 >> (32 * odd);
    set[odd][3] = (vul)c3 >> (32 * odd);
  }
  for (int r = 0; r < kPhiloxRounds; ++r) {
    for (auto& c : set) {
      const vul a = mul_low_words(c[0], kPhiloxM0), b = mul_low_words(c[2], kPhiloxM1);
      c[0] = (b >> 32) ^ c[1] ^ uint64_t(k0);
      c[1] = b;
      c[2] = (a >> 32) ^ c[3] ^ uint64_t(k1);
      c[3] = a;
    }
    k0 += kPhiloxW0;
    k1 += kPhiloxW1;
  }
  for (int j = 0; j < 4; ++j) out[j] = interleave_low_words(set[0][j], set[1][j]);
}

// The words of units 64 block + 16 j + first + lane of one row, j = 0 .. 3, lane < kLanes; first a multiple of kLanes
// below 16.
inline void philox_units(const PhiloxStream& s, uint32_t row, uint32_t block, int first, vu out[4]) {
  const vu index = splat(uint32_t(kCountersPerBlock) * block + uint32_t(first)) + lane_index();
  philox(index, splat(row), splat(s.c2), splat(s.c3), s.k0, s.k1, out);
}

// The words of all 64 units of a block, in unit order.
inline void philox_block(const PhiloxStream& s, uint32_t row, uint32_t block, uint32_t words[kUnitsPerBlock]) {
  for (int first = 0; first < kCountersPerBlock; first += kLanes) {
    vu out[4];
    philox_units(s, row, block, first, out);
    for (int j = 0; j < 4; ++j) store(words + kCountersPerBlock * j + first, out[j]);
  }
}

// uniform_of_word, lane by lane.
inline vf uniform_of_words(vu words) { return __builtin_convertvector((vi)(words >> 8), vf) * 0x1p-24f; }

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_RUNTIME_PHILOX_VEC_H_
