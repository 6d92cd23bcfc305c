// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// y[p] = V x[p] H' for each plane, V a sparse map along the rows and H one along the columns (axes.h): up-sampling,
// sums and averages of windows, padding, and the adjoints of all.
//
// A first small kernel writes the taps of both axes into the workspace, [output][k] of index and weight, so that the
// second, which runs through the planes, has no formulas: nothing is uploaded, and one kernel serves all maps. Every
// output is one thread's sum over its taps, those of a row first, or, where outputs are few and windows large, one
// warp's in double; either order is fixed by the shape.
//
// - one tap, two or four per axis (copies, linear interpolation, its gradient for twice the size): a thread keeps its
//   taps in registers from plane to plane.
// - any number: it reads them again, from the first level's cache.
// A thread makes 16 bytes of a row where rows of y lie on that grid.
//
// Floor: x read and y written once. Neighbouring outputs read the same lines of x, which the first level's cache holds.
// Not tried: windows in two passes, rows first, which would take k + l in place of k l reads.
#ifndef GENERATRIX_CUDA_KERNELS_RESAMPLE_SEPARABLE_H_
#define GENERATRIX_CUDA_KERNELS_RESAMPLE_SEPARABLE_H_

#include <type_traits>

#include "kernels/resample/axes.h"
#include "kernels/resample/pictures.h"
#include "runtime/reduce.h"
#include "runtime/split.h"

namespace gx::cuda {

template <class T>
struct StoredTap {
  int32_t index;
  T weight;
};

// What the kernels know of a map.
template <class T>
struct SeparableMap {
  int64_t in_width, in_plane;  // columns of a row of x, elements of a plane
  int64_t width, height;       // of y
  int64_t planes;
  int64_t summed;  // plane p of x is the sum of this many consecutive ones
  int64_t copies;  // plane p of y is written to this many consecutive ones
  int64_t most_rows, most_columns;
  const StoredTap<T>*rows, *columns;  // [height][most_rows], [width][most_columns]
};

namespace detail {

template <class T>
__device__ inline void store_tap(const Axis& axis, int64_t at, StoredTap<T>* to) {
  const Split place = split(at, axis.most());
  const AxisTap tap = axis.tap(place.quotient, place.rest);
  to[at] = {int32_t(tap.index), T(tap.weight)};
}

template <class T>
__global__ void __launch_bounds__(256)
    store_taps(Axis rows, Axis columns, StoredTap<T>* of_rows, StoredTap<T>* of_columns) {
  const int64_t row_taps = rows.to() * rows.most(), all = row_taps + columns.to() * columns.most();
  for (int64_t i = grid_place(); i < all; i += grid_size()) {
    // Not one call with either axis: that would take the arguments' addresses.
    if (i < row_taps) {
      store_tap(rows, i, of_rows);
    } else {
      store_tap(columns, i - row_taps, of_columns);
    }
  }
}

template <class T>
__device__ inline T summed_planes(const SeparableMap<T>& m, const T* x) {
  T sum = x[0];
#pragma unroll 1
  for (int64_t s = 1; s < m.summed; ++s) sum += x[s * m.in_plane];
  return sum;
}

// The taps of N neighbouring columns and a row, kTaps of each axis at most.
template <int kTaps, int N, class T>
struct FewTaps {
  StoredTap<T> row[kTaps], column[N][kTaps];

  __device__ FewTaps(const SeparableMap<T>& m, int64_t first, int64_t r) {
    const StoredTap<T> none = {0, T(0)};
#pragma unroll
    for (int k = 0; k < kTaps; ++k) {
      row[k] = k < m.most_rows ? m.rows[r * m.most_rows + k] : none;
#pragma unroll
      for (int e = 0; e < N; ++e) {
        column[e][k] = k < m.most_columns ? m.columns[(first + e) * m.most_columns + k] : none;
      }
    }
  }

  __device__ T sum(const SeparableMap<T>& m, int e, const T* x) const {
    T all = 0;
#pragma unroll
    for (int k = 0; k < kTaps; ++k) {
      if (row[k].weight == T(0)) continue;
      const T* const line = x + int64_t(row[k].index) * m.in_width;
      T across = 0;
#pragma unroll
      for (int l = 0; l < kTaps; ++l) {
        if (column[e][l].weight != T(0)) across += column[e][l].weight * summed_planes(m, line + column[e][l].index);
      }
      all += row[k].weight * across;
    }
    return all;
  }
};

template <int N, class T>
struct AnyTaps {
  const StoredTap<T>*row, *column;

  __device__ AnyTaps(const SeparableMap<T>& m, int64_t first, int64_t r)
      : row(m.rows + r * m.most_rows), column(m.columns + first * m.most_columns) {}

  __device__ T sum(const SeparableMap<T>& m, int e, const T* x) const {
    T all = 0;
    for (int64_t k = 0; k < m.most_rows; ++k) {
      const StoredTap<T> down = row[k];
      if (down.weight == T(0)) continue;
      const T* const line = x + int64_t(down.index) * m.in_width;
      T across = 0;
      for (int64_t l = 0; l < m.most_columns; ++l) {
        const StoredTap<T> tap = column[e * m.most_columns + l];
        if (tap.weight != T(0)) across += tap.weight * summed_planes(m, line + tap.index);
      }
      all += down.weight * across;
    }
    return all;
  }
};

template <class Taps, int N, class T>
__global__ void __launch_bounds__(256) separable(SeparableMap<T> m, const T* x, T* y) {
  each_pixel(
      m.width / N, m.height, m.planes, [&](int64_t column, int64_t row) { return Taps(m, column * N, row); },
      [&](const Taps& taps, int64_t column, int64_t row, int64_t plane) {
        const T* const from = x + plane * m.summed * m.in_plane;
        Pack<T, N> made;
#pragma unroll
        for (int e = 0; e < N; ++e) made.v[e] = taps.sum(m, e, from);
        T* const to = y + (plane * m.copies * m.height + row) * m.width + column * N;
#pragma unroll 1
        for (int64_t c = 0; c < m.copies; ++c) {
          *reinterpret_cast<Pack<T, N>*>(to + c * m.height * m.width) = made;
        }
      });
}

// A warp for each output.
template <class T>
__global__ void __launch_bounds__(256) separable_by_warps(SeparableMap<T> m, const T* x, T* y) {
  const int lane = int(threadIdx.x) % kWarp;
  const int64_t outputs = m.planes * m.height * m.width;
  for (int64_t o = grid_place() / kWarp; o < outputs; o += grid_size() / kWarp) {
    const Split line = split(o, m.width), plane = split(line.quotient, m.height);
    const StoredTap<T>* const row = m.rows + plane.rest * m.most_rows;
    const StoredTap<T>* const column = m.columns + line.rest * m.most_columns;
    const T* const from = x + plane.quotient * m.summed * m.in_plane;
    double sum = 0;
    for (int64_t t = lane; t < m.most_rows * m.most_columns; t += kWarp) {
      const Split k = split(t, m.most_columns);
      const StoredTap<T> down = row[k.quotient], across = column[k.rest];
      if (down.weight == T(0) || across.weight == T(0)) continue;
      const T* const at = from + down.index * m.in_width + across.index;
      double value = 0;
      for (int64_t s = 0; s < m.summed; ++s) value += double(at[s * m.in_plane]);
      sum += double(down.weight) * double(across.weight) * value;
    }
    sum = warp_sum(sum);
    T* const to = y + (plane.quotient * m.copies * m.height + plane.rest) * m.width + line.rest;
    for (int64_t c = lane; c < m.copies; c += kWarp) to[c * m.height * m.width] = T(sum);
  }
}

}  // namespace detail

// planes: those of y, copies aside.
template <class T>
void run_separable(gx_device& device, const Axis& rows, const Axis& columns, int64_t planes, int64_t summed,
                   int64_t copies, const T* x, T* y) {
  if (planes == 0) return;
  Gpu& gpu = gpu_of(&device);
  Workspace workspace(device);
  const int64_t row_taps = rows.to() * rows.most(), column_taps = columns.to() * columns.most();
  StoredTap<T>* const of_rows = workspace.get<StoredTap<T>>(row_taps);
  StoredTap<T>* const of_columns = workspace.get<StoredTap<T>>(column_taps);
  launch(gpu, {blocks_for(gpu, row_taps + column_taps, 256), 256}, detail::store_taps<T>, rows, columns, of_rows,
         of_columns);
  const SeparableMap<T> m = {columns.from(), rows.from() * columns.from(),
                             columns.to(),   rows.to(),
                             planes,         summed,
                             copies,         rows.most(),
                             columns.most(), of_rows,
                             of_columns};
  constexpr int64_t kLarge = 64, kFew = 1 << 16;
  const int64_t taps = m.most_rows * m.most_columns * summed, outputs = planes * m.height * m.width;
  if (taps >= kLarge && (outputs < kFew || m.width * m.height * taps <= 4 * m.in_plane * summed)) {
    launch(gpu, {blocks_for(gpu, outputs, 256 / kWarp), 256}, detail::separable_by_warps<T>, m, x, y);
    return;
  }
  constexpr int kN = kPack<T>;
  const bool wide = m.width % kN == 0 && aligned(y);
  const int64_t most = std::max(m.most_rows, m.most_columns);
  const auto grid = [&](bool packs) { return picture_grid(gpu, m.width / (packs ? kN : 1), m.height, planes); };
  const auto run = [&](auto few) {
    constexpr int kTaps = decltype(few)::value;
    using Wide = std::conditional_t<kTaps == 0, detail::AnyTaps<kN, T>, detail::FewTaps<kTaps, kN, T>>;
    using Narrow = std::conditional_t<kTaps == 0, detail::AnyTaps<1, T>, detail::FewTaps<kTaps, 1, T>>;
    launch(gpu, grid(wide), wide ? detail::separable<Wide, kN, T> : detail::separable<Narrow, 1, T>, m, x, y);
  };
  if (most <= 1) {
    run(std::integral_constant<int, 1>());
  } else if (most <= 2) {
    run(std::integral_constant<int, 2>());
  } else if (most <= 4) {
    // A column at a time: the taps of four take more registers than there are.
    launch(gpu, grid(false), detail::separable<detail::FewTaps<4, 1, T>, 1, T>, m, x, y);
  } else {
    run(std::integral_constant<int, 0>());
  }
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_RESAMPLE_SEPARABLE_H_
