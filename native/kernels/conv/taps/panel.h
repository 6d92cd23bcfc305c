// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A panel: up to kTileColumns pixels of a product, one after another through the examples, packed for the tiles. Lanes
// whose pixels lie side by side in the source form a run, and a run is one load: a whole vector of pixels is one where
// the result is as wide as the source, since a row's end and the next one's begin are then neighbours, and what a tap
// must not see there is masked out, like all that lies outside.
#ifndef GENERATRIX_KERNELS_CONV_TAPS_PANEL_H_
#define GENERATRIX_KERNELS_CONV_TAPS_PANEL_H_

#include "kernels/conv/taps/lanes.h"
#include "kernels/conv/taps/plan.h"
#include "kernels/linear/product/operands.h"

namespace gx::GX_ISA {

// Lane l of a run is the element base + l * step.
struct Run {
  int64_t base;
  int from, to;  // of the vector's lanes
  Lanes lanes;   // the same
};
struct VectorRuns {
  int count;
  Run run[kLanes];
};

struct PanelPixels {
  int columns, vectors;
  bool whole;  // of y: each vector is side by side, all of its lanes
  VectorRuns source[kTileVectors], y[kTileVectors];
  vu at[3][kTileVectors];  // the pixels, along the axes
};

// Where a product's pixels lie.
struct PixelStrides {
  int64_t example, axis[3];
};

// Lanes [lane, to) at base, after those before them.
inline void add_lanes(VectorRuns& runs, int lane, int to, int64_t base) {
  if (runs.count == 0 || runs.run[runs.count - 1].base != base) runs.run[runs.count++] = {base, lane, lane, Lanes{}};
  runs.run[runs.count - 1].to = to;
}
inline void end_lanes(VectorRuns& runs) {
  for (int r = 0; r < runs.count; ++r) runs.run[r].lanes = lanes_between(runs.run[r].from, runs.run[r].to);
}

// The pixels [first, first + columns) of the product, counted through the examples.
inline void find_pixels(const TapsProduct& p, const PixelStrides& source, const PixelStrides& y, const int64_t* step,
                        int64_t first, int columns, PanelPixels& panel) {
  const int64_t height = p.axis[1].size, width = p.axis[2].size;
  int64_t n = first / p.pixels, q = first % p.pixels;
  int64_t at[3] = {q / (height * width), q / width % height, q % width};
  panel.columns = columns;
  panel.vectors = (columns + kLanes - 1) / kLanes;
  for (int v = 0; v < panel.vectors; ++v) {
    VectorRuns &in = panel.source[v], &out = panel.y[v];
    in.count = out.count = 0;
    const int lanes = lesser(kLanes, columns - v * kLanes);
    for (int l = 0; l < lanes;) {  // a row, or what is left of it, at a time
      const int to = int(lesser<int64_t>(lanes, l + width - at[2]));
      int64_t in_base = n * source.example, out_base = n * y.example;
      const vi here = (vi)lane_index() >= splat(int32_t(l));
      for (int a = 0; a < 3; ++a) {
        const vu along = splat(uint32_t(at[a])) + (a == 2 ? lane_index() - splat(uint32_t(l)) : vu{});
        panel.at[a][v] = here ? along : panel.at[a][v];
        in_base += at[a] * source.axis[a];
        out_base += (p.axis[a].from + at[a] * step[a]) * y.axis[a];
      }
      add_lanes(in, l, to, in_base - l);
      add_lanes(out, l, to, out_base - l * step[2]);
      at[2] += to - l;
      l = to;
      if (at[2] < width) continue;
      at[2] = 0;
      if (++at[1] < height) continue;
      at[1] = 0;
      if (++at[0] < p.axis[0].size) continue;
      at[0] = 0;
      ++n;
    }
    end_lanes(in);
    end_lanes(out);
  }
  panel.whole = step[2] == 1;
  for (int v = 0; v < panel.vectors; ++v) panel.whole &= panel.y[v].run[0].to == kLanes;
}

// The same of pixels that are neighbours in the source and in y.
inline void find_neighbours(int64_t source, int64_t y, int columns, PanelPixels& panel) {
  panel.columns = columns;
  panel.vectors = (columns + kLanes - 1) / kLanes;
  panel.whole = columns % kLanes == 0;
  for (int v = 0; v < panel.vectors; ++v) {
    const int lanes = lesser(kLanes, columns - v * kLanes);
    const Lanes there = lanes_between(0, lanes);
    panel.source[v].count = panel.y[v].count = 1;
    panel.source[v].run[0] = {source + v * kLanes, 0, lanes, there};
    panel.y[v].run[0] = {y + v * kLanes, 0, lanes, there};
  }
}

// seen[v * taps + t]: lanes whose pixel sees something through tap t. `places` is room for those along each axis.
inline void find_seen(const TapsProduct& p, const PanelPixels& panel, Lanes* places, Lanes* seen) {
  for (int v = 0; v < panel.vectors; ++v, seen += p.tap_count) {
    const Lanes there = lanes_between(0, panel.columns - v * kLanes);
    Lanes* at[3];
    Lanes* next = places;
    for (int a = 0; a < 3; ++a) {
      at[a] = next;
      for (int64_t i = 0; i < p.axis[a].count; ++i) {
        const TapsPlace place = p.axis[a].places[i];
        *next++ = lanes_where(panel.at[a][v] + splat(uint32_t(place.shift)) < splat(uint32_t(place.length))) & there;
      }
    }
    for (int64_t t = 0; t < p.tap_count; ++t) {
      seen[t] = at[0][p.taps[t][0]] & at[1][p.taps[t][1]] & at[2][p.taps[t][2]];
    }
  }
}

// packed[k][lane] of one vector for `depth` terms, in rows of kTileColumns. `runs` > 0: so many; 0: any number.
template <int runs, bool all_there>
void pack_vector(const int64_t* source, const int32_t* tap, int64_t depth, const float* x, const VectorRuns& v,
                 const Lanes* seen, float* packed) {
  for (int64_t k = 0; k < depth; ++k, packed += kTileColumns) {
    const float* const from = x + source[k];
    const Lanes lanes = seen[tap[k]];
    vf terms = {};
    const int count = runs > 0 ? runs : v.count;
#pragma GCC unroll 4
    for (int r = 0; r < count; ++r) {
      const Lanes own = runs == 1 ? lanes : lanes & v.run[r].lanes;
      terms = load_lanes<all_there>(terms, from + v.run[r].base, own);
    }
    store(packed, terms);
  }
}

// Both vectors of a panel, a run each. The panel after the next one is fetched ahead: 4 to 10 % of the whole, where the
// next one's gains nothing.
template <bool all_there>
void pack_pair(const int64_t* source, const int32_t* tap, int64_t depth, const float* x, const float* second_x,
               const Lanes* seen, const Lanes* second_seen, float* packed) {
  for (int64_t k = 0; k < depth; ++k, packed += kTileColumns) {
    const int64_t from = source[k], t = tap[k];
    __builtin_prefetch(x + from + 2 * kTileColumns, 0, 3);
    __builtin_prefetch(second_x + from + 2 * kTileColumns, 0, 3);
    store(packed, load_lanes<all_there>(vf{}, x + from, seen[t]));
    store(packed + kLanes, load_lanes<all_there>(vf{}, second_x + from, second_seen[t]));
  }
}

template <bool all_there>
void pack_panel(const int64_t* source, const int32_t* tap, int64_t taps, int64_t depth, const float* x,
                const PanelPixels& panel, const Lanes* seen, float* packed) {
  if (panel.vectors == 2 && panel.source[0].count == 1 && panel.source[1].count == 1) {
    return pack_pair<all_there>(source, tap, depth, x + panel.source[0].run[0].base, x + panel.source[1].run[0].base,
                                seen, seen + taps, packed);
  }
  for (int v = 0; v < panel.vectors; ++v, seen += taps, packed += kLanes) {
    const VectorRuns& runs = panel.source[v];
    switch (runs.count) {
      case 1:
        pack_vector<1, all_there>(source, tap, depth, x, runs, seen, packed);
        break;
      case 2:
        pack_vector<2, all_there>(source, tap, depth, x, runs, seen, packed);
        break;
      case 4:
        pack_vector<4, all_there>(source, tap, depth, x, runs, seen, packed);
        break;
      default:
        pack_vector<0, all_there>(source, tap, depth, x, runs, seen, packed);
    }
  }
}

// Whether whole vectors can be read for all runs and all terms, whose sources lie in [least, most], of an array of so
// many elements.
inline bool reads_within(const PanelPixels& panel, int64_t least, int64_t most, int64_t size) {
  bool within = true;
  for (int v = 0; v < panel.vectors; ++v) {
    for (int r = 0; r < panel.source[v].count; ++r) {
      const int64_t base = panel.source[v].run[r].base;
      within &= base + least >= 0 && base + most + kLanes <= size;
    }
  }
  return within;
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_CONV_TAPS_PANEL_H_
