// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// y = f(x; p) and dx = dy f'(x; p) over arrays. Equations: elementwise.h; the functions themselves: functions.h for
// vectors, reference.cc in double.
#ifndef GENERATRIX_KERNELS_ELEMENTWISE_UNARY_UNARY_H_
#define GENERATRIX_KERNELS_ELEMENTWISE_UNARY_UNARY_H_

#include "generatrix/elementwise.h"
#include "runtime/isa.h"

namespace gx {

// GX_FUNCTION(enumerator, functor, gradient from): every function, in the order of the enumeration.
#define GX_UNARY_FUNCTIONS(GX_FUNCTION)           \
  GX_FUNCTION(GX_EXP, Exp, kFromY)                \
  GX_FUNCTION(GX_SIGMOID, Sigmoid, kFromY)        \
  GX_FUNCTION(GX_TANH, Tanh, kFromY)              \
  GX_FUNCTION(GX_RELU, Relu, kFromY)              \
  GX_FUNCTION(GX_LEAKY_RELU, LeakyRelu, kFromX)   \
  GX_FUNCTION(GX_AT_LEAST, AtLeast, kFromY)       \
  GX_FUNCTION(GX_AT_MOST, AtMost, kFromY)         \
  GX_FUNCTION(GX_ELU, Elu, kFromY)                \
  GX_FUNCTION(GX_SELU, Selu, kFromY)              \
  GX_FUNCTION(GX_SOFTPLUS, Softplus, kFromY)      \
  GX_FUNCTION(GX_SOFTSIGN, Softsign, kFromX)      \
  GX_FUNCTION(GX_LOG, Log, kFromX)                \
  GX_FUNCTION(GX_GELU, Gelu, kFromX)              \
  GX_FUNCTION(GX_GELU_TANH, GeluTanh, kFromX)     \
  GX_FUNCTION(GX_SILU, Silu, kFromX)              \
  GX_FUNCTION(GX_SQRT, Sqrt, kFromY)              \
  GX_FUNCTION(GX_SQUARE, Square, kFromX)          \
  GX_FUNCTION(GX_RECIPROCAL, Reciprocal, kFromY)  \
  GX_FUNCTION(GX_ABS, Abs, kFromX)                \
  GX_FUNCTION(GX_LOG_SIGMOID, LogSigmoid, kFromY) \
  GX_FUNCTION(GX_LOG1P, Log1p, kFromX)            \
  GX_FUNCTION(GX_EXPM1, Expm1, kFromY)

// Of SELU, to double precision: the fixed point (0, 1) of mean and variance.
constexpr double kSeluLambda = 1.0507009873554805, kSeluAlpha = 1.6732632423543772;

enum GradientFrom { kFromX, kFromY };

// x, y, dy, dx of `count` elements; `given` is x or y, as the function's line says.
using UnaryKernel = void (*)(gx_unary_function f, float p, const float* x, float* y, int64_t count);
using UnaryBackwardKernel = void (*)(gx_unary_function f, float p, const float* given, const float* dy, float* dx,
                                     int64_t count);

struct UnaryVariant {
  KernelLine line;
  UnaryKernel forward;
  UnaryBackwardKernel backward;
};
const UnaryVariant* unary_variants(int* count);

namespace reference {
template <class T>
void unary(gx_unary_function f, double p, const T* x, T* y, int64_t count);
template <class T>
void unary_backward(gx_unary_function f, double p, const T* given, const T* dy, T* dx, int64_t count);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_ELEMENTWISE_UNARY_UNARY_H_
