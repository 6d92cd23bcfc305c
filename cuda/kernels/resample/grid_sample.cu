// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_grid_sample and its gradients (resample.h).
//
// Forward: a thread locates a point and takes a group of channels there, four reads for each; neighbouring threads have
// neighbouring points, so that y is written, and x of a smooth grid read, side by side.
// dgrid: 32 points by 8 threads, each with every eighth channel; then the eight sums in order.
// dx: a block owns the channels of a group of one example and takes 256 points at a time, corner by corner. Points that
// reach the same pixel take turns, by an integer minimum in a slot of shared memory, so that the sums have an order
// that the shape fixes; a grid of about the picture's size takes one round or two a corner.
//
// Floor: forward x, grid and y once. Backward: x, grid, dy read, dx and dgrid written.
//
// nvcc 13.0, sm_80 / sm_90a: forward 40 / 32 registers, dgrid 48 / 40, dx 32 / 40; double up to 64; 8 bytes on the
// stack in the forward pass in double on sm_80.
//
// Not yet run on a GPU.

#include "runtime/check.h"
#include "runtime/entries.h"
#include "runtime/map.h"

namespace gx::cuda {
namespace {

struct Sizes {
  int64_t batch, channels, in, out;
  int64_t group;  // channels of a block
  int height, width;
  int64_t align;
};

// Where a coordinate lies; outside, also NaN, is two pixels off.
template <class T>
struct Line {
  T scale, shift, size;
  __device__ Line(int n, int64_t align) : scale(T(align ? n - 1 : n) / 2), shift(align ? T(0) : T(-0.5)), size(T(n)) {}
  __device__ int at(T g, T* part) const {
    T x = (g + T(1)) * scale + shift;
    x = x <= size + T(1) ? x : size + T(1);
    x = x >= T(-2) ? x : T(-2);
    const T low = floor(x);
    *part = x - low;
    return int(low);
  }
};

// A point's neighbours: upper left, upper right, lower left, lower right.
template <class T>
struct Point {
  T weight[4];  // 0 outside
  T right, lower;
  int64_t pixel;  // the first of them
  unsigned inside;

  __device__ Point(const Sizes& s, const T* grid, int64_t at) {
    const int j = Line<T>(s.width, s.align).at(grid[2 * at], &right);
    const int i = Line<T>(s.height, s.align).at(grid[2 * at + 1], &lower);
    pixel = int64_t(i) * s.width + j;
    inside = 0;
#pragma unroll
    for (int q = 0; q < 4; ++q) {
      const int r = i + q / 2, c = j + q % 2;
      const bool in = r >= 0 && r < s.height && c >= 0 && c < s.width;
      weight[q] = in ? (q / 2 ? lower : T(1) - lower) * (q % 2 ? right : T(1) - right) : T(0);
      inside |= unsigned(in) << q;
    }
  }
  __device__ int64_t at(const Sizes& s, int q) const { return pixel + (q / 2) * s.width + q % 2; }
};

// Blocks along x take points, along y examples, along z groups of channels.
template <class T>
__global__ void __launch_bounds__(256) forward(Sizes s, const T* x, const T* grid, T* y) {
  const int64_t o = grid_place();
  if (o >= s.out) return;
  for (int64_t n = blockIdx.y; n < s.batch; n += gridDim.y) {
    const Point<T> point(s, grid, n * s.out + o);
    for (int64_t first = blockIdx.z * s.group; first < s.channels; first += gridDim.z * s.group) {
      const int64_t end = first + s.group < s.channels ? first + s.group : s.channels;
#pragma unroll 2
      for (int64_t c = first; c < end; ++c) {
        const T* const plane = x + (n * s.channels + c) * s.in;
        T sum = 0;
#pragma unroll
        for (int q = 0; q < 4; ++q) {
          if (point.weight[q] != T(0)) sum += point.weight[q] * plane[point.at(s, q)];
        }
        y[(n * s.channels + c) * s.out + o] = sum;
      }
    }
  }
}

constexpr int kPoints = 32, kShares = 8;

template <class T>
__global__ void __launch_bounds__(256) slopes(Sizes s, const T* x, const T* grid, const T* dy, T* dgrid) {
  GX_SHARED(T, sums, 2 * kPoints * kShares);
  const int me = int(threadIdx.x), share = int(threadIdx.y);
  const int64_t o = int64_t(blockIdx.x) * kPoints + me;
  for (int64_t n = blockIdx.y; n < s.batch; n += gridDim.y) {
    T by_x = 0, by_y = 0;
    if (o < s.out) {
      const Point<T> point(s, grid, n * s.out + o);
      for (int64_t c = share; c < s.channels && point.inside; c += kShares) {
        const T* const plane = x + (n * s.channels + c) * s.in;
        const T d = dy[(n * s.channels + c) * s.out + o];
        T v[4];
#pragma unroll
        for (int q = 0; q < 4; ++q) v[q] = point.inside >> q & 1 ? plane[point.at(s, q)] : T(0);
        by_x += d * ((v[1] - v[0]) * (T(1) - point.lower) + (v[3] - v[2]) * point.lower);
        by_y += d * ((v[2] - v[0]) * (T(1) - point.right) + (v[3] - v[1]) * point.right);
      }
    }
    sums[(2 * share) * kPoints + me] = by_x;
    sums[(2 * share + 1) * kPoints + me] = by_y;
    __syncthreads();
    if (share < 2 && o < s.out) {
      T sum = 0;
      for (int k = 0; k < kShares; ++k) sum += sums[(2 * k + share) * kPoints + me];
      dgrid[2 * (n * s.out + o) + share] = sum * Line<T>(share == 0 ? s.width : s.height, s.align).scale;
    }
    __syncthreads();
  }
}

constexpr int kThreads = 256, kSlots = 1024;

// Blocks along x: examples, along y: groups of channels.
template <class T>
__global__ void __launch_bounds__(kThreads) spread(Sizes s, const T* grid, const T* dy, T* dx) {
  GX_SHARED(int, slots, kSlots);
  const int me = int(threadIdx.x);
  for (int i = me; i < kSlots; i += kThreads) slots[i] = kThreads;
  const int64_t groups = (s.channels + s.group - 1) / s.group;
  for (int64_t item = blockIdx.x; item < s.batch * groups; item += gridDim.x) {
    const int64_t n = item / groups, first = item % groups * s.group;
    const int64_t count = first + s.group < s.channels ? s.group : s.channels - first;
    T* const to = dx + (n * s.channels + first) * s.in;
    const T* const from = dy + (n * s.channels + first) * s.out;
    for (int64_t i = me; i < count * s.in; i += kThreads) to[i] = T(0);
    for (int64_t begin = 0; begin < s.out; begin += kThreads) {
      const int64_t o = begin + me < s.out ? begin + me : s.out - 1;
      const Point<T> point(s, grid, n * s.out + o);
#pragma unroll
      for (int q = 0; q < 4; ++q) {
        const int64_t at = point.at(s, q);
        const T weight = begin + me < s.out ? point.weight[q] : T(0);
        const int slot = int(at & (kSlots - 1));
        bool waits = weight != T(0);
        do {
          __syncthreads();  // slots and pixels are as the last round left them
          if (waits) atomicMin(&slots[slot], me);
          __syncthreads();
          const bool turn = waits && slots[slot] == me;
          if (turn) {
#pragma unroll 1
            for (int64_t c = 0; c < count; ++c) to[c * s.in + at] += weight * from[c * s.out + o];
            waits = false;
          }
          __syncthreads();
          if (turn) slots[slot] = kThreads;
        } while (__syncthreads_or(waits));
      }
    }
    __syncthreads();
  }
}

Sizes sizes_of(const gx_grid_sample_params& p) {
  return {p.batch, p.channels,        p.in_size[0] * p.in_size[1], p.out_size[0] * p.out_size[1],
          16,      int(p.in_size[0]), int(p.in_size[1]),           p.align_corners != 0};
}

unsigned most(int64_t n) { return unsigned(std::min<int64_t>(n, 65535)); }

}  // namespace

gx_status gx_grid_sample(gx_device* device, gx_format format, const gx_grid_sample_params* params, const void* x,
                         const void* grid, void* y) {
  return guarded([&] {
    const Sizes s = sizes_of(*params);
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const dim3 blocks(unsigned((s.out + 255) / 256), most(s.batch), most((s.channels + s.group - 1) / s.group));
      launch(gpu_of(device), {blocks, 256}, forward<T>, s, static_cast<const T*>(x), static_cast<const T*>(grid),
             static_cast<T*>(y));
    });
  });
}

gx_status gx_grid_sample_backward(gx_device* device, gx_format format, const gx_grid_sample_params* params,
                                  const void* x, const void* grid, const void* dy, void* dx, void* dgrid) {
  return guarded([&] {
    Gpu& gpu = gpu_of(device);
    Sizes s = sizes_of(*params);
    // Enough blocks to keep the GPU busy; sums do not depend on it.
    s.group = std::max<int64_t>(1, std::min<int64_t>(16, s.batch * s.channels / (4 * gpu.multiprocessors)));
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const T* const points = static_cast<const T*>(grid);
      const T* const given = static_cast<const T*>(dy);
      if (dx) {
        const int64_t items = s.batch * ((s.channels + s.group - 1) / s.group);
        launch(gpu, {unsigned(std::min<int64_t>(items, int64_t(1) << 30)), kThreads}, spread<T>, s, points, given,
               static_cast<T*>(dx));
      }
      if (dgrid) {
        const dim3 blocks(unsigned((s.out + kPoints - 1) / kPoints), most(s.batch));
        launch(gpu, {blocks, dim3(kPoints, kShares)}, slopes<T>, s, static_cast<const T*>(x), points, given,
               static_cast<T*>(dgrid));
      }
    });
  });
}

}  // namespace gx::cuda
