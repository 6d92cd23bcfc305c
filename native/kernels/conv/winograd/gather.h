// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// From images to tiles: d[r][s][t] is pixel (r, s) of what tile t reaches, so that lanes of vectors are tiles, in the
// order example, row, column, whatever the size of an image. Pixels outside an image are 0.
#ifndef GENERATRIX_KERNELS_CONV_WINOGRAD_GATHER_H_
#define GENERATRIX_KERNELS_CONV_WINOGRAD_GATHER_H_

#include "runtime/vec.h"

namespace gx::GX_ISA {
namespace winograd {

constexpr int kBlockTiles = 128;  // at most

// f(n as a constant), for the numbers of vectors that a line of dilated tiles may have.
template <int n>
struct Vectors {
  static constexpr int count = n;
};
template <class F>
inline bool with_vectors(int64_t n, F&& f) {
  if (n == 2) return f(Vectors<2>()), true;
  if (n == 4) return f(Vectors<4>()), true;
  if (n == 8) return f(Vectors<8>()), true;
  if (n == 16) return f(Vectors<16>()), true;
  return false;
}

// Taps that are `dilation` apart, on both axes, meet pixels of one residue on each axis only: such a convolution is
// dilation^2 plain ones over the images of every dilation-th pixel, its phases. The phases of a line of tiles come
// after each other (tile_grid), so that a line is whole rows of pixels.
struct DilatedLine {
  int64_t across;   // tiles of a phase, which are two pixels wide
  int64_t vectors;  // of a row of pixels, 0 if its phases cannot be had by halving vectors of pixels

  DilatedLine(int64_t width, int64_t dilation) : across(((width + dilation - 1) / dilation + 1) / 2), vectors(0) {
    if (dilation == 1 || (dilation & (dilation - 1)) != 0) return;
    // Some empty tiles are cheaper than lines that are no whole vectors.
    const int64_t unit = dilation < kLanes ? kLanes / dilation : 1, rounded = (across + unit - 1) / unit * unit;
    const int64_t pixels = 2 * rounded * dilation;
    if (pixels > kBlockTiles) return;  // the gradient has half a block at once
    if (with_vectors(pixels / kLanes, [](auto) {})) across = rounded, vectors = pixels / kLanes;
  }
};

// Tiles of all examples, so many down and across an image. Of a dilated convolution the phase down an image is the last
// part of the example's number, the phase across the last part of the row's.
struct TileGrid {
  int64_t batch, down, across;
  int64_t tiles() const { return batch * down * across; }
};

// Tiles of `out` x `out` pixels, 2 x 2 if dilated.
inline TileGrid tile_grid(int64_t batch, int64_t height, int64_t width, int64_t out, int64_t dilation) {
  if (dilation == 1) return {batch, (height + out - 1) / out, (width + out - 1) / out};
  const int64_t of_phase = (height + dilation - 1) / dilation;
  return {batch * dilation, (of_phase + 1) / 2 * dilation, DilatedLine(width, dilation).across};
}

// Tiles [at, at + count) of a block lie beside each other in an image. A block begins at a multiple of 32 tiles.
struct Segment {
  int64_t example, row, column, count, at;
};

struct Block {
  Segment segments[kBlockTiles];
  int count;        // of segments
  int64_t longest;  // tiles of a segment
  int64_t tiles;

  Block(const TileGrid& grid, int64_t first, int64_t tiles_wanted) : count(0), longest(0), tiles(tiles_wanted) {
    for (int64_t at = 0; at < tiles;) {
      const int64_t tile = first + at, column = tile % grid.across, row = tile / grid.across;
      const int64_t n = lesser(grid.across - column, tiles - at);
      segments[count++] = {row / grid.down, row % grid.down, column, n, at};
      if (n > longest) longest = n;
      at += n;
    }
  }

  // Segments i .. i + dilation - 1 are the phases of a whole line of tiles.
  bool has_line(int i, int64_t dilation, int64_t across) const {
    return segments[i].row % dilation == 0 && segments[i].count == across && i + dilation <= count &&
           segments[i + dilation - 1].count == across;
  }
};

template <int n>
struct Short {
  typedef float v __attribute__((vector_size(4 * n)));
  typedef int32_t index __attribute__((vector_size(4 * n)));
};

// Elements first, first + 2, .. of a followed by b.
template <int n, int first>
inline typename Short<n>::v every_second(typename Short<n>::v a, typename Short<n>::v b) {
  typename Short<n>::index index;
#pragma GCC unroll 16
  for (int l = 0; l < n; ++l) index[l] = 2 * l + first;
  return __builtin_shuffle(a, b, index);
}

// to[s * stride + j] = row[step * j + s] for s < reach, j < count rounded up to n.
template <int step, int reach, int n>
inline void spread(const float* row, int64_t count, float* to, int64_t stride) {
  typedef typename Short<n>::v v;
  for (int64_t j = 0; j < count; j += n, row += step * n, to += n) {
    if constexpr (step == 2) {
#pragma GCC unroll 2
      for (int s = 0; s < reach; s += 2) {
        const v a = load<v>(row + s), b = load<v>(row + s + n);
        store(to + s * stride, every_second<n, 0>(a, b));
        store(to + (s + 1) * stride, every_second<n, 1>(a, b));
      }
    } else {
      static_assert(step == 4 && reach == 6, "");
#pragma GCC unroll 2
      for (int s = 0; s < reach; s += 4) {
        const v a = load<v>(row + s), b = load<v>(row + s + n), c = load<v>(row + s + 2 * n),
                d = load<v>(row + s + 3 * n);
        const v even = every_second<n, 0>(a, b), even_too = every_second<n, 0>(c, d);
        const v odd = every_second<n, 1>(a, b), odd_too = every_second<n, 1>(c, d);
        store(to + s * stride, every_second<n, 0>(even, even_too));
        store(to + (s + 1) * stride, every_second<n, 0>(odd, odd_too));
        if (s == 0) {
          store(to + 2 * stride, every_second<n, 1>(even, even_too));
          store(to + 3 * stride, every_second<n, 1>(odd, odd_too));
        }
      }
    }
  }
}

// A vector of `pieces` parts from so many places.
template <int pieces>
inline vf joined(const float* const* from) {
  if constexpr (pieces == 1) {
    return loadf(from[0]);
  } else if constexpr (pieces == 2) {
    typedef typename Short<kLanes / 2>::v half;
    const half a = load<half>(from[0]), b = load<half>(from[1]);
#if GX_VEC_BYTES == 64
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#elif GX_VEC_BYTES == 32
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7);
#else
    return __builtin_shufflevector(a, b, 0, 1, 2, 3);
#endif
  } else {
    typedef typename Short<kLanes / 4>::v quarter;
    typedef typename Short<kLanes / 2>::v half;
    const quarter a = load<quarter>(from[0]), b = load<quarter>(from[1]), c = load<quarter>(from[2]),
                  d = load<quarter>(from[3]);
#if GX_VEC_BYTES == 64
    const half ab = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7);
    const half cd = __builtin_shufflevector(c, d, 0, 1, 2, 3, 4, 5, 6, 7);
    return __builtin_shufflevector(ab, cd, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#else
    const half ab = half{a[0], b[0]}, cd = half{c[0], d[0]};  // not used: pieces have 4 floats at least
    return joined<2>(from) + vf{ab[0], cd[0]};
#endif
  }
}

// The four or two vectors whose lanes' pixels alternate in v: c[i][l] = v[l * step + i], v as one array.
template <int step>
inline void deinterleave(const vf* v, vf* c) {
  if constexpr (step == 2) {
    c[0] = every_second<kLanes, 0>(v[0], v[1]);
    c[1] = every_second<kLanes, 1>(v[0], v[1]);
  } else {
    const vf even[2] = {every_second<kLanes, 0>(v[0], v[1]), every_second<kLanes, 0>(v[2], v[3])};
    const vf odd[2] = {every_second<kLanes, 1>(v[0], v[1]), every_second<kLanes, 1>(v[2], v[3])};
    c[0] = every_second<kLanes, 0>(even[0], even[1]);
    c[2] = every_second<kLanes, 1>(even[0], even[1]);
    c[1] = every_second<kLanes, 0>(odd[0], odd[1]);
    c[3] = every_second<kLanes, 1>(odd[0], odd[1]);
  }
}

alignas(64) static const float kZeros[4 * kLanes] = {};

// to[i] = row[from + i] for i < count, 0 where that is outside [0, width). from >= -1. Up to two vectors more of `to`
// are written.
inline void copy_padded(const float* row, int64_t width, int64_t from, int64_t count, float* to) {
  int64_t i = 0;
  if (from < 0) to[i++] = 0;
  const int64_t end = lesser(count, width - from);
  for (; i < end; i += kLanes) store(to + i, load_first(row + from + i, int(lesser<int64_t>(kLanes, end - i))));
  for (; i < count; i += kLanes) store(to + i, vf{});
}

// The same of every dilation-th pixel from `phase` on.
inline void copy_padded(const float* row, int64_t width, int64_t from, int64_t count, int64_t dilation, int64_t phase,
                        float* to) {
  for (int64_t i = 0; i < count; ++i) {
    const int64_t at = (from + i) * dilation + phase;
    to[i] = at >= 0 && at < width ? row[at] : 0.0f;
  }
}

// n vectors as one array: elements 0, 2, .. become its first half, elements 1, 3, .. its second.
template <int n>
inline void unshuffle(vf* v) {
  vf halves[n];
#pragma GCC unroll 8
  for (int i = 0; i < n / 2; ++i) {
    halves[i] = every_second<kLanes, 0>(v[2 * i], v[2 * i + 1]);
    halves[n / 2 + i] = every_second<kLanes, 1>(v[2 * i], v[2 * i + 1]);
  }
#pragma GCC unroll 16
  for (int i = 0; i < n; ++i) v[i] = halves[i];
}

// Tile (row, column) reaches pixels [step * row - border, + reach) and the same across, of its phase.
template <int step, int reach, int border>
struct Gather {
  static constexpr int64_t kStride = kBlockTiles + 16;  // of d, elsewhere than the same sets of the cache
  static constexpr int64_t kFloats = reach * reach * kStride + 16;
  static constexpr int64_t kAhead = 2;  // channels
  static constexpr int kTogether =
      8;  // segments that are copied, then spread: a store's lanes are not reloaded at once

  Gather(int64_t image_height, int64_t image_width, int64_t taps_apart)
      : height(image_height), width(image_width), dilation(taps_apart), dilated(image_width, taps_apart) {
    for (int t = 0; t < kBlockTiles; ++t) columns[t] = int32_t(t % dilated.across);
  }

  int64_t height, width, dilation;  // dilated with steps of 2 only
  DilatedLine dilated;
  int32_t columns[kBlockTiles];  // of the tiles of its lines

  int64_t row_floats(int64_t longest) const { return (step * (longest + 16) + reach + 3 * kLanes + 15) / 16 * 16; }
  // Of rows.
  int64_t scratch(int64_t longest) const { return kTogether * reach * row_floats(longest); }

  // plane: of example 0.
  void operator()(const Block& block, const float* plane, int64_t example_stride, float* rows, float* d) const {
    if constexpr (step == 2) {
      if (dilation > 1) return lines(block, plane, example_stride, rows, d);
    }
    const int64_t across = width / step, of_vector = 0 < across && across < kLanes ? kLanes / across : 1;
    if (whole() && (kLanes == 4 || of_vector <= step)) {
      whole_rows<1>(block, plane, example_stride, d);
    } else if (whole() && (kLanes == 8 || of_vector <= 2 * step)) {
      whole_rows<kLanes >= 8 ? 2 : 1>(block, plane, example_stride, d);
    } else if (whole()) {
      whole_rows<kLanes >= 16 ? 4 : 1>(block, plane, example_stride, d);
    } else {
      segments(block, 0, block.count, plane, example_stride, rows, d);
    }
  }

 private:
  // Images of whole tiles, a vector of tiles is some whole rows of pixels or a part of one; the usual case, and up to 4
  // times as fast as rows one by one.
  bool whole() const {
    const int64_t across = width / step;
    return height % step == 0 && width % step == 0 && width >= 4 && (kLanes % across == 0 || across % kLanes == 0);
  }

  // Lane l's own pixels of row r are step * l and following of the rows in a line; its neighbours' come from the lanes
  // beside it, at the edges of rows from outside.
  template <int pieces>
  void whole_rows(const Block& block, const float* plane, int64_t example_stride, float* d) const {
    const int64_t across = width / step, down = height / step;
    const int rows = across < kLanes ? int(kLanes / across) : 1;
    vi before, after;
    for (int l = 0; l < kLanes; ++l) {
      before[l] = l % across == 0 ? kLanes : l - 1;
      after[l] = (l + 1) % across == 0 || l == kLanes - 1 ? kLanes : l + 1;
    }
    const Segment* s = block.segments;
    for (int64_t t = 0; t < block.tiles; t += kLanes) {
      const float* first[kLanes];
      bool top[kLanes], bottom[kLanes], inner_left = false, inner_right = false;
      for (int i = 0; i < rows; ++i) {
        if (t + i * across >= block.tiles) {
          first[i] = first[0], top[i] = top[0], bottom[i] = bottom[0];
          continue;
        }
        while (s->at + s->count <= t + i * across) ++s;
        const int64_t column = s->column + (rows == 1 ? t - s->at : 0);
        first[i] = plane + s->example * example_stride + (step * s->row - border) * width + step * column;
        top[i] = s->row == 0, bottom[i] = s->row == down - 1;
        inner_left = column > 0, inner_right = column + kLanes < across;
        for (int j = 0; j < step * (rows == 1 ? kLanes : across) * step; j += 16) {
          __builtin_prefetch(first[i] + (kAhead * height + border) * width + j);
        }
      }
      for (int r = 0; r < reach; ++r) {
        const float* from[kLanes];
        for (int i = 0; i < rows; ++i) {
          const bool outside = (r < border && top[i]) || (r >= step + border && bottom[i]);
          from[i] = outside ? kZeros : first[i] + r * width;
        }
        vf v[step], c[step];
#pragma GCC unroll 4
        for (int i = 0; i < step; ++i) {
          v[i] = pieces > 1 || rows == step ? joined<pieces>(from + i * pieces)
                                            : loadf(from[i * rows / step] + i % (step / rows) * kLanes);
        }
        deinterleave<step>(v, c);
        float* to = d + r * reach * kStride + t;
        if constexpr (border == 1) {
          const bool inside = from[0] != kZeros;
          const float left = inner_left && inside ? from[0][-1] : 0.0f;
          const float right = inner_right && inside ? from[0][step * kLanes] : 0.0f;
          store(to, __builtin_shuffle(c[step - 1], splat(left), before));
          to += kStride;
#pragma GCC unroll 4
          for (int i = 0; i < step; ++i, to += kStride) store(to, c[i]);
          store(to, __builtin_shuffle(c[0], splat(right), after));
        } else {
#pragma GCC unroll 4
          for (int i = 0; i < reach; ++i, to += kStride) store(to, c[i]);
        }
      }
    }
  }

  // The rows of a later channel, which begin on a new page for every image (10 % of a layer).
  void fetch(const float* from, int64_t columns) const {
    if (columns + step > width) {
      for (int64_t j = 0; j < step * width; j += 16) __builtin_prefetch(from + j);
    } else {
      for (int r = 0; r < step; ++r, from += width) {
        for (int64_t j = 0; j < columns; j += 16) __builtin_prefetch(from + j);
      }
    }
  }

  // Row r of what a segment's tiles reach.
  int64_t row_of(const Segment& s, int r) const {
    return (step * (s.row / dilation) - border + r) * dilation + s.example % dilation;
  }

  // Segments begin .. end - 1.
  void segments(const Block& block, int begin, int end, const float* plane, int64_t example_stride, float* rows,
                float* d) const {
    if (block.longest <= 4 || kLanes == 4) {
      run<4>(block, begin, end, plane, example_stride, rows, d);
    } else if (block.longest <= 8 || kLanes == 8) {
      run < kLanes<8 ? kLanes : 8>(block, begin, end, plane, example_stride, rows, d);
    } else {
      run<kLanes>(block, begin, end, plane, example_stride, rows, d);
    }
  }

  // Dilated by a power of two, line by line: halving rows until pixels of one phase and one parity are together makes
  // vectors of tiles of all phases, whose neighbours' pixels are those of the lanes beside them.
  void lines(const Block& block, const float* plane, int64_t example_stride, float* rows, float* d) const {
    for (int i = 0; i < block.count;) {
      if (!dilated.vectors || !block.has_line(i, dilation, dilated.across)) {
        segments(block, i, i + 1, plane, example_stride, rows, d);
        ++i;
        continue;
      }
      const Segment& s = block.segments[i];
      const float* const image = plane + s.example / dilation * example_stride;
      with_vectors(dilated.vectors, [&](auto vectors) {
        for (int r = 0; r < reach; ++r) {
          const int64_t y = row_of(s, r);
          line<vectors.count>(image + y * width, y >= 0 && y < height ? width : 0, d + r * reach * kStride + s.at);
        }
      });
      for (int r = border; r < step + border; ++r) {
        const float* const ahead = image + (kAhead * height + row_of(s, r)) * width;
        for (int64_t j = 0; j < width; j += 16) __builtin_prefetch(ahead + j);
      }
      i += int(dilation);
    }
  }

  // A row of so many pixels to what the tiles of a line reach of it.
  template <int n>
  void line(const float* row, int64_t pixels, float* to) const {
    vf v[n + 1];
#pragma GCC unroll 16
    for (int i = 0; i < n; ++i) {
      const int64_t there = pixels - i * kLanes;
      v[i] = there >= kLanes ? loadf(row + i * kLanes) : there > 0 ? load_first(row + i * kLanes, int(there)) : vf{};
    }
    for (int64_t left = dilation; left >= 1; left /= 2) unshuffle<n>(v);
    v[n] = vf{};
#pragma GCC unroll 8
    for (int i = 0; i < n / 2; ++i, to += kLanes) {
      const vf even = v[i], odd = v[n / 2 + i];
      if constexpr (border == 1) {
        vi before, after;
        for (int l = 0; l < kLanes; ++l) before[l] = kLanes - 1 + l, after[l] = 1 + l;
        const vi column = load<vi>(columns + i * kLanes);
        store(to, column == 0 ? vf{} : __builtin_shuffle(v[n / 2 + i - 1], odd, before));
        store(to + kStride, even);
        store(to + 2 * kStride, odd);
        store(to + 3 * kStride,
              column == int32_t(dilated.across - 1) ? vf{} : __builtin_shuffle(even, v[i + 1], after));
      } else {
        store(to, even);
        store(to + kStride, odd);
      }
    }
  }

  template <int n>
  void run(const Block& block, int begin, int last, const float* plane, int64_t example_stride, float* rows,
           float* d) const {
    const int64_t stride = row_floats(block.longest);
    for (int first = begin; first < last; first += kTogether) {
      const int end = lesser(first + kTogether, last);
      float* to = rows;
      for (int i = first; i < end; ++i) {
        const Segment& s = block.segments[i];
        const float* const image = plane + s.example / dilation * example_stride;
        const int64_t from = step * s.column - border, count = step * (s.count - 1) + reach;
        if (dilation == 1) {
          fetch(image + kAhead * height * width + (step * s.row * width + step * s.column), step * s.count);
        }
        for (int r = 0; r < reach; ++r, to += stride) {
          const int64_t y = row_of(s, r), pixels = y >= 0 && y < height ? width : -1;
          if (dilation == 1) {
            copy_padded(image + y * width, pixels, from, count, to);
          } else {
            copy_padded(image + y * width, pixels, from, count, dilation, s.row % dilation, to);
          }
        }
      }
      const float* from = rows;
      for (int i = first; i < end; ++i) {
        const Segment& s = block.segments[i];
        // Segments go from left to right, so that what one writes too much is written again.
        for (int r = 0; r < reach; ++r, from += stride) {
          spread<step, reach, n>(from, s.count, d + r * reach * kStride + s.at, kStride);
        }
      }
    }
  }
};

}  // namespace winograd
}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_CONV_WINOGRAD_GATHER_H_
