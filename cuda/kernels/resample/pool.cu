// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_pool (resample.h): sums and averages of windows by separable.h; here the greatest element of each, and where it
// is.
//
// A thread makes 16 bytes of a row of y, window by window, row by row; where outputs are few and windows large, a warp
// shares one. The first of equal elements wins and a NaN before all, by the place, so that the order does not matter.
//
// Floor: x read, y and index written once; FLOAT32, 2 x 2 windows side by side: 6 bytes an element of x.
//
// nvcc 13.0, sm_80 / sm_90a: 48 registers by packs of floats, 32 by warps; no spills. Sums and averages: resize.cu.
//
// Not yet run on a GPU.

#include "kernels/resample/separable.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

struct Windows {
  gx_pool_params p;
  int64_t height, width, planes;  // of y
};

template <class T>
struct Best {
  T value;
  int64_t at;  // -1: none

  __device__ void meet(T x, int64_t place) {
    const bool better = x > value || (x != x && value == value) || (x == value && place < at) ||
                        (x != x && value != value && place < at);
    if (at < 0 || (place >= 0 && better)) value = x, at = place;
  }
};

// The best of elements first, first + step, .. of window (r, c), row by row.
template <class T>
__device__ inline Best<T> best_of(const Windows& w, const T* x, int64_t r, int64_t c, int64_t first, int64_t step) {
  const gx_pool_params& p = w.p;
  const int64_t top = r * p.stride[0] - p.padding[0], left = c * p.stride[1] - p.padding[1];
  Best<T> best = {T(-INFINITY), -1};
  int64_t a = 0, b = first;  // within the window
  for (; b >= p.kernel[1]; b -= p.kernel[1]) ++a;
  while (a < p.kernel[0]) {
    const int64_t i = top + a * p.dilation[0], j = left + b * p.dilation[1];
    if (i >= 0 && i < p.in_size[0] && j >= 0 && j < p.in_size[1]) {
      const int64_t at = i * p.in_size[1] + j;
      best.meet(x[at], at);
    }
    for (b += step; b >= p.kernel[1]; b -= p.kernel[1]) ++a;
  }
  return best;
}

template <int N, class T>
__global__ void __launch_bounds__(256) greatest(Windows w, const T* x, T* y, T* index) {
  const int64_t in = w.p.in_size[0] * w.p.in_size[1];
  each_pixel(
      w.width / N, w.height, w.planes, [](int64_t, int64_t) { return 0; },
      [&](int, int64_t column, int64_t row, int64_t plane) {
        Pack<T, N> values, places;
#pragma unroll
        for (int e = 0; e < N; ++e) {
          const Best<T> best = best_of(w, x + plane * in, row, column * N + e, 0, 1);
          values.v[e] = best.value;
          places.v[e] = T(best.at);
        }
        const int64_t to = (plane * w.height + row) * w.width + column * N;
        *reinterpret_cast<Pack<T, N>*>(y + to) = values;
        if (index) *reinterpret_cast<Pack<T, N>*>(index + to) = places;
      });
}

// A warp for each output.
template <class T>
__global__ void __launch_bounds__(256) greatest_by_warps(Windows w, const T* x, T* y, T* index) {
  const int lane = int(threadIdx.x) % kWarp;
  const int64_t in = w.p.in_size[0] * w.p.in_size[1], outputs = w.planes * w.height * w.width;
  for (int64_t o = grid_place() / kWarp; o < outputs; o += grid_size() / kWarp) {
    const Split line = split(o, w.width), plane = split(line.quotient, w.height);
    Best<T> best = best_of(w, x + plane.quotient * in, plane.rest, line.rest, lane, kWarp);
#pragma unroll
    for (int by = kWarp / 2; by > 0; by /= 2) {
      const T value = __shfl_xor_sync(kAllLanes, best.value, by);
      const int64_t at = __shfl_xor_sync(kAllLanes, best.at, by);
      best.meet(value, at);
    }
    if (lane == 0) {
      y[o] = best.value;
      if (index) index[o] = T(best.at);
    }
  }
}

template <class T>
void max_pool(Gpu& gpu, const Windows& w, const T* x, T* y, T* index) {
  constexpr int64_t kLarge = 64, kFew = 1 << 16;
  const int64_t taps = w.p.kernel[0] * w.p.kernel[1], outputs = w.planes * w.height * w.width;
  if (taps >= kLarge && (outputs < kFew || w.width * w.height * taps <= 4 * w.p.in_size[0] * w.p.in_size[1])) {
    launch(gpu, {blocks_for(gpu, outputs, 256 / kWarp), 256}, greatest_by_warps<T>, w, x, y, index);
    return;
  }
  constexpr int kN = kPack<T>;
  const bool wide = w.width % kN == 0 && aligned(y) && aligned(index);
  launch(gpu, picture_grid(gpu, w.width / (wide ? kN : 1), w.height, w.planes), wide ? greatest<kN, T> : greatest<1, T>,
         w, x, y, index);
}

}  // namespace

gx_status gx_pool(gx_device* device, gx_format format, const gx_pool_params* params, const void* from, void* to,
                  void* index) {
  return guarded([&] {
    const gx_pool_params& p = *params;
    const auto out = [&](int a) {
      return (p.in_size[a] + 2 * p.padding[a] - p.dilation[a] * (p.kernel[a] - 1) - 1) / p.stride[a] + 1;
    };
    const auto axis = [&](int a) {
      return Axis::pool(p.kind, p.in_size[a], out(a), p.kernel[a], p.stride[a], p.dilation[a], p.padding[a],
                        p.adjoint != 0);
    };
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const T* const x = static_cast<const T*>(from);
      if (p.kind == GX_POOL_MAX) {
        const Windows w = {p, out(0), out(1), p.batch * p.channels};
        max_pool(gpu_of(device), w, x, static_cast<T*>(to), static_cast<T*>(index));
      } else {
        run_separable(*device, axis(0), axis(1), p.batch * p.channels, 1, 1, x, static_cast<T*>(to));
      }
    });
  });
}

}  // namespace gx::cuda
