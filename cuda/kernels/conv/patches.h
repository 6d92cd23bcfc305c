// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the gradient of the weights W[rows, columns, taps] multiplies (native/kernels/conv/shape.h): the rows' side,
// read pixel by pixel, and patches of the columns' side, one for each pair of a column and a live tap. Both run over
// the pixels of the rows' side in all examples. Pairs are looked up in a table that a launch makes.
#ifndef GENERATRIX_CUDA_KERNELS_CONV_PATCHES_H_
#define GENERATRIX_CUDA_KERNELS_CONV_PATCHES_H_

#include "kernels/conv/divisor.h"
#include "kernels/conv/plan.h"
#include "runtime/map.h"

namespace gx::cuda {

// The pixels of the rows' side, over all examples.
struct ConvRaster {
  Divisor pixels, plane, line;  // of an example; height x width; width
  int64_t count;
  int64_t stride[3], size[3];  // size: of the columns' side
  int64_t row_example, column_example;
};

struct RasterPlace {
  int example, pixel;  // pixel: of the example
  int at[3];           // on the columns' side, before the tap's shift
};
__device__ inline RasterPlace place_of(const ConvRaster& r, int k) {
  RasterPlace place;
  place.pixel = k;
  place.example = r.pixels.divide(place.pixel);
  int rest = place.pixel;
  place.at[0] = r.plane.divide(rest) * int(r.stride[0]);
  place.at[1] = r.line.divide(rest) * int(r.stride[1]);
  place.at[2] = rest * int(r.stride[2]);
  return place;
}

// Of a pair: how far its pixels lie from those of the group's first column, its tap's shift along each axis.
struct __align__(16) ConvPair {
  int offset, shift[3];
};
constexpr int kOutside = 1 << 30;  // a shift that leads outside

// columns x live taps, filled up to a multiple of a tile's columns with what is always outside.
struct ConvPairs {
  const ConvPair* pairs;
  const int* weight;  // a pair's column and tap, as they are counted in W
  int* flag;          // 1: some result is NaN
};

__device__ inline bool inside(const ConvRaster& r, const RasterPlace& place, const ConvPair& pair) {
  const bool there[3] = {unsigned(place.at[0] + pair.shift[0]) < unsigned(r.size[0]),
                         unsigned(place.at[1] + pair.shift[1]) < unsigned(r.size[1]),
                         unsigned(place.at[2] + pair.shift[2]) < unsigned(r.size[2])};
  return there[0] & there[1] & there[2];  // without a branch
}
// Where a place is on the columns' side, from the example's and group's first element and without the pair's offset.
__device__ inline int64_t column_pixel(const ConvRaster& r, const RasterPlace& place) {
  return place.example * r.column_example + (place.at[0] * r.size[1] + place.at[1]) * r.size[2] + place.at[2];
}

namespace detail {

static __global__ void __launch_bounds__(256)
    prepare_pairs(ConvPlan p, int64_t live_taps, int64_t count, int* flag, ConvPair* pairs, int* weight) {
  if (grid_place() == 0) *flag = 0;
  for (int64_t i = grid_place(); i < count; i += grid_size()) {
    ConvPair pair = {0, {kOutside, kOutside, kOutside}};
    const int column = int(i / live_taps), taps = int(p.kernel_taps);
    int tap = int(i % live_taps);
    if (column < p.columns()) {
      if (p.masked) {
        int rank = tap;
        for (tap = 0; rank > 0 || !p.is_live(tap); ++tap) rank -= p.is_live(tap);
      }
      weight[i] = column * taps + tap;
      pair.offset = column * int(p.transposed ? p.out_pixels : p.in_pixels);
      int pitch = 1;
      for (int a = 2; a >= 0; --a) {
        const ConvAxis& axis = p.axis[a];
        pair.shift[a] = tap % int(axis.kernel) * int(axis.dilation) - int(axis.padding);
        tap /= int(axis.kernel);
        pair.offset += pair.shift[a] * pitch;
        pitch *= int(p.transposed ? axis.out : axis.in);
      }
    }
    pairs[i] = pair;
  }
}

}  // namespace detail

// Whether the numbers of a gradient fit into the tables.
inline bool has_pairs(const ConvPlan& p) {
  constexpr int64_t kInt = int64_t(1) << 29;
  int64_t reach = 0, pitch = 1;
  for (int a = 2; a >= 0; --a) {
    const ConvAxis& axis = p.axis[a];
    const int64_t column_size = p.transposed ? axis.out : axis.in;
    for (const int64_t n : {axis.in, axis.out, axis.stride, axis.dilation * axis.kernel, axis.padding}) {
      if (n >= kInt) return false;
    }
    if ((p.transposed ? axis.in : axis.out) * axis.stride >= kInt) return false;
    reach += (axis.dilation * axis.kernel + axis.padding) * pitch;
    pitch *= column_size;
    if (pitch >= kInt || reach >= kInt) return false;
  }
  const int64_t row_pixels = p.transposed ? p.in_pixels : p.out_pixels;
  return p.columns() * pitch < kInt && p.kernel_taps < kInt && p.columns() * p.kernel_taps < kInt && p.batch < kInt &&
         row_pixels < kInt && p.batch * row_pixels < 2 * kInt;
}

inline ConvPairs prepare_pairs(Gpu& gpu, Workspace& workspace, const ConvPlan& p, int64_t live_taps) {
  const int64_t count = (p.columns() * live_taps + 127) / 128 * 128;
  int* const flag = workspace.get<int>(1);
  ConvPair* const pairs = workspace.get<ConvPair>(count);
  int* const weight = workspace.get<int>(count);
  launch(gpu, {blocks_for(gpu, count, 256), 256}, detail::prepare_pairs, p, live_taps, count, flag, pairs, weight);
  return {pairs, weight, flag};
}

inline ConvRaster raster_of(const ConvPlan& p, const ConvShape& s) {
  const auto rows_side = [&](int a) { return p.transposed ? p.axis[a].in : p.axis[a].out; };
  ConvRaster r;
  const int64_t pixels = p.transposed ? p.in_pixels : p.out_pixels;
  r.pixels = Divisor(pixels);
  r.plane = Divisor(rows_side(1) * rows_side(2));
  r.line = Divisor(rows_side(2));
  r.count = p.batch * pixels;
  for (int a = 0; a < 3; ++a) {
    r.stride[a] = s.p.stride[a];
    r.size[a] = p.transposed ? p.axis[a].out : p.axis[a].in;
  }
  r.row_example = p.groups * p.rows() * pixels;
  r.column_example = p.groups * p.columns() * (p.transposed ? p.out_pixels : p.in_pixels);
  return r;
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_CONV_PATCHES_H_
