// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A function of one or two numbers by its code (schedule.h).
#ifndef GENERATRIX_CUDA_KERNELS_CAUSAL_FUNCTIONS_OF_MAPS_H_
#define GENERATRIX_CUDA_KERNELS_CAUSAL_FUNCTIONS_OF_MAPS_H_

#include "generatrix/linear.h"
#include "kernels/causal/schedule.h"
#include "kernels/elementwise/functions.h"

namespace gx::cuda::causal {

// Out of line: there is one of it, and the loop over instructions stays short.
template <class T>
__device__ __attribute__((noinline)) T apply_rare(int32_t code, T p, T a, T b) {
  switch (code) {
    case GX_ACTIVATION_RELU:
      return a < T(0) ? T(0) : a;
    case GX_ACTIVATION_LEAKY_RELU:
      return a > T(0) ? a : p * a;
    case GX_ACTIVATION_ELU:
      return a > T(0) ? a : p * expm1(a);
    case GX_ACTIVATION_TANH:
      return tanh(a);
    case GX_ACTIVATION_SIGMOID:
      return sigmoid(a);
    case GX_ACTIVATION_SOFTPLUS:
      return softplus(a);
    case kEluOfNegative:
      return a < T(0) ? -a : expm1(-a);
#define GX_FUNCTION(enumerator, functor, from) \
  case kUnary + enumerator:                    \
    return unary::functor::value(a, p);
      GX_UNARY_FUNCTIONS(GX_FUNCTION)
#undef GX_FUNCTION
    case kBinary + GX_ADD:
      return a + b;
    case kBinary + GX_SUB:
      return a - b;
    case kBinary + GX_MUL:
      return a * b;
    case kBinary + GX_DIV:
      return a / b;
    case kBinary + GX_MAXIMUM:
      return isnan(a) || a > b ? a : b;
    case kBinary + GX_MINIMUM:
      return isnan(a) || a < b ? a : b;
    case kBinary + GX_POW:
      return pow(a, b);
    case kBinary + GX_GATED:
      return tanh(a) * sigmoid(b);
    case kBinary + GX_PRELU:
      return a > T(0) ? a : a * b;
    default:
      return a;
  }
}

template <class T>
__device__ inline T apply(const Function& f, T at_hand, T other) {
  const int32_t code = f.code;
  if (code == GX_ACTIVATION_NONE) return at_hand;
  if (code == GX_ACTIVATION_RELU || code == kUnary + GX_RELU) return at_hand < T(0) ? T(0) : at_hand;
  if (code == kBinary + GX_ADD) return at_hand + other;
  return f.swapped ? apply_rare(code, T(f.p), other, at_hand) : apply_rare(code, T(f.p), at_hand, other);
}

}  // namespace gx::cuda::causal

#endif  // GENERATRIX_CUDA_KERNELS_CAUSAL_FUNCTIONS_OF_MAPS_H_
