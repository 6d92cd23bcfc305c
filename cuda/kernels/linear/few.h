// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A product with few rows on one side and many on the other, the neighbours of both being terms: a layer with a small
// batch, or with one output. A warp owns a row of the many: its lanes read it once, 16 bytes each, next to the same
// terms of all the few, which stay in the caches; then lanes are added up by halves. So a sum's order depends on its
// length alone.
//
// Floor: the bytes of the many. In true float32 (or double) whatever the device's precision: it costs nothing here.
//
// Registers (nvcc 13.0, sm_90a): 27 to 48, in double to 64. Not yet run on a GPU.
#ifndef GENERATRIX_CUDA_KERNELS_LINEAR_FEW_H_
#define GENERATRIX_CUDA_KERNELS_LINEAR_FEW_H_

#include "kernels/linear/operands.h"
#include "kernels/linear/simt.h"

namespace gx::cuda {

constexpr int kMostFew = 8;

namespace tile {

// kAreRows: the few are the rows of the product, else its columns.
template <class T, int kWidth, int kFew, bool kAreRows>
__global__ void __launch_bounds__(256)
    few(ProductSizes sizes, int count, Dense<T, true, kWidth> few, Dense<T, true, kWidth> many, DenseFinish<T> finish) {
  const int64_t warps = grid_size() / kWarp, rows = kAreRows ? sizes.columns : sizes.rows;
  const int lane = int(threadIdx.x) % kWarp;
  for (int64_t w = grid_place() / kWarp; w < rows * sizes.batch; w += warps) {
    const int64_t item = w / rows, i = w % rows;
    const T* const row = many.data + item * many.item_step + i * many.step;
    const T* const others = few.data + item * few.item_step;
    T sum[kFew] = {};
#pragma unroll 2
    for (int64_t k = lane * kWidth; k < sizes.terms; k += kWarp * kWidth) {
      const Pack<T, kWidth> x = *reinterpret_cast<const Pack<T, kWidth>*>(row + k);
#pragma unroll
      for (int f = 0; f < kFew; ++f) {
        if (f >= count) break;
        const Pack<T, kWidth> y = *reinterpret_cast<const Pack<T, kWidth>*>(others + f * few.step + k);
#pragma unroll
        for (int n = 0; n < kWidth; ++n) sum[f] += x.v[n] * y.v[n];
      }
    }
#pragma unroll
    for (int f = 0; f < kFew; ++f) {
#pragma unroll
      for (int by = kWarp / 2; by > 0; by /= 2) sum[f] += __shfl_xor_sync(kAllLanes, sum[f], by);
    }
    DenseFinish<T> own = finish;
    own.select(item);
#pragma unroll
    for (int f = 0; f < kFew; ++f) {
      const Pack<T, 1> result = {{sum[f]}};
      if (f == lane && f < count) {
        if (kAreRows) {
          own.store(f, own.column(i), result);
        } else {
          own.store(i, own.column(f), result);
        }
      }
    }
  }
}

}  // namespace tile

template <class T, int kWidth, bool kAreRows>
void few_product(Gpu& gpu, const ProductSizes& sizes, const Dense<T, true, kWidth>& few,
                 const Dense<T, true, kWidth>& many, const DenseFinish<T>& finish) {
  const int64_t warps = (kAreRows ? sizes.columns : sizes.rows) * sizes.batch;
  const int count = int(kAreRows ? sizes.rows : sizes.columns);
  const auto run = [&](auto kernel) {
    launch(gpu, {blocks_for(gpu, warps, 8), 256}, kernel, sizes, count, few, many, finish);
  };
  if (count == 1) return run(tile::few<T, kWidth, 1, kAreRows>);
  if (count <= 4) return run(tile::few<T, kWidth, 4, kAreRows>);
  run(tile::few<T, kWidth, kMostFew, kAreRows>);
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_LINEAR_FEW_H_
