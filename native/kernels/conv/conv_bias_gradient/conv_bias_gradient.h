// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// dz = dy f'(z) and its sum over batch and pixels: generatrix/conv.h.
#ifndef GENERATRIX_KERNELS_CONV_CONV_BIAS_GRADIENT_CONV_BIAS_GRADIENT_H_
#define GENERATRIX_KERNELS_CONV_CONV_BIAS_GRADIENT_CONV_BIAS_GRADIENT_H_

#include "generatrix/conv.h"
#include "kernels/linear/product/team.h"
#include "runtime/isa.h"

namespace gx {

// y may be null if there is no activation; dz or db may be null.
using ConvBiasGradientKernel = void (*)(const gx_conv_bias_params& p, const float* dy, const float* y, float* dz,
                                        float* db, Team& team);

struct ConvBiasGradientVariant {
  KernelLine line;
  ConvBiasGradientKernel run;
};
const ConvBiasGradientVariant* conv_bias_gradient_variants(int* count);

namespace reference {
template <class T>
void conv_bias_gradient(const gx_conv_bias_params& p, const T* dy, const T* y, T* dz, T* db);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_CONV_CONV_BIAS_GRADIENT_CONV_BIAS_GRADIENT_H_
