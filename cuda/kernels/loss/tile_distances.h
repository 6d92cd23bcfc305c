// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Squared distances of 64 points from 64 others, by a block of 256 threads. Of differences, so that near points lose
// nothing; summed in the format over 64 units, then in double, in the order of the units: the same for a pair wherever
// in a tile it is.
//
// A thread has 4 x 4 pairs; points go through shared memory, 16 units at a time, turned so that a thread reads four
// points at once. Per pair and unit a subtraction and a multiply-add: two instructions, which is the floor.
#ifndef GENERATRIX_CUDA_KERNELS_LOSS_TILE_DISTANCES_H_
#define GENERATRIX_CUDA_KERNELS_LOSS_TILE_DISTANCES_H_

#include "runtime/map.h"

namespace gx::cuda {

constexpr int kTile = 64;     // points along either side
constexpr int kOfThread = 4;  // and of a thread
constexpr int kTileThreads = 256;
constexpr int kDepth = 16;      // units in shared memory
constexpr int kFlush = 64;      // units summed in the format
constexpr int kTilePitch = 68;  // 64 and a pad, which keeps groups of four aligned

// Shared memory of a tile of each set: GX_SHARED(FourPoints<T>, memory, kTileMemory).
template <class T>
using FourPoints = Pack<T, 4>;
constexpr int kTileMemory = 2 * kDepth * kTilePitch / 4;

// The thread's first row and column of the tile.
__device__ inline int tile_row() { return int(threadIdx.x) / (kTile / kOfThread) * kOfThread; }
__device__ inline int tile_column() { return int(threadIdx.x) % (kTile / kOfThread) * kOfThread; }

namespace detail {

// Units [first, first + 16) of the tile's points, four of one point by each thread; 0 beyond the points or the units.
template <class T>
__device__ inline Pack<T, 4> points_of_tile(const T* points, int64_t count, int64_t units, int64_t first) {
  const int point = int(threadIdx.x) / 4;
  const int64_t unit = first + int(threadIdx.x) % 4 * 4;
  Pack<T, 4> v;
#pragma unroll
  for (int j = 0; j < 4; ++j) v.v[j] = point < count && unit + j < units ? points[point * units + unit + j] : T(0);
  return v;
}
template <class T>
__device__ inline void keep_points(T* tile, const Pack<T, 4>& v) {
  const int point = int(threadIdx.x) / 4, unit = int(threadIdx.x) % 4 * 4;
#pragma unroll
  for (int j = 0; j < 4; ++j) tile[(unit + j) * kTilePitch + point] = v.v[j];
}

}  // namespace detail

// d[i][j] = |a_(tile_row() + i) - b_(tile_column() + j)|^2; a and b begin at the tile and have so many points left.
// memory: kTileMemory, free again after the caller's next barrier.
template <class T>
__device__ inline void tile_distances(const T* a, int64_t a_count, const T* b, int64_t b_count, int64_t units,
                                      FourPoints<T>* memory, double (&d)[kOfThread][kOfThread]) {
  T* const a_tile = memory->v;
  T* const b_tile = a_tile + kDepth * kTilePitch;
  const int row = tile_row(), column = tile_column();
  T sums[kOfThread][kOfThread] = {};
#pragma unroll
  for (int i = 0; i < kOfThread; ++i) {
#pragma unroll
    for (int j = 0; j < kOfThread; ++j) d[i][j] = 0;
  }
  auto next_a = detail::points_of_tile(a, a_count, units, 0), next_b = detail::points_of_tile(b, b_count, units, 0);
  for (int64_t first = 0; first < units; first += kDepth) {
    __syncthreads();  // the last units have been read
    detail::keep_points(a_tile, next_a);
    detail::keep_points(b_tile, next_b);
    __syncthreads();
    next_a = detail::points_of_tile(a, a_count, units, first + kDepth);
    next_b = detail::points_of_tile(b, b_count, units, first + kDepth);
#pragma unroll
    for (int u = 0; u < kDepth; ++u) {
      const auto x = *reinterpret_cast<const Pack<T, 4>*>(a_tile + u * kTilePitch + row);
      const auto y = *reinterpret_cast<const Pack<T, 4>*>(b_tile + u * kTilePitch + column);
#pragma unroll
      for (int i = 0; i < kOfThread; ++i) {
#pragma unroll
        for (int j = 0; j < kOfThread; ++j) {
          const T difference = x.v[i] - y.v[j];
          sums[i][j] += difference * difference;
        }
      }
    }
    if ((first + kDepth) % kFlush != 0 && first + kDepth < units) continue;
#pragma unroll
    for (int i = 0; i < kOfThread; ++i) {
#pragma unroll
      for (int j = 0; j < kOfThread; ++j) {
        d[i][j] += double(sums[i][j]);
        sums[i][j] = T(0);
      }
    }
  }
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_LOSS_TILE_DISTANCES_H_
