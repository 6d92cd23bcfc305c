// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// How threads are laid over planes of pictures: along x the columns (packs of them), along y the rows, along z the
// planes. A block's 256 threads take a piece of one large plane or several small ones. A thread goes from plane to
// plane at its own row and column, so that what depends on these alone is computed once.
#ifndef GENERATRIX_CUDA_KERNELS_RESAMPLE_PICTURES_H_
#define GENERATRIX_CUDA_KERNELS_RESAMPLE_PICTURES_H_

#include "runtime/gpu.h"
#include "runtime/map.h"

namespace gx::cuda {

inline Grid picture_grid(const Gpu& gpu, int64_t columns, int64_t rows, int64_t planes) {
  if (columns <= 0 || rows <= 0 || planes <= 0) return {{0}, {1}};
  const auto power = [](int64_t n, int64_t most) {
    int64_t p = 1;
    while (p < n && p < most) p *= 2;
    return p;
  };
  const int64_t x = power(columns, 64), y = power(rows, 256 / x), z = std::min<int64_t>(64, 256 / (x * y));
  const auto blocks = [](int64_t n, int64_t of) { return (n + of - 1) / of; };
  const int64_t across = blocks(columns, x), down = std::min<int64_t>(65535, blocks(rows, y));
  const int64_t enough = std::max<int64_t>(1, int64_t(gpu.multiprocessors) * 32 / (across * down));
  const int64_t deep = std::min<int64_t>({65535, enough, blocks(planes, z)});
  return {{unsigned(across), unsigned(down), unsigned(deep)}, {unsigned(x), unsigned(y), unsigned(z)}};
}

// body(column, row, plane) for every one that is the thread's; prepare(column, row) in front of a row's planes gives
// what body takes besides.
template <class Prepare, class Body>
__device__ inline void each_pixel(int64_t columns, int64_t rows, int64_t planes, Prepare prepare, Body body) {
  const int64_t column = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (column >= columns) return;
  for (int64_t row = int64_t(blockIdx.y) * blockDim.y + threadIdx.y; row < rows;
       row += int64_t(gridDim.y) * blockDim.y) {
    const auto prepared = prepare(column, row);
#pragma unroll 1
    for (int64_t plane = int64_t(blockIdx.z) * blockDim.z + threadIdx.z; plane < planes;
         plane += int64_t(gridDim.z) * blockDim.z) {
      body(prepared, column, row, plane);
    }
  }
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_RESAMPLE_PICTURES_H_
