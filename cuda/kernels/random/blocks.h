// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// out[row][unit] = draw(words of (row, unit), in[row][unit]): the loop of every draw but the gamma's.
//
// A counter's four words belong to units 16 apart (random.h), so a thread that takes N neighbouring counters draws four
// packs of N neighbouring units: 16 bytes a store where rows and arrays lie on that grid, else N = 1, where 16 threads
// share a block of 64 units. No word is computed twice. Blocks of 256 threads, a grid-stride loop over all blocks of
// all rows.
#ifndef GENERATRIX_CUDA_KERNELS_RANDOM_BLOCKS_H_
#define GENERATRIX_CUDA_KERNELS_RANDOM_BLOCKS_H_

#include "generatrix/random.h"
#include "runtime/map.h"
#include "runtime/philox.h"
#include "runtime/split.h"

namespace gx::cuda {

// What a draw takes its words from: one stream for each purpose.
template <int kStreams>
struct Streams {
  PhiloxStream stream[kStreams];
};
template <int kStreams>
Streams<kStreams> streams_of(const gx_rng& rng, uint32_t purpose) {
  Streams<kStreams> s;
  for (int k = 0; k < kStreams; ++k) s.stream[k] = philox_stream(rng.seed, rng.step, purpose + uint32_t(k));
  return s;
}

namespace detail {

// The store names its instruction: nvcc makes N stores of a pack's where branches stand before it.
template <int N, class T>
__device__ inline void store(T* to, const Pack<T, N>& v) {
#if GX_ON_DEVICE
  if constexpr (N == 4 && sizeof(T) == 4) {
    __stwb(reinterpret_cast<float4*>(to), make_float4(v.v[0], v.v[1], v.v[2], v.v[3]));
    return;
  } else if constexpr (N == 2 && sizeof(T) == 8) {
    __stwb(reinterpret_cast<double2*>(to), make_double2(v.v[0], v.v[1]));
    return;
  }
#endif
  *reinterpret_cast<Pack<T, N>*>(to) = v;
}

template <int kStreams, int N, class F, class T>
__global__ void __launch_bounds__(256)
    draw(F f, Streams<kStreams> streams, int64_t rows, int64_t units, const T* in, T* out) {
  constexpr int kParts = kCountersPerBlock / N;  // threads of a block of units
  const int64_t parts = (units + kUnitsPerBlock - 1) / kUnitsPerBlock * kParts;
  for (int64_t at = grid_place(); at < rows * parts; at += grid_size()) {
    const Split place = split(at, parts);
    const int64_t row = place.quotient, block = place.rest / kParts;
    const int first = int(place.rest % kParts) * N;
    uint32_t words[N][kStreams][4];
#pragma unroll
    for (int k = 0; k < N; ++k) {
#pragma unroll
      for (int s = 0; s < kStreams; ++s) {
        const PhiloxStream& stream = streams.stream[s];
        philox(uint32_t(kCountersPerBlock * block + first + k), uint32_t(row), stream.c2, stream.c3, stream.k0,
               stream.k1, words[k][s]);
      }
    }
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      const int64_t unit = kUnitsPerBlock * block + kCountersPerBlock * j + first;
      if (unit >= units) break;  // all of the pack or none: units are a multiple of N
      const int64_t to = row * units + unit;
      Pack<T, N> given = {}, drawn;
      if (in) given = *reinterpret_cast<const Pack<T, N>*>(in + to);
#pragma unroll
      for (int k = 0; k < N; ++k) {
        uint32_t own[kStreams];
#pragma unroll
        for (int s = 0; s < kStreams; ++s) own[s] = words[k][s][j];
        drawn.v[k] = T(f(own, given.v[k]));
      }
      store(out + to, drawn);
    }
  }
}

}  // namespace detail

// in may be null.
template <int kStreams, class T, class F>
void draw(Gpu& gpu, const F& f, const Streams<kStreams>& streams, int64_t rows, int64_t units, const T* in, T* out) {
  constexpr int kN = kPack<T>;
  const bool wide = units % kN == 0 && aligned(out) && aligned(in);
  const int64_t threads = (units + kUnitsPerBlock - 1) / kUnitsPerBlock * (kCountersPerBlock / (wide ? kN : 1)) * rows;
  launch(gpu, {blocks_for(gpu, threads, 256), 256},
         wide ? detail::draw<kStreams, kN, F, T> : detail::draw<kStreams, 1, F, T>, f, streams, rows, units, in, out);
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_RANDOM_BLOCKS_H_
