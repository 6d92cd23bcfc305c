// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Matrices as operands of a product (tile.h), and the finish that writes one: c = f(sum + bias), or c += sum.
#ifndef GENERATRIX_CUDA_KERNELS_LINEAR_OPERANDS_H_
#define GENERATRIX_CUDA_KERNELS_LINEAR_OPERANDS_H_

#include "kernels/linear/activate.h"
#include "kernels/linear/work.h"

namespace gx::cuda {

// X(i, k) = data[i step + k] if along terms, data[k step + i] if along rows; items are item_step elements apart.
// kElements is 1, or what 16 bytes hold: they are read at once where they lie on a grid of 16 bytes.
template <class T, bool kTermsAreNeighbours, int kElements>
struct Dense {
  static constexpr bool kAlongTerms = kTermsAreNeighbours;
  static constexpr int kWidth = kElements;

  const T* data;
  int64_t rows, terms, step, item_step;

  struct Row {
    const T* at;
    int valid;  // neighbouring rows that are there; along terms 0 or 1
  };

  __device__ void select(int64_t item) { data += item * item_step; }
  __device__ Row row(int64_t i) const {
    if (i >= rows) return {data, 0};
    if (kAlongTerms) return {data + i * step, 1};
    return {data + i, rows - i < kWidth ? int(rows - i) : kWidth};
  }
  __device__ LoosePiece<T> at(const Row& row, int64_t k) const {
    if (k >= terms || row.valid == 0) return {data, 0};
    if (!kAlongTerms) return {row.at + k * step, row.valid};
    return {row.at + k, terms - k < kWidth ? int(terms - k) : kWidth};
  }
};

template <class T>
struct DenseFinish {
  T* c;
  int64_t step, item_step;  // from row to row, from item to item
  const T* bias;            // of each column, or null
  double p;                 // of the activation
  gx_activation activation;
  bool accumulates;
  bool packs;

  struct Column {
    int64_t j;
  };

  __device__ void select(int64_t item) { c += item * item_step; }
  __device__ Column column(int64_t j) const { return {j}; }
  template <int N>
  __device__ void store(int64_t i, const Column& column, const Pack<T, N>& sums) const {
    Pack<T, N>* const to = reinterpret_cast<Pack<T, N>*>(c + i * step + column.j);
    Pack<T, N> results = sums;
    if (bias) {
#pragma unroll
      for (int n = 0; n < N; ++n) results.v[n] += bias[column.j + n];
    }
    if (activation != GX_ACTIVATION_NONE) {
#pragma unroll
      for (int n = 0; n < N; ++n) results.v[n] = activate(activation, T(p), results.v[n]);
    }
    if (accumulates) {
      const Pack<T, N> before = *to;
#pragma unroll
      for (int n = 0; n < N; ++n) results.v[n] += before.v[n];
    }
    *to = results;
  }
};

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_LINEAR_OPERANDS_H_
