// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A word of bits is one to eight comparison masks. Contract: convert.h.

#include "kernels/states/convert/convert.h"
#include "runtime/vec.h"

namespace gx::GX_ISA {
void convert_masks_pack(const float* values, int64_t count, float threshold, uint32_t* bits) {
  for (; count > 0; values += 32, count -= 32, ++bits) {
    uint32_t word = 0;
    for (int i = 0; i < 32 && i < count; i += kLanes) {
      const int n = int(lesser<int64_t>(kLanes, count - i));
      const vf v = n == kLanes ? loadf(values + i) : load_first(values + i, n);
      word |= mask_bits(v >= splat(threshold)) << i;
    }
    *bits =
        count < 32 ? word & ((1u << count) - 1) : word;  // lanes past the end read as 0, which may reach the threshold
  }
}

void convert_masks_unpack(const uint32_t* bits, int64_t count, float* values) {
  for (; count > 0; values += 32, count -= 32, ++bits) {
    for (int i = 0; i < 32 && i < count; i += kLanes) {
      const vf v = bits_mask(*bits >> i) ? splat(1.0f) : vf{};
      if (count - i >= kLanes) {
        store(values + i, v);
      } else {
        store_first(values + i, v, int(count - i));
      }
    }
  }
}

}  // namespace gx::GX_ISA
