// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The functions of two numbers of elementwise.h and their slopes, for threads. NaN and infinities as the CPU has them
// (native/kernels/elementwise/binary/functions.h).
#ifndef GENERATRIX_CUDA_KERNELS_ELEMENTWISE_PAIRS_H_
#define GENERATRIX_CUDA_KERNELS_ELEMENTWISE_PAIRS_H_

#include "kernels/elementwise/binary/binary.h"
#include "kernels/elementwise/functions.h"

namespace gx::cuda::pairs {

template <class T>
struct Slopes {
  T a, b;
};

struct Add {
  template <class T>
  __device__ static T value(T a, T b) {
    return a + b;
  }
  template <class T>
  __device__ static Slopes<T> slopes(T, T) {
    return {T(1), T(1)};
  }
};

struct Sub {
  template <class T>
  __device__ static T value(T a, T b) {
    return a - b;
  }
  template <class T>
  __device__ static Slopes<T> slopes(T, T) {
    return {T(1), T(-1)};
  }
};

struct Mul {
  template <class T>
  __device__ static T value(T a, T b) {
    return a * b;
  }
  template <class T>
  __device__ static Slopes<T> slopes(T a, T b) {
    return {b, a};
  }
};

struct Div {
  template <class T>
  __device__ static T value(T a, T b) {
    return a / b;
  }
  template <class T>
  __device__ static Slopes<T> slopes(T a, T b) {
    return {T(1) / b, -(a / b) / b};
  }
};

// NaN if either is; half a slope each at equality.
template <class T>
__device__ inline T shared_slope(bool wins, T a, T b) {
  return isnan(a) || isnan(b) ? a + b : wins ? T(1) : a == b ? T(0.5) : T(0);
}

struct Maximum {
  template <class T>
  __device__ static T value(T a, T b) {
    return a > b || isnan(a) ? a : b;
  }
  template <class T>
  __device__ static Slopes<T> slopes(T a, T b) {
    return {shared_slope(a > b, a, b), shared_slope(b > a, a, b)};
  }
};

struct Minimum {
  template <class T>
  __device__ static T value(T a, T b) {
    return a < b || isnan(a) ? a : b;
  }
  template <class T>
  __device__ static Slopes<T> slopes(T a, T b) {
    return {shared_slope(a < b, a, b), shared_slope(b < a, a, b)};
  }
};

// In double whatever the type: powf alone is further off than the 2 ULP that are promised.
struct Pow {
  template <class T>
  __device__ static T value(T a, T b) {
    return T(pow(double(a), double(b)));
  }
  template <class T>
  __device__ static Slopes<T> slopes(T a, T b) {
    const double x = double(a), p = double(b);
    const double by_log = x > 0 ? pow(x, p) * log(x) : isnan(x) || isnan(p) ? x + p : 0;
    return {T(p == 0 ? 0 : p * pow(x, p - 1)), T(by_log)};
  }
};

// With m = e^-2|a| - 1: tanh |a| = -m / (2 + m) and 1 - tanh^2 = 4 (1 + m) / (2 + m)^2, without cancellation; and
// sigmoid (1 - sigmoid) = E / (1 + E)^2 with E = e^-|b|.
struct Gated {
  template <class T>
  __device__ static T value(T a, T b) {
    return tanh(a) * sigmoid(b);
  }
  template <class T>
  __device__ static Slopes<T> slopes(T a, T b) {
    const T m = expm1(T(-2) * fabs(a)), r = T(1) / (T(2) + m);
    const T e = exp(-fabs(b)), s = T(1) / (T(1) + e);
    const T upper = b < T(0) ? e * s : s;  // sigmoid(b)
    return {T(4) * (T(1) + m) * r * r * upper, copysign(-m * r, a) * (e * s * s)};
  }
};

struct Prelu {
  template <class T>
  __device__ static T value(T a, T b) {
    return a > T(0) ? a : a * b;
  }
  template <class T>
  __device__ static Slopes<T> slopes(T a, T b) {
    return {a > T(0) ? T(1) : a <= T(0) ? b : a, a > T(0) ? T(0) : a};
  }
};

// Calls body(functor) for the function of an enumerator that the entry has checked.
template <class Body>
void with_function(gx_binary_function f, Body&& body) {
  switch (f) {
#define GX_FUNCTION(enumerator, functor) \
  case enumerator:                       \
    return body(functor());
    GX_BINARY_FUNCTIONS(GX_FUNCTION)
#undef GX_FUNCTION
  }
}

}  // namespace gx::cuda::pairs

#endif  // GENERATRIX_CUDA_KERNELS_ELEMENTWISE_PAIRS_H_
