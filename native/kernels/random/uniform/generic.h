// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A block of 64 units at a time; the last block of a row is drawn whole and stored in part. Contract: uniform.h.

#include "kernels/random/uniform/uniform.h"
#include "runtime/philox_vec.h"

namespace gx::GX_ISA {

void uniform_blocks(const PhiloxStream& stream, uint32_t row, int64_t first, int64_t count, float* out) {
  for (; count > 0; first += kUnitsPerBlock, count -= kUnitsPerBlock, out += kUnitsPerBlock) {
    uint32_t words[kUnitsPerBlock];
    philox_block(stream, row, uint32_t(first / kUnitsPerBlock), words);
    for (int i = 0; i < kUnitsPerBlock && i < count; i += kLanes) {
      const vf u = uniform_of_words(load<vu>(words + i));
      if (count - i >= kLanes) {
        store(out + i, u);
      } else {
        store_first(out + i, u, int(count - i));
      }
    }
  }
}

}  // namespace gx::GX_ISA
