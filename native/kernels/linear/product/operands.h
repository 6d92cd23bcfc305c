// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// How the engine reads A[m, k] and B[k, n]: in place where they lie right, else through a packed copy of the part in
// work. A policy for another kind of operand, such as a convolution's patches, has the same function.
#ifndef GENERATRIX_KERNELS_LINEAR_PRODUCT_OPERANDS_H_
#define GENERATRIX_KERNELS_LINEAR_PRODUCT_OPERANDS_H_

#include "kernels/linear/tile/tile.h"
#include "runtime/transpose.h"

namespace gx::GX_ISA {

// The longest sum of a tile. k is cut into equal blocks of at most this, and sums are added up block by block, so it is
// part of the result; nothing else about the blocking is. With 256 or 384 large products are 2 to 5 % slower.
constexpr int64_t kDepth = 512;
// Rows of packed A are an odd number of cache lines apart, so that a tile's rows fall into different sets.
constexpr int64_t kPackedStride = kDepth + 16;

// Rows of A in reach of tiles: a tile at row r of the block begins at data + r * row_step.
struct RowBlock {
  const float* data;
  int64_t stride, row_step;
  Reads reads;
};

// Up to kTileColumns columns of B, filled up to whole vectors.
struct Panel {
  const float* data;
  int64_t stride;
};

// A stride at which the rows of a tile share a few sets of the L1 cache.
inline bool crowds_cache(int64_t stride) { return stride % 512 == 0; }

// packed[j][i] = from[i * stride + j] for i < rows, j < columns; rows of packed are filled up with 0 to whole vectors.
inline void pack_transposed(const float* from, int64_t stride, int64_t rows, int64_t columns, float* packed,
                            int64_t packed_stride) {
  for (int64_t i = 0; i < rows; i += kLanes) {
    const int height = int(lesser<int64_t>(kLanes, rows - i));
    for (int64_t j = 0; j < columns; j += kLanes) {
      const int width = int(lesser<int64_t>(kLanes, columns - j));
      vf square[kLanes];
      const float* corner = from + i * stride + j;
      if (height == kLanes && width == kLanes) {
#pragma GCC unroll 16
        for (int l = 0; l < kLanes; ++l) square[l] = loadf(corner + l * stride);
      } else {
        for (int l = 0; l < kLanes; ++l) square[l] = l < height ? load_first(corner + l * stride, width) : vf{};
      }
      transpose(square);
      float* to = packed + j * packed_stride + i;
      if (width == kLanes) {
#pragma GCC unroll 16
        for (int l = 0; l < kLanes; ++l) store(to + l * packed_stride, square[l]);
      } else {
        for (int l = 0; l < width; ++l) store(to + l * packed_stride, square[l]);
      }
    }
  }
}

// packed[i][j] = from[i * stride + j] for i < rows, j < columns, filled up likewise. `ahead`: the columns after these
// are fetched into the cache, as the next panel is of the same pages (3 % of a large product).
inline void pack_rows(const float* from, int64_t stride, int64_t rows, int64_t columns, float* packed,
                      int64_t packed_stride, bool ahead) {
  for (int64_t i = 0; i < rows; ++i, from += stride, packed += packed_stride) {
    if (ahead) {
      __builtin_prefetch(from + columns, 0, 2);
      __builtin_prefetch(from + 2 * columns - 1, 0, 2);
    }
    int64_t j = 0;
    for (; j + kLanes <= columns; j += kLanes) store(packed + j, loadf(from + j));
    if (j < columns) store(packed + j, load_first(from + j, int(columns - j)));
  }
}

// A dense matrix in the place of A: element (i, k) is data[i * stride + k], or data[k * stride + i] if transposed.
struct DenseRows {
  const float* data;
  int64_t stride;
  bool transposed;

  // Whether a copy pays for an item of so many columns.
  bool packs(int64_t columns) const { return columns >= 512 || (crowds_cache(stride) && columns > kTileColumns); }

  RowBlock block(int64_t row, int64_t rows, int64_t k, int64_t depth, bool pack, float* buffer) const {
    const float* from = transposed ? data + k * stride + row : data + row * stride + k;
    if (!pack) return {from, stride, transposed ? 1 : stride, transposed ? kAcross : kAlong};
    if (transposed) {
      pack_transposed(from, stride, depth, rows, buffer, kPackedStride);
    } else {
      pack_rows(from, stride, rows, depth, buffer, kPackedStride, false);
    }
    return {buffer, kPackedStride, kPackedStride, kAlong};
  }
};

// A dense matrix in the place of B: element (k, j) is data[k * stride + j], or data[j * stride + k] if transposed.
struct DenseColumns {
  const float* data;
  int64_t stride;
  bool transposed;

  // Whether a copy pays for an item of so many rows; a transposed B and the last columns are copied in any case.
  bool packs(int64_t rows) const { return rows > 128 || (crowds_cache(stride) && rows > kTileRows); }

  Panel panel(int64_t k, int64_t depth, int64_t column, int64_t columns, bool pack, float* buffer) const {
    if (transposed) {
      pack_transposed(data + column * stride + k, stride, columns, depth, buffer, kTileColumns);
    } else if (pack || columns % kLanes != 0) {
      pack_rows(data + k * stride + column, stride, depth, columns, buffer, kTileColumns, columns == kTileColumns);
    } else {
      return {data + k * stride + column, stride};
    }
    return {buffer, kTileColumns};
  }
};

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_LINEAR_PRODUCT_OPERANDS_H_
