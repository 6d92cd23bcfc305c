// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_unpool (resample.h): y[index[i]] is the sum of the x[i], i in order, and its adjoint, x[i] = y[index[i]] or 0.
//
// Adjoint: a thread a pack of 16 bytes. There: a block owns a plane. It clears it, then takes 256 elements of x at a
// time, in order; elements of one pixel must take turns, so that sums have an order: every thread that waits puts its
// number into a slot of shared memory, by the pixel's number modulo 1024 and by an integer minimum; the least adds its
// element, and the others try again. Indices of a max pooling that do not meet take one round, windows that overlap a
// few; the worst, all at one pixel, takes a round an element and is as slow as it is rare.
//
// Floor: x and index read, y written; here the lines of y that are touched travel twice more, out of the second level's
// cache.
//
// nvcc 13.0, sm_80 / sm_90a: 32 registers at most; no spills.
//
// Not yet run on a GPU.

#include "runtime/check.h"
#include "runtime/entries.h"
#include "runtime/map.h"
#include "runtime/split.h"

namespace gx::cuda {
namespace {

// The pixel an index names, or -1. A number that no integer is near is the smallest one here, also NaN.
template <class T>
__device__ inline int64_t pixel(T index, int64_t pixels) {
  const int64_t i = index >= T(0) && index < T(pixels) ? int64_t(index) : -1;
  return T(i) == index ? i : -1;
}

// N neighbouring elements of one plane at a time.
template <int N, class T>
__global__ void __launch_bounds__(256)
    back(int64_t planes, int64_t in_pixels, int64_t out_pixels, const T* y, const T* index, T* x) {
  for (int64_t i = grid_place(); i < planes * in_pixels / N; i += grid_size()) {
    const T* const plane = y + split(i * N, in_pixels).quotient * out_pixels;
    const Pack<T, N> places = reinterpret_cast<const Pack<T, N>*>(index)[i];
    Pack<T, N> values;
#pragma unroll
    for (int k = 0; k < N; ++k) {
      const int64_t at = pixel(places.v[k], out_pixels);
      values.v[k] = at < 0 ? T(0) : plane[at];
    }
    reinterpret_cast<Pack<T, N>*>(x)[i] = values;
  }
}

constexpr int kThreads = 256, kSlots = 1024;

template <class T>
__global__ void __launch_bounds__(kThreads)
    there(int64_t planes, int64_t in_pixels, int64_t out_pixels, const T* x, const T* index, T* y) {
  GX_SHARED(int, slots, kSlots);
  const int me = int(threadIdx.x);
  for (int i = me; i < kSlots; i += kThreads) slots[i] = kThreads;
  for (int64_t plane = blockIdx.x; plane < planes; plane += gridDim.x) {
    T* const to = y + plane * out_pixels;
    for (int64_t i = me; i < out_pixels; i += kThreads) to[i] = T(0);
    for (int64_t first = 0; first < in_pixels; first += kThreads) {
      const int64_t i = plane * in_pixels + first + me;
      const bool mine = first + me < in_pixels;
      const int64_t at = mine ? pixel(index[i], out_pixels) : -1;
      const T value = at >= 0 ? x[i] : T(0);
      const int slot = int(at & (kSlots - 1));
      bool waits = at >= 0;
      do {
        __syncthreads();  // slots and pixels are as the last round left them
        if (waits) atomicMin(&slots[slot], me);
        __syncthreads();
        const bool turn = waits && slots[slot] == me;
        if (turn) {
          to[at] += value;
          waits = false;
        }
        __syncthreads();
        if (turn) slots[slot] = kThreads;
      } while (__syncthreads_or(waits));
    }
    __syncthreads();
  }
}

}  // namespace

gx_status gx_unpool(gx_device* device, gx_format format, const gx_unpool_params* params, const void* from,
                    const void* index, void* to) {
  return guarded([&] {
    const gx_unpool_params& p = *params;
    Gpu& gpu = gpu_of(device);
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const T* const places = static_cast<const T*>(index);
      if (p.adjoint) {
        constexpr int kN = kPack<T>;
        const bool wide = p.in_pixels % kN == 0 && aligned(index) && aligned(to);
        launch(gpu, {blocks_for(gpu, p.planes * p.in_pixels, 256 * (wide ? kN : 1)), 256},
               wide ? back<kN, T> : back<1, T>, p.planes, p.in_pixels, p.out_pixels, static_cast<const T*>(from),
               places, static_cast<T*>(to));
      } else {
        launch(gpu, {unsigned(std::min<int64_t>(p.planes, int64_t(1) << 30)), kThreads}, there<T>, p.planes,
               p.in_pixels, p.out_pixels, static_cast<const T*>(from), places, static_cast<T*>(to));
      }
    });
  });
}

}  // namespace gx::cuda
