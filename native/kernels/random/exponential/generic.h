// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A block of 64 units at a time. Contract: exponential.h.

#include "kernels/random/doubles.h"
#include "kernels/random/exponential/exponential.h"

namespace gx::GX_ISA {

void exponential_inverse(const PhiloxStream& stream, uint32_t row, int64_t first, int64_t count, void* out, bool wide) {
  for (int64_t done = 0; done < count; done += kUnitsPerBlock) {
    uint32_t words[kUnitsPerBlock];
    double values[kUnitsPerBlock];
    philox_block(stream, row, uint32_t((first + done) / kUnitsPerBlock), words);
    for (int i = 0; i < kUnitsPerBlock; i += kLanesD) store(values + i, -log(open_uniform(words_at(words + i))));
    write_block(values, int(lesser<int64_t>(kUnitsPerBlock, count - done)), done, out, wide);
  }
}

}  // namespace gx::GX_ISA
