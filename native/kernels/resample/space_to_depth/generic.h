// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Two rows by turns go through registers; more, element by element. Contract: space_to_depth.h.

#include "kernels/resample/lanes.h"
#include "kernels/resample/space_to_depth/space_to_depth.h"

namespace gx::GX_ISA {
namespace {

void two(int64_t n, bool back, float* wide, float* a, float* b) {
  for (int64_t k = 0; k < n; k += kLanes) {
    const int m = int(lesser<int64_t>(kLanes, n - k)), front = lesser(2 * m, kLanes);
    float* const p = wide + 2 * k;
    if (back) {
      store_zipped(p, load_part(a + k, m), load_part(b + k, m), m);
    } else {
      const vf low = load_part(p, front), high = load_part(p + kLanes, 2 * m - front);
      store_part(a + k, halves<0, 0>(low, high), m);
      store_part(b + k, halves<1, 1>(low, high), m);
    }
  }
}

}  // namespace

void space_to_depth_turns(int64_t block, int64_t n, bool back, const int64_t* apart, float* wide, float* narrow) {
  if (block == 2) return two(n, back, wide, narrow + apart[0], narrow + apart[1]);
  for (int64_t j = 0; j < block; ++j) {
    float* const row = narrow + apart[j];
    if (back) {
      for (int64_t k = 0; k < n; ++k) __builtin_memcpy(wide + k * block + j, row + k, sizeof(float));
    } else {
      for (int64_t k = 0; k < n; ++k) __builtin_memcpy(row + k, wide + k * block + j, sizeof(float));
    }
  }
}

}  // namespace gx::GX_ISA
