// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Convolutions with few output channels per group, such as the last layer of a generator. Registers hold the sums of
// all outputs over several vectors of neighbouring pixels; a channel and a tap add the shifted pixels times one weight
// per output. Nothing is packed but the weights; the input is read where it lies in the panel.
//
// Sums are cut and added as the general engine does: over k = (channel, tap), in blocks of at most kDepth, each a chain
// of fused multiply-adds from 0, blocks added in order, then the bias.
//
// On one thread of a Zen 5 (CPU time, busy machine) the last layer of a DCGAN, transposed 4x4 128 -> 3, runs at 0.6 of
// the peak, three times as fast as by the general engine, and 3x3 64 -> 8 at 0.7, 1.4 times. What held it back:
// reads off the vectors' grid (rows that begin on it 1.1), input that no prefetcher foresees (Ahead, 1.3). Lost: the
// same for many outputs of few inputs, eight at a time from one panel (0.75 of the general engine at 3 -> 128, 1.0 at 8
// -> 64).

#include "kernels/conv/direct/finish.h"
#include "kernels/conv/direct/panel.h"
#include "kernels/conv/direct/weights.h"

namespace gx::GX_ISA {
namespace {

constexpr int kMostOutputs = 8, kMostVectors = 8;
// Of a block: pixels, sums, floats of input at a time. Together they stay in the L1 cache.
constexpr int64_t kMostPixels = 512, kBlockSums = 3072, kPanelFloats = 5120;

// Vectors of pixels of a tile with so many outputs: sums, the fewer of both and one of the other fill the registers.
constexpr int tile_vectors(int outputs) {
  constexpr int kRegisters = GX_VEC_BYTES == 64 ? 32 : GX_VEC_BYTES == 32 ? 16 : 15;  // without FMA a product too
  int v = kMostVectors;
  while (v > 1 && outputs * v + (outputs < v ? outputs : v) + 1 > kRegisters) --v;
  return v;
}

// Sums over k: pixels at x + offset[k] + start[v], weights w[k][outputs]. to = (add ? to : 0) + (chain from `from`, or
// from 0 if it is null); output o's are o * stride further.
struct TileSums {
  const float* from;
  float* to;
  bool add;
};
using FewTile = void (*)(const float* x, const int64_t* offset, int64_t depth, const float* w, const int64_t* start,
                         TileSums sums, int64_t stride);

template <int outputs, int vectors>
void few_tile(const float* x, const int64_t* offset, int64_t depth, const float* w, const int64_t* start, TileSums sums,
              int64_t stride) {
  vf sum[outputs][vectors];
#pragma GCC unroll 8
  for (int o = 0; o < outputs; ++o) {
#pragma GCC unroll 8
    for (int v = 0; v < vectors; ++v) sum[o][v] = sums.from ? loadf(sums.from + o * stride + start[v]) : vf{};
  }
  const float* pixels[vectors];
#pragma GCC unroll 8
  for (int v = 0; v < vectors; ++v) pixels[v] = x + start[v];
  for (int64_t k = 0; k < depth; ++k, w += outputs) {
    const int64_t at = offset[k];
    if constexpr (outputs <= vectors) {
      vf weight[outputs];
#pragma GCC unroll 8
      for (int o = 0; o < outputs; ++o) weight[o] = splat(w[o]);
#pragma GCC unroll 8
      for (int v = 0; v < vectors; ++v) {
        const vf pixel = load_once(pixels[v] + at);
#pragma GCC unroll 8
        for (int o = 0; o < outputs; ++o) sum[o][v] += pixel * weight[o];
      }
    } else {
      vf pixel[vectors];
#pragma GCC unroll 8
      for (int v = 0; v < vectors; ++v) pixel[v] = load_once(pixels[v] + at);
#pragma GCC unroll 8
      for (int o = 0; o < outputs; ++o) {
        const vf weight = splat(w[o]);
#pragma GCC unroll 8
        for (int v = 0; v < vectors; ++v) sum[o][v] += pixel[v] * weight;
      }
    }
  }
#pragma GCC unroll 8
  for (int o = 0; o < outputs; ++o) {
#pragma GCC unroll 8
    for (int v = 0; v < vectors; ++v) {
      float* const to = sums.to + o * stride + start[v];
      store(to, sums.add ? loadf(to) + sum[o][v] : sum[o][v]);
    }
  }
}

template <int outputs, int vectors>
constexpr FewTile few_tile_or_none() {
  if constexpr (vectors <= tile_vectors(outputs)) {
    return few_tile<outputs, vectors>;
  } else {
    return nullptr;
  }
}
#define GX_FEW_TILES(o)                                                                                        \
  {                                                                                                            \
    few_tile_or_none<o, 1>(), few_tile_or_none<o, 2>(), few_tile_or_none<o, 3>(), few_tile_or_none<o, 4>(),    \
        few_tile_or_none<o, 5>(), few_tile_or_none<o, 6>(), few_tile_or_none<o, 7>(), few_tile_or_none<o, 8>() \
  }
// [vectors - 1]
const FewTile* few_tiles_of(int outputs) {
  static const FewTile kTiles[kMostOutputs][kMostVectors] = {GX_FEW_TILES(1), GX_FEW_TILES(2), GX_FEW_TILES(3),
                                                             GX_FEW_TILES(4), GX_FEW_TILES(5), GX_FEW_TILES(6),
                                                             GX_FEW_TILES(7), GX_FEW_TILES(8)};
  return kTiles[outputs - 1];
}

// How planes of the output are cut into blocks, and a block into vectors: its rows one after the other with the gaps
// between them (flat), or each row by itself, whichever takes fewer.
struct FewCut {
  int64_t parts[2], most[2];  // the most pixels of a block
  bool flat;
  int64_t pitch;

  FewCut(const Stencil& s, int64_t outputs) {
    const int64_t fits = kBlockSums / (s.phases[0] * s.phases[1] * outputs), least = 2 * kLanes;
    const int64_t pixels = fits > kMostPixels ? kMostPixels : fits < least ? least : fits;
    parts[1] = parts_of(s.pixels[1], pixels < 256 ? pixels : pixels / 2);
    most[1] = ceil_div(s.pixels[1], parts[1]);
    parts[0] = parts_of(s.pixels[0], pixels / most[1]);
    most[0] = ceil_div(s.pixels[0], parts[0]);
    const int64_t flat_pitch = most[1] + s.span(1), row_vectors = ceil_div(most[1], kLanes);
    // Rows by themselves begin on the vectors' grid, where a read takes a quarter of the time.
    flat = 4 * ceil_div(most[0] * flat_pitch - s.span(1), kLanes) < 3 * most[0] * row_vectors;
    pitch = flat ? flat_pitch : (row_vectors + ceil_div(s.span(1), kLanes)) * kLanes;
  }
  Block block(const Stencil& s, int64_t row_part, int64_t column_part) const {
    Block b;
    const int64_t p[2] = {row_part, column_part};
    for (int a = 0; a < 2; ++a) {
      b.at[a] = part(s.pixels[a], parts[a], p[a]);
      b.size[a] = part(s.pixels[a], parts[a], p[a] + 1) - b.at[a];
    }
    b.rows = most[0] + s.span(0);  // as the largest block's, so that offsets serve all
    b.pitch = pitch;
    b.lead = lead_of(s);
    return b;
  }
  // At most kMostPixels.
  int64_t vectors(const Block& b, int64_t* start) const {
    const int64_t row_vectors = ceil_div(b.size[1], kLanes);
    const int64_t count = flat ? ceil_div((b.size[0] - 1) * pitch + b.size[1], kLanes) : b.size[0] * row_vectors;
    for (int64_t v = 0; start && v < count; ++v) {
      start[v] = flat ? v * kLanes : v / row_vectors * pitch + v % row_vectors * kLanes;
    }
    return count;
  }
};

class FewOutputs {
 public:
  FewOutputs(const ConvShape& s, const Stencil& stencil, const float* x, const float* weights, const float* b, float* y,
             Team& team)
      : s_(s),
        stencil_(stencil),
        cut_(stencil, s.out_channels),
        x_(x),
        weights_(weights),
        b_(b),
        y_(y),
        outputs_(s.out_channels),
        threads_(team.threads()) {
    const Block largest = cut_.block(stencil, 0, 0);
    channel_floats_ = stencil.planes[0] * stencil.planes[1] * largest.plane();
    channel_parts_ = parts_of(s.in_channels, channel_floats_ > kPanelFloats ? 1 : kPanelFloats / channel_floats_);
    channels_ = ceil_div(s.in_channels, channel_parts_);
    area_ = ceil_div(cut_.most[0] * cut_.pitch + kLanes, 16) * 16;
    sums_ = stencil.phases[0] * stencil.phases[1] * outputs_ * area_;
    // Of all channels of a part, phase by phase.
    offsets_ = reinterpret_cast<int64_t*>(team.scratch(2 * channels_ * stencil.tap_count));
    int64_t* to = offsets_;
    for (int64_t first = 0, end; first < stencil.tap_count; first = end) {
      end = stencil.phase_end(first);
      for (int64_t c = 0; c < channels_; ++c) {
        for (int64_t t = first; t < end; ++t) *to++ = c * channel_floats_ + largest.offset(stencil, stencil.taps[t]);
      }
    }
    finish_ = finish_row_of(s.p.activation);
    tiles_ = few_tiles_of(int(outputs_));
  }

  int64_t items() const { return s_.p.batch * s_.p.groups * cut_.parts[0] * cut_.parts[1]; }
  int64_t scratch() const { return ceil_div(channels_ * channel_floats_ + 2 * kLanes, 16) * 16 + 2 * sums_; }

  void item(int64_t i, float* scratch) const {
    const int64_t plane = i / (cut_.parts[0] * cut_.parts[1]);  // of [batch, groups]
    const Block b = cut_.block(stencil_, i / cut_.parts[1] % cut_.parts[0], i % cut_.parts[1]);
    const float* const x = x_ + plane * s_.in_channels * s_.in_pixels;
    float* const chains = scratch;
    float* const sums = scratch + sums_;
    float* const panel = sums + sums_;
    int64_t start[kMostPixels];
    const int64_t vectors = cut_.vectors(b, start);
    for (int64_t p = 0; p < channel_parts_; ++p) {
      const int64_t channel = part(s_.in_channels, channel_parts_, p);
      const int64_t end = part(s_.in_channels, channel_parts_, p + 1);
      for (int64_t c = channel; c < end; ++c) {
        fill_panel(s_, stencil_, b, x + c * s_.in_pixels, panel + (c - channel) * channel_floats_);
      }
      Ahead ahead = ahead_of(i, p);
      const float* w = weights_ + plane % s_.p.groups * s_.in_channels * stencil_.tap_count * outputs_;
      const int64_t* offsets = offsets_;
      for (int64_t first = 0, next; first < stencil_.tap_count; first = next) {
        next = stencil_.phase_end(first);
        const int64_t taps = next - first, to = stencil_.phase(first) * outputs_ * area_;
        add(panel, offsets, taps, channel, end, w, start, vectors, chains + to, sums + to, ahead);
        offsets += channels_ * taps;
        w += s_.in_channels * taps * outputs_;
      }
    }
    finish(b, plane, sums);
  }

 private:
  // What follows part p of item i: the next part, or the first one of the item that this thread is likely to do next.
  Ahead ahead_of(int64_t i, int64_t p) const {
    if (++p == channel_parts_) p = 0, i += threads_;
    if (i >= items()) return Ahead();
    const int64_t channel = part(s_.in_channels, channel_parts_, p), end = part(s_.in_channels, channel_parts_, p + 1);
    const Block b = cut_.block(stencil_, i / cut_.parts[1] % cut_.parts[0], i % cut_.parts[1]);
    const int64_t plane = i / (cut_.parts[0] * cut_.parts[1]);
    return ahead_of_panel(s_, stencil_, b, x_ + (plane * s_.in_channels + channel) * s_.in_pixels, end - channel);
  }

  // Adds a phase's products of channels [channel, end), which are in the panel.
  void add(const float* panel, const int64_t* offsets, int64_t taps, int64_t channel, int64_t end, const float* w,
           const int64_t* start, int64_t vectors, float* chains, float* sums, Ahead& ahead) const {
    const int64_t depth = s_.in_channels * taps, blocks = parts_of(depth, kDepth), first = channel * taps;
    const int64_t parts = parts_of(vectors, tile_vectors(int(outputs_)));
    const int64_t lines = ceil_div(ahead.lines * ahead.channels, parts * stencil_.live_phases);
    int64_t block = 0;
    for (int64_t k = first, next; k < end * taps; k = next) {
      while (part(depth, blocks, block + 1) <= k) ++block;
      const int64_t block_end = part(depth, blocks, block + 1);
      next = lesser(block_end, end * taps);
      // The first block's chains are where their sums will be.
      float* const chain = block == 0 ? sums : chains;
      const TileSums to = {k == part(depth, blocks, block) ? nullptr : chain, next == block_end ? sums : chain,
                           next == block_end && block > 0};
      for (int64_t t = 0; t < parts; ++t) {
        const int64_t v = part(vectors, parts, t), count = part(vectors, parts, t + 1) - v;
        ahead.fetch(lines);
        tiles_[count - 1](panel, offsets + k - first, next - k, w + k * outputs_, start + v, to, area_);
      }
    }
  }

  void finish(const Block& b, int64_t plane, float* sums) const {
    const int64_t* const out = s_.out_size + 1;
    const int64_t* const phases = stencil_.phases;
    const int64_t columns = lesser(b.size[1] * phases[1], out[1] - b.at[1] * phases[1]);
    for (int64_t o = 0; o < outputs_; ++o) {
      const float bias = b_ ? b_[plane % s_.p.groups * outputs_ + o] : 0;
      float* const y = y_ + (plane * outputs_ + o) * s_.out_pixels;
      for (int64_t phase = 0; phase < phases[0]; ++phase) {
        float* from = sums + (phase * phases[1] * outputs_ + o) * area_;
        for (int64_t r = 0; r < b.size[0]; ++r, from += b.pitch) {
          const int64_t row = (b.at[0] + r) * phases[0] + phase;
          if (row >= out[0]) break;
          finish_(from, outputs_ * area_, phases[1], bias, float(s_.p.activation_p),
                  y + row * out[1] + b.at[1] * phases[1], columns);
        }
      }
    }
  }

  const ConvShape& s_;
  const Stencil& stencil_;
  const FewCut cut_;
  const float* x_;
  const float* weights_;
  const float* b_;
  float* y_;
  int64_t outputs_;  // of a group
  int threads_;
  int64_t channel_floats_, channel_parts_, channels_;
  int64_t area_, sums_;  // of an output and a phase; of a block
  int64_t* offsets_;
  FinishRow finish_;
  const FewTile* tiles_;
};

// [group][phase][channel][tap of the phase][output]
template <class F>
void each_few_weight(const ConvShape& s, const Stencil& stencil, F f) {
  for (int64_t g = 0; g < s.p.groups; ++g) {
    for (int64_t first = 0, end; first < stencil.tap_count; first = end) {
      end = stencil.phase_end(first);
      for (int64_t c = 0; c < s.in_channels; ++c) {
        for (int64_t t = first; t < end; ++t) {
          for (int64_t o = 0; o < s.out_channels; ++o) {
            const int64_t row = g * s.rows() + (s.p.transposed ? c : o), column = s.p.transposed ? o : c;
            f((row * s.columns() + column) * s.kernel_taps + stencil.taps[t].index);
          }
        }
      }
    }
  }
}

}  // namespace

bool conv_suits_few_outputs(const ConvShape& s) {
  Stencil stencil;
  if (s.out_channels > kMostOutputs || (s.p.groups > 1 && s.in_channels == 1) || !make_stencil(s, stencil))
    return false;
  if (stencil.live_phases != stencil.phases[0] * stencil.phases[1]) return false;
  const FewCut cut(stencil, s.out_channels);
  const Block largest = cut.block(stencil, cut.parts[0] - 1, cut.parts[1] - 1);
  const int64_t pixels = largest.size[0] * largest.size[1];
  return pixels >= 4 * kLanes && 2 * pixels >= cut.vectors(largest, nullptr) * kLanes;
}

int64_t conv_packed_few_outputs(const ConvShape& s) {
  return kWeightsMark + s.p.groups * s.in_channels * s.live_taps * s.out_channels;
}

void conv_pack_few_outputs(const ConvShape& s, const float* W, float* packed, Team&) {
  Stencil stencil;
  make_stencil(s, stencil);
  pack_weights(W, packed, [&](auto f) { each_few_weight(s, stencil, f); });
}

void conv_few_outputs(const ConvShape& s, const float* x, const float*, const float* packed, const float* b, float* y,
                      Team& team) {
  Stencil stencil;
  make_stencil(s, stencil);
  if (run_marked(s, x, packed, b, y, team, [&](auto f) { each_few_weight(s, stencil, f); })) return;
  run_product(team, FewOutputs(s, stencil, x, packed + kWeightsMark, b, y, team));
}

}  // namespace gx::GX_ISA
