// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the kernels of a convolution look into, made by one launch in front of them: of each phase (plan.h) a header, a
// list of its terms, k = (input channel, live tap), and its weights as [terms][row_stride], so that masks, colours,
// dilation and strides cost nothing afterwards. The number of terms is filled up to a step of the product engine with
// terms that are never seen.
//
// A term's x lies `offset` elements from the base of a pixel (a column). Whether it lies inside of x is told by bits:
// a tap has one place along each axis, and a pixel a word of the places that it misses.
//
// Traffic: the weights once from memory, once per phase from the caches; once back. Not yet run on a GPU.
#ifndef GENERATRIX_CUDA_KERNELS_CONV_TABLES_H_
#define GENERATRIX_CUDA_KERNELS_CONV_TABLES_H_

#include "kernels/conv/plan.h"
#include "kernels/linear/activate.h"
#include "kernels/linear/work.h"
#include "runtime/map.h"

namespace gx::cuda {

struct ConvHeader {
  int pixels, terms;                        // of an example; without what fills up
  int size[3], from[3], y_step[3], out[3];  // pixel q of the phase is pixel from + q y_step of y
  int in[3], x_step[3];                     // and reads pixel q x_step + shift + place step of x
  int shift[3], step[3], places[3];
};

template <class T>
struct ConvTables {
  int* flag;  // 1: some result is NaN
  ConvHeader* headers;
  int2* terms;
  T* weights;
  int64_t term_stride, row_stride;
};

constexpr int kMostPlaces = 31, kMostTaps = 512;
constexpr unsigned kNever = 0x80000000u;  // the bit that all pixels miss

// Whether a convolution's numbers are as small as the tables have them; else it is computed term by term.
inline bool has_tables(const ConvPlan& p) {
  constexpr int64_t kInt = int64_t(1) << 30;
  int64_t places = 0, taps = 1, reach = p.in_channels * p.in_pixels;
  for (int a = 0; a < 3; ++a) {
    const ConvAxis& axis = p.axis[a];
    const int64_t of_axis = (axis.kernel + axis.tap_step - 1) / axis.tap_step;
    for (const int64_t n : {axis.in, axis.out, axis.stride, axis.dilation * axis.kernel, axis.padding}) {
      if (n >= kInt) return false;
    }
    if (axis.phases > 1024) return false;
    places += of_axis;
    if (places > kMostPlaces) return false;
    taps *= of_axis;
    reach += (axis.padding + axis.kernel * axis.dilation) * x_pitch(p, a);
    if (p.in_pixels >= kInt || reach >= 2 * kInt) return false;
  }
  return taps <= kMostTaps && p.phases() <= 1024 && p.groups <= 65535 && p.in_channels < kInt / kMostTaps &&
         p.out_channels < kInt && (p.in_channels * taps + 32) * (p.out_channels + 8) < 2 * kInt && p.batch < kInt &&
         p.batch * p.out_pixels < 2 * kInt;
}

// Where a pixel of a phase, counted over all examples, reads and writes. group: of x, and of y.
struct ConvPlace {
  int64_t x, y;     // elements from the group's first ones
  unsigned missed;  // places
};
__device__ inline ConvPlace place_of_pixel(const ConvHeader& h, int pixel, int64_t x_example, int64_t y_example) {
  const int example = pixel / h.pixels;
  int rest = pixel - example * h.pixels, bit = 0, x_pitch = 1;
  int64_t y_pitch = 1;
  ConvPlace place = {example * x_example, example * y_example, kNever};
#pragma unroll
  for (int a = 2; a >= 0; --a) {
    const int above = rest / h.size[a], q = rest - above * h.size[a];
    rest = above;
    const int from = q * h.x_step[a];
    for (int i = 0; i < h.places[a]; ++i, ++bit) {
      if (unsigned(from + h.shift[a] + i * h.step[a]) >= unsigned(h.in[a])) place.missed |= 1u << bit;
    }
    place.x += int64_t(from) * x_pitch;
    place.y += (h.from[a] + q * h.y_step[a]) * y_pitch;
    x_pitch *= h.in[a];
    y_pitch *= h.out[a];
  }
  return place;
}

namespace detail {

// Blocks (32 rows x 32 terms, phase, group) of 32 x 8 threads.
template <class T>
__global__ void __launch_bounds__(256) prepare_conv(ConvPlan p, ConvTables<T> t, const T* W) {
  GX_SHARED(int, live, 256);
  GX_SHARED(int, taps_of, kMostTaps);
  GX_SHARED(int, offset_of, kMostTaps);
  GX_SHARED(unsigned, bits_of, kMostTaps);
  const int phase = int(blockIdx.y), me = int(threadIdx.y * 32 + threadIdx.x);
  const ConvPhases phases = phases_of(p, phase);
  if (p.masked) {  // then there are 256 taps at most
    if (me < phases.taps) live[me] = p.is_live(tap_of(p, phases, me).tap);
    __syncthreads();
  }
  for (int j = me; j < phases.taps; j += 256) {
    int to = j;
    if (p.masked) {
      if (!live[j]) continue;
      to = 0;
      for (int i = 0; i < j; ++i) to += live[i];
    }
    const ConvPhaseTap tap = tap_of(p, phases, j);
    taps_of[to] = tap.tap;
    offset_of[to] = tap.shift[0] * x_pitch(p, 0) + tap.shift[1] * x_pitch(p, 1) + tap.shift[2];
    bits_of[to] = 1u << tap.place[2] | 1u << (phases.axis[2].taps + tap.place[1]) |
                  1u << (phases.axis[2].taps + phases.axis[1].taps + tap.place[0]);
  }
  int taps = phases.taps;
  if (p.masked) {
    taps = 0;
    for (int i = 0; i < phases.taps; ++i) taps += live[i];
  }
  __syncthreads();

  const int64_t group = blockIdx.z;
  const int terms = int(p.in_channels) * taps, in_pixels = int(p.in_pixels);
  const int row_tiles = int((t.row_stride + 31) / 32);
  const int row = int(blockIdx.x) % row_tiles * 32 + int(threadIdx.x);
  T* const weights = t.weights + (phase * p.groups + group) * t.term_stride * t.row_stride;
  for (int i = 0; i < 4; ++i) {
    const int k = int(blockIdx.x) / row_tiles * 32 + int(threadIdx.y) + 8 * i;
    if (k >= t.term_stride) continue;
    const bool there = k < terms;
    const int c = there ? k / taps : 0, j = there ? k - c * taps : 0;
    if (row < t.row_stride) {
      T weight = 0;
      if (there && row < p.out_channels && p.colours.meet(taps_of[j], p.transposed ? c : row, p.transposed ? row : c)) {
        weight = W[p.weight(group, c, row, taps_of[j])];
      }
      weights[k * t.row_stride + row] = weight;
    }
    if (row == 0 && group == 0) {
      t.terms[phase * t.term_stride + k] =
          there ? make_int2(c * in_pixels + offset_of[j], int(bits_of[j])) : make_int2(0, int(kNever));
    }
  }

  if (blockIdx.x != 0 || group != 0 || me != 0) return;
  if (phase == 0) *t.flag = 0;
  ConvHeader& h = t.headers[phase];
  h.pixels = phases.pixels;
  h.terms = terms;
  for (int a = 0; a < 3; ++a) {
    const ConvAxis& axis = p.axis[a];
    const ConvPhase& of_axis = phases.axis[a];
    const int by = of_axis.first * int(axis.dilation), step = int(axis.tap_step) * int(axis.dilation);
    h.size[a] = of_axis.size, h.from[a] = of_axis.from, h.y_step[a] = int(axis.y_step), h.out[a] = int(axis.out);
    h.in[a] = int(axis.in), h.x_step[a] = int(axis.x_step);
    h.shift[a] = p.transposed ? (of_axis.from + int(axis.padding) - by) / int(axis.stride) : by - int(axis.padding);
    h.step[a] = p.transposed ? -(step / int(axis.stride)) : step;
    h.places[a] = of_axis.taps;
  }
}

// What the zeros that stand for the outside, or for weights under a colour, made NaN: by the definition.
template <class T>
__global__ void __launch_bounds__(256)
    mend_conv(ConvPlan p, const int* flag, int64_t count, const T* x, const T* W, const T* b, T* y) {
  if (flag && *flag == 0) return;
  for (int64_t i = grid_place(); i < count; i += grid_size()) {
    if (flag && !isnan(y[i])) continue;
    T z = conv_sum(p, x, W, i);
    if (b) z += b[i / p.out_pixels % (p.groups * p.out_channels)];
    y[i] = activate(gx_activation(p.activation), T(p.activation_p), z);
  }
}

}  // namespace detail

// row_stride: rows of the weights, filled up with zeros.
template <class T>
ConvTables<T> prepare_conv(Gpu& gpu, Workspace& workspace, const ConvPlan& p, int64_t row_stride, const T* W) {
  int64_t taps = 1;
  for (const ConvAxis& axis : p.axis) taps *= (axis.kernel + axis.tap_step - 1) / axis.tap_step;
  ConvTables<T> t;
  t.term_stride = (p.in_channels * taps + tile::kPartGrid - 1) / tile::kPartGrid * tile::kPartGrid;
  t.row_stride = row_stride;
  t.flag = workspace.get<int>(1);
  t.headers = workspace.get<ConvHeader>(p.phases());
  t.terms = workspace.get<int2>(p.phases() * t.term_stride);
  t.weights = workspace.get<T>(p.phases() * p.groups * t.term_stride * row_stride);
  const int64_t tiles = (row_stride + 31) / 32 * ((t.term_stride + 31) / 32);
  launch(gpu, {dim3(unsigned(tiles), unsigned(p.phases()), unsigned(p.groups)), dim3(32, 8)}, detail::prepare_conv<T>,
         p, t, W);
  return t;
}

// Whether some tap of some pixel lies outside of x, or under a colour: then zeros are multiplied that should not be.
inline bool has_zeros(const ConvPlan& p) {
  bool outside = p.colours.count > 1;
  for (const ConvAxis& axis : p.axis) {
    outside = outside || axis.padding > 0 || (p.transposed && (axis.kernel > 1 || axis.out > axis.in));
  }
  return outside;
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_CONV_TABLES_H_
