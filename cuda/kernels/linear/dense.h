// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Products of plain matrices: what the entries of linear.h are made of, and other families' layers may be.
#ifndef GENERATRIX_CUDA_KERNELS_LINEAR_DENSE_H_
#define GENERATRIX_CUDA_KERNELS_LINEAR_DENSE_H_

#include "kernels/linear/operands.h"
#include "runtime/device.h"

namespace gx::cuda {

// A matrix of a batch of them. Neighbours in memory are terms of the sum, or rows (of B: columns of the product).
template <class T>
struct Matrix {
  const T* data;
  bool along_terms;
  int64_t step;       // from row to row if along terms, else from term to term
  int64_t item_step;  // from item to item, 0 if all have the same
};

// finish(i, j, sum of a(i, k) b(j, k)) for float and double, in the device's precision. Sizes of 0 are allowed.
// `finish.packs` is found here.
template <class T>
void dense_product(gx_device& device, Workspace& workspace, const ProductSizes& sizes, const Matrix<T>& a,
                   const Matrix<T>& b, DenseFinish<T> finish);

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_LINEAR_DENSE_H_
