// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A convolution as its kernels get it: by value, with everything else a matter of arithmetic, so that a call copies
// nothing to the GPU and can be captured in a graph. What native/kernels/conv/taps/plan.h writes into tables of the
// host, kernels find here or in tables that a kernel made (tables.h).
//
// Pixel o of y and pixel i of x meet at tap t of an axis if
//   i = o stride + t dilation - padding              (convolution)
//   i stride = o + padding - t dilation              (transposed convolution)
// The pixels of y with the same residue of the stride, a phase, meet x through the same taps of a transposed
// convolution: every tap_step-th from the first one on. A convolution is a single phase. Pixel q of a phase is pixel
// from + q y_step of y, and reads pixel q x_step + shift of x through a tap.
//
// Fields are int64_t: the emulator takes words that look like addresses for addresses.
#ifndef GENERATRIX_CUDA_KERNELS_CONV_PLAN_H_
#define GENERATRIX_CUDA_KERNELS_CONV_PLAN_H_

#include "kernels/conv/shape.h"
#include "runtime/cuda.h"

namespace gx::cuda {

struct ConvAxis {
  int64_t in, out, kernel, stride, dilation, padding;
  int64_t phases, tap_step;
  int64_t x_step, y_step;
};

// Which channels of W's rows and columns meet at the middle tap.
struct ConvColours {
  int64_t count, strict, centre;        // count: 0 or 1 if there are none
  int64_t rows_of_one, columns_of_one;  // channels of a colour

  __host__ __device__ bool meet(int64_t tap, int64_t row, int64_t column) const {
    if (count < 2 || tap != centre) return true;
    const int64_t of_row = row / rows_of_one, of_column = column / columns_of_one;
    return strict ? of_column < of_row : of_column <= of_row;
  }
};

struct ConvPlan {
  ConvAxis axis[3];
  int64_t transposed;
  int64_t masked, live[8];  // 32 taps a word
  ConvColours colours;
  int64_t batch, groups, in_channels, out_channels;  // channels of a group
  int64_t in_pixels, out_pixels, kernel_taps;
  int64_t activation;
  double activation_p;

  __host__ __device__ int64_t rows() const { return transposed ? in_channels : out_channels; }
  __host__ __device__ int64_t columns() const { return transposed ? out_channels : in_channels; }
  __host__ __device__ int64_t phases() const { return axis[0].phases * axis[1].phases * axis[2].phases; }
  __host__ __device__ bool is_live(int64_t tap) const { return !masked || (live[tap / 32] >> (tap % 32) & 1) != 0; }
  __host__ __device__ int64_t weight(int64_t group, int64_t in, int64_t out, int64_t tap) const {
    const int64_t row = transposed ? in : out, column = transposed ? out : in;
    return ((group * rows() + row) * columns() + column) * kernel_taps + tap;
  }
};

// A phase along an axis.
struct ConvPhase {
  int size, from;   // pixels
  int first, taps;  // the first tap, and how many
};
__host__ __device__ inline ConvPhase phase_of(const ConvPlan& p, int a, int phase) {
  const ConvAxis& axis = p.axis[a];
  if (!p.transposed) return {int(axis.out), 0, 0, int(axis.kernel)};
  const int stride = int(axis.stride), step = int(axis.tap_step), kernel = int(axis.kernel);
  ConvPhase result = {(int(axis.out) - phase + stride - 1) / stride, phase, 0, 0};
  for (int t = 0; t < kernel && t < step; ++t) {
    if ((phase + int(axis.padding) - t * int(axis.dilation)) % stride != 0) continue;
    result.first = t;
    result.taps = (kernel - t + step - 1) / step;
    break;
  }
  return result;
}

// A phase of all axes.
struct ConvPhases {
  ConvPhase axis[3];
  int pixels, taps;  // taps: with those under the mask
};
__host__ __device__ inline ConvPhases phases_of(const ConvPlan& p, int phase) {
  ConvPhases result;
  result.pixels = result.taps = 1;
  for (int a = 2; a >= 0; --a) {
    result.axis[a] = phase_of(p, a, phase % int(p.axis[a].phases));
    phase /= int(p.axis[a].phases);
    result.pixels *= result.axis[a].size;
    result.taps *= result.axis[a].taps;
  }
  return result;
}

// The j-th tap of a phase, those under the mask counted: its number in the kernel, along each axis its place among the
// phase's and its shift.
struct ConvPhaseTap {
  int tap, place[3], shift[3];
};
__host__ __device__ inline ConvPhaseTap tap_of(const ConvPlan& p, const ConvPhases& phases, int j) {
  ConvPhaseTap result;
  result.tap = 0;
  int scale = 1;
  for (int a = 2; a >= 0; --a) {
    const ConvAxis& axis = p.axis[a];
    const ConvPhase& phase = phases.axis[a];
    result.place[a] = j % phase.taps;
    j /= phase.taps;
    const int t = phase.first + result.place[a] * int(axis.tap_step), by = t * int(axis.dilation);
    result.tap += t * scale;
    scale *= int(axis.kernel);
    result.shift[a] = p.transposed ? (phase.from + int(axis.padding) - by) / int(axis.stride) : by - int(axis.padding);
  }
  return result;
}

// Live taps of a phase.
inline int64_t live_taps_of(const ConvPlan& p, const ConvPhases& phases) {
  if (!p.masked) return phases.taps;
  int64_t live = 0;
  for (int j = 0; j < phases.taps; ++j) live += p.is_live(tap_of(p, phases, j).tap);
  return live;
}

// How far apart neighbours along an axis of x lie, and of the columns' side.
__host__ __device__ inline int x_pitch(const ConvPlan& p, int a) {
  return a == 2 ? 1 : int(a == 1 ? p.axis[2].in : p.axis[1].in * p.axis[2].in);
}

// An output's sum by the definition, term by term, in the order of channels and taps: for convolutions that no table
// holds, and where a zero that stands for what lies outside of x would make NaN of an infinity or a NaN.
template <class T>
__device__ inline T conv_sum(const ConvPlan& p, const T* x, const T* W, int64_t index) {
  int64_t at[3], rest = index;
  for (int a = 2; a >= 0; --a) {
    at[a] = rest % p.axis[a].out;
    rest /= p.axis[a].out;
  }
  const int64_t row = rest % p.out_channels, example_group = rest / p.out_channels;
  const int64_t group = example_group % p.groups;
  x += example_group * p.in_channels * p.in_pixels;
  T sum = 0;
  for (int64_t c = 0; c < p.in_channels; ++c, x += p.in_pixels) {
    for (int64_t tap = 0; tap < p.kernel_taps; ++tap) {
      if (!p.is_live(tap) || !p.colours.meet(tap, p.transposed ? c : row, p.transposed ? row : c)) continue;
      int64_t t = tap, from = 0, pitch = 1;
      bool inside = true;
      for (int a = 2; a >= 0; --a) {
        const ConvAxis& axis = p.axis[a];
        const int64_t by = t % axis.kernel * axis.dilation;
        t /= axis.kernel;
        int64_t i = p.transposed ? at[a] + axis.padding - by : at[a] * axis.stride + by - axis.padding;
        if (p.transposed) {
          inside = inside && i % axis.stride == 0;
          i = i < 0 ? -1 : i / axis.stride;
        }
        inside = inside && i >= 0 && i < axis.in;
        from += i * pitch;
        pitch *= axis.in;
      }
      if (inside) sum += W[p.weight(group, c, row, tap)] * x[from];
    }
  }
  return sum;
}

// The same for a weight's gradient: the sum over batch and pixels of the rows' side.
template <class T>
__device__ inline T conv_weight_gradient_sum(const ConvPlan& p, const T* x, const T* dz, int64_t index) {
  const int64_t tap = index % p.kernel_taps, column = index / p.kernel_taps % p.columns();
  const int64_t row = index / p.kernel_taps / p.columns() % p.rows();
  const int64_t group = index / p.kernel_taps / p.columns() / p.rows();
  const int64_t row_pixels = p.transposed ? p.in_pixels : p.out_pixels;
  const int64_t column_pixels = p.transposed ? p.out_pixels : p.in_pixels;
  T sum = 0;
  for (int64_t n = 0; n < p.batch; ++n) {
    const T* const r = (p.transposed ? x : dz) + ((n * p.groups + group) * p.rows() + row) * row_pixels;
    const T* const c = (p.transposed ? dz : x) + ((n * p.groups + group) * p.columns() + column) * column_pixels;
    for (int64_t pixel = 0; pixel < row_pixels; ++pixel) {
      int64_t t = tap, rest = pixel, from = 0, pitch = 1;
      bool inside = true;
      for (int a = 2; a >= 0; --a) {
        const ConvAxis& axis = p.axis[a];
        const int64_t row_size = p.transposed ? axis.in : axis.out, column_size = p.transposed ? axis.out : axis.in;
        const int64_t i = rest % row_size * axis.stride + t % axis.kernel * axis.dilation - axis.padding;
        rest /= row_size;
        t /= axis.kernel;
        inside = inside && i >= 0 && i < column_size;
        from += i * pitch;
        pitch *= column_size;
      }
      if (inside) sum += r[pixel] * c[from];
    }
  }
  return sum;
}

inline ConvPlan plan_of(const ConvShape& s) {
  ConvPlan p = {};
  p.transposed = s.p.transposed != 0;
  for (int a = 0; a < 3; ++a) {
    ConvAxis& axis = p.axis[a];
    axis = {s.p.in_size[a], s.out_size[a], s.p.kernel[a], s.p.stride[a], s.p.dilation[a], s.p.padding[a], 1, 1, 1, 1};
    // A single pixel meets every pixel of y through one tap whatever the stride: with one that no two taps share,
    // each pixel is a phase with that tap alone.
    if (p.transposed && axis.in == 1 && axis.kernel > 1 && axis.out <= 16) {
      axis.stride = axis.out + axis.kernel * axis.dilation + axis.padding;
    }
    axis.x_step = p.transposed ? 1 : axis.stride;
    if (!p.transposed) continue;
    int64_t of_stride = axis.stride, of_dilation = axis.dilation;  // Euclid: of_stride becomes their divisor
    while (of_dilation != 0) {
      const int64_t rest = of_stride % of_dilation;
      of_stride = of_dilation;
      of_dilation = rest;
    }
    axis.tap_step = axis.stride / of_stride;
    axis.phases = axis.stride < axis.out ? axis.stride : axis.out;
    axis.y_step = axis.stride;
  }
  p.masked = s.live_taps < s.kernel_taps;
  for (int64_t t = 0; p.masked && t < s.live_taps; ++t) {
    p.live[s.taps[t].index / 32] |= int64_t(1) << (s.taps[t].index % 32);
  }
  if (s.p.colours > 1) {
    p.colours = {s.p.colours, s.p.centre_is_strict != 0, s.kernel_taps / 2, s.rows() / s.p.colours,
                 s.columns() / s.p.colours};
  }
  p.batch = s.p.batch, p.groups = s.p.groups, p.in_channels = s.in_channels, p.out_channels = s.out_channels;
  p.in_pixels = s.in_pixels, p.out_pixels = s.out_pixels, p.kernel_taps = s.kernel_taps;
  p.activation = s.p.activation, p.activation_p = s.p.activation_p;
  return p;
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_CONV_PLAN_H_
