// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A block of 64 random numbers at a time, never stored. Contract: random_scale.h.

#include "kernels/elementwise/random_scale/random_scale.h"
#include "runtime/philox_vec.h"

namespace gx::GX_ISA {

void random_scale_vectors(const RandomScale& scale, const PhiloxStream& stream, int64_t first, int64_t count,
                          const float* x, const float* v, float* y) {
  const float a = float(scale.a), b = float(scale.b);
  for (int64_t at = 0; at < count; at += kUnitsPerBlock) {
    uint32_t words[kUnitsPerBlock];
    philox_block(stream, 0, uint32_t((first + at) / kUnitsPerBlock), words);
    for (int64_t i = at; i < at + kUnitsPerBlock && i < count; i += kLanes) {
      const vf u = uniform_of_words(load<vu>(words + (i - at)));
      const int rest = int(lesser<int64_t>(kLanes, count - i));
      const vf value = rest == kLanes ? loadf(v + i) : load_first(v + i, rest);
      vf result;
      if (scale.slopes) {
        const vf sign = rest == kLanes ? loadf(x + i) : load_first(x + i, rest);
        result = sign > 0.0f ? value : value * (a + b * u);
      } else {
        result = u >= a ? value * b : splat(0.0f);
      }
      rest == kLanes ? store(y + i, result) : store_first(y + i, result, rest);
    }
  }
}

}  // namespace gx::GX_ISA
