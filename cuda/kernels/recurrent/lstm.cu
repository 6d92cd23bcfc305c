// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_lstm_cell and its gradient (recurrent.h): a = x_gates + h_gates, c' = f c + i g, h' = o tanh(c'). One pass,
// cells.h.
//
// Floor: FLOAT32 60 bytes a unit forward (eight addends and c read, four gates, c' and h' written), 52 to 60 backward.
//
// nvcc 13.0, sm_80 / sm_90a: packs of floats 46 / 47 registers forward, 44 backward, of doubles 46 / 64 and 54 / 56; no
// spills.
//
// Not yet run on a GPU.

#include "kernels/recurrent/cells.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

template <class T>
struct Forward {
  const T *x_gates, *h_gates, *c;
  T *gates, *h_out, *c_out;
  template <int N>
  __device__ void at(int64_t row, int64_t unit, int64_t units) const {
    const int64_t narrow = row * units + unit, wide = row * 4 * units + unit;
    Pack<T, N> a[4], state = get<N>(c, narrow), h;
#pragma unroll
    for (int gate = 0; gate < 4; ++gate) {
      a[gate] = get<N>(x_gates, wide + gate * units);
      const Pack<T, N> b = get<N>(h_gates, wide + gate * units);
#pragma unroll
      for (int k = 0; k < N; ++k) a[gate].v[k] += b.v[k];
    }
#pragma unroll
    for (int k = 0; k < N; ++k) {
      const T i = sigmoid(a[0].v[k]), f = sigmoid(a[1].v[k]), g = tanh(a[2].v[k]), o = sigmoid(a[3].v[k]);
      a[0].v[k] = i, a[1].v[k] = f, a[2].v[k] = g, a[3].v[k] = o;
      state.v[k] = f * state.v[k] + i * g;
      h.v[k] = o * tanh(state.v[k]);
    }
#pragma unroll
    for (int gate = 0; gate < 4; ++gate) put(gates, wide + gate * units, a[gate]);
    put(c_out, narrow, state);
    put(h_out, narrow, h);
  }
};

template <class T>
struct Backward {
  const T *gates, *c, *c_out, *dh, *dh_next, *dc_out;
  T *dgates, *dc;
  template <int N>
  __device__ void at(int64_t row, int64_t unit, int64_t units) const {
    const int64_t narrow = row * units + unit, wide = row * 4 * units + unit;
    Pack<T, N> a[4], to;
#pragma unroll
    for (int gate = 0; gate < 4; ++gate) a[gate] = get<N>(gates, wide + gate * units);
    const Pack<T, N> before = get<N>(c, narrow), after = get<N>(c_out, narrow);
    const Pack<T, N> d1 = get_or_zero<N>(dh, narrow), d2 = get_or_zero<N>(dh_next, narrow);
    const Pack<T, N> given = get_or_zero<N>(dc_out, narrow);
#pragma unroll
    for (int k = 0; k < N; ++k) {
      const T i = a[0].v[k], f = a[1].v[k], g = a[2].v[k], o = a[3].v[k];
      const T t = tanh(after.v[k]), d = d1.v[k] + d2.v[k], all = given.v[k] + d * o * (T(1) - t * t);
      a[0].v[k] = all * g * i * (T(1) - i);
      a[1].v[k] = all * before.v[k] * f * (T(1) - f);
      a[2].v[k] = all * i * (T(1) - g * g);
      a[3].v[k] = d * t * o * (T(1) - o);
      to.v[k] = all * f;
    }
#pragma unroll
    for (int gate = 0; gate < 4; ++gate) put(dgates, wide + gate * units, a[gate]);
    put(dc, narrow, to);
  }
};

}  // namespace

gx_status gx_lstm_cell(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* x_gates,
                       const void* h_gates, const void* c, void* gates, void* h_out, void* c_out) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const Forward<T> step = {static_cast<const T*>(x_gates), static_cast<const T*>(h_gates), static_cast<const T*>(c),
                               static_cast<T*>(gates),         static_cast<T*>(h_out),         static_cast<T*>(c_out)};
      run_cells<T>(gpu_of(device), step, rows, units, x_gates, h_gates, c, gates, h_out, c_out);
    });
  });
}

gx_status gx_lstm_cell_backward(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* gates,
                                const void* c, const void* c_out, const void* dh, const void* dh_next,
                                const void* dc_out, void* dgates, void* dc) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const Backward<T> step = {static_cast<const T*>(gates),   static_cast<const T*>(c),
                                static_cast<const T*>(c_out),   static_cast<const T*>(dh),
                                static_cast<const T*>(dh_next), static_cast<const T*>(dc_out),
                                static_cast<T*>(dgates),        static_cast<T*>(dc)};
      run_cells<T>(gpu_of(device), step, rows, units, gates, c, c_out, dh, dh_next, dc_out, dgates, dc);
    });
  });
}

}  // namespace gx::cuda
