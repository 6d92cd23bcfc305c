// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Four chains of sums over vectors of doubles. Contract: global_norm.h.

#include "kernels/optim/global_norm/global_norm.h"
#include "runtime/vec.h"

namespace gx::GX_ISA {

double global_norm_pass(const float* x, int64_t count) {
  vd sums[4] = {};
  int64_t i = 0;
  for (; i + 2 * kLanes <= count; i += 2 * kLanes) {
    const vf a = loadf(x + i), b = loadf(x + i + kLanes);
    const vd parts[4] = {lower_half(a), upper_half(a), lower_half(b), upper_half(b)};
    for (int k = 0; k < 4; ++k) sums[k] += parts[k] * parts[k];
  }
  for (; i < count; i += kLanes) {
    const vf a = load_first(x + i, int(lesser<int64_t>(kLanes, count - i)));
    const vd low = lower_half(a), high = upper_half(a);
    sums[0] += low * low;
    sums[1] += high * high;
  }
  return sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

}  // namespace gx::GX_ISA
