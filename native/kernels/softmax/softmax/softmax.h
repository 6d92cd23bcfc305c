// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Softmax, log-softmax and log-sum-exp over the middle axis of [outer, n, inner]. Equations: softmax.h of the C ABI.
#ifndef GENERATRIX_KERNELS_SOFTMAX_SOFTMAX_SOFTMAX_H_
#define GENERATRIX_KERNELS_SOFTMAX_SOFTMAX_SOFTMAX_H_

#include "generatrix/softmax.h"
#include "runtime/isa.h"

namespace gx {

// With stride 1, `rows` rows of n elements each, one after the other. Else one row of `columns` neighbours, each of n
// elements `stride` apart.
// stream: y is so large that it is written past the caches (rows only).
struct SoftmaxBlock {
  int64_t n, stride, rows, columns;
  bool stream;
};
using SoftmaxKernel = void (*)(gx_softmax_function f, const SoftmaxBlock& block, const float* x, float* y);
using SoftmaxBackwardKernel = void (*)(gx_softmax_function f, const SoftmaxBlock& block, const float* y,
                                       const float* dy, float* dx);
using LogSumExpKernel = void (*)(const SoftmaxBlock& block, const float* x, float* y);
using LogSumExpBackwardKernel = void (*)(const SoftmaxBlock& block, const float* x, const float* y, const float* dy,
                                         float* dx);

struct SoftmaxVariant {
  KernelLine line;
  SoftmaxKernel forward;
  SoftmaxBackwardKernel backward;
  LogSumExpKernel logsumexp;
  LogSumExpBackwardKernel logsumexp_backward;
};
const SoftmaxVariant* softmax_variants(int* count);

namespace reference {
// All of [outer, n, inner].
template <class T>
void softmax(gx_softmax_function f, int64_t outer, int64_t n, int64_t inner, const T* x, T* y);
template <class T>
void softmax_backward(gx_softmax_function f, int64_t outer, int64_t n, int64_t inner, const T* y, const T* dy, T* dx);
template <class T>
void logsumexp(int64_t outer, int64_t n, int64_t inner, const T* x, T* y);
template <class T>
void logsumexp_backward(int64_t outer, int64_t n, int64_t inner, const T* x, const T* y, const T* dy, T* dx);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_SOFTMAX_SOFTMAX_SOFTMAX_H_
