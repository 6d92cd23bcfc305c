// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Elementwise functions the kernels are built from, exported so that their accuracy can be checked from outside.
// y[i] = f(x[i]) for i < n, float32; y may be x, otherwise no overlap. Errors are against the correctly rounded result,
// over every finite float, on every instruction set; NaN gives NaN.
#ifndef GENERATRIX_VMATH_H_
#define GENERATRIX_VMATH_H_

#include "generatrix/core.h"

#ifdef __cplusplus
extern "C" {
#endif

// e^x. Max error 2 ULP; results below the least normal float may lose bits as subnormals do (1 ULP of the subnormal);
// above log(FLT_MAX) inf, exp(-inf) = 0.
GX_API gx_status gx_vector_exp(gx_device* device, int64_t n, const float* x, float* y);

// Natural logarithm. Max error 2 ULP, subnormals included; log(0) = -inf, log of a negative number is NaN, log(inf) =
// inf.
GX_API gx_status gx_vector_log(gx_device* device, int64_t n, const float* x, float* y);

// 1 / (1 + e^-x). Max error 3 ULP (where the result is a normal float).
GX_API gx_status gx_vector_sigmoid(gx_device* device, int64_t n, const float* x, float* y);

// log(1 + e^x), without overflow. Max error 3 ULP (where the result is a normal float).
GX_API gx_status gx_vector_softplus(gx_device* device, int64_t n, const float* x, float* y);

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_VMATH_H_
