// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// y = alpha x + beta with x repeated along axes, and y += alpha x: gx_affine and gx_add_scaled (elementwise.h).
//
// A thread has 16 bytes of y; rows.h tells how it finds its part of x. Floor: 4 (|x| + |y|) bytes, x counted once
// however often it is repeated; gx_add_scaled 12 n bytes.
//
// nvcc, sm_80 and sm_90a: 26 to 40 registers, no spills.
// Not yet run on a GPU.

#include "kernels/elementwise/rows.h"
#include "runtime/broadcast.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

template <class T>
struct Affine {
  T alpha, beta;
  T* y;
  template <int N>
  __device__ void operator()(int64_t i, int64_t, const Pack<T, N> (&v)[1]) const {
    Pack<T, N> result;
#pragma unroll
    for (int e = 0; e < N; ++e) result.v[e] = alpha * v[0].v[e] + beta;
    *reinterpret_cast<Pack<T, N>*>(y + i) = result;
  }
};

template <class T>
struct AddScaled {
  T alpha;
  __device__ T operator()(T y, T x) const { return y + alpha * x; }
};

}  // namespace

gx_status gx_affine(gx_device* device, gx_format format, double alpha, double beta, const gx_shape* x_shape,
                    const gx_shape* y_shape, const void* x, void* y) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      T* const to = static_cast<T*>(y);
      over_rows(gpu_of(device), broadcast_walk<1>(*y_shape, {x_shape}), Sources<T, 1>{{static_cast<const T*>(x)}},
                aligned(to), true, Affine<T>{T(alpha), T(beta), to});
    });
  });
}

gx_status gx_add_scaled(gx_device* device, gx_format format, double alpha, int64_t n, const void* x, void* y) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      T* const to = static_cast<T*>(y);
      map(gpu_of(device), n, AddScaled<T>{T(alpha)}, to, to, static_cast<const T*>(x));
    });
  });
}

}  // namespace gx::cuda
