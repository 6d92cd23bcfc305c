// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Layer norm: every row has its mean and deviation, every column its factor and offset. Equations: norm.h.
#ifndef GENERATRIX_KERNELS_NORM_LAYER_NORM_LAYER_NORM_H_
#define GENERATRIX_KERNELS_NORM_LAYER_NORM_LAYER_NORM_H_

#include <cstdint>

#include "runtime/isa.h"

namespace gx {

// Rows of a block: neighbours whose parts of the column sums are added in float before they join the double sums. An
// addition of four rounds three times, each by at most 2^-24 of the partial sum, no more than the terms themselves do.
constexpr int64_t kLayerNormBlock = 4;

struct LayerNormKernels {
  KernelLine line;
  // y = ((x - mean) rstd) gamma + beta of one row; gamma and beta [units] or NULL.
  void (*forward)(int64_t units, const float* x, double mean, double rstd, const float* gamma, const float* beta,
                  float* y);
  // 1 .. kLayerNormBlock rows: dx unless NULL; and unless the sums are NULL, sum_dy[i] += sum dy and
  // sum_dy_x[i] += sum dy x^ of column i.
  void (*backward)(int64_t rows, int64_t units, const float* x, const double* mean, const double* rstd,
                   const float* gamma, const float* dy, float* dx, double* sum_dy, double* sum_dy_x);
};
const LayerNormKernels* layer_norm_kernels(int* count);

namespace reference {
template <class T>
void layer_norm(int64_t rows, int64_t units, double epsilon, const T* x, const T* gamma, const T* beta, T* y,
                double* statistics);
template <class T>
void layer_norm_backward(int64_t rows, int64_t units, const T* x, const T* gamma, const double* statistics, const T* dy,
                         T* dx, T* dgamma, T* dbeta);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_NORM_LAYER_NORM_LAYER_NORM_H_
