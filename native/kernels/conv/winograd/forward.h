// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The engine of the forms (forms.h): transformed weights U, packed once; for a block of tiles transformed values V;
// for some rows (output channels) the products M = U V, which stay in the L2 cache; outputs, bias and activation.
// U is in panels of a tile's height, [panel][product][channel][row], in the order in which it is read: it comes from
// memory where layers are large. V is in panels of a tile's width, [slot][panel][channel][tile].
//
// On one thread of a Zen 5, ms of CPU time in one run, batch 32; the floor is the products' multiplications at the rate
// of our matrix product (230 GFLOP/s), the rest of the time mostly that of V, U and outputs through the last cache:
//                                               floor   this   pack   taps (the direct engine)
//     transposed, kernel 4   1024 -> 512, 4x4     21.0   26.0    4.1   42.8
//                            512 -> 256, 8x8      21.0   24.1    1.0   38.6
//                            256 -> 128, 16x16    21.0   24.9    0.5   41.2
//     kernel 4               512 -> 1024, 8x8     21.0   24.7    4.1   43.1
//                            128 -> 256, 32x32    21.0   23.0    0.4   39.2
//     kernel 3               256 -> 256, 16x16    18.7   20.6    0.4   41.7
//                            64 -> 64, 32x32       4.7    6.4    0.0   11.6
// Kernel 3, dilated by 2, 4, 8, batch 8, 64 -> 64, 64x64, beside other programs: 7.0, 6.9, 7.3 ms (not dilated 7.6),
// the direct engine 12. Phases were tried one by one, rows copied by halving them through memory: 8.8, 9.5, 9.4 ms.
// Tried: packing by plain stores takes 11.9 ms instead of 4.1 for the 75 MB of the first; V's lines fetched before they
// are written, blocks of 64 or 256 tiles, M of 256 or 640 KB are all within 3 %.
#ifndef GENERATRIX_KERNELS_CONV_WINOGRAD_FORWARD_H_
#define GENERATRIX_KERNELS_CONV_WINOGRAD_FORWARD_H_

#include "kernels/conv/shape.h"
#include "kernels/conv/winograd/forms.h"
#include "kernels/conv/winograd/gather.h"
#include "kernels/linear/activation.h"
#include "kernels/linear/product/run.h"

namespace gx::GX_ISA {
namespace winograd {

template <class Form>
int64_t packed_floats(const ConvShape& s) {
  return s.out_channels * s.in_channels * Form::kProducts * Form::kPhases;
}

// Weights of (row, channel): taps at W + row * row_step + channel * channel_step. kPast: past the caches, by `block` of
// so many channels.
constexpr int64_t kPackChannels = 16;
template <class Form, bool kPast>
void pack_panel(const float* W, int64_t row_step, int64_t channel_step, bool turned, int64_t channels, int64_t height,
                float* U, float* block) {
  constexpr int kTaps = Form::kTaps, kAll = kTaps * kTaps, kGroups = (kAll + kLanes - 1) / kLanes;
  constexpr int kStacks = Form::kProducts * Form::kPhases;  // of channels, one after the other in U
  const int64_t piece = kPackChannels * height;
  for (int64_t c = 0; c < channels; ++c, W += channel_step) {
    for (int64_t i = 0; i < height; i += kLanes) {
      const int rows = int(lesser<int64_t>(kLanes, height - i));
      vf g[kGroups * kLanes];
#pragma GCC unroll 4
      for (int group = 0; group < kGroups; ++group) {
        const int width = lesser(kLanes, kAll - group * kLanes);
        vf* const square = g + group * kLanes;
        for (int l = 0; l < kLanes; ++l) {
          const float* const from = W + (i + l) * row_step + group * kLanes;
          square[l] = l >= rows ? vf{} : width == kLanes ? loadf(from) : load_first(from, width);
        }
        transpose(square);
      }
      vf half[Form::kWeights][kTaps];
      for (int x = 0; x < kTaps; ++x) {
        vf column[kTaps], u[Form::kWeights];
        for (int y = 0; y < kTaps; ++y) column[y] = g[turned ? kAll - 1 - (y * kTaps + x) : y * kTaps + x];
        Form::weights(column, u);
        for (int y = 0; y < Form::kWeights; ++y) half[y][x] = u[y];
      }
#pragma GCC unroll 6
      for (int y = 0; y < Form::kWeights; ++y) {
        vf u[Form::kWeights];
        Form::weights(half[y], u);
#pragma GCC unroll 6
        for (int x = 0; x < Form::kWeights; ++x) {
          const int64_t stack = Form::product_of_weight(y, x) * Form::kPhases + Form::phase_of_weight(y, x);
          float* const to =
              kPast ? block + stack * piece + c % kPackChannels * height : U + (stack * channels + c) * height;
          store_first(to + i, u[x], rows);
        }
      }
    }
    if (!kPast || (c + 1) % kPackChannels != 0) continue;
    for (int64_t stack = 0; stack < kStacks; ++stack) {
      float* const to = U + (stack * channels + c + 1 - kPackChannels) * height;
      for (int64_t j = 0; j < piece; j += kLanes) stream(to + j, loadf(block + stack * piece + j));
    }
  }
  if (kPast) _mm_sfence();  // before anyone is told that U is there
}

template <class Form>
void pack(const ConvShape& s, const float* W, float* U, Team& team) {
  constexpr int64_t kAll = Form::kTaps * Form::kTaps, kStacks = Form::kProducts * Form::kPhases;
  const bool across = s.p.transposed;  // W[channel][row]
  const int64_t rows = s.out_channels, channels = s.in_channels, panels = parts_of(rows, kTileRows);
  // What the last cache would not hold until it is used.
  const bool past = packed_floats<Form>(s) > (int64_t(4) << 20) && channels % kPackChannels == 0;
  auto work = [&](int64_t p, float* block) {
    const int64_t row = part(rows, panels, p), height = part(rows, panels, p + 1) - row;
    (past ? pack_panel<Form, true> : pack_panel<Form, false>)(W + row * kAll * (across ? 1 : channels),
                                                              kAll * (across ? 1 : channels),
                                                              kAll * (across ? rows : 1), across && Form::kTaps == 3,
                                                              channels, height, U + row * channels * kStacks, block);
  };
  run_items(team, panels, past ? kStacks * kPackChannels * kTileRows : 0, work);
}

// v[2 i] and v[2 i + 1] become a, b, a, b, .. of a = v[i], b = v[n / 2 + i] for the halves of an array, and so on.
inline void zip(vf a, vf b, vf* to) {
  vi low, high;
#pragma GCC unroll 16
  for (int l = 0; l < kLanes; ++l) {
    low[l] = l / 2 + l % 2 * kLanes;
    high[l] = low[l] + kLanes / 2;
  }
  to[0] = __builtin_shuffle(a, b, low);
  to[1] = __builtin_shuffle(a, b, high);
}
template <int n>
inline void interleave(vf* v) {
  if constexpr (n == 2) {
    zip(v[0], v[1], v);
  } else {
    vf even[2], odd[2];
    zip(v[0], v[2], even);
    zip(v[1], v[3], odd);
    zip(even[0], odd[0], v);
    zip(even[1], odd[1], v + 2);
  }
}

// Undoes unshuffle.
template <int n>
inline void shuffle(vf* v) {
  vf whole[n];
#pragma GCC unroll 8
  for (int i = 0; i < n / 2; ++i) zip(v[i], v[n / 2 + i], whole + 2 * i);
#pragma GCC unroll 16
  for (int i = 0; i < n; ++i) v[i] = whole[i];
}

template <class Form>
class Forward {
 public:
  Forward(const ConvShape& s, const float* x, const float* U, const float* b, float* y, int threads)
      : x_(x),
        U_(U),
        b_(b),
        y_(y),
        p_(float(s.p.activation_p)),
        rows_(s.out_channels),
        channels_(s.in_channels),
        depth_(s.in_channels * Form::kPhases),
        in_pixels_(s.in_pixels),
        out_h_(s.out_size[1]),
        out_w_(s.out_size[2]),
        dilation_(s.p.dilation[1]),
        grid_(tile_grid(s.p.batch, out_h_, out_w_, Form::kOut, dilation_)),
        gather_(s.p.in_size[1], s.p.in_size[2], dilation_),
        row_panels_(parts_of(rows_, kTileRows)),
        panels_(parts_of(grid_.tiles(), kTileColumns)),
        blocks_(parts_of(panels_, kBlockTiles / kTileColumns)),
        block_panels_(parts_of(panels_, blocks_)),
        threads_(threads) {
    row_blocks_ = parts_of(row_panels_, most_row_panels());
    activation::with(s.p.activation, [&](auto f) { finish_ = finish<decltype(f)>; });
  }

  void run(Team& team) const {
    const int64_t m = (m_floats() + 15) / 16 * 16;
    if (blocks_ >= 2 * threads_) {
      const int64_t v = (v_floats() + 15) / 16 * 16, g = gather_floats();
      auto whole = [&](int64_t block, float* scratch) {
        transform(block, 0, channels_, scratch, scratch + v);
        for (int64_t r = 0; r < row_blocks_; ++r) products(block, r, scratch, scratch + v);
      };
      return run_items(team, blocks_, v + (m > g ? m : g), whole);
    }
    const int64_t v = (v_floats() + 15) / 16 * 16, chunks = parts_of(channels_, 16);
    float* const V = team.scratch(blocks_ * v);
    auto first = [&](int64_t item, float* scratch) {
      const int64_t block = item / chunks, chunk = item % chunks;
      transform(block, part(channels_, chunks, chunk), part(channels_, chunks, chunk + 1), V + block * v, scratch);
    };
    run_items(team, blocks_ * chunks, gather_floats(), first);
    auto second = [&](int64_t item, float* scratch) {  // the blocks after each other, since they share U
      products(item % blocks_, item / blocks_, V + item % blocks_ * v, scratch);
    };
    run_items(team, blocks_ * row_blocks_, m, second);
  }

 private:
  using Gatherer = Gather<Form::kStep, Form::kReach, 1>;
  static constexpr int kProductsOfPass = Form::kTall * Form::kWide;

  // The products of so many panels of rows are 384 KB.
  int64_t most_row_panels() const {
    const int64_t most = 384 * 256 / (kProductsOfPass * kTileRows * tile_stride());
    return most < 1 ? 1 : most;
  }
  int64_t tile_stride() const { return block_panels_ * kTileColumns; }
  // Slots are no power of two apart, or the lines of a pixel's values would share a set of the caches.
  int64_t slot_stride() const { return block_panels_ * depth_ * kTileColumns + 5 * 16; }
  int64_t v_floats() const { return Form::kSlots * slot_stride(); }
  int64_t m_stride() const { return block_rows() * tile_stride() + 3 * 16; }
  int64_t block_rows() const { return parts_of(row_panels_, row_blocks_) * kTileRows; }
  int64_t m_floats() const { return kProductsOfPass * m_stride() + 2 * Form::kOut * tile_stride() + kLanes; }
  int64_t gather_floats() const { return Gatherer::kFloats + gather_.scratch(grid_.across); }

  Block block_at(int64_t block) const {
    const int64_t first = part(panels_, blocks_, block) * kTileColumns;
    return Block(grid_, first, lesser(part(panels_, blocks_, block + 1) * kTileColumns, grid_.tiles()) - first);
  }

  void transform(int64_t b, int64_t channel, int64_t end, float* V, float* scratch) const {
    const Block block = block_at(b);
    const int64_t stride = slot_stride(), panel = depth_ * kTileColumns;
    for (; channel < end; ++channel) {
      gather_(block, x_ + channel * in_pixels_, channels_ * in_pixels_, scratch + Gatherer::kFloats, scratch);
      for (int64_t t = 0; t < block.tiles; t += kLanes) {
        const float* const d = scratch + t;
        vf half[Form::kValues][Form::kReach];
#pragma GCC unroll 6
        for (int x = 0; x < Form::kReach; ++x) {
          vf column[Form::kReach], v[Form::kValues];
#pragma GCC unroll 6
          for (int y = 0; y < Form::kReach; ++y) column[y] = loadf(d + (y * Form::kReach + x) * Gatherer::kStride);
          Form::values(column, v);
#pragma GCC unroll 6
          for (int y = 0; y < Form::kValues; ++y) half[y][x] = v[y];
        }
        float* const to = V + t / kTileColumns * panel + channel * kTileColumns + t % kTileColumns;
#pragma GCC unroll 6
        for (int y = 0; y < Form::kValues; ++y) {
          vf v[Form::kValues];
          Form::values(half[y], v);
#pragma GCC unroll 6
          for (int x = 0; x < Form::kValues; ++x) {
            float* const line =
                to + Form::slot_of_value(y, x) * stride + Form::phase_of_value(y, x) * channels_ * kTileColumns;
            store(line, v[x]);
            __builtin_prefetch(line + 2 * kTileColumns, 1);
          }
        }
      }
    }
  }

  void products(int64_t b, int64_t r, const float* V, float* M) const {
    const Block block = block_at(b);
    const int64_t from = part(row_panels_, row_blocks_, r), to = part(row_panels_, row_blocks_, r + 1);
    for (int pass = 0; pass < Form::kPasses; ++pass) {
      for (int m = 0; m < kProductsOfPass; ++m) {
        const int product = pass * kProductsOfPass + m;
        multiply(product, from, to, block.tiles, V + Form::slot_of(product) * slot_stride(), M + m * m_stride());
      }
      float* const out = M + kProductsOfPass * m_stride();
      const int64_t first = part(rows_, row_panels_, from), end = part(rows_, row_panels_, to);
      const int64_t vectors = (block.tiles + kLanes - 1) / kLanes;
      for (int64_t row = first; row < end; ++row) {
        finish_(M + (row - first) * tile_stride(), m_stride(), vectors, splat(b_ ? b_[row] : 0.0f), p_, out,
                Form::kOut * tile_stride());
        put(block, row, pass, out);
      }
    }
  }

  void multiply(int product, int64_t from, int64_t to, int64_t tiles, const float* V, float* M) const {
    const int64_t blocks = parts_of(depth_, kDepth), first = part(rows_, row_panels_, from);
    for (int64_t q = 0; q < blocks; ++q) {
      const int64_t k = part(depth_, blocks, q), depth = part(depth_, blocks, q + 1) - k;
      for (int64_t i = from; i < to; ++i) {
        const int64_t row = part(rows_, row_panels_, i), height = part(rows_, row_panels_, i + 1) - row;
        const float* const u = U_ + (row * Form::kProducts + product * height) * depth_ + k * height;
        for (int64_t j = 0; j < tiles; j += kTileColumns) {
          const int vectors = tiles - j > kLanes ? 2 : 1;
          kTiles[kAcross][vectors - 1][height - 1](u, height, V + (j / kTileColumns * depth_ + k) * kTileColumns,
                                                   kTileColumns, depth, M + (row - first) * tile_stride() + j,
                                                   tile_stride(), kLanes, q > 0);
        }
      }
    }
  }

  // A row of M to outputs: out[i][j] is output j of the tiles' rows of outputs i, of this pass.
  template <class F>
  static void finish(const float* M, int64_t stride, int64_t vectors, vf bias, float p, float* out,
                     int64_t out_stride) {
    for (int64_t v = 0; v < vectors; ++v, M += kLanes, out += Form::kOut * kLanes) {
      vf half[2][Form::kWide];
#pragma GCC unroll 6
      for (int x = 0; x < Form::kWide; ++x) {
        vf m[Form::kTall], y[2];
#pragma GCC unroll 4
        for (int t = 0; t < Form::kTall; ++t) m[t] = loadf(M + (t * Form::kWide + x) * stride);
        Form::tall(m, y);
        half[0][x] = y[0], half[1][x] = y[1];
      }
#pragma GCC unroll 2
      for (int i = 0; i < 2; ++i) {
        vf y[Form::kOut];
        Form::wide(half[i], y);
#pragma GCC unroll 4
        for (int x = 0; x < Form::kOut; ++x) y[x] = F::value(y[x] + bias, p);
        interleave<Form::kOut>(y);
#pragma GCC unroll 4
        for (int x = 0; x < Form::kOut; ++x) store(out + i * out_stride + x * kLanes, y[x]);
      }
    }
  }

  void put(const Block& block, int64_t row, int pass, const float* out) const {
    if constexpr (Form::kOut == 2) {
      if (dilation_ > 1) return put_phases(block, row, out);
    }
    for (int i = 0; i < block.count; ++i) {
      const Segment& s = block.segments[i];
      const int64_t column = Form::kOut * s.column, count = lesser(Form::kOut * s.count, out_w_ - column);
      for (int half = 0; half < 2; ++half) {
        const int64_t at = Form::kOut * s.row + half * Form::kPasses + pass;
        if (at >= out_h_) break;
        const float* const from = out + half * Form::kOut * tile_stride() + Form::kOut * s.at;
        float* const to = y_ + ((s.example * rows_ + row) * out_h_ + at) * out_w_ + column;
        int64_t j = 0;
        for (; j + kLanes <= count; j += kLanes) store(to + j, loadf(from + j));
        if (j < count) store_first(to + j, loadf(from + j), int(count - j));
      }
    }
  }

  // The phases' outputs among each other: those of a whole line by shuffles, as they were gathered.
  void put_phases(const Block& block, int64_t row, const float* out) const {
    for (int i = 0; i < block.count;) {
      const Segment& s = block.segments[i];
      const bool line = gather_.dilated.vectors && block.has_line(i, dilation_, grid_.across);
      const int64_t phase = s.row % dilation_;
      for (int half = 0; half < 2; ++half) {
        const int64_t at = (2 * (s.row / dilation_) + half) * dilation_ + s.example % dilation_;
        if (at >= out_h_) break;
        const float* const from = out + half * 2 * tile_stride() + 2 * s.at;
        float* const to = y_ + ((s.example / dilation_ * rows_ + row) * out_h_ + at) * out_w_;
        if (line) {
          with_vectors(gather_.dilated.vectors, [&](auto vectors) { put_line<vectors.count>(from, to); });
          continue;
        }
        for (int64_t j = 0; j < 2 * s.count; ++j) {
          const int64_t pixel = (2 * s.column + j) * dilation_ + phase;
          if (pixel < out_w_) to[pixel] = from[j];
        }
      }
      i += line ? int(dilation_) : 1;
    }
  }

  template <int n>
  void put_line(const float* from, float* to) const {
    vf v[n];
#pragma GCC unroll 16
    for (int i = 0; i < n; ++i) v[i] = loadf(from + i * kLanes);
    for (int64_t left = dilation_; left > 1; left /= 2) shuffle<n>(v);
#pragma GCC unroll 16
    for (int i = 0; i < n; ++i) {
      const int64_t there = out_w_ - i * kLanes;
      if (there >= kLanes) {
        store(to + i * kLanes, v[i]);
      } else if (there > 0) {
        store_first(to + i * kLanes, v[i], int(there));
      }
    }
  }

  const float *x_, *U_, *b_;
  float* y_;
  float p_;
  int64_t rows_, channels_, depth_, in_pixels_, out_h_, out_w_, dilation_;
  TileGrid grid_;
  Gatherer gather_;
  int64_t row_panels_, panels_, blocks_, block_panels_, threads_, row_blocks_;
  void (*finish_)(const float*, int64_t, int64_t, vf, float, float*, int64_t);
};

}  // namespace winograd
}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_CONV_WINOGRAD_FORWARD_H_
