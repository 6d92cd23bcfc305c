// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a convolution's sum: y = f(z + b), and a flag where z is NaN.
#ifndef GENERATRIX_CUDA_KERNELS_CONV_FINISH_H_
#define GENERATRIX_CUDA_KERNELS_CONV_FINISH_H_

#include "kernels/linear/activate.h"
#include "runtime/map.h"

namespace gx::cuda {

// The activations that take exponentials, once in a kernel's code and not for every output of a thread.
template <class T>
__device__ __attribute__((noinline)) T dear_activation(gx_activation f, T p, T z) {
  return activate(f, p, z);
}

template <class T>
struct ConvOutput {
  T* y;
  const T* bias;  // of the group's first channel, or null
  int* flag;
  int64_t activation;
  double p;

  __device__ T value(T z, int64_t channel) const {
    if (z != z) *flag = 1;
    if (bias) z += __ldg(bias + channel);
    if (activation == GX_ACTIVATION_NONE) return z;
    if (activation == GX_ACTIVATION_RELU) return z < T(0) ? T(0) : z;
    if (activation == GX_ACTIVATION_LEAKY_RELU) return z > T(0) ? z : T(p) * z;
    return dear_activation(gx_activation(activation), T(p), z);
  }
};

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_CONV_FINISH_H_
