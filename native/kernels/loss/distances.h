// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Squared distances of points, a tile of pairs at a time. Of differences, so that near points lose nothing; summed in
// float over 32 vectors, then in double. Included only by files compiled for one instruction set.
#ifndef GENERATRIX_KERNELS_LOSS_DISTANCES_H_
#define GENERATRIX_KERNELS_LOSS_DISTANCES_H_

#include "kernels/loss/lanes.h"

namespace gx::GX_ISA {

constexpr int kTileA = 4;                           // points of a tile, rows
constexpr int kTileB = GX_VEC_BYTES == 64 ? 4 : 2;  // and columns: as many sums as registers hold
constexpr int64_t kFlush = 32 * kLanes;             // units summed in float

template <int M, int N>
inline void distance_tile(const float* a, const float* b, int64_t units, double* out, int64_t stride) {
  double total[M][N] = {};
  for (int64_t begin = 0; begin < units; begin += kFlush) {
    vf sums[M][N] = {};
    each_vector(lesser<int64_t>(kFlush, units - begin), [&](int64_t u, int n) {
      vf y[N];
      for (int j = 0; j < N; ++j) y[j] = load_some(b + j * units + begin + u, n);
      for (int i = 0; i < M; ++i) {
        const vf x = load_some(a + i * units + begin + u, n);
        for (int j = 0; j < N; ++j) {
          const vf difference = x - y[j];
          sums[i][j] += difference * difference;
        }
      }
    });
    for (int i = 0; i < M; ++i) {
      for (int j = 0; j < N; ++j) total[i][j] += sum(lower_half(sums[i][j]) + upper_half(sums[i][j]));
    }
  }
  for (int i = 0; i < M; ++i) {
    for (int j = 0; j < N; ++j) out[i * stride + j] = total[i][j];
  }
}

template <int M>
inline void distance_rows(const float* a, const float* b, int64_t nb, int64_t units, double* out, int64_t stride) {
  int64_t j = 0;
  for (; j + kTileB <= nb; j += kTileB) distance_tile<M, kTileB>(a, b + j * units, units, out + j, stride);
  for (; j < nb; ++j) distance_tile<M, 1>(a, b + j * units, units, out + j, stride);
}

// out[i][j] = |a_i - b_j|^2 for i < na <= kTileA, j < nb; rows of out are `stride` apart.
inline void squared_distances(const float* a, int64_t na, const float* b, int64_t nb, int64_t units, double* out,
                              int64_t stride) {
  if (na == kTileA) {
    distance_rows<kTileA>(a, b, nb, units, out, stride);
  } else {
    for (int64_t i = 0; i < na; ++i) distance_rows<1>(a + i * units, b, nb, units, out + i * stride, stride);
  }
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_LOSS_DISTANCES_H_
