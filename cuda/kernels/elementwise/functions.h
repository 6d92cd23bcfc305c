// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The functions of one number of elementwise.h and their derivatives, for threads.
#ifndef GENERATRIX_CUDA_KERNELS_ELEMENTWISE_FUNCTIONS_H_
#define GENERATRIX_CUDA_KERNELS_ELEMENTWISE_FUNCTIONS_H_

#include "kernels/elementwise/unary/unary.h"
#include "runtime/check.h"
#include "runtime/cuda.h"

namespace gx::cuda {

// 1 / (1 + e^-x), without overflow on either side.
template <class T>
__host__ __device__ inline T sigmoid(T x) {
  return T(1) / (T(1) + exp(-x));
}
template <class T>
__host__ __device__ inline T softplus(T x) {
  return x > T(0) ? x + log1p(exp(-x)) : log1p(exp(x));
}

namespace unary {

// A function and its slope, each an expression of x (or of y, which the slope also calls x) and p.
#define GX_FUNCTION(Name, value_of_x, slope_of_x)  \
  struct Name {                                    \
    template <class T>                             \
    __host__ __device__ static T value(T x, T p) { \
      (void)p;                                     \
      return value_of_x;                           \
    }                                              \
    template <class T>                             \
    __host__ __device__ static T slope(T x, T p) { \
      (void)p, (void)x;                            \
      return slope_of_x;                           \
    }                                              \
  };

template <class T>
__host__ __device__ inline T normal_cdf(T x) {
  return T(0.5) * erfc(-x * T(0.70710678118654752));
}
template <class T>
__host__ __device__ inline T normal_pdf(T x) {
  return T(0.3989422804014327) * exp(T(-0.5) * x * x);
}
// 2 sqrt(2 / pi) (x + 0.044715 x^3), so that the approximate GELU is x sigmoid of it.
template <class T>
__host__ __device__ inline T gelu_argument(T x) {
  return T(1.5957691216057308) * (x + T(0.044715) * x * x * x);
}
template <class T>
__host__ __device__ inline T gelu_tanh_slope(T x) {
  if (fabs(x) > T(20)) return T(x > T(0));
  const T s = sigmoid(gelu_argument(x));
  return s + x * s * (T(1) - s) * T(1.5957691216057308) * (T(1) + T(0.134145) * x * x);
}
template <class T>
__host__ __device__ inline T silu_slope(T x) {
  if (isinf(x)) return T(x > T(0));
  const T s = sigmoid(x);
  return s + x * s * (T(1) - s);
}

GX_FUNCTION(Exp, exp(x), x)
GX_FUNCTION(Sigmoid, sigmoid(x), x*(T(1) - x))
GX_FUNCTION(Tanh, tanh(x), T(1) - x * x)
GX_FUNCTION(Relu, x < T(0) ? T(0) : x, isnan(x) ? x : T(x > T(0)))
GX_FUNCTION(LeakyRelu, x > T(0) ? x : p * x, isnan(x) ? x : x > T(0) ? T(1) : p)
GX_FUNCTION(AtLeast, x < p ? p : x, isnan(x) ? x : T(x > p))
GX_FUNCTION(AtMost, x > p ? p : x, isnan(x) ? x : T(x < p))
GX_FUNCTION(Elu, x > T(0) ? x : p * expm1(x), x > T(0) ? T(1) : x + p)
GX_FUNCTION(Selu, T(kSeluLambda) * (x > T(0) ? x : T(kSeluAlpha) * expm1(x)),
            x > T(0) ? T(kSeluLambda) : x + T(kSeluLambda * kSeluAlpha))
GX_FUNCTION(Softplus, softplus(x), -expm1(-x))
GX_FUNCTION(Softsign, isinf(x) ? copysign(T(1), x) : x / (T(1) + fabs(x)), T(1) / ((T(1) + fabs(x)) * (T(1) + fabs(x))))
GX_FUNCTION(Log, log(x), T(1) / x)
GX_FUNCTION(Gelu, x == T(-INFINITY) ? T(0) : x * normal_cdf(x),
            isinf(x) ? T(x > T(0)) : normal_cdf(x) + x * normal_pdf(x))
GX_FUNCTION(GeluTanh, x == T(-INFINITY) ? T(0) : x * sigmoid(gelu_argument(x)), gelu_tanh_slope(x))
GX_FUNCTION(Silu, x == T(-INFINITY) ? T(0) : x * sigmoid(x), silu_slope(x))
GX_FUNCTION(Sqrt, sqrt(x), T(0.5) / x)
GX_FUNCTION(Square, x* x, T(2) * x)
GX_FUNCTION(Reciprocal, T(1) / x, -x* x)
GX_FUNCTION(Abs, fabs(x), isnan(x) ? x : T((x > T(0)) - (x < T(0))))
GX_FUNCTION(LogSigmoid, -softplus(-x), -expm1(x))
GX_FUNCTION(Log1p, log1p(x), T(1) / (T(1) + x))
GX_FUNCTION(Expm1, expm1(x), x + T(1))
#undef GX_FUNCTION

}  // namespace unary

// What a map applies, with the function's parameter.
template <class F, class T>
struct Value {
  T p;
  __device__ T operator()(T x) const { return F::value(x, p); }
};
template <class F, class T>
struct Derivative {
  T p;
  __device__ T operator()(T given, T dy) const { return dy * F::slope(given, p); }
};

// Calls body(functor, gradient from) for the function of an enumerator that the entry has checked.
template <class Body>
void with_function(gx_unary_function f, Body&& body) {
  switch (f) {
#define GX_FUNCTION(enumerator, functor, from) \
  case enumerator:                             \
    return body(unary::functor(), from);
    GX_UNARY_FUNCTIONS(GX_FUNCTION)
#undef GX_FUNCTION
  }
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_ELEMENTWISE_FUNCTIONS_H_
