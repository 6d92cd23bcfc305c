// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// How a number becomes a log-scale and a factor. A factor that, or whose reciprocal, is no normal number is NaN.
#ifndef GENERATRIX_CUDA_KERNELS_COUPLING_SCALES_H_
#define GENERATRIX_CUDA_KERNELS_COUPLING_SCALES_H_

#include "kernels/coupling/affine_coupling/affine_coupling.h"
#include "kernels/elementwise/functions.h"

namespace gx::cuda::coupling {

template <class T>
__device__ inline bool normal_scale(T l) {
  return fabs(l) <= T(kMostLogScale<T>);
}
// e^l, or of the inverse e^-l.
template <bool kInverse, class T>
__device__ inline T factor_of(T l) {
  return normal_scale(l) ? exp(kInverse ? -l : l) : T(NAN);
}

// The log-scale l, the factor, the derivative of l by s, and tanh s. What is not used costs nothing.
template <class T>
struct Scaled {
  T l, factor, slope, tanh;
};

// Each scale: of(s, a), with a the amplitude or clamp.
struct NoScale {
  static constexpr bool kThere = false, kAmplitude = false;
  template <bool kInverse, class T>
  __device__ static Scaled<T> of(T, T) {
    return {T(0), T(1), T(0), T(0)};
  }
};
struct ExpScale {
  static constexpr bool kThere = true, kAmplitude = false;
  template <bool kInverse, class T>
  __device__ static Scaled<T> of(T s, T) {
    return {s, factor_of<kInverse>(s), T(1), T(0)};
  }
};
struct TanhScale {
  static constexpr bool kThere = true, kAmplitude = true;
  template <bool kInverse, class T>
  __device__ static Scaled<T> of(T s, T a) {
    const T h = tanh(s), l = a * h;
    return {l, factor_of<kInverse>(l), a * (T(1) - h * h), h};
  }
};
// Not by e^l: the rounding of a large l would be many units of the factor.
struct SigmoidScale {
  static constexpr bool kThere = true, kAmplitude = false;
  template <bool kInverse, class T>
  __device__ static Scaled<T> of(T s, T a) {
    const T z = s + a, l = -softplus(-z);
    return {l, normal_scale(l) ? (kInverse ? T(1) + exp(-z) : sigmoid(z)) : T(NAN), sigmoid(-z), T(0)};
  }
};

template <class Body>
void with_scale(gx_coupling_scale scale, Body&& body) {
  switch (scale) {
    case GX_SCALE_NONE:
      return body(NoScale());
    case GX_SCALE_EXP:
      return body(ExpScale());
    case GX_SCALE_TANH:
      return body(TanhScale());
    case GX_SCALE_SIGMOID:
      return body(SigmoidScale());
  }
}

// y = x e^l + t, or its inverse.
template <bool kInverse, class T>
__device__ inline T scaled(T x, T factor, T t) {
  return kInverse ? (x - t) * factor : x * factor + t;
}

}  // namespace gx::cuda::coupling

#endif  // GENERATRIX_CUDA_KERNELS_COUPLING_SCALES_H_
