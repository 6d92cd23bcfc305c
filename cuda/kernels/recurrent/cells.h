// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The loop of every cell: a thread takes N neighbouring units of a row with all their gates, 16 bytes an access where
// rows and arrays lie on that grid, else one unit. It reads all that it needs before it writes, so that outputs may
// stand where the headers allow it. Blocks of 256 threads, a grid-stride loop.
#ifndef GENERATRIX_CUDA_KERNELS_RECURRENT_CELLS_H_
#define GENERATRIX_CUDA_KERNELS_RECURRENT_CELLS_H_

#include "generatrix/recurrent.h"
#include "kernels/elementwise/functions.h"
#include "runtime/map.h"
#include "runtime/split.h"

namespace gx::cuda {

template <int N, class T>
__device__ inline Pack<T, N> get(const T* p, int64_t at) {
  return *reinterpret_cast<const Pack<T, N>*>(p + at);
}
template <int N, class T>
__device__ inline Pack<T, N> get_or_zero(const T* p, int64_t at) {
  Pack<T, N> zeros = {};
  return p ? get<N>(p, at) : zeros;
}
template <int N, class T>
__device__ inline void put(T* p, int64_t at, const Pack<T, N>& value) {
  *reinterpret_cast<Pack<T, N>*>(p + at) = value;
}

namespace detail {

template <int N, class Step>
__global__ void __launch_bounds__(256) cells(Step step, int64_t rows, int64_t units) {
  const int64_t packs = units / N;
  for (int64_t i = grid_place(); i < rows * packs; i += grid_size()) {
    const Split place = split(i, packs);
    step.template at<N>(place.quotient, place.rest * N, units);
  }
}

}  // namespace detail

// Step: template <int N> at(row, unit, units), for every row and unit. `arrays`: all that it touches.
template <class T, class Step, class... P>
void run_cells(Gpu& gpu, const Step& step, int64_t rows, int64_t units, const P*... arrays) {
  constexpr int kN = kPack<T>;
  const bool wide = units % kN == 0 && (aligned(arrays) && ...);
  launch(gpu, {blocks_for(gpu, rows * (units / (wide ? kN : 1)), 256), 256},
         wide ? detail::cells<kN, Step> : detail::cells<1, Step>, step, rows, units);
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_RECURRENT_CELLS_H_
