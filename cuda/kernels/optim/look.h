// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Arrays that are only read, as a kernel gets them: tiles of 16384 elements (segments.h), 16 bytes an access where the
// array lies on that grid.
#ifndef GENERATRIX_CUDA_KERNELS_OPTIM_LOOK_H_
#define GENERATRIX_CUDA_KERNELS_OPTIM_LOOK_H_

#include "kernels/optim/segments.h"
#include "runtime/map.h"

namespace gx::cuda {

template <class T>
struct Reading {
  int64_t count;
  const T* data;
  int64_t before;  // elements of all segments in front
};

// body(element, its place in the segment) for all of a block's tile, a thread's in ascending order of packs.
template <class T, class Body>
__device__ inline void look_through(const Reading<T>& a, int64_t first, Body body) {
  constexpr int N = kPack<T>, kAtOnce = 4;
  const T* const data = a.data + first;
  const int64_t count = a.count - first < kReadTile ? a.count - first : kReadTile;
  const int64_t packs = uintptr_t(data) % 16 == 0 ? count / N : 0;
  for (int64_t i = threadIdx.x; i < packs; i += kAtOnce * 256) {
    Pack<T, N> some[kAtOnce];
#pragma unroll
    for (int m = 0; m < kAtOnce; ++m) {
      if (i + m * 256 < packs) some[m] = reinterpret_cast<const Pack<T, N>*>(data)[i + m * 256];
    }
#pragma unroll
    for (int m = 0; m < kAtOnce; ++m) {
      if (i + m * 256 >= packs) break;
#pragma unroll
      for (int e = 0; e < N; ++e) body(some[m].v[e], first + (i + m * 256) * N + e);
    }
  }
  for (int64_t i = packs * N + threadIdx.x; i < count; i += 256) body(data[i], first + i);
}

// run(list, tiles, tiles of the lists before) for each list; the number of all tiles.
template <class T, class Run>
int64_t each_reading(int64_t segments, const gx_read_segment* segment, Run run) {
  int64_t before = 0, done = 0;
  each_list<Reading<T>>(
      segments, segment, kReadTile,
      [&](int64_t s) {
        const Reading<T> reading = {segment[s].count, static_cast<const T*>(segment[s].data), before};
        before += segment[s].count;
        return reading;
      },
      [&](const Segments<Reading<T>>& list, int64_t tiles) {
        run(list, tiles, done);
        done += tiles;
      });
  return done;
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_OPTIM_LOOK_H_
