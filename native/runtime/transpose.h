// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Squares of kLanes x kLanes floats, transposed in registers.
#ifndef GENERATRIX_RUNTIME_TRANSPOSE_H_
#define GENERATRIX_RUNTIME_TRANSPOSE_H_

#include "runtime/vec.h"

namespace gx::GX_ISA {

// Swaps rows and columns of a square: log2(kLanes) rounds that exchange the off-diagonal halves of 2s x 2s squares.
template <int s>
inline void transpose_round(vf* row) {
  vi low, high;
#pragma GCC unroll 16
  for (int l = 0; l < kLanes; ++l) {
    low[l] = (l & s) ? kLanes + l - s : l;
    high[l] = (l & s) ? kLanes + l : l + s;
  }
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; ++i) {
    if (i & s) continue;
    const vf a = row[i], b = row[i + s];
    row[i] = __builtin_shuffle(a, b, low);
    row[i + s] = __builtin_shuffle(a, b, high);
  }
}
inline void transpose(vf* row) {
  transpose_round<1>(row);
  transpose_round<2>(row);
  if constexpr (kLanes >= 8) transpose_round<4>(row);
  if constexpr (kLanes >= 16) transpose_round<8>(row);
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_RUNTIME_TRANSPOSE_H_
