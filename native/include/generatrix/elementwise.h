// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Functions of one, two or three arrays, element by element, and their gradients.
#ifndef GENERATRIX_ELEMENTWISE_H_
#define GENERATRIX_ELEMENTWISE_H_

#include "generatrix/core.h"

#ifdef __cplusplus
extern "C" {
#endif

// Functions of one number; p is the parameter of those that have one. The gradient is dx = dy f'(x), computed from x or
// from y as the last column says; the other may be NULL in gx_unary_backward.
typedef enum gx_unary_function {
  GX_EXP = 0,      // e^x                                                                                    y
  GX_SIGMOID = 1,  // 1 / (1 + e^-x)                                                                         y
  GX_TANH = 2,     // tanh x                                                                                 y
  GX_RELU = 3      // max(x, 0); the derivative at 0 is 0                                                    y
} gx_unary_function;

// y[i] = f(x[i]; p) for i < n. Formats FLOAT32 (error within 3 ULP unless said above) and FLOAT64. y may be x,
// otherwise no overlap. NaN gives NaN. Deterministic.
GX_API gx_status gx_unary(gx_device* device, gx_format format, gx_unary_function f, double p, int64_t n, const void* x,
                          void* y);

// dx[i] = dy[i] f'(x[i]; p) for i < n, given what the table above names. dx may be dy; otherwise no overlap.
GX_API gx_status gx_unary_backward(gx_device* device, gx_format format, gx_unary_function f, double p, int64_t n,
                                   const void* x, const void* y, const void* dy, void* dx);

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_ELEMENTWISE_H_
