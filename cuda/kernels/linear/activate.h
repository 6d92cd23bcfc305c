// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The activations of linear.h for threads. All threads of a launch have the same one, so that a switch costs little.
#ifndef GENERATRIX_CUDA_KERNELS_LINEAR_ACTIVATE_H_
#define GENERATRIX_CUDA_KERNELS_LINEAR_ACTIVATE_H_

#include "generatrix/linear.h"
#include "kernels/elementwise/functions.h"

namespace gx::cuda {

// f(z). NaN stays.
template <class T>
__host__ __device__ inline T activate(gx_activation f, T p, T z) {
  switch (f) {
    case GX_ACTIVATION_NONE:
      return z;
    case GX_ACTIVATION_RELU:
      return z < T(0) ? T(0) : z;
    case GX_ACTIVATION_LEAKY_RELU:
      return z > T(0) ? z : p * z;
    case GX_ACTIVATION_ELU:
      return z > T(0) ? z : p * expm1(z);
    case GX_ACTIVATION_TANH:
      return tanh(z);
    case GX_ACTIVATION_SIGMOID:
      return sigmoid(z);
    case GX_ACTIVATION_SOFTPLUS:
      return softplus(z);
  }
  return z;
}

// f'(z) from y = f(z). NaN stays, but for NONE.
template <class T>
__host__ __device__ inline T activation_slope(gx_activation f, T p, T y) {
  if (f == GX_ACTIVATION_NONE) return T(1);
  if (isnan(y)) return y;
  switch (f) {
    case GX_ACTIVATION_NONE:
      return T(1);
    case GX_ACTIVATION_RELU:
      return T(y > T(0));
    case GX_ACTIVATION_LEAKY_RELU:
      return y > T(0) ? T(1) : p;
    case GX_ACTIVATION_ELU:
      return y > T(0) ? T(1) : y + p;
    case GX_ACTIVATION_TANH:
      return T(1) - y * y;
    case GX_ACTIVATION_SIGMOID:
      return y * (T(1) - y);
    case GX_ACTIVATION_SOFTPLUS:
      return -expm1(-y);
  }
  return y;
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_LINEAR_ACTIVATE_H_
