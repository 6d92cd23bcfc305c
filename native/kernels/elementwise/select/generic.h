// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// One pass over memory. Contract: select.h.

#include "kernels/elementwise/select/select.h"
#include "runtime/vec.h"

namespace gx::GX_ISA {

void select_vectors(const float* mask, const float* a, const float* b, float* y, int64_t count) {
  const vf zero = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const vf then = a ? loadf(a + i) : zero, otherwise = b ? loadf(b + i) : zero;
    store(y + i, loadf(mask + i) != 0.0f ? then : otherwise);
  }
  if (i < count) {
    const int rest = int(count - i);
    const vf then = a ? load_first(a + i, rest) : zero, otherwise = b ? load_first(b + i, rest) : zero;
    store_first(y + i, load_first(mask + i, rest) != 0.0f ? then : otherwise, rest);
  }
}

}  // namespace gx::GX_ISA
