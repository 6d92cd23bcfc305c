// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The passes of slices.h for plain vectors and tiny images, where a channel has too few neighbours for a vector:
// vectors go across columns, each with its own factors, and sums go down them. Array element: row * stride + column.
#ifndef GENERATRIX_KERNELS_NORM_COLUMNS_COLUMNS_H_
#define GENERATRIX_KERNELS_NORM_COLUMNS_COLUMNS_H_

#include <cstdint>

#include "runtime/isa.h"

namespace gx {

struct Columns {
  int64_t rows;
  int64_t columns;
  int64_t stride;
};

// What slices.h calls Affine and Pullback, an array of each factor.
struct ColumnAffine {
  const float *mean, *a, *b;
  bool relu;
};
struct ColumnPullback {
  const float *mean, *k1, *k2, *k3;
};

struct ColumnKernels {
  KernelLine line;
  // s[j] = sum (x - shift[j]), q[j] = sum (x - shift[j])^2, float shifts.
  void (*moments)(const Columns& block, const float* x, const float* shift, double* s, double* q);
  void (*affine)(const Columns& block, const float* x, const ColumnAffine& f, float* y);
  // s[j] = sum dy, q[j] = sum dy (x - mean[j]), float means.
  void (*gradient_sums)(const Columns& block, const float* x, const float* dy, const float* mean,
                        const ColumnAffine* gate, double* s, double* q);
  void (*pullback)(const Columns& block, const float* x, const float* dy, const ColumnAffine* gate,
                   const ColumnPullback& f, float* dx);
};
const ColumnKernels* column_kernels(int* count);
const ColumnKernels& column_kernels();  // the best one this process may run

namespace reference {
void column_moments(const Columns& block, const float* x, const float* shift, double* s, double* q);
void column_affine(const Columns& block, const float* x, const ColumnAffine& f, float* y);
void column_gradient_sums(const Columns& block, const float* x, const float* dy, const float* mean,
                          const ColumnAffine* gate, double* s, double* q);
void column_pullback(const Columns& block, const float* x, const float* dy, const ColumnAffine* gate,
                     const ColumnPullback& f, float* dx);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_NORM_COLUMNS_COLUMNS_H_
