// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A block of 64 units at a time; the last block of a row is drawn whole and used in part. Contract: bernoulli.h.

#include "kernels/states/bernoulli/bernoulli.h"
#include "runtime/philox_vec.h"

namespace gx::GX_ISA {
namespace {

// Bit i: unit i of the block fires. Units from n on do not: their p reads as 0.
uint64_t fired(const uint32_t words[kUnitsPerBlock], const float* p, int n) {
  uint64_t block = 0;
  for (int i = 0; i < n; i += kLanes) {
    const vf chance = n - i >= kLanes ? loadf(p + i) : load_first(p + i, n - i);
    block |= uint64_t(mask_bits(uniform_of_words(load<vu>(words + i)) < chance)) << i;
  }
  return block;
}

}  // namespace

void bernoulli_blocks(const PhiloxStream& stream, uint32_t row, int64_t first, int64_t count, const float* p,
                      float* values, uint32_t* bits) {
  for (int64_t done = 0; done < count; done += kUnitsPerBlock) {
    const int n = int(lesser<int64_t>(kUnitsPerBlock, count - done));
    uint32_t words[kUnitsPerBlock];
    philox_block(stream, row, uint32_t((first + done) / kUnitsPerBlock), words);
    const uint64_t block = fired(words, p + done, n);
    if (bits) {
      bits[done / 32] = uint32_t(block);
      if (n > 32) bits[done / 32 + 1] = uint32_t(block >> 32);
      continue;
    }
    for (int i = 0; i < n; i += kLanes) {
      const vf one = bits_mask(uint32_t(block >> i)) ? splat(1.0f) : vf{};
      if (n - i >= kLanes) {
        store(values + done + i, one);
      } else {
        store_first(values + done + i, one, n - i);
      }
    }
  }
}

}  // namespace gx::GX_ISA
