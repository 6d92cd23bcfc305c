// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_softmax, gx_softmax_backward, gx_logsumexp, gx_logsumexp_backward (softmax.h): over the middle axis of
// [outer, n, inner]. exp in the arrays' type, the sums in double, in an order that n and inner decide.
//
//   rows     inner 1: a row in the registers of 8 or 32 lanes or of a block of 256 or 1024, up to 16384 floats, 16
//   bytes
//            an access: every array is read once
//   split    longer rows: parts of a row, each with its maximum and its sum about it, or its sum backward; then every
//            part folds what all parts of its row have and writes. Two launches, x is read twice.
//   columns  inner above 1: lanes go along neighbouring columns (128 bytes an access of a warp), up to 16 warps share a
//            column's elements in registers, up to 256 of them
//   looped   columns of more: the same in two readings
//
// The floor is 8 bytes an element forward (4 for log-sum-exp) and 12 backward (FLOAT32).
//
// nvcc 13.0, sm_80 and sm_90a, FLOAT32 in packs, forward and backward: rows of 8 and 32 lanes 88 and 48 registers, of
// 256 99 and 58, of 1024 59 and 64, columns 118 and 96, split at most 40; no spills.
//
// Not yet run on a GPU.

#include <type_traits>

#include "runtime/check.h"
#include "runtime/entries.h"
#include "runtime/map.h"
#include "runtime/reduce.h"
#include "runtime/runs.h"

namespace gx::cuda {
namespace {

enum Mode { kSoftmax, kLogSoftmax, kLogSumExp };

// Elements of a row in a thread's registers: as many as do not spill.
template <class T, int kLanes>
constexpr int kForward = int((kLanes == 1024 ? 64 : 128) / sizeof(T));
template <class T, int kLanes>
constexpr int kBackward = int(64 / sizeof(T));
constexpr int kColumn = 16;       // of a column
constexpr int kColumnWarps = 16;  // that share a column at most

// What is done to the elements of a row or column whose maximum and sum of e^(x - maximum) are known.
template <class T>
struct Known {
  __device__ Known(Mode mode, T maximum, double sum_about) : m(maximum) {
    const double sum = isinf(maximum) ? double(NAN) : sum_about;  // there is no distribution
    factor = T(mode == kSoftmax ? 1 / sum : log(sum));
  }
  __device__ T of_exp(T e) const { return e * factor; }      // softmax, given e^(x - m)
  __device__ T of_x(T x) const { return (x - m) - factor; }  // log-softmax
  T m, factor;
};

template <class T>
__device__ T log_sum_exp(T m, double sum) {
  return isinf(m) || m != m ? m : T(double(m) + log(sum));
}

// Gradient: softmax p (g - s), s = sum p g; log-softmax g - e^p s, s = sum g.
template <class T>
__device__ double term(Mode mode, T p, T g) {
  return mode == kSoftmax ? double(p) * double(g) : double(g);
}
template <class T>
__device__ T gradient(Mode mode, T p, T g, T s) {
  return mode == kSoftmax ? p * (g - s) : g - exp(p) * s;
}

// A maximum and a sum of e^(x - maximum) that grow.
template <class T>
struct Growing {
  T m = T(-INFINITY);
  double s = 0;

  template <int N>
  __device__ void add(const Pack<T, N>& x) {
    T most = x.v[0];
#pragma unroll
    for (int k = 1; k < N; ++k) most = Greatest()(most, x.v[k]);
    if (most > m || most != most) {
      s = m == T(-INFINITY) ? 0 : s * double(exp(m - most));
      m = most;
    }
    if (m == T(-INFINITY)) return;  // nothing yet but elements of probability 0
#pragma unroll
    for (int k = 0; k < N; ++k) s += double(exp(x.v[k] - m));
  }
  // The sum about a maximum that is no less.
  __device__ double about(T most) const { return m == T(-INFINITY) ? 0 : s * double(exp(m - most)); }
};

template <int kLanes, class T>
__device__ T group_max(T v) {
  if constexpr (kLanes <= kWarp) {
    return warp_max<kLanes>(v);
  } else {
    return block_max(v);
  }
}
template <int kLanes>
__device__ double group_sum(double v) {
  if constexpr (kLanes <= kWarp) {
    return warp_sum<kLanes>(v);
  } else {
    return block_sum(v);
  }
}

// --- rows
// -----------------------------------------------------------------------------------------------------------

template <int kLanes>
constexpr int kThreads = kLanes < 256 ? 256 : kLanes;

template <int kLanes, int N, class T>
__global__ void __launch_bounds__(kThreads<kLanes>) rows_forward(Mode mode, int64_t rows, int64_t n, const T* x, T* y) {
  constexpr int kPacks = kForward<T, kLanes> / N, kTogether = kThreads<kLanes> / kLanes;
  const int lane = int(threadIdx.x) % kLanes, packs = int(n / N);
  for (int64_t first = int64_t(blockIdx.x) * kTogether; first < rows; first += int64_t(gridDim.x) * kTogether) {
    const int64_t row = first + int(threadIdx.x) / kLanes;
    const int count = row < rows ? packs : 0;
    const auto* const from = reinterpret_cast<const Pack<T, N>*>(x + row * n);
    Pack<T, N> v[kPacks];
#pragma unroll
    for (int k = 0; k < kPacks; ++k) {
      const int i = k * kLanes + lane;
      if (i < count) {
        v[k] = from[i];
      } else {
#pragma unroll
        for (int j = 0; j < N; ++j) v[k].v[j] = T(-INFINITY);
      }
    }
    T m = T(-INFINITY);
#pragma unroll
    for (int k = 0; k < kPacks; ++k) {
#pragma unroll
      for (int j = 0; j < N; ++j) m = Greatest()(m, v[k].v[j]);
    }
    m = group_max<kLanes>(m);
    double sum = 0;
#pragma unroll
    for (int k = 0; k < kPacks; ++k) {
#pragma unroll
      for (int j = 0; j < N; ++j) {
        const T e = exp(v[k].v[j] - m);  // 0 beyond the end
        sum += double(e);
        if (mode == kSoftmax) v[k].v[j] = e;
      }
    }
    sum = group_sum<kLanes>(sum);
    if (mode == kLogSumExp) {
      if (lane == 0 && row < rows) y[row] = log_sum_exp(m, sum);
      continue;
    }
    const Known<T> known(mode, m, sum);
    auto* const to = reinterpret_cast<Pack<T, N>*>(y + row * n);
#pragma unroll
    for (int k = 0; k < kPacks; ++k) {
      const int i = k * kLanes + lane;
      if (i >= count) continue;
#pragma unroll
      for (int j = 0; j < N; ++j) {
        v[k].v[j] = mode == kSoftmax ? known.of_exp(v[k].v[j]) : known.of_x(v[k].v[j]);
      }
      to[i] = v[k];
    }
  }
}

template <int kLanes, int N, class T>
__global__ void __launch_bounds__(kThreads<kLanes>)
    rows_backward(Mode mode, int64_t rows, int64_t n, const T* y, const T* dy, T* dx) {
  constexpr int kPacks = kBackward<T, kLanes> / N, kTogether = kThreads<kLanes> / kLanes;
  const int lane = int(threadIdx.x) % kLanes, packs = int(n / N);
  for (int64_t first = int64_t(blockIdx.x) * kTogether; first < rows; first += int64_t(gridDim.x) * kTogether) {
    const int64_t row = first + int(threadIdx.x) / kLanes;
    const int count = row < rows ? packs : 0;
    Pack<T, N> p[kPacks], g[kPacks];
#pragma unroll
    for (int k = 0; k < kPacks; ++k) {
      const int i = k * kLanes + lane;
      if (i < count) {
        p[k] = reinterpret_cast<const Pack<T, N>*>(y + row * n)[i];
        g[k] = reinterpret_cast<const Pack<T, N>*>(dy + row * n)[i];
      }
    }
    double sum = 0;
#pragma unroll
    for (int k = 0; k < kPacks; ++k) {
      if (k * kLanes + lane >= count) continue;
#pragma unroll
      for (int j = 0; j < N; ++j) sum += term(mode, p[k].v[j], g[k].v[j]);
    }
    const T s = T(group_sum<kLanes>(sum));
#pragma unroll
    for (int k = 0; k < kPacks; ++k) {
      const int i = k * kLanes + lane;
      if (i >= count) continue;
#pragma unroll
      for (int j = 0; j < N; ++j) g[k].v[j] = gradient(mode, p[k].v[j], g[k].v[j], s);
      reinterpret_cast<Pack<T, N>*>(dx + row * n)[i] = g[k];
    }
  }
}

// --- split
// ----------------------------------------------------------------------------------------------------------

constexpr int64_t kPart = 16384;  // elements of a part at least
constexpr int64_t kParts = 64;    // of a row at most

// Part `part` of a row of `packs`.
struct Part {
  __device__ Part(int64_t item, int64_t parts, int64_t packs)
      : row(item / parts), begin(packs * (item % parts) / parts), end(packs * (item % parts + 1) / parts) {}
  int64_t row, begin, end;
};

// partial[row][part][2]: forward the maximum and the sum about it, backward the sum of terms.
template <int N, class T>
__global__ void __launch_bounds__(256)
    split_forward_sums(int64_t rows, int64_t n, int64_t parts, const T* x, double* partial) {
  for (int64_t item = blockIdx.x; item < rows * parts; item += gridDim.x) {
    const Part part(item, parts, n / N);
    const auto* const from = reinterpret_cast<const Pack<T, N>*>(x + part.row * n);
    Growing<T> all;
    int64_t i = part.begin + threadIdx.x;
    for (; i + 768 < part.end; i += 1024) {
      Pack<T, N> v[4];
#pragma unroll
      for (int k = 0; k < 4; ++k) v[k] = from[i + k * 256];
#pragma unroll
      for (int k = 0; k < 4; ++k) all.add(v[k]);
    }
    for (; i < part.end; i += 256) all.add(from[i]);
    const T m = block_max(all.m);
    const double sum = block_sum(all.about(m));
    if (threadIdx.x == 0) {
      partial[2 * item] = double(m);
      partial[2 * item + 1] = sum;
    }
  }
}

// What all parts of a row come to, by every warp that asks.
template <class T>
__device__ void fold_parts(const double* partial, int64_t row, int64_t parts, T* m, double* sum) {
  Growing<T> mine[2];
#pragma unroll
  for (int k = 0; k < int(kParts / kWarp); ++k) {
    const int64_t part = int64_t(block_rank() % kWarp) + k * kWarp;
    if (part >= parts) continue;
    mine[k].m = T(partial[2 * (row * parts + part)]);
    mine[k].s = partial[2 * (row * parts + part) + 1];
  }
  *m = warp_max(Greatest()(mine[0].m, mine[1].m));
  *sum = warp_sum(mine[0].about(*m) + mine[1].about(*m));
}

template <int N, class T>
__global__ void __launch_bounds__(256)
    split_forward(Mode mode, int64_t rows, int64_t n, int64_t parts, const T* x, const double* partial, T* y) {
  for (int64_t item = blockIdx.x; item < rows * parts; item += gridDim.x) {
    const Part part(item, parts, n / N);
    T m;
    double sum;
    fold_parts(partial, part.row, parts, &m, &sum);
    const Known<T> known(mode, m, sum);
    const auto* const from = reinterpret_cast<const Pack<T, N>*>(x + part.row * n);
    auto* const to = reinterpret_cast<Pack<T, N>*>(y + part.row * n);
#pragma unroll 4
    for (int64_t i = part.begin + threadIdx.x; i < part.end; i += 256) {
      Pack<T, N> v = from[i];
#pragma unroll
      for (int k = 0; k < N; ++k) v.v[k] = mode == kSoftmax ? known.of_exp(exp(v.v[k] - m)) : known.of_x(v.v[k]);
      to[i] = v;
    }
  }
}

// A warp per row.
template <class T>
__global__ void __launch_bounds__(256) split_log_sum(int64_t rows, int64_t parts, const double* partial, T* y) {
  for (int64_t first = int64_t(blockIdx.x) * 8; first < rows; first += int64_t(gridDim.x) * 8) {
    const int64_t row = first + threadIdx.x / kWarp;
    T m;
    double sum;
    fold_parts(partial, row < rows ? row : first, parts, &m, &sum);
    if (threadIdx.x % kWarp == 0 && row < rows) y[row] = log_sum_exp(m, sum);
  }
}

template <int N, class T>
__global__ void __launch_bounds__(256)
    split_backward_sums(Mode mode, int64_t rows, int64_t n, int64_t parts, const T* y, const T* dy, double* partial) {
  for (int64_t item = blockIdx.x; item < rows * parts; item += gridDim.x) {
    const Part part(item, parts, n / N);
    double sum = 0;
#pragma unroll 4
    for (int64_t i = part.begin + threadIdx.x; i < part.end; i += 256) {
      const Pack<T, N> p = reinterpret_cast<const Pack<T, N>*>(y + part.row * n)[i],
                       g = reinterpret_cast<const Pack<T, N>*>(dy + part.row * n)[i];
#pragma unroll
      for (int k = 0; k < N; ++k) sum += term(mode, p.v[k], g.v[k]);
    }
    sum = block_sum(sum);
    if (threadIdx.x == 0) partial[item] = sum;
  }
}

template <int N, class T>
__global__ void __launch_bounds__(256) split_backward(Mode mode, int64_t rows, int64_t n, int64_t parts, const T* y,
                                                      const T* dy, const double* partial, T* dx) {
  for (int64_t item = blockIdx.x; item < rows * parts; item += gridDim.x) {
    const Part part(item, parts, n / N);
    double sum = 0;
    for (int64_t i = threadIdx.x % kWarp; i < parts; i += kWarp) sum += partial[part.row * parts + i];
    const T s = T(warp_sum(sum));
#pragma unroll 4
    for (int64_t i = part.begin + threadIdx.x; i < part.end; i += 256) {
      const Pack<T, N> p = reinterpret_cast<const Pack<T, N>*>(y + part.row * n)[i];
      Pack<T, N> g = reinterpret_cast<const Pack<T, N>*>(dy + part.row * n)[i];
#pragma unroll
      for (int k = 0; k < N; ++k) g.v[k] = gradient(mode, p.v[k], g.v[k], s);
      reinterpret_cast<Pack<T, N>*>(dx + part.row * n)[i] = g;
    }
  }
}

// --- columns: blocks of 32 columns x W warps x Z such tiles
// ---------------------------------------------------------------------------------------------------------------

// A thread's column of [outer, n, inner].
struct Column {
  __device__ Column(int64_t outer, int64_t n, int64_t inner)
      : number((int64_t(blockIdx.x) * blockDim.z + threadIdx.z) * kWarp + threadIdx.x),
        there(number < outer * inner),
        at(there ? number / inner * n * inner + number % inner : 0) {}
  int64_t number;
  bool there;
  int64_t at;  // of its first element
};

// Over the W warps of a column, in ascending order. `parts` is shared memory for every thread.
template <class Op>
__device__ double over_warps(double v, double* parts, Op op) {
  const int warps = int(blockDim.y);
  if (warps == 1) return v;
  const int tile = int(threadIdx.z) * warps * kWarp + int(threadIdx.x);
  __syncthreads();
  parts[tile + int(threadIdx.y) * kWarp] = v;
  __syncthreads();
  double all = parts[tile];
  for (int w = 1; w < warps; ++w) all = op(all, parts[tile + w * kWarp]);
  return all;
}

template <bool kLooped, class T>
__global__ void __launch_bounds__(kColumnWarps* kWarp)
    columns_forward(Mode mode, int64_t outer, int64_t n, int64_t inner, const T* x, T* y) {
  GX_SHARED(double, parts, kColumnWarps* kWarp);
  const Column column(outer, n, inner);
  const int warps = int(blockDim.y), warp = int(threadIdx.y);
  T v[kColumn];
  Growing<T> all;
  if (kLooped) {
    for (int64_t i = warp; i < n && column.there; i += warps) all.add(Pack<T, 1>{{x[column.at + i * inner]}});
  } else {
#pragma unroll
    for (int k = 0; k < kColumn; ++k) {
      const int64_t i = warp + int64_t(k) * warps;
      v[k] = i < n && column.there ? x[column.at + i * inner] : T(-INFINITY);
    }
#pragma unroll
    for (int k = 0; k < kColumn; ++k) all.m = Greatest()(all.m, v[k]);
  }
  const T m = T(over_warps(double(all.m), parts, Greatest()));
  double sum = 0;
  if (kLooped) {
    sum = all.about(m);
  } else {
#pragma unroll
    for (int k = 0; k < kColumn; ++k) {
      const T e = exp(v[k] - m);
      sum += double(e);
      if (mode == kSoftmax) v[k] = e;
    }
  }
  sum = over_warps(sum, parts, Plus());
  if (!column.there) return;
  if (mode == kLogSumExp) {
    if (warp == 0) y[column.number] = log_sum_exp(m, sum);
    return;
  }
  const Known<T> known(mode, m, sum);
  if (kLooped) {
#pragma unroll 4
    for (int64_t i = warp; i < n; i += warps) {
      const T x_i = x[column.at + i * inner];
      y[column.at + i * inner] = mode == kSoftmax ? known.of_exp(exp(x_i - m)) : known.of_x(x_i);
    }
  } else {
#pragma unroll
    for (int k = 0; k < kColumn; ++k) {
      const int64_t i = warp + int64_t(k) * warps;
      if (i < n) y[column.at + i * inner] = mode == kSoftmax ? known.of_exp(v[k]) : known.of_x(v[k]);
    }
  }
}

template <bool kLooped, class T>
__global__ void __launch_bounds__(kColumnWarps* kWarp)
    columns_backward(Mode mode, int64_t outer, int64_t n, int64_t inner, const T* y, const T* dy, T* dx) {
  GX_SHARED(double, parts, kColumnWarps* kWarp);
  const Column column(outer, n, inner);
  const int warps = int(blockDim.y), warp = int(threadIdx.y);
  T p[kColumn], g[kColumn];
  double sum = 0;
  if (kLooped) {
#pragma unroll 4
    for (int64_t i = warp; i < n && column.there; i += warps) {
      sum += term(mode, y[column.at + i * inner], dy[column.at + i * inner]);
    }
  } else {
#pragma unroll
    for (int k = 0; k < kColumn; ++k) {
      const int64_t i = warp + int64_t(k) * warps;
      if (i >= n || !column.there) continue;
      p[k] = y[column.at + i * inner];
      g[k] = dy[column.at + i * inner];
    }
#pragma unroll
    for (int k = 0; k < kColumn; ++k) {
      if (warp + int64_t(k) * warps < n && column.there) sum += term(mode, p[k], g[k]);
    }
  }
  const T s = T(over_warps(sum, parts, Plus()));
  if (!column.there) return;
  if (kLooped) {
#pragma unroll 4
    for (int64_t i = warp; i < n; i += warps) {
      const int64_t at = column.at + i * inner;
      dx[at] = gradient(mode, y[at], dy[at], s);
    }
  } else {
#pragma unroll
    for (int k = 0; k < kColumn; ++k) {
      const int64_t i = warp + int64_t(k) * warps;
      if (i < n) dx[column.at + i * inner] = gradient(mode, p[k], g[k], s);
    }
  }
}

// --- dx = dy e^(x - y), y and dy of the row or column
// ---------------------------------------------------------------------------------------------------------------

// Packs: `inner` of them side by side have the same place on the axis.
template <int N, class T>
__global__ void __launch_bounds__(256)
    spread(int64_t packs, Runs inner, Runs axis, const T* x, const T* y, const T* dy, T* dx) {
  constexpr int kPacks = 8, kItem = 256 * kPacks;
  for (int64_t begin = int64_t(blockIdx.x) * kItem; begin < packs; begin += int64_t(gridDim.x) * kItem) {
    const Runs::Place from = inner.from(begin), from_axis = axis.from(from.run);
#pragma unroll
    for (int k = 0; k < kPacks; ++k) {
      const int i = k * 256 + int(threadIdx.x);
      if (begin + i >= packs) continue;
      const Runs::Place place = inner.at(from, i);
      const int64_t result = axis.at(from_axis, int(place.run - from.run)).run * inner.length + place.rest;
      const T lse = y[result], g = dy[result];
      Pack<T, N> v = reinterpret_cast<const Pack<T, N>*>(x)[begin + i];
#pragma unroll
      for (int j = 0; j < N; ++j) v.v[j] = g * exp(v.v[j] - lse);
      reinterpret_cast<Pack<T, N>*>(dx)[begin + i] = v;
    }
  }
}

// --- Launches
// ---------------------------------------------------------------------------------------------------------

template <class T>
bool wide(int64_t n, const void* a, const void* b, const void* c = nullptr) {
  return n % kPack<T> == 0 && aligned(a) && aligned(b) && aligned(c);
}

// body(lanes) for rows of n elements, each thread holding `per`, or `per_of_many` if it is one of 1024; false if they
// are longer.
template <class Body>
bool with_lanes(int64_t n, int per, int per_of_many, Body&& body) {
  if (n <= 8 * per) return body(std::integral_constant<int, 8>()), true;
  if (n <= 32 * per) return body(std::integral_constant<int, 32>()), true;
  if (n <= 256 * per) return body(std::integral_constant<int, 256>()), true;
  if (n <= 1024 * per_of_many) return body(std::integral_constant<int, 1024>()), true;
  return false;
}

int64_t parts_of(int64_t n) { return std::min(kParts, (n + kPart - 1) / kPart); }

// Warps that share a column of n elements in registers, and tiles that make a block worth its while.
Grid column_grid(int64_t columns, int64_t n, bool looped) {
  const unsigned warps = looped ? kColumnWarps : unsigned(std::max<int64_t>(1, (n + kColumn - 1) / kColumn));
  const unsigned tiles = std::max(1u, 8 / warps);
  return {unsigned((columns + kWarp * tiles - 1) / (kWarp * tiles)), dim3(kWarp, warps, tiles)};
}

template <class T>
void forward(gx_device* device, Mode mode, int64_t outer, int64_t n, int64_t inner, const T* x, T* y) {
  constexpr int kN = kPack<T>;
  Gpu& gpu = gpu_of(device);
  if (inner != 1) {
    const bool looped = n > kColumnWarps * kColumn;
    return launch(gpu, column_grid(outer * inner, n, looped),
                  looped ? columns_forward<true, T> : columns_forward<false, T>, mode, outer, n, inner, x, y);
  }
  const bool packs = wide<T>(n, x, mode == kLogSumExp ? nullptr : y);
  const bool held = with_lanes(n, kForward<T, 256>, kForward<T, 1024>, [&](auto lanes) {
    constexpr int kLanes = decltype(lanes)::value;
    launch(gpu, {blocks_for(gpu, outer, kThreads<kLanes> / kLanes), unsigned(kThreads<kLanes>)},
           packs ? rows_forward<kLanes, kN, T> : rows_forward<kLanes, 1, T>, mode, outer, n, x, y);
  });
  if (held) return;
  const int64_t parts = parts_of(n);
  const Grid grid = {blocks_for(gpu, outer * parts, 1), 256};
  Workspace workspace(*device);
  double* const partial = workspace.get<double>(2 * outer * parts);
  launch(gpu, grid, packs ? split_forward_sums<kN, T> : split_forward_sums<1, T>, outer, n, parts, x, partial);
  if (mode == kLogSumExp) {
    launch(gpu, {blocks_for(gpu, outer, 8), 256}, split_log_sum<T>, outer, parts, partial, y);
  } else {
    launch(gpu, grid, packs ? split_forward<kN, T> : split_forward<1, T>, mode, outer, n, parts, x, partial, y);
  }
}

template <class T>
void backward(gx_device* device, Mode mode, int64_t outer, int64_t n, int64_t inner, const T* y, const T* dy, T* dx) {
  constexpr int kN = kPack<T>;
  Gpu& gpu = gpu_of(device);
  if (inner != 1) {
    const bool looped = n > kColumnWarps * kColumn;
    return launch(gpu, column_grid(outer * inner, n, looped),
                  looped ? columns_backward<true, T> : columns_backward<false, T>, mode, outer, n, inner, y, dy, dx);
  }
  const bool packs = wide<T>(n, y, dy, dx);
  const bool held = with_lanes(n, kBackward<T, 256>, kBackward<T, 1024>, [&](auto lanes) {
    constexpr int kLanes = decltype(lanes)::value;
    launch(gpu, {blocks_for(gpu, outer, kThreads<kLanes> / kLanes), unsigned(kThreads<kLanes>)},
           packs ? rows_backward<kLanes, kN, T> : rows_backward<kLanes, 1, T>, mode, outer, n, y, dy, dx);
  });
  if (held) return;
  const int64_t parts = parts_of(n);
  const Grid grid = {blocks_for(gpu, outer * parts, 1), 256};
  Workspace workspace(*device);
  double* const partial = workspace.get<double>(outer * parts);
  launch(gpu, grid, packs ? split_backward_sums<kN, T> : split_backward_sums<1, T>, mode, outer, n, parts, y, dy,
         partial);
  launch(gpu, grid, packs ? split_backward<kN, T> : split_backward<1, T>, mode, outer, n, parts, y, dy, partial, dx);
}

template <class T>
void spread_gradient(gx_device* device, int64_t outer, int64_t n, int64_t inner, const T* x, const T* y, const T* dy,
                     T* dx) {
  constexpr int kN = kPack<T>;
  Gpu& gpu = gpu_of(device);
  const bool packs = inner == 1 && wide<T>(n, x, dx);
  const int64_t count = outer * n * inner / (packs ? kN : 1);
  if (count == 0) return;
  launch(gpu, {blocks_for(gpu, count, 256 * 8), 256}, packs ? spread<kN, T> : spread<1, T>, count, Runs(inner),
         Runs(packs ? n / kN : n), x, y, dy, dx);
}

template <class T>
const T* in(const void* p) {
  return static_cast<const T*>(p);
}
Mode mode_of(gx_softmax_function f) { return f == GX_SOFTMAX ? kSoftmax : kLogSoftmax; }

}  // namespace

gx_status gx_softmax(gx_device* device, gx_format format, gx_softmax_function f, int64_t outer, int64_t n,
                     int64_t inner, const void* x, void* y) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      forward(device, mode_of(f), outer, n, inner, in<T>(x), static_cast<T*>(y));
    });
  });
}

gx_status gx_softmax_backward(gx_device* device, gx_format format, gx_softmax_function f, int64_t outer, int64_t n,
                              int64_t inner, const void* y, const void* dy, void* dx) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      backward(device, mode_of(f), outer, n, inner, in<T>(y), in<T>(dy), static_cast<T*>(dx));
    });
  });
}

gx_status gx_logsumexp(gx_device* device, gx_format format, int64_t outer, int64_t n, int64_t inner, const void* x,
                       void* y) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      forward(device, kLogSumExp, outer, n, inner, in<T>(x), static_cast<T*>(y));
    });
  });
}

gx_status gx_logsumexp_backward(gx_device* device, gx_format format, int64_t outer, int64_t n, int64_t inner,
                                const void* x, const void* y, const void* dy, void* dx) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      spread_gradient(device, outer, n, inner, in<T>(x), in<T>(y), in<T>(dy), static_cast<T*>(dx));
    });
  });
}

}  // namespace gx::cuda
