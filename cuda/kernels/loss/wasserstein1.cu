// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// W1 of two sets of numbers by their sorted order, and its gradient: gx_wasserstein1, gx_wasserstein1_backward
// (loss.h).
//
// Numbers are sorted with their indices (the smaller index first among equals, so that the order is one and only) by
// bitonic merging: 1024 at a time in shared memory, wider steps one launch each. Then a thread has a rank of the larger
// set, which meets at most two ranks of the smaller one; of the smaller one, a warp or a block has a rank. Ranks are
// counted in units of 1 / (rows n).
// Floor: bytes, 2 x 16 (T + index) for each of log2(n / 1024)^2 / 2 wide steps, which a radix sort would take in four
// passes: sets of samples are small, and this is short. The flag for NaN is an integer atomic.
//
// Registers by nvcc 13.0, sm_80 / sm_90a: 14 to 54 / 16 to 56; up to 16 bytes spilled in FLOAT64 alone.
//
// Not yet run on a GPU.

#include "kernels/loss/by_rows.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

constexpr int kSpan = 1024, kThreads = kSpan / 2;  // numbers of a block

template <class T>
struct Sorted {
  int64_t n, padded;  // padded: a power of two, at least kSpan
  T* value;
  int64_t* index;
};

template <class T>
__global__ void __launch_bounds__(256) fill(Sorted<T> s, const T* x, int* found_nan) {
  for (int64_t i = grid_place(); i < s.padded; i += grid_size()) {
    const T value = i < s.n ? x[i] : T(INFINITY);
    s.value[i] = value;
    s.index[i] = i;
    if (isnan(value)) atomicOr(found_nan, 1);
  }
}

template <class T>
__device__ inline bool after(T a, int64_t a_index, T b, int64_t b_index) {
  return a > b || (a == b && a_index > b_index);
}

// Sorts pairs `apart` within runs of `run`, which go up and down by turns.
template <class T>
__device__ inline void exchange(T* value, int64_t* index, int64_t place, int64_t low, int64_t apart, int64_t run) {
  const int64_t high = low + apart;
  if (after(value[low], index[low], value[high], index[high]) != ((place & run) == 0)) return;
  const T v = value[low];
  const int64_t i = index[low];
  value[low] = value[high], index[low] = index[high];
  value[high] = v, index[high] = i;
}
__device__ inline int64_t low_of(int64_t pair, int64_t apart) { return 2 * pair - (pair & (apart - 1)); }

// All steps of runs [first_run, last_run] that stay within kSpan neighbours.
template <class T>
__global__ void __launch_bounds__(kThreads) near_steps(Sorted<T> s, int64_t first_run, int64_t last_run) {
  GX_SHARED(T, value, kSpan);
  GX_SHARED(int64_t, index, kSpan);
  const int64_t base = int64_t(blockIdx.x) * kSpan;
  for (int k = int(threadIdx.x); k < kSpan; k += kThreads) {
    value[k] = s.value[base + k];
    index[k] = s.index[base + k];
  }
  for (int64_t run = first_run; run <= last_run; run *= 2) {
    for (int64_t apart = min(run / 2, int64_t(kSpan / 2)); apart > 0; apart /= 2) {
      __syncthreads();
      const int64_t low = low_of(threadIdx.x, apart);
      exchange(value, index, base + low, low, apart, run);
    }
  }
  __syncthreads();
  for (int k = int(threadIdx.x); k < kSpan; k += kThreads) {
    s.value[base + k] = value[k];
    s.index[base + k] = index[k];
  }
}

template <class T>
__global__ void __launch_bounds__(256) far_step(Sorted<T> s, int64_t apart, int64_t run) {
  for (int64_t pair = grid_place(); pair < s.padded / 2; pair += grid_size()) {
    const int64_t low = low_of(pair, apart);
    exchange(s.value, s.index, low, low, apart, run);
  }
}

template <class T>
Sorted<T> sorted(Gpu& gpu, Workspace& workspace, const T* x, int64_t n, int* found_nan) {
  int64_t padded = kSpan;
  while (padded < n) padded *= 2;
  const Sorted<T> s = {n, padded, workspace.get<T>(padded), workspace.get<int64_t>(padded)};
  const unsigned blocks = unsigned(padded / kSpan);
  launch(gpu, {blocks_for(gpu, padded, 256), 256}, fill<T>, s, x, found_nan);
  launch(gpu, {blocks, kThreads}, near_steps<T>, s, int64_t(2), int64_t(kSpan));
  for (int64_t run = 2 * kSpan; run <= padded; run *= 2) {
    for (int64_t apart = run / 2; apart >= kSpan; apart /= 2) {
      launch(gpu, {blocks_for(gpu, padded / 2, 256), 256}, far_step<T>, s, apart, run);
    }
    launch(gpu, {blocks, kThreads}, near_steps<T>, s, run, run);
  }
  return s;
}

// The ranks of both sets and the pieces of (0, 1) in which two of them meet. many.n >= few.n.
template <class T>
struct Ranks {
  Sorted<T> many, few;
  const int* found_nan;

  __device__ double length(int64_t ticks) const { return double(ticks) / double(many.n) / double(few.n); }

  // body(rank of the few, ticks) for the one or two that rank j of the many meets.
  template <class Body>
  __device__ void each_piece(int64_t j, Body&& body) const {
    const int64_t begin = j * few.n, end = begin + few.n, i = begin / many.n, cut = (i + 1) * many.n;
    body(i, min(end, cut) - begin);
    if (end > cut) body(i + 1, end - cut);
  }
};

template <class T>
struct Distance {
  Ranks<T> ranks;
  T* out;
  template <int N>
  __device__ double sum(int64_t, int64_t j) const {
    static_assert(N == 1);
    double sum = 0;
    ranks.each_piece(j, [&](int64_t i, int64_t ticks) {
      sum += ranks.length(ticks) * fabs(double(ranks.many.value[j]) - double(ranks.few.value[i]));
    });
    return sum;
  }
  __device__ void write(int64_t, double sum) const { out[0] = *ranks.found_nan ? T(NAN) : T(sum); }
};

template <class T>
__device__ inline double signed_length(T a, T b, double length) {
  return a > b ? length : a < b ? -length : 0.0;
}

template <class T>
struct SlopesOfMany {
  Ranks<T> ranks;
  const T* dout;
  T* gradient;
  template <int N>
  __device__ void each(int64_t, int64_t j) const {
    static_assert(N == 1);
    double slope = 0;
    ranks.each_piece(j, [&](int64_t i, int64_t ticks) {
      slope += signed_length(ranks.many.value[j], ranks.few.value[i], ranks.length(ticks));
    });
    if (*ranks.found_nan) slope = NAN;
    gradient[*ranks.found_nan ? j : ranks.many.index[j]] = T(double(dout[0]) * slope);
  }
};

// A team for each rank of the few.
template <bool kBlock, class T>
__global__ void __launch_bounds__(256) slopes_of_few(Ranks<T> ranks, const T* dout, T* gradient) {
  using Of = Team<kBlock>;
  constexpr int kTeams = 256 / Of::kSize;
  const int64_t many = ranks.many.n, few = ranks.few.n;
  for (int64_t i = int64_t(blockIdx.x) * kTeams + threadIdx.x / Of::kSize; i < few; i += int64_t(gridDim.x) * kTeams) {
    const int64_t begin = i * many, end = begin + many;
    double slope = 0;
    for (int64_t j = begin / few + Of::rank(); j * few < end; j += Of::kSize) {
      const int64_t ticks = min(end, (j + 1) * few) - max(begin, j * few);
      slope += signed_length(ranks.few.value[i], ranks.many.value[j], ranks.length(ticks));
    }
    slope = Of::sum(slope);
    if (*ranks.found_nan) slope = NAN;
    if (Of::rank() == 0) gradient[*ranks.found_nan ? i : ranks.few.index[i]] = T(double(dout[0]) * slope);
  }
}

template <class T>
Ranks<T> ranks_of(gx_device* device, Workspace& workspace, int64_t rows, int64_t n, const T* x, const T* y) {
  Gpu& gpu = gpu_of(device);
  int* const found_nan = workspace.get<int>(1);
  gpu.zero(found_nan, sizeof(int));
  const Sorted<T> of_x = sorted(gpu, workspace, x, rows, found_nan), of_y = sorted(gpu, workspace, y, n, found_nan);
  return rows >= n ? Ranks<T>{of_x, of_y, found_nan} : Ranks<T>{of_y, of_x, found_nan};
}

template <class T>
void backward(gx_device* device, const Ranks<T>& ranks, const T* dout, T* by_many, T* by_few) {
  Gpu& gpu = gpu_of(device);
  if (by_many) each_of_rows_of_cost(device, 1, ranks.many.n, 1, SlopesOfMany<T>{ranks, dout, by_many});
  if (!by_few) return;
  const bool block = ranks.many.n / ranks.few.n >= 1024;
  launch(gpu, {blocks_for(gpu, ranks.few.n, block ? 1 : 256 / kWarp), 256},
         block ? slopes_of_few<true, T> : slopes_of_few<false, T>, ranks, dout, by_few);
}

}  // namespace

gx_status gx_wasserstein1(gx_device* device, gx_format format, int64_t rows, int64_t n, const void* x, const void* y,
                          void* out) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      Workspace workspace(*device);
      const auto ranks = ranks_of(device, workspace, rows, n, static_cast<const T*>(x), static_cast<const T*>(y));
      sum_rows_of_cost(device, 1, ranks.many.n, 1, Distance<T>{ranks, static_cast<T*>(out)});
    });
  });
}

gx_status gx_wasserstein1_backward(gx_device* device, gx_format format, int64_t rows, int64_t n, const void* x,
                                   const void* y, const void* dout, void* dx, void* dy) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      Workspace workspace(*device);
      const auto ranks = ranks_of(device, workspace, rows, n, static_cast<const T*>(x), static_cast<const T*>(y));
      T *const by_x = static_cast<T*>(dx), *const by_y = static_cast<T*>(dy);
      backward(device, ranks, static_cast<const T*>(dout), rows >= n ? by_x : by_y, rows >= n ? by_y : by_x);
    });
  });
}

}  // namespace gx::cuda
