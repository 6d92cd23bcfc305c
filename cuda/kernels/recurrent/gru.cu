// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_gru_cell and its gradient (recurrent.h): r, z = sigmoid(x + h), n = tanh(x_n + r h_n), h' = (1 - z) n + z h. One
// pass, cells.h.
//
// Floor: FLOAT32 44 bytes a unit forward (six addends and h read, three gates and h' written), 52 to 56 backward.
//
// nvcc 13.0, sm_80 / sm_90a: packs of floats 48 registers forward, 40 backward, of doubles 46 and 40 / 46; no spills.
//
// Not yet run on a GPU.

#include "kernels/recurrent/cells.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

template <class T>
struct Forward {
  const T *x_gates, *h_gates, *h;
  T *gates, *h_out;
  template <int N>
  __device__ void at(int64_t row, int64_t unit, int64_t units) const {
    const int64_t narrow = row * units + unit, wide = row * 3 * units + unit;
    Pack<T, N> a[3], b[3], state = get<N>(h, narrow);
#pragma unroll
    for (int gate = 0; gate < 3; ++gate) {
      a[gate] = get<N>(x_gates, wide + gate * units);
      b[gate] = get<N>(h_gates, wide + gate * units);
    }
#pragma unroll
    for (int k = 0; k < N; ++k) {
      const T r = sigmoid(a[0].v[k] + b[0].v[k]), z = sigmoid(a[1].v[k] + b[1].v[k]);
      const T n = tanh(a[2].v[k] + r * b[2].v[k]);
      a[0].v[k] = r, a[1].v[k] = z, a[2].v[k] = n;
      state.v[k] = (T(1) - z) * n + z * state.v[k];
    }
#pragma unroll
    for (int gate = 0; gate < 3; ++gate) put(gates, wide + gate * units, a[gate]);
    put(h_out, narrow, state);
  }
};

template <class T>
struct Backward {
  const T *gates, *h_gates, *h, *dh_out, *dh_next;
  T *dx_gates, *dh_gates, *dh;
  template <int N>
  __device__ void at(int64_t row, int64_t unit, int64_t units) const {
    const int64_t narrow = row * units + unit, wide = row * 3 * units + unit;
    Pack<T, N> a[3], of_h, to;
#pragma unroll
    for (int gate = 0; gate < 3; ++gate) a[gate] = get<N>(gates, wide + gate * units);
    of_h = get<N>(h_gates, wide + 2 * units);
    const Pack<T, N> before = get<N>(h, narrow);
    const Pack<T, N> d1 = get_or_zero<N>(dh_out, narrow), d2 = get_or_zero<N>(dh_next, narrow);
#pragma unroll
    for (int k = 0; k < N; ++k) {
      const T r = a[0].v[k], z = a[1].v[k], n = a[2].v[k], d = d1.v[k] + d2.v[k];
      const T dn = d * (T(1) - z) * (T(1) - n * n);
      a[0].v[k] = dn * of_h.v[k] * r * (T(1) - r);
      a[1].v[k] = d * (before.v[k] - n) * z * (T(1) - z);
      a[2].v[k] = dn;
      of_h.v[k] = dn * r;
      to.v[k] = d * z;
    }
#pragma unroll
    for (int gate = 0; gate < 3; ++gate) put(dx_gates, wide + gate * units, a[gate]);
    put(dh_gates, wide, a[0]);
    put(dh_gates, wide + units, a[1]);
    put(dh_gates, wide + 2 * units, of_h);
    put(dh, narrow, to);
  }
};

}  // namespace

gx_status gx_gru_cell(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* x_gates,
                      const void* h_gates, const void* h, void* gates, void* h_out) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const Forward<T> step = {static_cast<const T*>(x_gates), static_cast<const T*>(h_gates), static_cast<const T*>(h),
                               static_cast<T*>(gates), static_cast<T*>(h_out)};
      run_cells<T>(gpu_of(device), step, rows, units, x_gates, h_gates, h, gates, h_out);
    });
  });
}

gx_status gx_gru_cell_backward(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* gates,
                               const void* h_gates, const void* h, const void* dh_out, const void* dh_next,
                               void* dx_gates, void* dh_gates, void* dh) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const Backward<T> step = {static_cast<const T*>(gates),   static_cast<const T*>(h_gates),
                                static_cast<const T*>(h),       static_cast<const T*>(dh_out),
                                static_cast<const T*>(dh_next), static_cast<T*>(dx_gates),
                                static_cast<T*>(dh_gates),      static_cast<T*>(dh)};
      run_cells<T>(gpu_of(device), step, rows, units, gates, h_gates, h, dh_out, dh_next, dx_gates, dh_gates, dh);
    });
  });
}

}  // namespace gx::cuda
