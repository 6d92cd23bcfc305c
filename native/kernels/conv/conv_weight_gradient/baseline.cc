// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/conv/conv_weight_gradient/conv_weight_gradient.h"

namespace gx::GX_ISA {

bool conv_weight_gradient_suits_plain(const ConvShape&) { return true; }
void conv_weight_gradient_plain(const ConvShape& s, const float* x, const float* dz, float* dW, Team&) {
  reference::conv_weight_gradient(s, x, dz, dW);
}

}  // namespace gx::GX_ISA
