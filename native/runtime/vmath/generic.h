// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// An array function from a vector function: whole vectors, then the same with fewer lanes. Contract: functions.h.

#include "runtime/vec.h"
#include "runtime/vmath.h"
#include "runtime/vmath/functions.h"

namespace gx::GX_ISA {

template <vf (*f)(vf)>
void over_array(const float* x, float* y, int64_t n) {
  for (; n >= kLanes; n -= kLanes, x += kLanes, y += kLanes) store(y, f(loadf(x)));
  if (n > 0) store_first(y, f(load_first(x, int(n))), int(n));
}

const ArrayFunctions array_functions = {over_array<exp>, over_array<log>, over_array<sigmoid>, over_array<softplus>};

}  // namespace gx::GX_ISA
