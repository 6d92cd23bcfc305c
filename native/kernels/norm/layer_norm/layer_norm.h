// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Layer norm: every row has its mean and deviation, every column its factor and offset. Equations: norm.h.
#ifndef GENERATRIX_KERNELS_NORM_LAYER_NORM_LAYER_NORM_H_
#define GENERATRIX_KERNELS_NORM_LAYER_NORM_LAYER_NORM_H_

#include <cstdint>

#include "runtime/isa.h"

namespace gx {

// Rows whose parts of the column sums are added in float before they join the double sums, since two double sums of
// every column, read and written with every row, cost as much as the rest. Eight additions to 0 round seven times, each
// by at most 2^-24 of a partial sum.
constexpr int64_t kLayerNormBlock = 8;

struct LayerNormKernels {
  KernelLine line;
  // y = ((x - mean) rstd) gamma + beta of one row; gamma and beta [units] or NULL.
  void (*forward)(int64_t units, const float* x, double mean, double rstd, const float* gamma, const float* beta,
                  float* y);
  // One row: dx unless NULL; sum_dy[i] += dy and sum_dy_x[i] += dy x^ unless both are NULL.
  void (*backward)(int64_t units, const float* x, double mean, double rstd, const float* gamma, const float* dy,
                   float* dx, float* sum_dy, float* sum_dy_x);
  // to[i] += from[i], from[i] = 0.
  void (*flush)(int64_t units, float* from, double* to);
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
