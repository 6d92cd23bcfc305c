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
  VectorRuns source[kTileVectors], y[kTileVectors];
  vu at[3][kTileVectors];  // the pixels, along the axes
};

// Where a product's pixels lie.
struct PixelStrides {
  int64_t example, axis[3];
};

// One lane after another.
inline void add_lane(VectorRuns& runs, int lane, int64_t base) {
  if (runs.count == 0 || runs.run[runs.count - 1].base != base) runs.run[runs.count++] = {base, lane, lane, Lanes{}};
  ++runs.run[runs.count - 1].to;
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
    for (int l = 0; l < lanes; ++l) {
      int64_t in_base = n * source.example, out_base = n * y.example;
      for (int a = 0; a < 3; ++a) {
        panel.at[a][v][l] = uint32_t(at[a]);
        in_base += at[a] * source.axis[a];
        out_base += (p.axis[a].from + at[a] * step[a]) * y.axis[a];
      }
      add_lane(in, l, in_base - l);
      add_lane(out, l, out_base - l * step[2]);
      if (++at[2] < width) continue;
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
template <int runs>
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
      terms = load_lanes(terms, from + v.run[r].base, own);
    }
    store(packed, terms);
  }
}

inline void pack_panel(const int64_t* source, const int32_t* tap, int64_t taps, int64_t depth, const float* x,
                       const PanelPixels& panel, const Lanes* seen, float* packed) {
  for (int v = 0; v < panel.vectors; ++v, seen += taps, packed += kLanes) {
    const VectorRuns& runs = panel.source[v];
    switch (runs.count) {
      case 1:
        pack_vector<1>(source, tap, depth, x, runs, seen, packed);
        break;
      case 2:
        pack_vector<2>(source, tap, depth, x, runs, seen, packed);
        break;
      case 4:
        pack_vector<4>(source, tap, depth, x, runs, seen, packed);
        break;
      default:
        pack_vector<0>(source, tap, depth, x, runs, seen, packed);
    }
  }
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_CONV_TAPS_PANEL_H_
