// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Convolutions with one input channel per group. A plane at a time goes through a panel in the L1 cache. Taps above
// each other read the same rows: a tile of several rows of sums takes each vector of the panel once for all of them.
//
// On one thread of a Zen 5 (CPU time, busy machine), 3x3 over 64 channels of 64x64, batch 8: 0.37 ms from the caches,
// where a copy takes 0.15 and filling panels a third; 0.8 from memory, where fetching ahead saves a quarter. Lost: sums
// in memory and then rows of y in one go (0.45 ms), fetching y tile by tile (no difference).

#include "kernels/conv/direct/finish.h"
#include "kernels/conv/direct/panel.h"
#include "kernels/conv/direct/weights.h"

namespace gx::GX_ISA {
namespace {

constexpr int kColumnTaps = 5;  // of one read of the rows
constexpr int64_t kPlaneFloats = 6144, kPlaneColumns = 256;
constexpr int64_t kLinesAhead = 2 * 8 * 2;  // a tile's pixels of a plane whose halves they would be

// Taps above each other, `step` rows apart, the first at this offset in the panel.
struct TapColumn {
  int64_t offset;
  int64_t taps;
};

template <int rows, int vectors, int taps>
inline __attribute__((always_inline)) void add_column(vf (&sum)[rows][vectors], const float* x, int64_t step,
                                                      const float* w) {
  asm volatile("" : "+r"(x));  // or GCC reads all rows before it looks at `taps`, and spills the sums (1.2 times)
  vf weight[taps];
#pragma GCC unroll 8
  for (int t = 0; t < taps; ++t) weight[t] = splat(w[t]);
#pragma GCC unroll 16
  for (int i = 0; i < rows + taps - 1; ++i, x += step) {
    vf pixel[vectors];
    // Two reads on the grid and a permutation in place of one off it were slower (0.75 of the speed at 5x5).
#pragma GCC unroll 2
    for (int v = 0; v < vectors; ++v) pixel[v] = load_once(x + v * kLanes);
#pragma GCC unroll 8
    for (int t = 0; t < taps; ++t) {
      if (i < t || i - t >= rows) continue;
#pragma GCC unroll 2
      for (int v = 0; v < vectors; ++v) sum[i - t][v] += pixel[v] * weight[t];
    }
  }
}

// Where a tile goes: the first `valid` of its rows, and `last` lanes of its last vector.
struct DepthTileResult {
  float bias;
  float least;  // smaller results become this: 0 is a ReLU, -inf nothing
  float* to;
  int64_t step;  // from row to row
  int64_t valid;
  int last;
};
// Sums of rows `step` apart, the first at x.
using DepthTile = void (*)(const float* x, int64_t step, const TapColumn* columns, int64_t count, const float* w,
                           DepthTileResult to);

template <int rows, int vectors>
void depth_tile(const float* x, int64_t step, const TapColumn* columns, int64_t count, const float* w,
                DepthTileResult result) {
  vf sum[rows][vectors];
#pragma GCC unroll 8
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 2
    for (int v = 0; v < vectors; ++v) sum[r][v] = splat(result.bias);
  }
  for (int64_t c = 0; c < count; w += columns[c++].taps) {
    const float* const at = x + columns[c].offset;
    switch (columns[c].taps) {
      case 1:
        add_column<rows, vectors, 1>(sum, at, step, w);
        break;
      case 2:
        add_column<rows, vectors, 2>(sum, at, step, w);
        break;
      case 3:
        add_column<rows, vectors, 3>(sum, at, step, w);
        break;
      case 4:
        add_column<rows, vectors, 4>(sum, at, step, w);
        break;
      default:
        add_column<rows, vectors, 5>(sum, at, step, w);
    }
  }
  float* to = result.to;
#pragma GCC unroll 8
  for (int r = 0; r < rows; ++r, to += result.step) {
    if (r >= result.valid) return;
    const vf end = max(splat(result.least), sum[r][vectors - 1]);
    if (vectors == 2) store(to, max(splat(result.least), sum[r][0]));
    if (result.last == kLanes) {
      store(to + (vectors - 1) * kLanes, end);
    } else {
      store_first(to + (vectors - 1) * kLanes, end, result.last);
    }
  }
}

#if GX_VEC_BYTES == 64
constexpr int kDepthRows = 8;
#else
constexpr int kDepthRows = 4;
#endif
const DepthTile* depth_tiles(int64_t rows) {  // [vectors - 1]
  static const DepthTile kOne[] = {depth_tile<1, 1>, depth_tile<1, 2>}, kTwo[] = {depth_tile<2, 1>, depth_tile<2, 2>},
                         kFour[] = {depth_tile<4, 1>, depth_tile<4, 2>};
#if GX_VEC_BYTES == 64
  static const DepthTile kEight[] = {depth_tile<8, 1>, depth_tile<8, 2>};
  if (rows == 8) return kEight;
#endif
  return rows == 1 ? kOne : rows == 2 ? kTwo : kFour;
}
// Rows of the next tile if so many are left: full ones as long as not more than three rows of it are idle.
inline int64_t tile_rows(int64_t left) {
  if (left >= 5 && kDepthRows == 8) return 8;
  return left >= 3 ? 4 : left;
}

// The taps in the order of packed weights: by remainders of their place, then by column, then downwards in the input.
struct TapColumns {
  int64_t count = 0;
  TapColumn columns[kMostTaps];
  int64_t phase[kMostTaps];
  int64_t index[kMostTaps];  // of taps in the kernel
};

inline TapColumns columns_of(const ConvShape& s, const Stencil& stencil, const Block& b) {
  TapColumns result;
  const gx_conv_params& p = s.p;
  int64_t* index = result.index;
  for (int64_t remainder = 0; remainder < p.stride[1] * p.stride[2]; ++remainder) {
    for (int64_t x = 0; x < p.kernel[2]; ++x) {
      if (x * p.dilation[2] % p.stride[2] != remainder % p.stride[2]) continue;
      // Taps of this remainder in the order of their shifts: a transposed convolution's fall.
      int64_t taps[kMostTaps], count = 0;
      for (int64_t i = 0; i < p.kernel[1]; ++i) {
        const int64_t y = p.transposed ? p.kernel[1] - 1 - i : i;
        if (y * p.dilation[1] % p.stride[1] == remainder / p.stride[2]) taps[count++] = y * p.kernel[2] + x;
      }
      const int64_t parts = count == 0 ? 0 : parts_of(count, kColumnTaps);
      for (int64_t q = 0; q < parts; ++q) {
        const int64_t first = part(count, parts, q), end = part(count, parts, q + 1);
        int64_t t = 0;
        while (stencil.taps[t].index != taps[first]) ++t;
        result.columns[result.count] = {b.offset(stencil, stencil.taps[t]), end - first};
        result.phase[result.count++] = stencil.phase(t);
        for (int64_t i = first; i < end; ++i) *index++ = taps[i];
      }
    }
  }
  return result;
}

class Depthwise {
 public:
  Depthwise(const ConvShape& s, const Stencil& stencil, const float* x, const float* weights, const float* b, float* y,
            int threads)
      : s_(s), stencil_(stencil), x_(x), weights_(weights), b_(b), y_(y), threads_(threads) {
    const int64_t planes = stencil.planes[0] * stencil.planes[1];
    column_parts_ = parts_of(stencil.pixels[1], kPlaneColumns);
    const int64_t columns = ceil_div(stencil.pixels[1], column_parts_);
    pitch_ = (ceil_div(columns, kLanes) + ceil_div(stencil.span(1), kLanes)) * kLanes;
    const int64_t fits = kPlaneFloats / (planes * pitch_) - stencil.span(0), least = kDepthRows * stencil.step_y;
    row_parts_ = parts_of(stencil.pixels[0], fits < least ? least : fits);
    rows_ = ceil_div(stencil.pixels[0], row_parts_);
    columns_ = columns_of(s, stencil, block(0, 0));
    // Tiles read up to so many rows beyond the block's, and a vector more.
    panel_ = ceil_div(planes * (rows_ + stencil.span(0)) * pitch_ + 3 * stencil.step_y * pitch_ + 2 * kLanes, 16) * 16;
    finish_ = finish_row_of(s.p.activation);
  }

  int64_t items() const { return s_.p.batch * s_.p.groups * row_parts_ * column_parts_; }
  int64_t scratch() const { return panel_ + (direct() ? 0 : stencil_.phases[1] * phase_floats()); }

  void item(int64_t i, float* scratch) const {
    const int64_t plane = i / (row_parts_ * column_parts_);  // of [batch, groups]
    const Block b = block(i / column_parts_ % row_parts_, i % column_parts_);
    fill_panel(s_, stencil_, b, x_ + plane * s_.in_pixels, scratch);
    Ahead ahead = ahead_of(i + threads_);  // which this thread is likely to do next
    expect_rows(b, plane);
    for (int64_t o = 0; o < s_.out_channels; ++o) {
      const int64_t channel = plane % s_.p.groups * s_.out_channels + o;
      float* const y = y_ + (plane * s_.out_channels + o) * s_.out_pixels;
      for (int64_t phase = 0; phase < stencil_.phases[0]; ++phase) {
        rows(b, phase, weights_ + channel * s_.kernel_taps, b_ ? b_[channel] : 0, scratch, y, ahead);
      }
    }
  }

 private:
  Ahead ahead_of(int64_t i) const {
    if (i >= items()) return Ahead();
    const Block b = block(i / column_parts_ % row_parts_, i % column_parts_);
    return ahead_of_panel(s_, stencil_, b, x_ + i / (row_parts_ * column_parts_) * s_.in_pixels, 1);
  }
  // Fetches the first output's rows of y, which are written in no order that the processor foresees.
  void expect_rows(const Block& b, int64_t plane) const {
    const int64_t row = s_.out_size[2] * stencil_.phases[0];
    const float* const y = y_ + plane * s_.out_channels * s_.out_pixels + b.at[0] * row;
    for (int64_t i = 0; i < b.size[0] * row; i += 16) __builtin_prefetch(y + i, 1, 2);
  }
  bool direct() const { return stencil_.phases[1] == 1; }
  int64_t phase_floats() const { return rows_ * pitch_; }

  Block block(int64_t row_part, int64_t column_part) const {
    Block b;
    const int64_t parts[2] = {row_parts_, column_parts_}, p[2] = {row_part, column_part};
    for (int a = 0; a < 2; ++a) {
      b.at[a] = part(stencil_.pixels[a], parts[a], p[a]);
      b.size[a] = part(stencil_.pixels[a], parts[a], p[a] + 1) - b.at[a];
    }
    b.rows = rows_ + stencil_.span(0);
    b.pitch = pitch_;
    b.lead = lead_of(stencil_);
    return b;
  }

  // The rows of y that are in a phase.
  void rows(const Block& b, int64_t phase, const float* w, float bias, float* panel, float* y, Ahead& ahead) const {
    const int64_t* const out = s_.out_size + 1;
    const int64_t* const phases = stencil_.phases;
    const int64_t columns = lesser(b.size[1] * phases[1], out[1] - b.at[1] * phases[1]);
    const int64_t count = lesser(b.size[0], ceil_div(out[0] - phase, phases[0]) - b.at[0]);
    float* const first = y + (b.at[0] * phases[0] + phase) * out[1] + b.at[1] * phases[1];
    float* const sums = panel + panel_;
    const bool relu = s_.p.activation == GX_ACTIVATION_RELU;
    const DepthTileResult whole = {direct() ? bias : 0,
                                   direct() && relu ? 0 : -__builtin_inff(),
                                   direct() ? first : sums,
                                   direct() ? phases[0] * out[1] : pitch_,
                                   count,
                                   0};
    for (int64_t c = 0, end; c < columns_.count; c = end) {
      int64_t taps = 0;
      for (end = c; end < columns_.count && columns_.phase[end] == columns_.phase[c]; ++end) {
        taps += columns_.columns[end].taps;
      }
      if (columns_.phase[c] / phases[1] == phase) {
        DepthTileResult result = whole;
        result.to += columns_.phase[c] % phases[1] * phase_floats();
        tiles(b, panel, columns_.columns + c, end - c, w, result, ahead);
      }
      w += taps;
    }
    if (direct() && (relu || s_.p.activation == GX_ACTIVATION_NONE)) return;
    for (int64_t r = 0; r < count; ++r) {
      float* const row = first + r * phases[0] * out[1];
      finish_(direct() ? row : sums + r * pitch_, phase_floats(), phases[1], direct() ? 0 : bias,
              float(s_.p.activation_p), row, columns);
    }
  }

  void tiles(const Block& b, const float* panel, const TapColumn* columns, int64_t count, const float* w,
             const DepthTileResult& whole, Ahead& ahead) const {
    const int64_t step = stencil_.step_y, vectors = ceil_div(b.size[1], kLanes), rows = whole.valid;
    for (int64_t residue = 0; residue < lesser(step, rows); ++residue) {
      for (int64_t r = residue; r < rows;) {
        const int64_t left = ceil_div(rows - r, step), height = tile_rows(left);
        const DepthTile* const tile = depth_tiles(height);
        for (int64_t v = 0; v < vectors; v += 2) {
          const int64_t width = lesser<int64_t>(2, vectors - v);
          DepthTileResult result = whole;
          result.to += r * whole.step + v * kLanes;
          result.step = step * whole.step;
          result.valid = left;
          result.last = int(lesser<int64_t>(kLanes, b.size[1] - (v + width - 1) * kLanes));
          ahead.fetch(kLinesAhead);
          tile[width - 1](panel + r * b.pitch + v * kLanes, step * b.pitch, columns, count, w, result);
        }
        r += height * step;
      }
    }
  }

  const ConvShape& s_;
  const Stencil& stencil_;
  const float* x_;
  const float* weights_;
  const float* b_;
  float* y_;
  int threads_;
  int64_t row_parts_, column_parts_, rows_, pitch_, panel_;
  TapColumns columns_;
  FinishRow finish_;
};

// [channel][tap], taps in the order of columns_of.
template <class F>
void each_depthwise_weight(const ConvShape& s, const Stencil& stencil, F f) {
  const TapColumns columns = columns_of(s, stencil, Block());
  for (int64_t c = 0; c < s.p.out_channels; ++c) {
    for (int64_t t = 0; t < s.kernel_taps; ++t) f(c * s.kernel_taps + columns.index[t]);
  }
}

}  // namespace

bool conv_suits_depthwise(const ConvShape& s) {
  Stencil stencil;
  if (s.p.groups == 1 || s.in_channels != 1 || s.live_taps != s.kernel_taps || !make_stencil(s, stencil)) return false;
  return stencil.live_phases == stencil.phases[0] * stencil.phases[1];
}

int64_t conv_packed_depthwise(const ConvShape& s) { return kWeightsMark + s.weight_count(); }

void conv_pack_depthwise(const ConvShape& s, const float* W, float* packed, Team&) {
  Stencil stencil;
  make_stencil(s, stencil);
  pack_weights(W, packed, [&](auto f) { each_depthwise_weight(s, stencil, f); });
}

void conv_depthwise(const ConvShape& s, const float* x, const float*, const float* packed, const float* b, float* y,
                    Team& team) {
  Stencil stencil;
  make_stencil(s, stencil);
  if (run_marked(s, x, packed, b, y, team, [&](auto f) { each_depthwise_weight(s, stencil, f); })) return;
  run_product(team, Depthwise(s, stencil, x, packed + kWeightsMark, b, y, team.threads()));
}

}  // namespace gx::GX_ISA
