// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The gradient of the weights by the transposed forms (forms.h). The rows' side of W has the fewer pixels, the columns'
// side is what tiles reach into, whichever of them is the input. With L = A^T y of the rows' side (9 or 16 values of a
// tile of 2 x 2) and H = B d of the columns' side (36 or 16), dU = the sum over tiles of H L^T, dW = G^T dU.
// Tiles are cut into blocks of at most kDepth, whose sums are added up in order. L of several blocks is made by all
// threads and shared; then an item, some columns, makes its H, multiplies and, after the last block, transforms dU.
// The bound of forms.h holds with n = 512 and a term per block. Times as in forward.h: 23.4 to 25.1 ms (floor 21.0, the
// direct engine 44.2 to 61.4) for kernel 4, 22.6 (18.7, 46.0) and 8.1 (4.7, 11.9) for kernel 3, the last one's 9.2
// to 9.7 (13) where dilated, beside other programs. The side whose values are transposed for the product's panels is
// the one with 9 of them, not the one with 36.
#ifndef GENERATRIX_KERNELS_CONV_WINOGRAD_GRADIENT_H_
#define GENERATRIX_KERNELS_CONV_WINOGRAD_GRADIENT_H_

#include "kernels/conv/shape.h"
#include "kernels/conv/winograd/forms.h"
#include "kernels/conv/winograd/gather.h"
#include "kernels/linear/product/run.h"

namespace gx::GX_ISA {
namespace winograd {

template <class Form>
class Gradient {
 public:
  Gradient(const ConvShape& s, const float* x, const float* dz, float* dW, int threads)
      : rows_side_(s.p.transposed ? x : dz),
        columns_side_(s.p.transposed ? dz : x),
        dW_(dW),
        rows_(s.rows()),
        columns_(s.columns()),
        row_size_(s.p.transposed ? s.p.in_size : s.out_size),
        column_size_(s.p.transposed ? s.out_size : s.p.in_size),
        grid_(tile_grid(s.p.batch, row_size_[1], row_size_[2], 2, s.p.dilation[1])),
        gather_rows_(row_size_[1], row_size_[2], s.p.dilation[1]),
        gather_columns_(column_size_[1], column_size_[2], s.p.dilation[1]),
        tiles_(grid_.tiles()),
        units_(parts_of(tiles_, kUnit)),
        blocks_(parts_of(units_, kDepth / kUnit)),
        depth_(parts_of(units_, blocks_) * kUnit),
        panels_(parts_of(rows_, kTileColumns)) {
    // Blocks whose L is 8 MB, which the last cache holds.
    together_ = (int64_t(2) << 20) / block_floats();
    together_ = together_ < 1 ? 1 : lesser(together_, blocks_);
    // H of an item has a few tiles of rows for each panel of L. Items change no bits and may follow the threads.
    items_ = parts_of(columns_, 4 * kTileRows / Form::kPhases);
    if (threads > 1) items_ = lesser(columns_, parts_of(items_, threads) * threads);
    item_rows_ = parts_of(columns_, items_) * Form::kPhases;
    h_stride_ = ((depth_ + 15) / 16 | 1) * 16;
    // With one block, dU of some rows at a time stays in the L2 cache.
    row_parts_ = blocks_ == 1 ? parts_of(panels_, 8) : 1;
    u_stride_ = parts_of(panels_, row_parts_) * kTileColumns + 16;
  }

  void run(Team& team) const {
    float* const L = team.scratch(together_ * block_floats());
    // Sums that wait for further blocks.
    const int64_t u = Form::kProducts * item_rows_ * u_stride_;
    float* const waiting = together_ < blocks_ ? team.scratch(items_ * u) : nullptr;
    for (int64_t first = 0; first < blocks_; first += together_) {
      const int64_t count = lesser(together_, blocks_ - first);
      auto lift = [&](int64_t i, float* scratch) {
        lift_panel(first + i / panels_, i % panels_, L + i / panels_ * block_floats(), scratch);
      };
      run_items(team, count * panels_, lift_floats(), lift);
      auto multiply = [&](int64_t i, float* scratch) {
        item(i, first, count, L, waiting ? waiting + i * u : scratch + item_floats(), scratch);
      };
      run_items(team, items_, item_floats() + (waiting ? 0 : u), multiply);
    }
  }

 private:
  using GatherRows = Gather<2, 2, 0>;
  using GatherColumns = Gather<Form::kStep, Form::kReach, 1>;
  static constexpr int64_t kUnit = 32;  // tiles: blocks begin where vectors of tiles begin (gather.h)
  static constexpr int64_t kChunk = 64, kChunkStride = kChunk + 16;  // tiles of a panel lifted at once

  int64_t block_floats() const { return Form::kProducts * panels_ * depth_ * kTileColumns; }
  int64_t lift_floats() const {
    return Form::kProducts * kTileColumns * kChunkStride + GatherRows::kFloats + gather_rows_.scratch(grid_.across);
  }
  int64_t item_floats() const {
    const int64_t floats =
        Form::kProducts * item_rows_ * h_stride_ + GatherColumns::kFloats + gather_columns_.scratch(grid_.across);
    return (floats + 15) / 16 * 16;
  }
  int64_t tile_of(int64_t block) const { return lesser(part(units_, blocks_, block) * kUnit, tiles_); }

  // L[product][panel][tile][row] of a block, one panel.
  void lift_panel(int64_t block, int64_t panel, float* L, float* scratch) const {
    const int64_t row = panel * kTileColumns, rows = lesser<int64_t>(kTileColumns, rows_ - row);
    const int64_t begin = tile_of(block), end = tile_of(block + 1), pixels = row_size_[1] * row_size_[2];
    float* const d = scratch + Form::kProducts * kTileColumns * kChunkStride;
    for (int64_t first = begin; first < end; first += kChunk) {
      const Block tiles(grid_, first, lesser(kChunk, end - first));
      for (int64_t r = 0; r < rows; ++r) {
        gather_rows_(tiles, rows_side_ + (row + r) * pixels, rows_ * pixels, d + GatherRows::kFloats, d);
        for (int64_t t = 0; t < tiles.tiles; t += kLanes) lift_tiles(d + t, scratch + r * kChunkStride + t);
      }
      for (int m = 0; m < Form::kProducts; ++m) {
        pack_transposed(scratch + m * kTileColumns * kChunkStride, kChunkStride, rows, tiles.tiles,
                        L + ((m * panels_ + panel) * depth_ + first - begin) * kTileColumns, kTileColumns);
      }
    }
  }

  static void lift_tiles(const float* d, float* to) {
    vf half[2][Form::kTall];
#pragma GCC unroll 2
    for (int y = 0; y < 2; ++y) {
      const vf pair[2] = {loadf(d + 2 * y * GatherRows::kStride), loadf(d + (2 * y + 1) * GatherRows::kStride)};
      Form::lift(pair, half[y]);
    }
#pragma GCC unroll 4
    for (int x = 0; x < Form::kTall; ++x) {
      const vf pair[2] = {half[0][x], half[1][x]};
      vf m[Form::kTall];
      Form::lift(pair, m);
#pragma GCC unroll 4
      for (int y = 0; y < Form::kTall; ++y) store(to + (y * Form::kTall + x) * kTileColumns * kChunkStride, m[y]);
    }
  }

  void item(int64_t i, int64_t first, int64_t count, const float* L, float* U, float* scratch) const {
    const int64_t column = part(columns_, items_, i), columns = part(columns_, items_, i + 1) - column;
    for (int64_t b = first; b < first + count; ++b) {
      transform(b, column, columns, scratch);
      const float* const block = L + (b - first) * block_floats();
      for (int64_t p = 0; p < row_parts_; ++p) {
        const int64_t panel = part(panels_, row_parts_, p), end = part(panels_, row_parts_, p + 1);
        multiply(b, columns, panel, end, scratch, block, U);
        if (b + 1 == blocks_) finish(column, columns, panel * kTileColumns, lesser(end * kTileColumns, rows_), U);
      }
    }
  }

  // H[product][phase, column][tile] of a block.
  void transform(int64_t block, int64_t column, int64_t columns, float* H) const {
    const int64_t begin = tile_of(block), end = tile_of(block + 1), pixels = column_size_[1] * column_size_[2];
    const int64_t rows = columns * Form::kPhases;
    float* const d = H + Form::kProducts * item_rows_ * h_stride_;
    for (int64_t first = begin; first < end; first += kBlockTiles) {
      const Block tiles(grid_, first, lesser<int64_t>(kBlockTiles, end - first));
      for (int64_t c = 0; c < columns; ++c) {
        gather_columns_(tiles, columns_side_ + (column + c) * pixels, columns_ * pixels, d + GatherColumns::kFloats, d);
        for (int64_t t = 0; t < tiles.tiles; t += kLanes) {
          vf half[Form::kValues][Form::kReach];
#pragma GCC unroll 6
          for (int x = 0; x < Form::kReach; ++x) {
            vf pixel[Form::kReach], v[Form::kValues];
#pragma GCC unroll 6
            for (int y = 0; y < Form::kReach; ++y) {
              pixel[y] = loadf(d + t + (y * Form::kReach + x) * GatherColumns::kStride);
            }
            Form::values(pixel, v);
#pragma GCC unroll 6
            for (int y = 0; y < Form::kValues; ++y) half[y][x] = v[y];
          }
          float* const to = H + c * h_stride_ + first - begin + t;
#pragma GCC unroll 6
          for (int y = 0; y < Form::kValues; ++y) {
            vf v[Form::kValues];
            Form::values(half[y], v);
#pragma GCC unroll 6
            for (int x = 0; x < Form::kValues; ++x) {
              const int64_t row = Form::slot_of_value(y, x) * rows + Form::phase_of_value(y, x) * columns;
              store(to + row * h_stride_, v[x]);
            }
          }
        }
      }
    }
  }

  // U[product][phase, column][row - first row of the panels]
  void multiply(int64_t block, int64_t columns, int64_t panel, int64_t end, const float* H, const float* L,
                float* U) const {
    const int64_t rows = columns * Form::kPhases, parts = parts_of(rows, kTileRows);
    const int64_t depth = tile_of(block + 1) - tile_of(block);
    for (int m = 0; m < Form::kProducts; ++m) {
      for (int64_t j = panel; j < end; ++j) {
        const int vectors = rows_ - j * kTileColumns > kLanes ? 2 : 1;
        for (int64_t p = 0; p < parts; ++p) {
          const int64_t row = part(rows, parts, p), height = part(rows, parts, p + 1) - row;
          kTiles[kAlong][vectors - 1][height - 1](
              H + (m * rows + row) * h_stride_, h_stride_, L + (m * panels_ + j) * depth_ * kTileColumns, kTileColumns,
              depth, U + (m * rows + row) * u_stride_ + (j - panel) * kTileColumns, u_stride_, kLanes, block > 0);
        }
      }
    }
  }

  // dW of the item's columns and rows [row, end).
  void finish(int64_t column, int64_t columns, int64_t row, int64_t end, const float* U) const {
    constexpr int kTaps = Form::kTaps, kAll = kTaps * kTaps, kGroups = (kAll + kLanes - 1) / kLanes;
    for (int64_t r = row; r < end; r += kLanes) {
      const int height = int(lesser<int64_t>(kLanes, end - r));
      for (int64_t c = 0; c < columns; ++c) {
        vf half[kTaps][Form::kWeights], tap[kGroups * kLanes] = {};
#pragma GCC unroll 6
        for (int x = 0; x < Form::kWeights; ++x) {
          vf u[Form::kWeights], g[kTaps];
#pragma GCC unroll 6
          for (int y = 0; y < Form::kWeights; ++y) {
            const int64_t at =
                (Form::product_of_weight(y, x) * Form::kPhases + Form::phase_of_weight(y, x)) * columns + c;
            u[y] = loadf(U + at * u_stride_ + r - row);
          }
          Form::taps(u, g);
#pragma GCC unroll 4
          for (int y = 0; y < kTaps; ++y) half[y][x] = g[y];
        }
#pragma GCC unroll 4
        for (int y = 0; y < kTaps; ++y) Form::taps(half[y], tap + y * kTaps);
#pragma GCC unroll 4
        for (int group = 0; group < kGroups; ++group) {
          vf* const square = tap + group * kLanes;
          transpose(square);
          const int width = lesser(kLanes, kAll - group * kLanes);
          float* to = dW_ + (r * columns_ + column + c) * kAll + group * kLanes;
          for (int l = 0; l < height; ++l, to += columns_ * kAll) {
            if (width == kLanes) {
              store(to, square[l]);
            } else {
              store_first(to, square[l], width);
            }
          }
        }
      }
    }
  }

  const float *rows_side_, *columns_side_;
  float* dW_;
  int64_t rows_, columns_;
  const int64_t *row_size_, *column_size_;
  TileGrid grid_;
  GatherRows gather_rows_;
  GatherColumns gather_columns_;
  int64_t tiles_, units_, blocks_, depth_, panels_, together_, items_, item_rows_, h_stride_, row_parts_, u_stride_;
};

}  // namespace winograd
}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_CONV_WINOGRAD_GRADIENT_H_
