// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Blocks of four vectors are looked at as one; only a block with a find is looked at closely. Contract: all_finite.h.

#include "kernels/optim/all_finite/all_finite.h"
#include "runtime/vec.h"

namespace gx::GX_ISA {

// Of a number x - x is 0, of NaN and infinities it is NaN.
inline vi not_finite(vf x) { return x - x != 0.0f; }

int64_t all_finite_pass(const float* x, int64_t count) {
  int64_t i = 0;
  for (; i + 4 * kLanes <= count; i += 4 * kLanes) {
    vi found = {};
    for (int k = 0; k < 4; ++k) found |= not_finite(loadf(x + i + k * kLanes));
    if (mask_bits(found)) break;
  }
  for (; i < count; i += kLanes) {
    const uint32_t bits = mask_bits(not_finite(load_first(x + i, int(lesser<int64_t>(kLanes, count - i)))));
    if (bits) return i + __builtin_ctz(bits);
  }
  return -1;
}

}  // namespace gx::GX_ISA
