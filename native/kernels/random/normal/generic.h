// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Box-Muller over vectors of doubles, a block of 64 units at a time. Contract: normal.h.

#include "kernels/random/doubles.h"
#include "kernels/random/normal/normal.h"

namespace gx::GX_ISA {

void normal_box_muller(const NormalStreams& s, uint32_t row, int64_t first, int64_t count, void* out, bool wide) {
  for (int64_t done = 0; done < count; done += kUnitsPerBlock) {
    uint32_t radius[kUnitsPerBlock], angle[kUnitsPerBlock];
    double values[kUnitsPerBlock];
    const uint32_t block = uint32_t((first + done) / kUnitsPerBlock);
    philox_block(s.radius, row, block, radius);
    philox_block(s.angle, row, block, angle);
    for (int i = 0; i < kUnitsPerBlock; i += kLanesD) {
      const vd x = box_muller_radius(words_at(radius + i)) * box_muller_cosine(words_at(angle + i));
      store(values + i, s.mean + s.stddev * x);
    }
    write_block(values, int(lesser<int64_t>(kUnitsPerBlock, count - done)), done, out, wide);
  }
}

}  // namespace gx::GX_ISA
