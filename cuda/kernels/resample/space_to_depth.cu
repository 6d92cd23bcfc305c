// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_space_to_depth (resample.h): blocks of pixels to channels, and back. Threads lie over the large picture
// (pictures.h).
//
// - blocks of 2, rows of both pictures on the grid of 16 bytes: a thread takes 32 bytes of a row of the large picture
//   and a pack of each of the two channels that it is by turns.
// - any: a thread takes a pixel of the large picture; a warp's accesses to the small one fall into as many pieces as a
//   block has columns.
//
// Floor: every element read and written once.
//
// nvcc 13.0, sm_80 / sm_90a: 38 to 46 registers; no spills.
//
// Not yet run on a GPU.

#include "kernels/resample/pictures.h"
#include "kernels/resample/space_to_depth/space_to_depth.h"
#include "runtime/check.h"
#include "runtime/entries.h"
#include "runtime/split.h"

namespace gx::cuda {
namespace {

// A row of the large picture: the row of blocks it is in, and which of theirs.
struct Row {
  int64_t block, within;
};

// Where column 0 of the small picture's row lies that has pixel (row.within, j) of the blocks of a plane.
__device__ inline int64_t small_row(const gx_space_to_depth_params& p, const Split& plane, const Row& row, int64_t j) {
  const int64_t b = p.block, channel = block_channel(p, plane.rest, row.within, j);
  return ((plane.quotient * p.channels * b * b + channel) * (p.height / b) + row.block) * (p.width / b);
}

template <bool kBack, class T>
__global__ void __launch_bounds__(256) pairs(gx_space_to_depth_params p, T* large, T* small) {
  constexpr int N = kPack<T>;
  typedef Pack<T, N> P;
  each_pixel(
      p.width / (2 * N), p.height, p.batch * p.channels,
      [](int64_t, int64_t h) {
        return Row{h / 2, h % 2};
      },
      [&](const Row& row, int64_t column, int64_t h, int64_t plane) {
        const Split channel = split(plane, p.channels);
        P* const wide = reinterpret_cast<P*>(large + (plane * p.height + h) * p.width) + 2 * column;
        P* narrow[2];
#pragma unroll
        for (int j = 0; j < 2; ++j) narrow[j] = reinterpret_cast<P*>(small + small_row(p, channel, row, j)) + column;
        P a[2], b[2];
        if (kBack) {
          b[0] = *narrow[0], b[1] = *narrow[1];
        } else {
          a[0] = wide[0], a[1] = wide[1];
        }
#pragma unroll
        for (int k = 0; k < 2 * N; ++k) {
          if (kBack) {
            a[k / N].v[k % N] = b[k % 2].v[k / 2];
          } else {
            b[k % 2].v[k / 2] = a[k / N].v[k % N];
          }
        }
        if (kBack) {
          wide[0] = a[0], wide[1] = a[1];
        } else {
          *narrow[0] = b[0], *narrow[1] = b[1];
        }
      });
}

struct Pixel {
  Row row;
  int64_t block, within;  // of the column
};

template <bool kBack, class T>
__global__ void __launch_bounds__(256) pixels(gx_space_to_depth_params p, T* large, T* small) {
  each_pixel(
      p.width, p.height, p.batch * p.channels,
      [&](int64_t w, int64_t h) {
        const Split row = split(h, p.block), column = split(w, p.block);
        return Pixel{{row.quotient, row.rest}, column.quotient, column.rest};
      },
      [&](const Pixel& at, int64_t w, int64_t h, int64_t plane) {
        T* const wide = large + (plane * p.height + h) * p.width + w;
        T* const narrow = small + small_row(p, split(plane, p.channels), at.row, at.within) + at.block;
        if (kBack) {
          *wide = *narrow;
        } else {
          *narrow = *wide;
        }
      });
}

template <bool kBack, class T>
void rearrange(Gpu& gpu, const gx_space_to_depth_params& p, T* large, T* small) {
  const bool paired = p.block == 2 && p.width % (2 * kPack<T>) == 0 && aligned(large) && aligned(small);
  const Grid grid = picture_grid(gpu, p.width / (paired ? 2 * kPack<T> : 1), p.height, p.batch * p.channels);
  launch(gpu, grid, paired ? pairs<kBack, T> : pixels<kBack, T>, p, large, small);
}

}  // namespace

gx_status gx_space_to_depth(gx_device* device, gx_format format, const gx_space_to_depth_params* params,
                            const void* from, void* to) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      T* const source = const_cast<T*>(static_cast<const T*>(from));  // only read
      T* const target = static_cast<T*>(to);
      if (params->adjoint) {
        rearrange<true>(gpu_of(device), *params, target, source);
      } else {
        rearrange<false>(gpu_of(device), *params, source, target);
      }
    });
  });
}

}  // namespace gx::cuda
