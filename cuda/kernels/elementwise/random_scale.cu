// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// y[i] = v[i] times a factor from the random number u_i: gx_dropout (v / (1 - rate) where u_i >= rate, else 0),
// gx_rrelu and gx_rrelu_backward (v (lower + (upper - lower) u_i) where x[i] is not above 0). elementwise.h has the
// equations.
//
// Element i is unit i of row 0. A thread has 16 elements, four neighbours in each quarter of a block of 64 units, of
// four counters (runtime/draws.h); arrays are read before the words are drawn, so that the rounds hide the memory. Four
// threads read 64 neighbouring bytes an access, whole sectors. The words, and with them what dropout keeps, are the
// CPU's.
// Floor: 8 n bytes (gx_rrelu_backward 12 n); ten rounds for four elements are about 20 instructions an element, close
// to what the memory leaves time for.
//
// nvcc, sm_80 and sm_90a: 43 to 72 registers for floats, to 104 for double, no spills.
// Not yet run on a GPU.

#include "runtime/check.h"
#include "runtime/draws.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

// The rate is a float's in either format: the same elements.
template <class T>
struct Dropout {
  T rate, scale;
  __device__ T operator()(T, T v, float u) const { return T(u) >= rate ? v * scale : T(0); }
};

template <class T>
struct Slope {
  T lower, range;
  __device__ T operator()(T x, T v, float u) const { return x > T(0) ? v : v * (lower + range * T(u)); }
};

// What of sign a function does not look at is not read. y may be v.
template <bool kWide, class F, class T>
__global__ void __launch_bounds__(256)
    random_scale(F f, PhiloxStream stream, int64_t n, const T* sign, const T* v, T* y) {
  const int64_t pieces = (n + kUnitsPerBlock - 1) / kUnitsPerBlock * kThreadsPerDraw;
  for (int64_t p = grid_place(); p < pieces; p += grid_size()) {
    const int64_t block = p / kThreadsPerDraw;
    const int q = int(p % kThreadsPerDraw);
    const int64_t first = kUnitsPerBlock * block + 4 * q;
    T value[4][4], x[4][4];
#pragma unroll
    for (int s = 0; s < 4; ++s) load_four<kWide>(v, first + kCountersPerBlock * s, n, value[s]);
#pragma unroll
    for (int s = 0; s < 4; ++s) load_four<kWide>(sign, first + kCountersPerBlock * s, n, x[s]);
    uint32_t word[4][4];
    draw_words(stream, 0, uint32_t(block), q, word);
#pragma unroll
    for (int s = 0; s < 4; ++s) {
      T result[4];
#pragma unroll
      for (int j = 0; j < 4; ++j) {
        result[j] = f(x[s][j], value[s][j], uniform_of_word(word[s][j]));
      }
      store_four<kWide>(y, first + kCountersPerBlock * s, n, result);
    }
  }
}

template <class F, class T>
void run(Gpu& gpu, const gx_rng& rng, uint32_t purpose, F f, int64_t n, const T* sign, const T* v, T* y) {
  const PhiloxStream stream = philox_stream(rng.seed, rng.step, purpose);
  const bool wide = aligned(sign) && aligned(v) && aligned(y);
  launch(gpu, {blocks_for(gpu, n, 256 * 16), 256}, wide ? random_scale<true, F, T> : random_scale<false, F, T>, f,
         stream, n, sign, v, y);
}

}  // namespace

gx_status gx_dropout(gx_device* device, gx_format format, gx_rng rng, double rate, int64_t n, const void* x, void* y) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const Dropout<T> f = {T(float(rate)), T(1 / (1 - rate))};
      const T* const from = static_cast<const T*>(x);
      run(gpu_of(device), rng, GX_PURPOSE_DROPOUT, f, n, from, from, static_cast<T*>(y));
    });
  });
}

gx_status gx_rrelu(gx_device* device, gx_format format, gx_rng rng, double lower, double upper, int64_t n,
                   const void* x, void* y) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const Slope<T> f = {T(lower), T(upper - lower)};
      const T* const from = static_cast<const T*>(x);
      run(gpu_of(device), rng, GX_PURPOSE_SLOPE, f, n, from, from, static_cast<T*>(y));
    });
  });
}

gx_status gx_rrelu_backward(gx_device* device, gx_format format, gx_rng rng, double lower, double upper, int64_t n,
                            const void* x, const void* dy, void* dx) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const Slope<T> f = {T(lower), T(upper - lower)};
      run(gpu_of(device), rng, GX_PURPOSE_SLOPE, f, n, static_cast<const T*>(x), static_cast<const T*>(dy),
          static_cast<T*>(dx));
    });
  });
}

}  // namespace gx::cuda
