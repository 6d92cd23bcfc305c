// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The products of a plan in one parallel loop over the register tiles of linear/tile. An item owns some rows and some
// panels of a product: it walks over k in blocks and packs each panel itself, its rows of weights stay in the L2 cache
// meanwhile.
//
// The sum of an output element is part of the contract, since cached sampling makes the same bits another way:
//   terms      k = (input channel of the group, live tap), raster order of taps; of a transposed convolution only the
//              taps of the element's phase. Colours leave out terms. A term outside x is 0.
//   blocks     as in linear/product/engine.h: k is cut at part(k, blocks, i) for the fewest blocks of at most 512 terms
//   a block    begins at 0 and adds up its terms in order, one fused multiply-add each where there are such
//   then       blocks are added up in order, then b if there is one, then f
// It depends on no other pixel, on no other example, and on no thread.
//
// Against our own matrix product of the same size on one thread of a Zen 5 (CPU time, interleaved): 0.94 to 1.0 of its
// speed at 512 to 1024 outputs of 4 x 4 pixels, 1.05 to 1.2 at 128 to 512 outputs of 8 x 8 to 32 x 32, 1.5 to 1.7 at
// 64 outputs of 28 x 28 to 64 x 64, masked and dilated ones too; 190 to 230 GFLOP/s.
#ifndef GENERATRIX_KERNELS_CONV_TAPS_ENGINE_H_
#define GENERATRIX_KERNELS_CONV_TAPS_ENGINE_H_

#include "kernels/conv/taps/finish.h"
#include "kernels/conv/taps/panel.h"
#include "kernels/conv/taps/split.h"

namespace gx::GX_ISA {

static_assert(kTapsDepth == kDepth, "sums are cut alike");

class TapsEngine {
 public:
  TapsEngine(const ConvShape& s, const TapsPlan& plan, const float* x, const float* packed, const float* b, float* y,
             Team& team)
      : s_(s),
        plan_(plan),
        x_(x),
        packed_(packed),
        b_(b),
        y_(y),
        finish_(finish_of(s.p)),
        streams_(s.out_count() >= kStreamedResults),
        parts_(nullptr) {
    const TapsSource& source = plan.source();
    in_ = {s.p.in_channels * source.channel, {source.length[1] * source.length[2], source.length[2], 1}};
    out_ = {s.p.out_channels * s.out_pixels, {s.out_size[1] * s.out_size[2], s.out_size[2], 1}};
    for (int a = 0; a < 3; ++a) step_[a] = plan.out_step(a);
    cut(team);
  }

  int64_t items() const { return items_; }
  int64_t scratch() const { return kDepth * kTileColumns + sums_ + lanes_floats(places_ + kTileVectors * most_taps_); }

  void item(int64_t i, float* scratch) const {
    int64_t j = 0;
    while (j + 1 < plan_.count() && i >= parts_[j + 1].first) ++j;
    const TapsProduct& p = plan_.products()[j];
    const Parts& parts = parts_[j];
    i -= parts.first;
    const int64_t c = i % parts.columns, r = i / parts.columns % parts.rows, group = i / parts.columns / parts.rows;
    const int64_t row = part(p.rows, parts.rows, r), rows = part(p.rows, parts.rows, r + 1) - row;
    const int64_t from = part(parts.panels, parts.columns, c), to = part(parts.panels, parts.columns, c + 1);
    float* const panel = scratch;
    float* const sums = panel + kDepth * kTileColumns;
    Lanes* const places = reinterpret_cast<Lanes*>(sums + sums_);
    Lanes* const seen = places + places_;
    const int64_t group_x = group * s_.in_channels * plan_.source().channel;
    const int64_t channel = group * s_.out_channels + p.row + row;
    PanelPixels pixels;
    for (int64_t begin = from; begin < to; begin += parts.pass) {
      const int64_t end = lesser(to, begin + parts.pass);
      for (int64_t block = 0; block < p.blocks; ++block) {
        const int64_t k = part(p.k, p.blocks, block), depth = part(p.k, p.blocks, block + 1) - k;
        const float* const a = packed_ + p.packed + ((group * p.blocks + block) * p.rows + row) * p.stride;
        for (int64_t q = begin; q < end; ++q) {
          if (block == 0 || parts.pass > 1) {
            find_panel(p, parts, q, pixels);
            find_seen(p, parts, pixels, places, seen);
          }
          const bool within = reads_within(pixels, p.least + group_x, p.most + group_x, s_.p.batch * in_.example);
          const float* b = panel;
          int64_t b_stride = kTileColumns;
          if (within && parts.in_place) {
            b = x_ + group_x + p.source[k] + pixels.source[0].run[0].base;
            b_stride = plan_.source().channel;
          } else if (within) {
            pack_panel<true>(p.source + k, p.tap + k, p.tap_count, depth, x_ + group_x, pixels, seen, panel);
          } else {
            pack_panel<false>(p.source + k, p.tap + k, p.tap_count, depth, x_ + group_x, pixels, seen, panel);
          }
          const int64_t tiles = parts_of(rows, kTileRows);
          for (int64_t t = 0; t < tiles; ++t) {
            const int64_t first = part(rows, tiles, t), height = part(rows, tiles, t + 1) - first;
            float* const sum = p.blocks == 1 ? sums : sums + ((q - begin) * rows + first) * kTileColumns;
            kTiles[kAlong][pixels.vectors - 1][height - 1](a + first * p.stride, p.stride, b, b_stride, depth, sum,
                                                           kTileColumns, kLanes, block > 0);
            if (block + 1 < p.blocks) continue;
            finish_.tile(sum, height, pixels, y_ + (channel + first) * s_.out_pixels, s_.out_pixels, step_[2],
                         b_ ? b_ + channel + first : nullptr, finish_.p, streams_);
          }
        }
      }
    }
    if (streams_) _mm_sfence();
  }

 private:
  // How a product is cut into items.
  struct Parts {
    int64_t first, rows, columns;
    int64_t panels, of_example;  // of_example: 0 if panels run through the examples
    int64_t pass;                // so many panels go through all blocks before the next ones
    bool pointwise;              // a pixel of y is made of the same pixel of x, and a panel's are neighbours in both
    bool in_place;               // pointwise, and the tiles read x itself: packing would not pay
  };

  static int64_t lanes_floats(int64_t lanes) { return lanes * int64_t(sizeof(Lanes) / sizeof(float)); }

  void find_panel(const TapsProduct& p, const Parts& parts, int64_t q, PanelPixels& pixels) const {
    if (parts.of_example == 0) {
      const int64_t first = q * kTileColumns;
      const int columns = int(lesser<int64_t>(kTileColumns, s_.p.batch * p.pixels - first));
      return find_pixels(p, in_, out_, step_, first, columns, pixels);
    }
    const int64_t first = q % parts.of_example * kTileColumns, example = q / parts.of_example;
    const int columns = int(lesser<int64_t>(kTileColumns, p.pixels - first));
    if (parts.pointwise) {
      return find_neighbours(example * in_.example + first, example * out_.example + first, columns, pixels);
    }
    find_pixels(p, in_, out_, step_, example * p.pixels + first, columns, pixels);
  }

  static void find_seen(const TapsProduct& p, const Parts& parts, const PanelPixels& pixels, Lanes* places,
                        Lanes* seen) {
    if (!parts.pointwise) return gx::GX_ISA::find_seen(p, pixels, places, seen);
    for (int v = 0; v < pixels.vectors; ++v) seen[v] = pixels.source[v].run[0].lanes;
  }

  // A 1x1 product that reads each pixel in its own place, through channels that follow each other.
  bool pointwise(const TapsProduct& p) const {
    if (p.tap_count != 1 || p.k == 0 || p.pixels != s_.out_pixels || p.pixels != plan_.source().channel) return false;
    for (const TapsAxis& axis : p.axis) {
      if (axis.places[0].shift != 0 || axis.places[0].length != axis.size) return false;
    }
    return p.most - p.least == (p.k - 1) * plan_.source().channel;
  }

  static double work(const ConvShape& s, const TapsProduct& p) {
    return double(s.p.groups) * double(s.p.batch) * double(p.rows) * double(p.pixels) * double(p.k < 16 ? 16 : p.k);
  }

  // A product in about `share` items.
  Parts parts_for(const TapsProduct& p, int64_t share, int threads) const {
    Parts to = {};
    // A panel that ends with its example is direct to write, and worth a few lanes.
    const int64_t vectors = (p.pixels + kLanes - 1) / kLanes;
    to.of_example = 32 * (vectors * kLanes - p.pixels) <= p.pixels ? (vectors + kTileVectors - 1) / kTileVectors : 0;
    to.panels =
        to.of_example > 0 ? s_.p.batch * to.of_example : (s_.p.batch * p.pixels + kTileColumns - 1) / kTileColumns;
    if (p.pixels == 0) return Parts{0, 0, 0, 0, 0, 1, false, false};
    to.rows = parts_of(p.rows, kItemRows);
    to.columns = lesser(to.panels, parts_of(share, s_.p.groups * to.rows));
    // A panel at a time if the weights of all blocks stay in the L2 cache; else the sums of all panels stay there.
    const bool resident = parts_of(p.rows, to.rows) * p.blocks * p.stride <= kItemRows * kPackedStride;
    if (!resident && to.columns < parts_of(to.panels, kItemPanels)) to.columns = parts_of(to.panels, kItemPanels);
    if (s_.p.groups * to.rows * to.columns < share) {
      to.rows = lesser(parts_of(p.rows, kTileRows), parts_of(share, s_.p.groups * to.columns));
    }
    for (int t = 1; t < threads && share > 1 && to.columns < to.panels; ++t) {  // as many for every thread
      if (s_.p.groups * to.rows * to.columns % threads == 0) break;
      ++to.columns;
    }
    to.pass = resident ? 1 : parts_of(to.panels, to.columns);
    to.pointwise = to.of_example > 0 && pointwise(p);
    to.in_place = to.pointwise && p.rows <= kInPlaceRows && plan_.source().channel % kInPlaceApart != 0;
    return to;
  }

  void cut(Team& team) {
    double all = 0;
    for (int64_t j = 0; j < plan_.count(); ++j) all += work(s_, plan_.products()[j]);
    const double threads = lesser(double(team.threads()), all / kThreadWork);
    const double wanted = threads < 2 ? 1 : all / kThreadWork > 16 * threads ? 4 * threads : 2 * threads;
    Parts* const cuts = reinterpret_cast<Parts*>(team.scratch(plan_.count() * int64_t(sizeof(Parts) / sizeof(float))));
    most_taps_ = plan_.most_taps();
    sums_ = kTileRows * kTileColumns;
    places_ = items_ = 0;
    for (int64_t j = 0; j < plan_.count(); ++j) {
      const TapsProduct& p = plan_.products()[j];
      const int64_t share = threads < 2 ? 1 : int64_t(wanted * work(s_, p) / all) + 1;
      cuts[j] = parts_for(p, share, threads < 2 ? 1 : team.threads());
      cuts[j].first = items_;
      items_ += s_.p.groups * cuts[j].rows * cuts[j].columns;
      if (cuts[j].columns == 0) continue;
      const int64_t sums = p.blocks == 1 ? 0 : parts_of(p.rows, cuts[j].rows) * cuts[j].pass * kTileColumns;
      if (sums > sums_) sums_ = sums;
      const int64_t places = p.axis[0].count + p.axis[1].count + p.axis[2].count;
      if (places > places_) places_ = places;
    }
    places_ = (places_ + 15) / 16 * 16;
    parts_ = cuts;
  }

  static constexpr int64_t kItemPanels = 512 / kTileColumns;  // 1024 is up to 3 % slower
  // Tiles that read 1x1 products in place, on one thread of a Zen 5: 32 to 16 and 16 to 32 channels of 28 x 28 at 180
  // and 157 GFLOP/s in place of 124 and 121; 256 rows lose 10 %, and so do planes that lie a multiple of 8 KiB apart,
  // whose lines meet in a few sets of the caches.
  static constexpr int64_t kInPlaceRows = 64, kInPlaceApart = 2048;

  const ConvShape& s_;
  const TapsPlan& plan_;
  const float *x_, *packed_, *b_;
  float* y_;
  TapsFinish finish_;
  bool streams_;
  PixelStrides in_, out_;
  int64_t step_[3];
  const Parts* parts_;
  int64_t items_, sums_, places_, most_taps_;
};

inline void run_taps(const ConvShape& s, const TapsPlan& plan, const float* x, const float* packed, const float* b,
                     float* y, Team& team) {
  if (plan.gaps()) fill_y(s, finish_of(s.p), b, y, team);
  const float* const source = split_source(s, plan.source(), x, team);
  const TapsEngine engine(s, plan, source, packed, b, y, team);
  run_product(team, engine);
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_CONV_TAPS_ENGINE_H_
