// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Log-sum-exp, softmax and log-softmax over one axis, and their gradients. Arrays are [outer, n, inner], the axis in
// the middle; sums accumulate in double. The maximum is taken out first, so that nothing overflows; an element of -inf
// has the probability 0. Where all of an axis is -inf there is no distribution: softmax, log-softmax and the gradients
// give NaN, log-sum-exp gives -inf. +inf gives NaN but for log-sum-exp, which is then +inf. NaN gives NaN. Formats
// FLOAT32 and FLOAT64; deterministic, also over threads.
#ifndef GENERATRIX_SOFTMAX_H_
#define GENERATRIX_SOFTMAX_H_

#include "generatrix/core.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum gx_softmax_function {
  GX_SOFTMAX = 0,     // y = e^x / sum e^x
  GX_LOG_SOFTMAX = 1  // y = x - log sum e^x
} gx_softmax_function;

// y may be x; otherwise no overlap.
GX_API gx_status gx_softmax(gx_device* device, gx_format format, gx_softmax_function f, int64_t outer, int64_t n,
                            int64_t inner, const void* x, void* y);

// Softmax: dx = y (dy - sum(y dy)). Log-softmax: dx = dy - e^y sum(dy). dx may be dy; otherwise no overlap.
GX_API gx_status gx_softmax_backward(gx_device* device, gx_format format, gx_softmax_function f, int64_t outer,
                                     int64_t n, int64_t inner, const void* y, const void* dy, void* dx);

// y [outer, inner] = log sum e^x; of no elements -inf. No overlap.
GX_API gx_status gx_logsumexp(gx_device* device, gx_format format, int64_t outer, int64_t n, int64_t inner,
                              const void* x, void* y);

// dx = dy e^(x - y), given y and dy [outer, inner]. dx may be x; otherwise no overlap.
GX_API gx_status gx_logsumexp_backward(gx_device* device, gx_format format, int64_t outer, int64_t n, int64_t inner,
                                       const void* x, const void* y, const void* dy, void* dx);

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_SOFTMAX_H_
