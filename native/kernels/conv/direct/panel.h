// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What convolutions that work on pixels directly share: a convolution of two axes as sums of shifted planes.
//
// A plain convolution with stride s reads its input as s planes per axis, those of the remainders mod s; a transposed
// one writes its output as s planes, the phases. Pixel q of a plane of the output is then a sum of pixels q + shift of
// planes of the input, with a shift per tap. A thread copies the rows that a block of pixels needs, with zeros where
// padding is, into a panel in its L1 cache. There, one row after the other, 16 neighbours at any shift are a plain
// load.
#ifndef GENERATRIX_KERNELS_CONV_DIRECT_PANEL_H_
#define GENERATRIX_KERNELS_CONV_DIRECT_PANEL_H_

#include "kernels/conv/shape.h"
#include "kernels/linear/product/run.h"
#include "runtime/vec.h"

namespace gx::GX_ISA {

constexpr int64_t kMostTaps = 64, kMostStride = 4, kMostSpan = 64;

struct DirectTap {
  int64_t index;             // in the kernel
  int64_t plane;             // of the input
  int64_t phase_y, phase_x;  // of the output
  int64_t shift_y, shift_x;
};

// Axis 0 is y, axis 1 is x.
struct Stencil {
  int64_t planes[2], phases[2];
  int64_t pixels[2];               // of a plane of the output, the longest
  int64_t low[2], high[2];         // of the shifts
  int64_t step_y;                  // between the shifts of taps above each other in the same planes
  int64_t tap_count, live_phases;  // phases that have taps
  // By remainder of their place mod stride, which is what packed weights may depend on, and by raster order in that. A
  // plain convolution's are in raster order altogether.
  DirectTap taps[kMostTaps];

  int64_t span(int a) const { return high[a] - low[a]; }
  int64_t phase(int64_t tap) const { return taps[tap].phase_y * phases[1] + taps[tap].phase_x; }
  // Taps [tap, this) are of one phase.
  int64_t phase_end(int64_t tap) const {
    int64_t end = tap + 1;
    while (end < tap_count && phase(end) == phase(tap)) ++end;
    return end;
  }
};

inline int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
inline int64_t modulo(int64_t a, int64_t n) { return (a % n + n) % n; }

// False: not of a kind that this can describe.
inline bool make_stencil(const ConvShape& s, Stencil& stencil) {
  const gx_conv_params& p = s.p;
  if (p.in_size[0] != 1 || s.out_size[0] != 1 || p.kernel[0] != 1 || p.padding[0] != 0 || p.colours > 1) return false;
  if (s.kernel_taps > kMostTaps || s.live_taps == 0) return false;
  int64_t common = p.stride[1], rest = p.dilation[1];
  while (rest != 0) {
    const int64_t next = common % rest;
    common = rest;
    rest = next;
  }
  stencil.step_y = p.dilation[1] / common;
  for (int a = 0; a < 2; ++a) {
    const int64_t stride = p.stride[a + 1];
    if (stride > kMostStride || p.dilation[a + 1] > kMostSpan) return false;
    stencil.planes[a] = p.transposed ? 1 : stride;
    stencil.phases[a] = p.transposed ? stride : 1;
    stencil.pixels[a] = ceil_div(s.out_size[a + 1], stencil.phases[a]);
  }
  stencil.tap_count = stencil.live_phases = 0;
  const int64_t remainders = p.transposed ? p.stride[1] * p.stride[2] : 1;
  for (int64_t remainder = 0; remainder < remainders; ++remainder) {
    const int64_t before = stencil.tap_count;
    for (int64_t i = 0; i < s.live_taps; ++i) {
      const int64_t index = s.taps[i].index, place[2] = {index / p.kernel[2], index % p.kernel[2]};
      int64_t mine = 0, at[2], shift[2];
      for (int a = 0; a < 2; ++a) {
        const int64_t stride = p.stride[a + 1], whole = place[a] * p.dilation[a + 1];
        mine = mine * stride + whole % stride;
        at[a] = modulo(whole - p.padding[a + 1], stride);
        shift[a] = (whole - p.padding[a + 1] - at[a]) / stride * (p.transposed ? -1 : 1);
      }
      if (p.transposed && mine != remainder) continue;
      for (int a = 0; a < 2; ++a) {
        stencil.low[a] = stencil.tap_count == 0 || shift[a] < stencil.low[a] ? shift[a] : stencil.low[a];
        stencil.high[a] = stencil.tap_count == 0 || shift[a] > stencil.high[a] ? shift[a] : stencil.high[a];
      }
      stencil.taps[stencil.tap_count++] = p.transposed
                                              ? DirectTap{index, 0, at[0], at[1], shift[0], shift[1]}
                                              : DirectTap{index, at[0] * p.stride[2] + at[1], 0, 0, shift[0], shift[1]};
    }
    stencil.live_phases += stencil.tap_count > before;
  }
  return stencil.span(0) <= kMostSpan && stencil.span(1) <= kMostSpan;
}

// Pixels [at[a], at[a] + size[a]) of every plane of the output, and how the input lies that they need.
struct Block {
  int64_t at[2], size[2];
  int64_t rows, pitch;  // of a plane of the input
  int64_t lead;         // floats in front of the first plane: with a pitch of whole vectors, shift 0 is on their grid

  int64_t plane() const { return rows * pitch; }
  int64_t offset(const Stencil& s, const DirectTap& tap) const {
    return lead + tap.plane * plane() + (tap.shift_y - s.low[0]) * pitch + tap.shift_x - s.low[1];
  }
};

// A vector from memory that goes into several sums: GCC would read it again for each, and unaligned reads are what
// there is least of (2.3 times the time of a tile).
inline vf load_once(const float* p) {
  vf v = loadf(p);
#if GX_VEC_BYTES == 64
  asm("" : "+v"(v));
#else
  asm("" : "+x"(v));
#endif
  return v;
}

inline int64_t lead_of(const Stencil& s) { return modulo(s.low[1], kLanes); }

inline void zero(float* from, const float* to) {  // to whole vectors
  for (; from < to; from += kLanes) store(from, vf{});
}

// to[i] = from[i * stride] for i in [0, n), then zeros up to `end`, to whole vectors. Reads from[i] for i below
// `readable` alone.
inline void copy_row(const float* from, int64_t n, float* to, const float* end) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(to + i, loadf(from + i));
  if (i < n) {
    store(to + i, load_first(from + i, int(n - i)));
    i += kLanes;
  }
  zero(to + i, end);
}
inline void copy_row(const float* from, int64_t stride, int64_t n, int64_t readable, float* to, const float* end) {
  if (stride == 2) {
    vi even;
    for (int l = 0; l < kLanes; ++l) even[l] = 2 * l;
    for (int64_t i = 0; i < n; i += kLanes) {
      const float* const at = from + 2 * i;
      const int64_t left = readable - 2 * i;
      const vf low = left >= kLanes ? loadf(at) : load_first(at, int(left));
      const vf high = left >= 2 * kLanes ? loadf(at + kLanes)
                      : left > kLanes    ? load_first(at + kLanes, int(left - kLanes))
                                         : vf{};
      store(to + i, __builtin_shuffle(low, high, even));
    }
  } else {
    for (int64_t i = 0; i < n; ++i) to[i] = from[i * stride];
  }
  zero(to + n, end);
}

// The planes of one channel.
inline void fill_panel(const ConvShape& shape, const Stencil& s, const Block& b, const float* x, float* panel) {
  const int64_t height = shape.p.in_size[1], width = shape.p.in_size[2];
  panel += b.lead;
  for (int64_t py = 0; py < s.planes[0]; ++py) {
    const int64_t rows = s.planes[0], top = (b.at[0] + s.low[0]) * rows + py;  // row 0's place in x
    const int64_t first_row = lesser(b.rows, top >= 0 ? 0 : ceil_div(-top, rows));
    const int64_t end_row = lesser(b.rows, height <= top ? 0 : ceil_div(height - top, rows));
    for (int64_t px = 0; px < s.planes[1]; ++px, panel += b.plane()) {
      const int64_t stride = s.planes[1], left = (b.at[1] + s.low[1]) * stride + px, most = b.size[1] + s.span(1);
      const int64_t first = left >= 0 ? 0 : ceil_div(-left, stride);
      const int64_t n = lesser(most, width <= left ? 0 : ceil_div(width - left, stride)) - first;
      const float* const end = panel + b.plane();
      if (n <= 0 || end_row <= first_row) {
        zero(panel, end);
        continue;
      }
      float* to = panel + first_row * b.pitch + first;
      zero(panel, to);
      const float* from = x + (top + first_row * rows) * width + left + first * stride;
      for (int64_t r = first_row; r < end_row; ++r, to += b.pitch, from += rows * width) {
        if (stride == 1) {
          copy_row(from, n, to, to + b.pitch);
        } else {
          copy_row(from, stride, n, width - left - first * stride, to, to + b.pitch);
        }
      }
      zero(to, end);
    }
  }
}

// Fetches what a later panel will be filled with, some lines before each tile: rows of a channel are too short for the
// processor to see what comes.
struct Ahead {
  const char* from = nullptr;  // the first channel's
  int64_t stride = 0;          // bytes from channel to channel
  int64_t lines = 0, channels = 0;
  int64_t line = 0, channel = 0;

  void fetch(int64_t count) {
    for (; count > 0 && channel < channels; --count) {
      __builtin_prefetch(from + channel * stride + line * 64, 0, 2);
      if (++line == lines) line = 0, ++channel;
    }
  }
};

// Of a block of so many channels, the first at x.
inline Ahead ahead_of_panel(const ConvShape& shape, const Stencil& s, const Block& b, const float* x,
                            int64_t channels) {
  const int64_t rows = shape.p.in_size[1], width = shape.p.in_size[2];
  const int64_t top = (b.at[0] + s.low[0]) * s.planes[0], bottom = top + b.rows * s.planes[0];
  const int64_t first = top < 0 ? 0 : lesser(top, rows), end = bottom < first ? first : lesser(bottom, rows);
  Ahead ahead;
  ahead.from = reinterpret_cast<const char*>(x + first * width);
  ahead.stride = shape.in_pixels * 4;
  ahead.lines = ceil_div((end - first) * width, 16);
  ahead.channels = ahead.lines == 0 ? 0 : channels;
  return ahead;
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_CONV_DIRECT_PANEL_H_
