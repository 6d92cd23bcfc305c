// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Functions of arrays that are repeated along axes, over the walks of runtime/walk.h: rows of n elements, along which
// an operand goes on by 1 or stays.
//
// One flat grid over packs of 16 bytes of the result. Three ways, of which the launcher takes the first that fits:
//   packs in rows     operands and rows are aligned: an access of 16 bytes for each operand, one of an element where it
//                     stays. Same shapes, scalars, rows and columns of a matrix, channels of pictures.
//   packs over rows   rows are no whole packs, or operands are not aligned to them (a bias of 10 classes, pictures of
//   49
//                     pixels): operands of the result's own shape by packs, others element by element, from the caches.
//   elements          the result itself is not aligned.
// A flat index becomes a row by one division (runtime/divider.h), a row its offsets by one for each axis over the
// first.
#ifndef GENERATRIX_CUDA_KERNELS_ELEMENTWISE_ROWS_H_
#define GENERATRIX_CUDA_KERNELS_ELEMENTWISE_ROWS_H_

#include "runtime/divider.h"
#include "runtime/map.h"
#include "runtime/walk.h"

namespace gx::cuda {

// 16 bytes at once, said outright: where a store depends on a branch, nvcc makes four of it.
template <int N, class T>
__device__ inline void store_pack(T* to, const Pack<T, N>& v) {
#if GX_ON_DEVICE
  if constexpr (sizeof v == 16 && sizeof(T) == 4) {
    asm volatile("st.v4.f32 [%0], {%1, %2, %3, %4};" ::"l"(to), "f"(v.v[0]), "f"(v.v[1]), "f"(v.v[2]), "f"(v.v[3])
                 : "memory");
    return;
  } else if constexpr (sizeof v == 16) {
    asm volatile("st.v2.f64 [%0], {%1, %2};" ::"l"(to), "d"(v.v[0]), "d"(v.v[1]) : "memory");
    return;
  }
#endif
  *reinterpret_cast<Pack<T, N>*>(to) = v;
}

// A walk as kernels take it.
template <int K>
struct Rows {
  int64_t rank = 0;                  // of the axes over rows
  int64_t n = 1;                     // elements of a row
  Divider per_row = Divider::by(1);  // packs of a row, or elements where packs go over rows
  Divider dims[GX_MAX_RANK] = {};
  int64_t strides[K][GX_MAX_RANK] = {};
  int64_t inner[K] = {};
  int64_t whole[K] = {};  // not 0: the operand has the result's own shape
};

template <class T, int K>
struct Sources {
  const T* x[K];
};

namespace detail {

template <int K>
__device__ inline void row_offsets(const Rows<K>& rows, int64_t row, int64_t (&offset)[K]) {
#pragma unroll
  for (int k = 0; k < K; ++k) offset[k] = 0;
  for (int64_t axis = rows.rank - 1; axis > 0; --axis) {
    const int64_t outer = rows.dims[axis].quotient(row), at = row - outer * rows.dims[axis].divisor;
#pragma unroll
    for (int k = 0; k < K; ++k) offset[k] += at * rows.strides[k][axis];
    row = outer;
  }
#pragma unroll
  for (int k = 0; k < K; ++k) offset[k] += row * rows.strides[k][0];
}

// f(i, row, v): v[k] holds operand k's elements i .. i + N - 1 of the result, the first of which is in that row.
template <int N, bool kOver, class F, class T, int K>
__global__ void __launch_bounds__(256) over_rows(F f, Rows<K> rows, Sources<T, K> from, int64_t packs, int64_t total) {
  int64_t offset[K];
  for (int64_t p = grid_place(); p < packs; p += grid_size()) {
    const int64_t i = p * N;
    Pack<T, N> v[K];
    int64_t row = rows.per_row.quotient(kOver ? i : p);
    int64_t column = kOver ? i - row * rows.n : (p - row * rows.per_row.divisor) * N;
    row_offsets(rows, row, offset);
    if (!kOver) {
#pragma unroll
      for (int k = 0; k < K; ++k) {
        if (rows.inner[k]) {
          v[k] = *reinterpret_cast<const Pack<T, N>*>(from.x[k] + offset[k] + column);
        } else {
          const T value = from.x[k][offset[k]];
#pragma unroll
          for (int e = 0; e < N; ++e) v[k].v[e] = value;
        }
      }
    } else {
#pragma unroll
      for (int k = 0; k < K; ++k) {
        if (rows.whole[k]) v[k] = *reinterpret_cast<const Pack<T, N>*>(from.x[k] + i);
      }
      int64_t r = row;
#pragma unroll
      for (int e = 0; e < N; ++e) {
#pragma unroll
        for (int k = 0; k < K; ++k) {
          if (!rows.whole[k]) v[k].v[e] = from.x[k][offset[k] + column * rows.inner[k]];
        }
        if (e + 1 < N && ++column == rows.n) {
          column = 0;
          row_offsets(rows, ++r, offset);
        }
      }
    }
    f(i, row, v);
  }
  // What is no whole pack: of a single row, or of the last ones.
  for (int64_t i = packs * N + grid_place(); i < total; i += grid_size()) {
    const int64_t row = kOver ? rows.per_row.quotient(i) : 0, column = i - row * rows.n;
    row_offsets(rows, row, offset);
    Pack<T, 1> v[K];
#pragma unroll
    for (int k = 0; k < K; ++k) v[k].v[0] = from.x[k][offset[k] + column * rows.inner[k]];
    f(i, row, v);
  }
}

// Whether operand k lies as the result does.
template <int K>
bool is_whole(const Walk<K>& walk, int k) {
  if (walk.inner[k] != 1) return false;
  int64_t stride = walk.n;
  for (int axis = walk.rank - 1; axis >= 0; --axis) {
    if (walk.strides[k][axis] != stride) return false;
    stride *= walk.dims[axis];
  }
  return true;
}

}  // namespace detail

// f over all elements of the walk. `aligned_result`: what f reads and writes at i .. i + 3 may be accessed at once
// where i is a multiple of 4 (2 for double), in the rows' own order; `dense`: and that order is the flat one.
template <class F, class T, int K>
void over_rows(Gpu& gpu, const Walk<K>& walk, const Sources<T, K>& from, bool aligned_result, bool dense, F f) {
  constexpr int N = kPack<T>;
  const int64_t total = walk.rows * walk.n;
  if (total == 0) return;
  Rows<K> rows;
  rows.rank = walk.rank;
  rows.n = walk.n;
  bool in_rows = aligned_result && (walk.rows == 1 || walk.n % N == 0), over = aligned_result && dense;
  for (int axis = 0; axis < walk.rank; ++axis) rows.dims[axis] = Divider::by(walk.dims[axis]);
  for (int k = 0; k < K; ++k) {
    rows.inner[k] = walk.inner[k];
    rows.whole[k] = detail::is_whole(walk, k);
    over = over && (!rows.whole[k] || aligned(from.x[k]));
    if (walk.inner[k] == 1) in_rows = in_rows && aligned(from.x[k]);
    for (int axis = 0; axis < walk.rank; ++axis) {
      rows.strides[k][axis] = walk.strides[k][axis];
      if (walk.inner[k] == 1 && walk.rows > 1) in_rows = in_rows && walk.strides[k][axis] % N == 0;
    }
  }
  const bool wide = in_rows || over;
  const int64_t packs = wide ? total / N : total;
  rows.per_row = Divider::by(in_rows ? std::max<int64_t>(1, walk.n / N) : walk.n);
  launch(gpu, {blocks_for(gpu, total, 256 * (wide ? N : 1)), 256},
         in_rows ? detail::over_rows<N, false, F, T, K>
         : over  ? detail::over_rows<N, true, F, T, K>
                 : detail::over_rows<1, false, F, T, K>,
         f, rows, from, packs, total);
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_ELEMENTWISE_ROWS_H_
