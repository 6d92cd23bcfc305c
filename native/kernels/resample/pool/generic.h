// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The greatest element of windows, neighbouring windows in the lanes of a vector, tap by tap in row order. Contract:
// pool.h.

#include "kernels/resample/lanes.h"
#include "kernels/resample/pool/pool.h"

namespace gx::GX_ISA {
namespace {

struct Row {
  const float* x;
  const float* padded;  // null, or row 0 of x with -infinity on both sides
  int64_t width, stride, dilation, padding, kernel;
  int64_t from;  // the first row of the window; taps are `down` rows apart, [low, high) of them inside
  int64_t low, high, down;
};

// Windows [first, end), of which not all taps are inside.
void each(const Row& r, int64_t first, int64_t end, float* y, float* index) {
  for (int64_t o = first; o < end; ++o) {
    float best = -__builtin_inff();
    int64_t at = -1;
    for (int64_t a = r.low; a < r.high; ++a) {
      const int64_t line = (r.from + a * r.down) * r.width;
      for (int64_t b = 0; b < r.kernel; ++b) {
        const int64_t j = o * r.stride + b * r.dilation - r.padding;
        if (j < 0 || j >= r.width) continue;
        const float v = r.x[line + j];
        if (at < 0 || (!(v <= best) && best == best)) best = v, at = line + j;
      }
    }
    y[o] = best;
    if (index) index[o] = float(at);
  }
}

// n windows from o on, all taps of which are inside or padded; stride 0: any.
template <int stride, bool indexed>
inline void windows(const Row& r, int64_t o, int n, float* y, float* index) {
  vf best = {}, at = {};
  const vf lanes = __builtin_convertvector((vi)lane_index(), vf) * float(r.stride);
  bool begun = false;
  for (int64_t a = r.low; a < r.high; ++a) {
    const int64_t line = (r.from + a * r.down) * r.width + o * r.stride - r.padding;
    const int64_t wide = (r.from + a * r.down) * (r.width + 2 * r.padding) + o * r.stride;
    const float* const x = r.padded ? r.padded + wide : r.x + line;
    for (int64_t b = 0; b < r.kernel; ++b) {
      const int64_t i = b * r.dilation;
      const vf v = stride == 1   ? load_part(x + i, n)
                   : stride == 2 ? load_evens(x + i, n)
                                 : load_every(x + i, r.stride, n);
      const vi beats = begun ? ~(v <= best) & (best == best) : vi{} - 1;
      best = beats ? v : best;
      if (indexed) at = beats ? lanes + float(line + i) : at;
      begun = true;
    }
  }
  store_part(y + o, best, n);
  if (indexed) store_part(index + o, at, n);
}

// Where a window has no element above -infinity it may have pointed into the padding.
void mend(const Row& r, int64_t first, int64_t end, float* y, float* index) {
  for (int64_t o = first; o < end; ++o) {
    if (y[o] == -__builtin_inff()) each(r, o, o + 1, y, index);
  }
}

template <int stride, bool indexed>
void row(const Row& r, int64_t out, float* y, float* index) {
  int64_t first = lesser(out, (r.padding + r.stride - 1) / r.stride);
  const int64_t last = r.width - 1 - (r.kernel - 1) * r.dilation + r.padding;  // where the last whole window begins
  int64_t end = last < 0 ? 0 : lesser(out, last / r.stride + 1);
  if (r.low == r.high || end < first) end = first;
  if (r.padded && r.low < r.high) first = 0, end = out;
  each(r, 0, first, y, index);
  for (int64_t o = first; o < end; o += kLanes) {
    windows<stride, indexed>(r, o, int(lesser<int64_t>(kLanes, end - o)), y, index);
  }
  each(r, end, out, y, index);
  if (r.padded && indexed) mend(r, 0, out, y, index);
}

template <bool indexed>
void rows(const Row& r, int64_t out, float* y, float* index) {
  r.stride == 1   ? row<1, indexed>(r, out, y, index)
  : r.stride == 2 ? row<2, indexed>(r, out, y, index)
                  : row<0, indexed>(r, out, y, index);
}

constexpr int64_t kPadded = 4096;  // floats

// Rows [first, end) of x between -infinities.
void pad(const float* x, int64_t width, int64_t padding, int64_t first, int64_t end, float* to) {
  const int64_t wide = width + 2 * padding;
  for (int64_t i = first; i < end; ++i, to += wide) {
    for (int64_t j = 0; j < padding; ++j) to[j] = to[wide - 1 - j] = -__builtin_inff();
    for (int64_t j = 0; j < width; j += kLanes) {
      const int n = int(lesser<int64_t>(kLanes, width - j));
      store_part(to + padding + j, load_part(x + i * width + j, n), n);
    }
  }
}

}  // namespace

void max_pool_taps(const PoolShape& s, const float* x, int64_t first, int64_t end, float* y, float* index) {
  const gx_pool_params& p = s.p;
  const int64_t down = p.dilation[0], height = p.in_size[0], width = p.in_size[1], wide = width + 2 * p.padding[1];
  // Vectors reach over the sides where the rows of these windows fit in a small copy with padding.
  int64_t top = first * p.stride[0] - p.padding[0];
  if (top < 0) top = 0;
  const int64_t bottom = lesser(height, (end - 1) * p.stride[0] - p.padding[0] + (p.kernel[0] - 1) * down + 1);
  float copy[kPadded];
  const bool pads = p.padding[1] > 0 && bottom > top && wide <= kPadded && (bottom - top) * wide <= kPadded;
  if (pads) pad(x, width, p.padding[1], top, bottom, copy);
  for (int64_t o = first; o < end; ++o) {
    const int64_t from = o * p.stride[0] - p.padding[0];
    const int64_t low = from < 0 ? (-from + down - 1) / down : 0;
    const int64_t high = from >= height ? 0 : lesser(p.kernel[0], (height - from + down - 1) / down);
    const Row r = {x,
                   pads ? copy - top * wide : nullptr,
                   width,
                   p.stride[1],
                   p.dilation[1],
                   p.padding[1],
                   p.kernel[1],
                   from,
                   low,
                   high < low ? low : high,
                   down};
    const int64_t at = o * s.out_size[1];
    index ? rows<true>(r, s.out_size[1], y + at, index + at) : rows<false>(r, s.out_size[1], y + at, nullptr);
  }
}

}  // namespace gx::GX_ISA
