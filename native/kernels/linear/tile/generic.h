// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Every size of tile, so that rows and columns divide into nearly equal tiles instead of full ones and a rest.
// Contract: tile.h.

#include "kernels/linear/tile/tile.h"

namespace gx::GX_ISA {
namespace {

template <int rows, int vectors, Reads reads>
void tile(const float* a, int64_t a_stride, const float* b, int64_t b_stride, int64_t depth, float* c, int64_t c_stride,
          int last, bool add) {
  vf sum[rows][vectors];
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i) {
    // To the L2 cache: rows of a stride of 2^n share a set of the first level and would push each other out (4 %).
    __builtin_prefetch(c + i * c_stride, 1, 2);
    if (vectors > 1) __builtin_prefetch(c + i * c_stride + vectors * kLanes - 1, 1, 2);
#pragma GCC unroll 2
    for (int v = 0; v < vectors; ++v) sum[i][v] = vf{};
  }
  // Rows of A in threes: [base], [base + stride] and [base + 2 stride] need five registers instead of fourteen.
  constexpr int kBases = reads == kAlong ? (rows + 2) / 3 : 1;
  const float* base[kBases];
#pragma GCC unroll 8
  for (int g = 0; g < kBases; ++g) base[g] = a + 3 * g * a_stride;
  // Panels that come from farther than the L2 cache, as the transforms of convolutions do: 5 to 15 % of those, no loss
  // to others but where a tile has few rows.
  constexpr bool kFetches = 4 * rows > 3 * kTileRows;
  for (int64_t k = 0; k < depth; ++k, b += b_stride) {
    vf row[vectors];
    if (kFetches) {
      __builtin_prefetch(b + 16 * b_stride);
      if (vectors > 1) __builtin_prefetch(b + 16 * b_stride + kLanes);
      if (reads == kAcross) __builtin_prefetch(base[0] + 24 * a_stride);
    }
#pragma GCC unroll 2
    for (int v = 0; v < vectors; ++v) row[v] = loadf(b + v * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
      const vf x = splat(reads == kAlong ? base[i / 3][(i % 3) * a_stride] : base[0][i]);
#pragma GCC unroll 2
      for (int v = 0; v < vectors; ++v) sum[i][v] += x * row[v];
    }
#pragma GCC unroll 8
    for (int g = 0; g < kBases; ++g) {
      base[g] += reads == kAlong ? 1 : a_stride;
      asm("" : "+r"(base[g]));  // or the compiler keeps a pointer per row after all, and spills
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i) {
    float* to = c + i * c_stride;
#pragma GCC unroll 2
    for (int v = 0; v < vectors; ++v, to += kLanes) {
      if (v + 1 < vectors || last == kLanes) {
        store(to, add ? loadf(to) + sum[i][v] : sum[i][v]);
      } else {
        store_first(to, add ? load_first(to, last) + sum[i][v] : sum[i][v], last);
      }
    }
  }
}

}  // namespace

#if GX_VEC_BYTES == 64
#define GX_ROWS(v, r)                                                                                                \
  {                                                                                                                  \
    tile<1, v, r>, tile<2, v, r>, tile<3, v, r>, tile<4, v, r>, tile<5, v, r>, tile<6, v, r>, tile<7, v, r>,         \
        tile<8, v, r>, tile<9, v, r>, tile<10, v, r>, tile<11, v, r>, tile<12, v, r>, tile<13, v, r>, tile<14, v, r> \
  }
#elif GX_VEC_BYTES == 32
#define GX_ROWS(v, r) \
  { tile<1, v, r>, tile<2, v, r>, tile<3, v, r>, tile<4, v, r>, tile<5, v, r>, tile<6, v, r> }
#else
#define GX_ROWS(v, r) \
  { tile<1, v, r>, tile<2, v, r>, tile<3, v, r>, tile<4, v, r>, tile<5, v, r> }
#endif
const TileFunction kTiles[2][kTileVectors][kTileRows] = {{GX_ROWS(1, kAlong), GX_ROWS(2, kAlong)},
                                                         {GX_ROWS(1, kAcross), GX_ROWS(2, kAcross)}};

}  // namespace gx::GX_ISA
