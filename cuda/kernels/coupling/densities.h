// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Base log-densities of one number, and their slopes.
#ifndef GENERATRIX_CUDA_KERNELS_COUPLING_DENSITIES_H_
#define GENERATRIX_CUDA_KERNELS_COUPLING_DENSITIES_H_

#include "generatrix/coupling.h"
#include "runtime/cuda.h"

namespace gx::cuda::coupling {

struct NoBase {
  static constexpr bool kThere = false;
  template <class T>
  __device__ static double log_density(T) {
    return 0;
  }
  template <class T>
  __device__ static T slope(T) {
    return T(0);
  }
};

// In double: squares of large floats are no floats.
struct GaussianBase {
  static constexpr bool kThere = true;
  template <class T>
  __device__ static double log_density(T y) {
    return -0.5 * (double(y) * double(y) + 0x1.d67f1c864beb5p+0 /* log 2 pi */);
  }
  template <class T>
  __device__ static T slope(T y) {
    return -y;
  }
};

struct LogisticBase {
  static constexpr bool kThere = true;
  template <class T>
  __device__ static double log_density(T y) {
    const T size = fabs(y);
    return double(-size - T(2) * log1p(exp(-size)));
  }
  template <class T>
  __device__ static T slope(T y) {
    return -tanh(T(0.5) * y);
  }
};

// body(base)
template <class Body>
void with_base(gx_base base, Body&& body) {
  switch (base) {
    case GX_BASE_NONE:
      return body(NoBase());
    case GX_BASE_GAUSSIAN:
      return body(GaussianBase());
    case GX_BASE_LOGISTIC:
      return body(LogisticBase());
  }
}

// A direction, with the base of the forward one.
template <class B>
struct ForwardUnder {
  static constexpr bool kInverse = false;
  using Base = B;
};
struct Inverse {
  static constexpr bool kInverse = true;
  using Base = NoBase;
};
template <class Body>
void with_direction(bool inverse, gx_base base, Body&& body) {
  if (inverse) return body(Inverse());
  with_base(base, [&](auto b) { body(ForwardUnder<decltype(b)>()); });
}

}  // namespace gx::cuda::coupling

#endif  // GENERATRIX_CUDA_KERNELS_COUPLING_DENSITIES_H_
