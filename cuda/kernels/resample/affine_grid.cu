// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_affine_grid (resample.h): grid[n, i, j] = theta[n] (x_j, y_i, 1)', in double and rounded once. A thread keeps its
// pixel's position from example to example. Adjoint: a block sums an example's six numbers in double (reduce.h).
//
// Floor: 8 or 16 bytes written, or read, a pixel.
//
// nvcc 13.0, sm_80 / sm_90a: 33 to 37 registers; adjoint 48, with 8 bytes on the stack on sm_90a.
//
// Not yet run on a GPU.

#include "kernels/resample/affine_grid/affine_grid.h"
#include "kernels/resample/pictures.h"
#include "runtime/check.h"
#include "runtime/entries.h"
#include "runtime/reduce.h"
#include "runtime/split.h"

namespace gx::cuda {
namespace {

struct Position {
  double x, y;
};

// N = 2: x and y are written at once.
template <int N, class T>
__global__ void __launch_bounds__(256) there(gx_affine_grid_params p, const T* theta, T* grid) {
  each_pixel(
      p.width, p.height, p.batch,
      [&](int64_t j, int64_t i) {
        return Position{reference::grid_position(p.align_corners, j, p.width),
                        reference::grid_position(p.align_corners, i, p.height)};
      },
      [&](const Position& at, int64_t j, int64_t i, int64_t n) {
        const T* const t = theta + 6 * n;
        T* const to = grid + 2 * ((n * p.height + i) * p.width + j);
        T both[2];
#pragma unroll
        for (int k = 0; k < 2; ++k) {
          both[k] = T(double(t[3 * k]) * at.x + double(t[3 * k + 1]) * at.y + double(t[3 * k + 2]));
        }
        if (N == 2) {
          *reinterpret_cast<Pack<T, 2>*>(to) = Pack<T, 2>{{both[0], both[1]}};
        } else {
          to[0] = both[0], to[1] = both[1];
        }
      });
}

template <class T>
__global__ void __launch_bounds__(256) back(gx_affine_grid_params p, const T* grid, T* theta) {
  const int64_t pixels = p.height * p.width;
  for (int64_t n = blockIdx.x; n < p.batch; n += gridDim.x) {
    double sums[6] = {};
    for (int64_t i = threadIdx.x; i < pixels; i += blockDim.x) {
      const Split at = split(i, p.width);
      const double x = reference::grid_position(p.align_corners, at.rest, p.width);
      const double y = reference::grid_position(p.align_corners, at.quotient, p.height);
#pragma unroll
      for (int k = 0; k < 2; ++k) {
        const double d = double(grid[2 * (n * pixels + i) + k]);
        sums[3 * k] += d * x;
        sums[3 * k + 1] += d * y;
        sums[3 * k + 2] += d;
      }
    }
    block_sum(sums);
    if (threadIdx.x == 0) {
#pragma unroll
      for (int k = 0; k < 6; ++k) theta[6 * n + k] = T(sums[k]);
    }
  }
}

}  // namespace

gx_status gx_affine_grid(gx_device* device, gx_format format, const gx_affine_grid_params* params, const void* from,
                         void* to) {
  return guarded([&] {
    const gx_affine_grid_params& p = *params;
    Gpu& gpu = gpu_of(device);
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const T* const x = static_cast<const T*>(from);
      T* const y = static_cast<T*>(to);
      if (p.adjoint) {
        launch(gpu, {blocks_for(gpu, p.batch, 1), 256}, back<T>, p, x, y);
      } else {
        launch(gpu, picture_grid(gpu, p.width, p.height, p.batch), aligned(y) ? there<2, T> : there<1, T>, p, x, y);
      }
    });
  });
}

}  // namespace gx::cuda
