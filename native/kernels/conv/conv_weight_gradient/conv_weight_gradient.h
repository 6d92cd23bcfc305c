// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// dW = the gradient of sum(dz conv(x, W)): generatrix/conv.h.
#ifndef GENERATRIX_KERNELS_CONV_CONV_WEIGHT_GRADIENT_CONV_WEIGHT_GRADIENT_H_
#define GENERATRIX_KERNELS_CONV_CONV_WEIGHT_GRADIENT_CONV_WEIGHT_GRADIENT_H_

#include "kernels/conv/shape.h"
#include "kernels/linear/product/team.h"
#include "runtime/isa.h"

namespace gx {

struct ConvWeightGradientVariant {
  KernelLine line;
  bool (*suits)(const ConvShape&);
  void (*run)(const ConvShape&, const float* x, const float* dz, float* dW, Team&);
};
const ConvWeightGradientVariant* conv_weight_gradient_variants(int* count);

namespace reference {
template <class T>
void conv_weight_gradient(const ConvShape& s, const T* x, const T* dz, T* dW);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_CONV_CONV_WEIGHT_GRADIENT_CONV_WEIGHT_GRADIENT_H_
