// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Packed weights, with a mark in front if they are not all finite: then the zeros that stand in the panel for what lies
// outside x would make NaN, and sums are taken one by one.
#ifndef GENERATRIX_KERNELS_CONV_DIRECT_WEIGHTS_H_
#define GENERATRIX_KERNELS_CONV_DIRECT_WEIGHTS_H_

#include "kernels/conv/conv/conv.h"

namespace gx::GX_ISA {

constexpr int64_t kWeightsMark = 16;  // floats in front of the weights

// each(f) calls f(index in W) in the order of the packed weights.
template <class Each>
void pack_weights(const float* W, float* packed, Each each) {
  float* to = packed + kWeightsMark;
  bool finite = true;
  each([&](int64_t i) {
    *to = W[i];
    finite = finite && *to - *to == 0;
    ++to;
  });
  for (int64_t i = 0; i < kWeightsMark; ++i) packed[i] = finite ? 0 : 1;
}

// Whether the weights were marked; then y is done.
template <class Each>
bool run_marked(const ConvShape& s, const float* x, const float* packed, const float* b, float* y, Team& team,
                Each each) {
  if (packed[0] == 0) return false;
  float* const W = team.scratch(s.weight_count());
  const float* from = packed + kWeightsMark;
  each([&](int64_t i) { W[i] = *from++; });
  reference::conv(s, x, W, b, y);
  return true;
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_CONV_DIRECT_WEIGHTS_H_
