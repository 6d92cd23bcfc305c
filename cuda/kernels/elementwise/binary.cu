// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// y = f(a, b), da = dy df/da, db = dy df/db with operands repeated along axes, and the gated unit of one array's
// halves: gx_binary, gx_binary_backward, gx_gated_unit, gx_gated_unit_backward (elementwise.h).
//
// Shapes: whatever NumPy's rule joins; axes are merged (runtime/walk.h) until few are left. A thread has 16 bytes of
// the result; rows.h tells the three ways from an index to its operands. A thread owns the elements it writes, so that
// a result may be an operand of its own shape. Floor: forward 4 (|a| + |b| + |y|) bytes, a repeated operand counted
// once; backward 4 (|a| + |b| + 3 |y|). Divisions of an index cost about 10 instructions for 16 bytes of result; only
// pow is bound by arithmetic (double, as on the CPU).
//
// nvcc, sm_80 and sm_90a: 18 to 64 registers, no spills.
// Not yet run on a GPU.

#include "kernels/elementwise/pairs.h"
#include "kernels/elementwise/rows.h"
#include "runtime/broadcast.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

template <class F, class T>
struct Forward {
  T* y;
  template <int N>
  __device__ void operator()(int64_t i, int64_t, const Pack<T, N> (&v)[2]) const {
    Pack<T, N> result;
#pragma unroll
    for (int e = 0; e < N; ++e) result.v[e] = F::value(v[0].v[e], v[1].v[e]);
    *reinterpret_cast<Pack<T, N>*>(y + i) = result;
  }
};

// da and db begin a row every n + gap elements; either may be null.
template <class F, class T>
struct Backward {
  const T* dy;
  T* da;
  T* db;
  int64_t gap;
  template <int N>
  __device__ void operator()(int64_t i, int64_t row, const Pack<T, N> (&v)[2]) const {
    const auto g = *reinterpret_cast<const Pack<T, N>*>(dy + i);
    Pack<T, N> to_a, to_b;
#pragma unroll
    for (int e = 0; e < N; ++e) {
      const auto s = F::slopes(v[0].v[e], v[1].v[e]);
      to_a.v[e] = g.v[e] * s.a;
      to_b.v[e] = g.v[e] * s.b;
    }
    const int64_t at = i + row * gap;
    if (da) store_pack(da + at, to_a);
    if (db) store_pack(db + at, to_b);
  }
};

template <class T>
void forward(Gpu& gpu, gx_binary_function f, const Walk<2>& walk, const T* a, const T* b, T* y) {
  pairs::with_function(f, [&](auto function) {
    over_rows(gpu, walk, Sources<T, 2>{{a, b}}, aligned(y), true, Forward<decltype(function), T>{y});
  });
}

template <class T>
void backward(Gpu& gpu, gx_binary_function f, const Walk<2>& walk, int64_t gap, const T* a, const T* b, const T* dy,
              T* da, T* db) {
  const bool wide = aligned(dy) && aligned(da) && aligned(db) && gap % kPack<T> == 0;
  pairs::with_function(f, [&](auto function) {
    over_rows(gpu, walk, Sources<T, 2>{{a, b}}, wide, gap == 0, Backward<decltype(function), T>{dy, da, db, gap});
  });
}

Walk<2> walk_of(const gx_shape* a_shape, const gx_shape* b_shape) {
  return broadcast_walk<2>(broadcast(*a_shape, *b_shape, "a", "b"), {a_shape, b_shape});
}

// Rows of two halves as two operands.
Walk<2> halves(int64_t rows, int64_t width) {
  Walk<2> walk;
  walk.rank = 1;
  walk.dims[0] = walk.rows = rows;
  walk.strides[0][0] = walk.strides[1][0] = 2 * width;
  walk.n = width;
  walk.inner[0] = walk.inner[1] = 1;
  return walk;
}

}  // namespace

gx_status gx_binary(gx_device* device, gx_format format, gx_binary_function f, const gx_shape* a_shape,
                    const gx_shape* b_shape, const void* a, const void* b, void* y) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      forward(gpu_of(device), f, walk_of(a_shape, b_shape), static_cast<const T*>(a), static_cast<const T*>(b),
              static_cast<T*>(y));
    });
  });
}

gx_status gx_binary_backward(gx_device* device, gx_format format, gx_binary_function f, const gx_shape* a_shape,
                             const gx_shape* b_shape, const void* a, const void* b, const void* dy, void* da,
                             void* db) {
  return guarded([&] {
    if (!da && !db) return;
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      backward(gpu_of(device), f, walk_of(a_shape, b_shape), 0, static_cast<const T*>(a), static_cast<const T*>(b),
               static_cast<const T*>(dy), static_cast<T*>(da), static_cast<T*>(db));
    });
  });
}

gx_status gx_gated_unit(gx_device* device, gx_format format, int64_t rows, int64_t width, const void* x, void* y) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const T* const a = static_cast<const T*>(x);
      forward(gpu_of(device), GX_GATED, halves(rows, width), a, a + width, static_cast<T*>(y));
    });
  });
}

gx_status gx_gated_unit_backward(gx_device* device, gx_format format, int64_t rows, int64_t width, const void* x,
                                 const void* dy, void* dx) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const T* const a = static_cast<const T*>(x);
      T* const da = static_cast<T*>(dx);
      backward(gpu_of(device), GX_GATED, halves(rows, width), width, a, a + width, static_cast<const T*>(dy), da,
               da + width);
    });
  });
}

}  // namespace gx::cuda
