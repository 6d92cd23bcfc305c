// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The pass over all parameters of a model: what stands around every rule (native/kernels/optim/step.h).
//
//   g' = clamp(scale g, -clip, clip) + decay p,   the rule moves p and its states,   ema += ema_rate (p - ema)
//
// A block takes a tile of 4096 elements of one segment (segments.h). A thread has two packs of 16 bytes of every array
// in flight before it computes, 128 bytes of Adam's four, and a multiprocessor far more of them than its share of the
// memory's latency; root and quotient, correctly rounded, take a fifth of the time that the bytes take. Segments with
// an array off the grid of 16 bytes go element by element.
//
// Floor: the bytes of p, g and the states read, p and the states written: 28 an element for Adam in FLOAT32.
#ifndef GENERATRIX_CUDA_KERNELS_OPTIM_PASS_H_
#define GENERATRIX_CUDA_KERNELS_OPTIM_PASS_H_

#include "kernels/optim/segments.h"
#include "kernels/optim/step.h"
#include "runtime/map.h"

namespace gx::cuda {

template <class T>
struct Parameters {
  int64_t count;
  T* p;
  const T* g;
  T* s[3];
  T* ema;
};

template <class T>
struct Frame {
  T scale, clip, decay, ema_rate;
};

// A moving average, as on the CPU: exact where to = x.
template <class T>
__device__ inline T towards(T x, T to, T share) {
  return x + share * (to - x);
}

namespace detail {

// Pack `at` of every array, and the one 256 further on, as far as there are `packs`.
template <int kStates, int N, class T, class Rule>
__device__ inline void move(const Frame<T>& frame, const Rule& rule, const Parameters<T>& a, int64_t at,
                            int64_t packs) {
  constexpr int kAtOnce = 2;
  using P = Pack<T, N>;
  P p[kAtOnce], g[kAtOnce], s[3][kAtOnce], ema[kAtOnce];
#pragma unroll
  for (int m = 0; m < kAtOnce; ++m) {
    const int64_t i = at + m * 256;
    if (i >= packs) break;
    g[m] = reinterpret_cast<const P*>(a.g)[i];
    p[m] = reinterpret_cast<const P*>(a.p)[i];
#pragma unroll
    for (int k = 0; k < 3; ++k) {
      if (kStates >> k & 1) s[k][m] = reinterpret_cast<const P*>(a.s[k])[i];
    }
    if (a.ema) ema[m] = reinterpret_cast<const P*>(a.ema)[i];
  }
#pragma unroll
  for (int m = 0; m < kAtOnce; ++m) {
    const int64_t i = at + m * 256;
    if (i >= packs) break;
#pragma unroll
    for (int e = 0; e < N; ++e) {
      T slope = g[m].v[e] * frame.scale;
      slope = slope > frame.clip ? frame.clip : slope;  // NaN stays
      slope = slope < -frame.clip ? -frame.clip : slope;
      slope += frame.decay * p[m].v[e];
      T state[3];
#pragma unroll
      for (int k = 0; k < 3; ++k) state[k] = kStates >> k & 1 ? s[k][m].v[e] : T(0);
      rule(p[m].v[e], slope, state);
#pragma unroll
      for (int k = 0; k < 3; ++k) {
        if (kStates >> k & 1) s[k][m].v[e] = state[k];
      }
      if (a.ema) ema[m].v[e] = towards(ema[m].v[e], p[m].v[e], frame.ema_rate);
    }
    reinterpret_cast<P*>(a.p)[i] = p[m];
#pragma unroll
    for (int k = 0; k < 3; ++k) {
      if (kStates >> k & 1) reinterpret_cast<P*>(a.s[k])[i] = s[k][m];
    }
    if (a.ema) reinterpret_cast<P*>(a.ema)[i] = ema[m];
  }
}

template <int kStates, class T, class Rule>
__global__ void __launch_bounds__(256)
    pass(const __grid_constant__ Segments<Parameters<T>> list, Frame<T> frame, Rule rule) {
  constexpr int N = kPack<T>;
  const TilePlace place = tile_place(list, blockIdx.x, kStepTile);
  const Parameters<T>& all = list.segment[place.segment];
  const auto from = [&](T* array) { return array ? array + place.first : nullptr; };
  const Parameters<T> a = {all.count - place.first < kStepTile ? all.count - place.first : kStepTile,
                           from(all.p),
                           all.g + place.first,
                           {from(all.s[0]), from(all.s[1]), from(all.s[2])},
                           from(all.ema)};
  const uintptr_t places =
      uintptr_t(a.p) | uintptr_t(a.g) | uintptr_t(a.s[0]) | uintptr_t(a.s[1]) | uintptr_t(a.s[2]) | uintptr_t(a.ema);
  const int64_t packs = places % 16 == 0 ? a.count / N : 0;
  for (int64_t i = threadIdx.x; i < packs; i += 512) move<kStates, N>(frame, rule, a, i, packs);
  for (int64_t i = packs * N + threadIdx.x; i < a.count; i += 512) move<kStates, 1>(frame, rule, a, i, a.count);
}

}  // namespace detail

// kStates: bit k for s[k], as in native/kernels/optim/step.h.
template <int kStates, class T, class Rule>
void pass(Gpu& gpu, const StepFrame& frame, const Rule& rule, int64_t segments, const gx_segment* segment) {
  const Frame<T> f = {T(frame.scale), T(frame.clip), T(frame.weight_decay), T(frame.ema_rate)};
  each_list<Parameters<T>>(
      segments, segment, kStepTile,
      [&](int64_t s) {
        const gx_segment& a = segment[s];
        return Parameters<T>{a.count,
                             static_cast<T*>(a.p),
                             static_cast<const T*>(a.g),
                             {static_cast<T*>(a.s0), static_cast<T*>(a.s1), static_cast<T*>(a.s2)},
                             static_cast<T*>(a.ema)};
      },
      [&](const Segments<Parameters<T>>& list, int64_t tiles) {
        launch(gpu, {unsigned(tiles), 256}, detail::pass<kStates, T, Rule>, list, f, rule);
      });
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_OPTIM_PASS_H_
