// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Sums, maxima and their like over a warp, a block, and the blocks of a grid, in an order that the launch alone
// decides: the same bits run to run. What decides a likelihood or a statistic is summed in double, which is the type to
// pass in.
//
//   double v[2] = {sum, squares};
//   block_sum(v);                       // every thread of the block has both
//   const float m = warp_max(x);        // every lane has it; a NaN wins
//
// All threads of the warp or block take part (no early return), blocks are whole warps, of any shape. A type of one's
// own is reduced with an operation of one's own: declare shuffle_xor(value, lanes) for it in its namespace.
//
// Over a grid: a first kernel writes partial[items][parts], parts from parts_for() (so that the order depends on the
// shape and not on the GPU), and finish_sums() adds them up.
#ifndef GENERATRIX_CUDA_RUNTIME_REDUCE_H_
#define GENERATRIX_CUDA_RUNTIME_REDUCE_H_

#include "runtime/gpu.h"

namespace gx::cuda {

struct Plus {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return a + b;
  }
};
struct Greatest {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return a > b || a != a ? a : b;
  }
};
struct Least {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return a < b || a != a ? a : b;
  }
};

// The thread's number in its block, and its warp's.
__device__ inline int block_rank() { return int(threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z)); }
__device__ inline int block_threads() { return int(blockDim.x * blockDim.y * blockDim.z); }

template <class T>
__device__ inline T shuffle_xor(T value, int lanes) {
  return __shfl_xor_sync(kAllLanes, value, lanes);
}

// --- A warp: pairs, pairs of pairs, ..; a + b and b + a being the same, every lane has the same bits
// ------------------------------------------------------------------------------------------------------

// kLanes: of each group of so many neighbours, a power of two.
template <int kLanes = kWarp, class T, class Op>
__device__ inline T warp_reduce(T v, Op op) {
#pragma unroll
  for (int by = kLanes / 2; by > 0; by /= 2) v = op(v, shuffle_xor(v, by));
  return v;
}
template <int kLanes = kWarp, int N, class T, class Op>
__device__ inline void warp_reduce(T (&v)[N], Op op) {
#pragma unroll
  for (int by = kLanes / 2; by > 0; by /= 2) {
#pragma unroll
    for (int k = 0; k < N; ++k) v[k] = op(v[k], shuffle_xor(v[k], by));
  }
}

template <int kLanes = kWarp, class T>
__device__ inline T warp_sum(T v) {
  return warp_reduce<kLanes>(v, Plus());
}
template <int kLanes = kWarp, int N, class T>
__device__ inline void warp_sum(T (&v)[N]) {
  warp_reduce<kLanes>(v, Plus());
}
template <int kLanes = kWarp, class T>
__device__ inline T warp_max(T v) {
  return warp_reduce<kLanes>(v, Greatest());
}
template <int kLanes = kWarp, class T>
__device__ inline T warp_min(T v) {
  return warp_reduce<kLanes>(v, Least());
}

// --- A block: its warps, and these in ascending order. Two barriers; may be called again at once
// ------------------------------------------------------------------------------------------------------

template <int N, class T, class Op>
__device__ inline void block_reduce(T (&v)[N], Op op) {
  GX_SHARED(T, parts, N * kWarp);
  warp_reduce(v, op);
  const int rank = block_rank(), warps = block_threads() / kWarp;
  if (warps == 1) return;
  __syncthreads();  // the last call's parts have been read
  if (rank % kWarp == 0) {
#pragma unroll
    for (int k = 0; k < N; ++k) parts[k * kWarp + rank / kWarp] = v[k];
  }
  __syncthreads();
#pragma unroll
  for (int k = 0; k < N; ++k) {
    T all = parts[k * kWarp];
    for (int w = 1; w < warps; ++w) all = op(all, parts[k * kWarp + w]);
    v[k] = all;
  }
}
template <class T, class Op>
__device__ inline T block_reduce(T v, Op op) {
  T one[1] = {v};
  block_reduce(one, op);
  return one[0];
}

template <class T>
__device__ inline T block_sum(T v) {
  return block_reduce(v, Plus());
}
template <int N, class T>
__device__ inline void block_sum(T (&v)[N]) {
  block_reduce(v, Plus());
}
template <class T>
__device__ inline T block_max(T v) {
  return block_reduce(v, Greatest());
}
template <class T>
__device__ inline T block_min(T v) {
  return block_reduce(v, Least());
}

// --- A grid
// ---------------------------------------------------------------------------------------------------------

// In how many parts the n elements of one sum are summed: at least `least` elements each, at most `most` parts. Of the
// shape alone. With `items` sums side by side fewer parts each keep a GPU busy.
inline int64_t parts_for(int64_t n, int64_t items, int64_t least = 4096, int64_t most = 2048) {
  const int64_t by_size = (n + least - 1) / least, by_items = (most + items - 1) / std::max<int64_t>(items, 1);
  return std::max<int64_t>(1, std::min(by_size, by_items));
}

namespace detail {

// kThreads: of each sum, 32 or 256.
template <int kThreads, class F>
__global__ void __launch_bounds__(256) finish_sums(int64_t items, int64_t parts, const double* partial, F f) {
  const int64_t step = int64_t(gridDim.x) * (256 / kThreads);
  const int within = int(threadIdx.x) % kThreads;
  for (int64_t first = int64_t(blockIdx.x) * (256 / kThreads); first < items; first += step) {
    const int64_t item = first + int(threadIdx.x) / kThreads;
    double sum = 0;
    if (item < items) {
      for (int64_t i = within; i < parts; i += kThreads) sum += partial[item * parts + i];
    }
    sum = kThreads == kWarp ? warp_sum(sum) : block_sum(sum);
    if (within == 0 && item < items) f(item, sum);
  }
}

}  // namespace detail

// f(item, sum of partial[item][0 .. parts)) by one thread for each item: a functor of device code.
template <class F>
void finish_sums(Gpu& gpu, int64_t items, int64_t parts, const double* partial, F f) {
  const bool few = parts <= 128;
  launch(gpu, {blocks_for(gpu, items, few ? 8 : 1), 256},
         few ? detail::finish_sums<kWarp, F> : detail::finish_sums<256, F>, items, parts, partial, f);
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_RUNTIME_REDUCE_H_
