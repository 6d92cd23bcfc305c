// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_rnn_cell and its gradient (recurrent.h): h' = tanh(x + h), dgates = (dh + dh_next) (1 - h'^2). One pass, cells.h.
//
// Floor: FLOAT32 12 bytes a unit forward, 12 or 16 backward.
//
// nvcc 13.0, sm_80 / sm_90a: 22 to 32 registers; no spills.
//
// Not yet run on a GPU.

#include "kernels/recurrent/cells.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

template <class T>
struct Forward {
  const T *x, *h;
  T* h_out;
  template <int N>
  __device__ void at(int64_t row, int64_t unit, int64_t units) const {
    const int64_t at = row * units + unit;
    Pack<T, N> a = get<N>(x, at);
    const Pack<T, N> b = get<N>(h, at);
#pragma unroll
    for (int k = 0; k < N; ++k) a.v[k] = tanh(a.v[k] + b.v[k]);
    put(h_out, at, a);
  }
};

template <class T>
struct Backward {
  const T *h_out, *dh, *dh_next;
  T* dgates;
  template <int N>
  __device__ void at(int64_t row, int64_t unit, int64_t units) const {
    const int64_t at = row * units + unit;
    const Pack<T, N> h = get<N>(h_out, at), a = get_or_zero<N>(dh, at), b = get_or_zero<N>(dh_next, at);
    Pack<T, N> d;
#pragma unroll
    for (int k = 0; k < N; ++k) d.v[k] = (a.v[k] + b.v[k]) * (T(1) - h.v[k] * h.v[k]);
    put(dgates, at, d);
  }
};

}  // namespace

gx_status gx_rnn_cell(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* x_gates,
                      const void* h_gates, void* h_out) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const Forward<T> step = {static_cast<const T*>(x_gates), static_cast<const T*>(h_gates), static_cast<T*>(h_out)};
      // Rows have no gates apart, so that they are one.
      run_cells<T>(gpu_of(device), step, 1, rows * units, x_gates, h_gates, h_out);
    });
  });
}

gx_status gx_rnn_cell_backward(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* h_out,
                               const void* dh, const void* dh_next, void* dgates) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const Backward<T> step = {static_cast<const T*>(h_out), static_cast<const T*>(dh), static_cast<const T*>(dh_next),
                                static_cast<T*>(dgates)};
      run_cells<T>(gpu_of(device), step, 1, rows * units, h_out, dh, dh_next, dgates);
    });
  });
}

}  // namespace gx::cuda
