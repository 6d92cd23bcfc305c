// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Passes over arrays [rows][units] in which every element knows its row, and a sum in double for each row. A warp takes
// a short row, blocks take parts of long ones; how a row is cut depends on the shape alone, and its parts are added in
// order. Accesses are of 16 bytes where addresses and units allow.
//
// A sum is a functor with
//   template <int N> double sum(int64_t row, int64_t i) const     the terms of units i .. i + N - 1
//   void write(int64_t row, double sum) const                     what becomes of the row's sum
// and a pass one with
//   template <int N> void each(int64_t row, int64_t i) const
#ifndef GENERATRIX_CUDA_KERNELS_LOSS_BY_ROWS_H_
#define GENERATRIX_CUDA_KERNELS_LOSS_BY_ROWS_H_

#include "runtime/map.h"
#include "runtime/reduce.h"

namespace gx::cuda {

template <int N, class T>
__device__ inline Pack<T, N> load(const T* p) {
  return *reinterpret_cast<const Pack<T, N>*>(p);
}
template <int N, class T>
__device__ inline void store(T* p, const Pack<T, N>& v) {
  *reinterpret_cast<Pack<T, N>*>(p) = v;
}

// Whether packs of rows [units] can be read at once from every one of these; a null pointer does not mind.
template <class T, class... P>
bool packs_fit(int64_t units, const P*... p) {
  return units % kPack<T> == 0 && (aligned(p) && ...);
}

namespace detail {

constexpr int kRowThreads = 256;
// Rounds of a loop whose loads are under way together: packs are large, and dear units are long.
template <int N, bool kDear>
constexpr int kTogether = kDear   ? 1
                          : N > 1 ? 2
                                  : 4;
constexpr int64_t kShortRow = 2048;  // units, of a cost of 1 each, of a row that a warp takes

template <int N, bool kDear, class F>
__global__ void __launch_bounds__(kRowThreads) sum_short_rows(F f, int64_t rows, int64_t units) {
  [[maybe_unused]] constexpr int kRounds = kTogether<N, kDear>;
  const int lane = int(threadIdx.x) % kWarp;
  for (int64_t row = grid_place() / kWarp; row < rows; row += grid_size() / kWarp) {
    double sum = 0;
#pragma unroll kRounds
    for (int64_t i = lane * N; i < units; i += kWarp * N) sum += f.template sum<N>(row, i);
    sum = warp_sum(sum);
    if (lane == 0) f.write(row, sum);
  }
}

template <int N, bool kDear, class F>
__global__ void __launch_bounds__(kRowThreads)
    sum_long_rows(F f, int64_t rows, int64_t units, int64_t parts, int64_t span, double* partial) {
  [[maybe_unused]] constexpr int kRounds = kTogether<N, kDear>;
  for (int64_t item = blockIdx.x; item < rows * parts; item += gridDim.x) {
    const int64_t row = item / parts, first = item % parts * span, end = min(units, first + span);
    double sum = 0;
#pragma unroll kRounds
    for (int64_t i = first + threadIdx.x * N; i < end; i += kRowThreads * N) sum += f.template sum<N>(row, i);
    sum = block_sum(sum);
    if (threadIdx.x != 0) continue;
    if (parts == 1) {
      f.write(row, sum);
    } else {
      partial[item] = sum;
    }
  }
}

template <class F>
struct WriteRow {
  F f;
  __device__ void operator()(int64_t row, double sum) const { f.write(row, sum); }
};

template <int N, bool kDear = false, class F>
void sum_rows(gx_device* device, int64_t rows, int64_t units, const F& f, int64_t cost = 1) {
  Gpu& gpu = gpu_of(device);
  if (units * cost <= kShortRow || units <= kWarp) {
    cuda::launch(gpu, {blocks_for(gpu, rows, kRowThreads / kWarp), kRowThreads}, sum_short_rows<N, kDear, F>, f, rows,
                 units);
    return;
  }
  constexpr int64_t kStep = kRowThreads * N;
  const int64_t parts = parts_for(units * cost, rows), span = ((units + parts - 1) / parts + kStep - 1) / kStep * kStep;
  Workspace workspace(*device);
  double* const partial = parts == 1 ? nullptr : workspace.get<double>(rows * parts);
  cuda::launch(gpu, {blocks_for(gpu, rows * parts, 1), kRowThreads}, sum_long_rows<N, kDear, F>, f, rows, units, parts,
               span, partial);
  if (parts > 1) cuda::finish_sums(gpu, rows, parts, partial, WriteRow<F>{f});
}

template <int N, bool kDear, class F>
__global__ void __launch_bounds__(kRowThreads) each_of_short_rows(F f, int64_t rows, int64_t units) {
  [[maybe_unused]] constexpr int kRounds = kTogether<N, kDear>;
  const int lane = int(threadIdx.x) % kWarp;
  for (int64_t row = grid_place() / kWarp; row < rows; row += grid_size() / kWarp) {
#pragma unroll kRounds
    for (int64_t i = lane * N; i < units; i += kWarp * N) f.template each<N>(row, i);
  }
}

template <int N, bool kDear, class F>
__global__ void __launch_bounds__(kRowThreads)
    each_of_long_rows(F f, int64_t rows, int64_t units, int64_t parts, int64_t span) {
  [[maybe_unused]] constexpr int kRounds = kTogether<N, kDear>;
  for (int64_t item = blockIdx.x; item < rows * parts; item += gridDim.x) {
    const int64_t row = item / parts, first = item % parts * span, end = min(units, first + span);
#pragma unroll kRounds
    for (int64_t i = first + threadIdx.x * N; i < end; i += kRowThreads * N) f.template each<N>(row, i);
  }
}

template <int N, bool kDear = false, class F>
void each_of_rows(gx_device* device, int64_t rows, int64_t units, const F& f, int64_t cost = 1) {
  Gpu& gpu = gpu_of(device);
  if (units == 0) return;
  if (units * cost <= kShortRow || units <= kWarp) {
    cuda::launch(gpu, {blocks_for(gpu, rows, kRowThreads / kWarp), kRowThreads}, each_of_short_rows<N, kDear, F>, f,
                 rows, units);
    return;
  }
  const int64_t span = kRowThreads * N * (cost > 1 ? 1 : 4), parts = (units + span - 1) / span;
  cuda::launch(gpu, {blocks_for(gpu, rows * parts, 1), kRowThreads}, each_of_long_rows<N, kDear, F>, f, rows, units,
               parts, span);
}

}  // namespace detail

// The threads that share something: a warp or a block of 256.
template <bool kBlock>
struct Team {
  static constexpr int kSize = kBlock ? 256 : kWarp;
  __device__ static int rank() { return int(threadIdx.x) % kSize; }
  template <class V>
  __device__ static V sum(V v) {
    if constexpr (kBlock) {
      return block_sum(v);
    } else {
      return warp_sum(v);
    }
  }
  template <class V>
  __device__ static V most(V v) {
    if constexpr (kBlock) {
      return block_max(v);
    } else {
      return warp_max(v);
    }
  }
};

// `wide`: packs_fit() for all arrays [rows][units] or [units] that f reads or writes.
template <class T, class F>
void sum_rows(gx_device* device, int64_t rows, int64_t units, bool wide, const F& f) {
  if (wide) {
    detail::sum_rows<kPack<T>>(device, rows, units, f);
  } else {
    detail::sum_rows<1>(device, rows, units, f);
  }
}
// One unit at a time, where a unit costs as much as so many of a plain sum.
template <class F>
void sum_rows_of_cost(gx_device* device, int64_t rows, int64_t units, int64_t cost, const F& f) {
  detail::sum_rows<1, true>(device, rows, units, f, cost);
}
template <class F>
void each_of_rows_of_cost(gx_device* device, int64_t rows, int64_t units, int64_t cost, const F& f) {
  detail::each_of_rows<1, true>(device, rows, units, f, cost);
}
template <class T, class F>
void each_of_rows(gx_device* device, int64_t rows, int64_t units, bool wide, const F& f) {
  if (wide) {
    detail::each_of_rows<kPack<T>>(device, rows, units, f);
  } else {
    detail::each_of_rows<1>(device, rows, units, f);
  }
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_LOSS_BY_ROWS_H_
