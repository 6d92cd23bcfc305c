// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a convolution's weights multiply, as contiguous runs. Pixels of the rows' side are cut into boxes. For a box,
// the columns' side is copied with zeros around it and split by the phases of the stride: then a tap is a shift, and
// the pixels that it meets lie contiguous along every line of the box.
#ifndef GENERATRIX_KERNELS_CONV_CONV_WEIGHT_GRADIENT_PATCHES_H_
#define GENERATRIX_KERNELS_CONV_CONV_WEIGHT_GRADIENT_PATCHES_H_

#include "kernels/conv/conv_weight_gradient/dots.h"
#include "kernels/conv/shape.h"
#include "kernels/linear/product/engine.h"
#include "kernels/linear/product/team.h"

namespace gx::GX_ISA {

// Examples, depth, height and width of the rows' side.
struct Box {
  int64_t at[4], size[4];
  int64_t pixels() const { return size[0] * size[1] * size[2] * size[3]; }
};

// The part [low, high) of n pixels, first + i * stride, that lies in [0, size).
struct Inside {
  int64_t low, high;
  Inside(int64_t first, int64_t stride, int64_t size, int64_t n) {
    low = first >= 0 ? 0 : lesser(n, (-first + stride - 1) / stride);
    high = first >= size ? 0 : lesser(n, (size - first + stride - 1) / stride);
    if (high <= low) low = high = 0;
  }
};

// to[i] = from[first + i * stride] for i inside, else 0, for i < n; of a line of `size` floats. Up to a vector after n
// is written too.
inline void copy_line(const float* from, int64_t first, int64_t stride, int64_t size, Inside inside, float* to,
                      int64_t n) {
  for (int64_t i = 0; i < inside.low; i += kLanes) store(to + i, vf{});
  int64_t i = inside.low;
  from += first;
  if (stride == 1) {
    for (; i + kLanes <= inside.high; i += kLanes) store(to + i, loadf(from + i));
    if (i < inside.high) store(to + i, load_first(from + i, int(inside.high - i)));
  } else if (stride == 2) {
    vi even;
    for (int l = 0; l < kLanes; ++l) even[l] = 2 * l;
    for (; i < inside.high; i += kLanes) {
      const float* p = from + 2 * i;
      vf a, b = {};
      if (first + 2 * (i + kLanes) <= size) {
        a = loadf(p), b = loadf(p + kLanes);
      } else {
        const int64_t rest = size - first - 2 * i;
        a = load_first(p, int(lesser<int64_t>(rest, kLanes)));
        if (rest > kLanes) b = load_first(p + kLanes, int(rest - kLanes));
      }
      store(to + i, __builtin_shuffle(a, b, even));
    }
  } else {
    for (; i < inside.high; ++i) to[i] = from[i * stride];
  }
  for (i = inside.high; i < n; i += kLanes) store(to + i, vf{});
}

// What is copied comes fresh out of memory, in pieces at which the processor's own prefetch begins anew: without this
// the copies took a tenth of the time of gradients of 256 by 128 channels. Fetching the next box into the L2 cache
// while tiles are in work was slower than nothing.
constexpr int64_t kAhead = 1024;

// to[i] = from[i] for i < n; up to a vector after n is written too. What is `ahead` of from will be copied soon.
inline void copy_run(const float* from, float* to, int64_t n, int64_t ahead = kAhead) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    __builtin_prefetch(from + i + ahead);
    store(to + i, loadf(from + i));
  }
  if (i < n) store(to + i, load_first(from + i, int(n - i)));
}

// Vectors of parts that lie apart: by instructions, GCC 12 takes them through memory.
#if GX_VEC_BYTES == 64
inline vf load_halves(const float* a, const float* b) {
  return (vf)_mm512_insertf32x8(_mm512_castps256_ps512(_mm256_loadu_ps(a)), _mm256_loadu_ps(b), 1);
}
inline vf load_quarters(const float* a, const float* b, const float* c, const float* d) {
  __m512 v = _mm512_castps128_ps512(_mm_loadu_ps(a));
  v = _mm512_insertf32x4(v, _mm_loadu_ps(b), 1);
  v = _mm512_insertf32x4(v, _mm_loadu_ps(c), 2);
  return (vf)_mm512_insertf32x4(v, _mm_loadu_ps(d), 3);
}
#else
#if GX_VEC_BYTES == 32
inline vf load_halves(const float* a, const float* b) {
  return (vf)_mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(a)), _mm_loadu_ps(b), 1);
}
#else
inline vf load_halves(const float* a, const float* b) { return vf{a[0], a[1], b[0], b[1]}; }
#endif
inline vf load_quarters(const float*, const float*, const float*, const float*) { return vf{}; }  // not called
#endif

template <int vectors>
inline void copy_vectors(const float* from, const DotLine* lines, int64_t count, int64_t width, float* to) {
  for (const DotLine* line = lines; line < lines + count; ++line, to += width) {
    const float* const p = from + line->patch;
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) store(to + v * kLanes, loadf(p + v * kLanes));
  }
}

// The lines of a patch one after the other; a vector more is read and written.
inline void copy_lines(const float* from, const DotLine* lines, int64_t count, int64_t width, float* to) {
  int64_t l = 0;
  if (2 * width == kLanes) {
    for (; l + 2 <= count; l += 2, to += kLanes)
      store(to, load_halves(from + lines[l].patch, from + lines[l + 1].patch));
  } else if (4 * width == kLanes && kLanes == 16) {
    for (; l + 4 <= count; l += 4, to += kLanes) {
      store(to, load_quarters(from + lines[l].patch, from + lines[l + 1].patch, from + lines[l + 2].patch,
                              from + lines[l + 3].patch));
    }
  }
  switch ((width + kLanes - 1) / kLanes) {
    case 1:
      return copy_vectors<1>(from, lines + l, count - l, width, to);
    case 2:
      return copy_vectors<2>(from, lines + l, count - l, width, to);
    case 4:
      return copy_vectors<4>(from, lines + l, count - l, width, to);
  }
  for (; l < count; ++l, to += width) {
    for (int64_t i = 0; i < width; i += kLanes) store(to + i, loadf(from + lines[l].patch + i));
  }
}

class Patches {
 public:
  // Boxes of at most so many pixels.
  Patches(const ConvShape& s, const float* columns_side, int64_t most, Team& team)
      : s_(s),
        from_(columns_side),
        row_size_(s.p.transposed ? s.p.in_size : s.out_size),
        column_size_(s.p.transposed ? s.out_size : s.p.in_size),
        column_pixels_(s.p.transposed ? s.out_pixels : s.in_pixels) {
    int64_t left = most;
    for (int a = 3; a >= 0; --a) {
      const int64_t size = axis(a);
      most_[a] = lesser(size, left);
      left = most_[a] < size ? 1 : left / size;
      if (left == 0) left = 1;
      parts_[a] = parts_of(size, most_[a]);
    }
    in_place_ = true;
    for (int a = 0; a < 3; ++a) {
      int64_t low = INT64_MAX, high = INT64_MIN;
      for (int64_t t = 0; t < s.live_taps; ++t) {
        const int64_t q = shift(s.taps[t].at[a], s.p.stride[a]);
        low = q < low ? q : low;
        high = q > high ? q : high;
      }
      low_[a] = low;
      extent_[a] = most_[a + 1] + high - low;
      in_place_ = in_place_ && s.p.stride[a] == 1 && low >= 0 && row_size_[a] + high <= column_size_[a];
    }
    find_phases(team);
  }

  int64_t boxes() const { return parts_[0] * parts_[1] * parts_[2] * parts_[3]; }
  int64_t most_examples() const { return most_[0]; }
  int64_t most_lines() const { return most_[0] * most_[1] * most_[2]; }
  Box box(int64_t i) const {
    Box b;
    for (int a = 3; a >= 0; --a) {
      const int64_t p = i % parts_[a];
      i /= parts_[a];
      b.at[a] = part(axis(a), parts_[a], p);
      b.size[a] = part(axis(a), parts_[a], p + 1) - b.at[a];
    }
    return b;
  }

  // The columns' side needs no copy: nothing is padded, nothing is strided.
  bool in_place() const { return in_place_; }
  // And all of a box is contiguous on both sides.
  bool merges() const { return in_place_ && row_size_[2] == column_size_[2] && row_size_[1] == column_size_[1]; }
  // Floats of the copy of a channel.
  int64_t copy_floats() const { return in_place_ ? 0 : most_[0] * channel(); }

  // Patches of the channels [channel, channel + count) of group g in the box begin at the result plus offset() plus
  // their line's. `copy` has count * copy_floats() + kLanes floats.
  const float* make(const Box& b, int64_t g, int64_t first, int64_t count, float* copy) const {
    if (in_place_) {
      const int64_t at = (b.at[1] * column_size_[1] + b.at[2]) * column_size_[2] + b.at[3];
      return plane(b.at[0], g, first) + at;
    }
    float* to = copy;
    for (int64_t e = 0; e < b.size[0]; ++e) {
      for (int64_t c = 0; c < count; ++c) {
        const float* const from = plane(b.at[0] + e, g, first + c);
        for (int64_t i = 0; i < phases_; ++i, to += extent_[0] * extent_[1] * extent_[2]) phase(b, phase_[i], from, to);
      }
    }
    return copy;
  }
  // Of a channel of the `count` from the first one on, and of a live tap.
  int64_t offset(int64_t c, int64_t tap) const { return c * (in_place_ ? column_pixels_ : channel()) + offset_[tap]; }

  // The box's lines: width, or all that is contiguous on both sides. The number of lines is returned.
  int64_t lines(const Box& b, int64_t count, DotLine* line, int64_t* width) const {
    const int64_t* const size = in_place_ ? column_size_ : extent_;
    const int64_t rows_example = s_.p.groups * s_.rows() * row_size_[0] * row_size_[1] * row_size_[2];
    const int64_t example = in_place_ ? s_.p.groups * s_.columns() * column_pixels_ : count * channel();
    const DotLine* const begin = line;
    *width = merges() ? b.size[1] * b.size[2] * b.size[3] : b.size[3];
    for (int64_t e = 0; e < b.size[0]; ++e) {
      for (int64_t d = 0; d < (merges() ? 1 : b.size[1]); ++d) {
        for (int64_t h = 0; h < (merges() ? 1 : b.size[2]); ++h) {
          line->row = e * rows_example + (d * row_size_[1] + h) * row_size_[2];
          line++->patch = e * example + (d * size[1] + h) * size[2];
        }
      }
    }
    return line - begin;
  }

  // f(pixel of the rows' side, what channel c has for it) for the pixels of an example that a live tap meets.
  template <class F>
  void each_met(int64_t n, int64_t g, int64_t c, int64_t tap, F f) const {
    const float* const from = plane(n, g, c);
    Inside inside[3] = {met(0, tap), met(1, tap), met(2, tap)};
    for (int64_t d = inside[0].low; d < inside[0].high; ++d) {
      for (int64_t h = inside[1].low; h < inside[1].high; ++h) {
        for (int64_t w = inside[2].low; w < inside[2].high; ++w) {
          f((d * row_size_[1] + h) * row_size_[2] + w,
            from[(at(0, tap, d) * column_size_[1] + at(1, tap, h)) * column_size_[2] + at(2, tap, w)]);
        }
      }
    }
  }

  // Where the box begins in a plane of the rows' side; it is contiguous there but for steps from example to example.
  int64_t row_at(const Box& b) const { return (b.at[1] * row_size_[1] + b.at[2]) * row_size_[2] + b.at[3]; }

 private:
  static int64_t shift(int64_t at, int64_t stride) { return at >= 0 ? at / stride : -((-at + stride - 1) / stride); }
  int64_t axis(int a) const { return a == 0 ? s_.p.batch : row_size_[a - 1]; }
  int64_t channel() const { return phases_ * extent_[0] * extent_[1] * extent_[2]; }
  const float* plane(int64_t n, int64_t g, int64_t c) const {
    return from_ + ((n * s_.p.groups + g) * s_.columns() + c) * column_pixels_;
  }

  int64_t at(int a, int64_t tap, int64_t i) const { return s_.taps[tap].at[a] + i * s_.p.stride[a]; }
  Inside met(int a, int64_t tap) const {
    return Inside(s_.taps[tap].at[a], s_.p.stride[a], column_size_[a], row_size_[a]);
  }

  struct Phase {
    int64_t at[3];
  };
  void find_phases(Team& team) {
    static_assert(sizeof(int64_t) == 2 * sizeof(float), "");
    offset_ = reinterpret_cast<int64_t*>(team.scratch(2 * (s_.live_taps + 1)));
    phase_ = reinterpret_cast<Phase*>(team.scratch(6 * (s_.live_taps + 1)));
    phases_ = 0;
    for (int64_t t = 0; t < s_.live_taps; ++t) {
      Phase p;
      int64_t to = 0;
      for (int a = 0; a < 3; ++a) {
        const int64_t q = shift(s_.taps[t].at[a], s_.p.stride[a]);
        p.at[a] = s_.taps[t].at[a] - q * s_.p.stride[a];
        to = in_place_ ? to * column_size_[a] + q : to * extent_[a] + q - low_[a];
      }
      int64_t i = 0;
      while (i < phases_ && !(phase_[i].at[0] == p.at[0] && phase_[i].at[1] == p.at[1] && phase_[i].at[2] == p.at[2]))
        ++i;
      if (i == phases_) phase_[phases_++] = p;
      offset_[t] = to + (in_place_ ? 0 : i * extent_[0] * extent_[1] * extent_[2]);
    }
  }

  void phase(const Box& b, const Phase& p, const float* from, float* to) const {
    int64_t begin[3], size[3];
    for (int a = 0; a < 3; ++a) {
      begin[a] = (b.at[a + 1] + low_[a]) * s_.p.stride[a] + p.at[a];
      size[a] = extent_[a] - most_[a + 1] + b.size[a + 1];
    }
    const Inside width(begin[2], s_.p.stride[2], column_size_[2], size[2]);
    for (int64_t d = 0; d < size[0]; ++d) {
      const int64_t z = begin[0] + d * s_.p.stride[0];
      for (int64_t h = 0; h < size[1]; ++h) {
        const int64_t y = begin[1] + h * s_.p.stride[1];
        float* const line = to + (d * extent_[1] + h) * extent_[2];
        if (z >= 0 && z < column_size_[0] && y >= 0 && y < column_size_[1]) {
          const float* const next = from + (z * column_size_[1] + y) * column_size_[2] + column_pixels_;
          for (int64_t i = 0; i < column_size_[2]; i += 16) __builtin_prefetch(next + i);
          copy_line(from + (z * column_size_[1] + y) * column_size_[2], begin[2], s_.p.stride[2], column_size_[2],
                    width, line, size[2]);
        } else {
          for (int64_t i = 0; i < size[2]; i += kLanes) store(line + i, vf{});
        }
      }
    }
  }

  const ConvShape& s_;
  const float* from_;
  const int64_t *row_size_, *column_size_;
  int64_t column_pixels_;
  int64_t most_[4], parts_[4];  // of a box
  int64_t low_[3], extent_[3];  // the least shift; the size of a phase's copy
  bool in_place_;
  int64_t phases_;
  Phase* phase_;
  int64_t* offset_;  // of a live tap
};

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_CONV_CONV_WEIGHT_GRADIENT_PATCHES_H_
