// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A block of F as rows of k that vectors can read: F itself where it lies right, else a packed copy. Reading F along
// its other side is a transposition of vector-sized squares in registers, so both directions of an RBM go through one
// weight matrix.
#ifndef GENERATRIX_KERNELS_GIBBS_PRODUCT_FACTOR_BLOCK_H_
#define GENERATRIX_KERNELS_GIBBS_PRODUCT_FACTOR_BLOCK_H_

#include "kernels/gibbs/product/operands.h"
#include "runtime/transpose.h"

namespace gx::GX_ISA {

// packed[k][n] = f[n * stride + k] for k < depth, n < columns; columns up to the next multiple of kLanes become 0.
inline void pack_transposed(const float* f, int64_t stride, int depth, int columns, float* packed) {
  for (int n = 0; n < columns; n += kLanes) {
    const int rows = lesser(kLanes, columns - n);
    for (int k = 0; k < depth; k += kLanes) {
      const int width = lesser(kLanes, depth - k);
      vf row[kLanes];
      const float* from = f + n * stride + k;
      if (rows == kLanes && width == kLanes) {
#pragma GCC unroll 16
        for (int i = 0; i < kLanes; ++i) row[i] = loadf(from + i * stride);
      } else {
        for (int i = 0; i < kLanes; ++i) row[i] = i < rows ? load_first(from + i * stride, width) : vf{};
      }
      transpose(row);
      float* to = packed + k * kTileColumns + n;
      if (width == kLanes) {
#pragma GCC unroll 16
        for (int i = 0; i < kLanes; ++i) store(to + i * kTileColumns, row[i]);
      } else {
        for (int i = 0; i < width; ++i) store(to + i * kTileColumns, row[i]);
      }
    }
  }
}

inline void pack_rows(const float* f, int64_t stride, int depth, int columns, float* packed) {
  for (int k = 0; k < depth; ++k, f += stride, packed += kTileColumns) {
    int n = 0;
    for (; n + kLanes <= columns; n += kLanes) store(packed + n, loadf(f + n));
    if (n < columns) store(packed + n, load_first(f + n, columns - n));
  }
}

// Rows k0 .. k0 + padded_depth - 1 of F (zeros from k0 + depth on), columns n0 .. n0 + columns - 1, readable up to the
// next multiple of 16 columns. `pack` asks for a copy even where F could be read in place: many reads then hit few
// cache lines of a power-of-two stride.
inline const float* factor_block(const Factor& f, int64_t k0, int depth, int padded_depth, int64_t n0, int columns,
                                 bool pack, float* packed, int64_t* stride) {
  if (!f.transposed && !pack && columns % 16 == 0 && depth == padded_depth) {
    *stride = f.stride;
    return f.data + k0 * f.stride + n0;
  }
  *stride = kTileColumns;
  const int filled = (columns + kLanes - 1) / kLanes * kLanes;
  const int readable = (columns + 15) / 16 * 16;
  if (f.transposed) {
    pack_transposed(f.data + n0 * f.stride + k0, f.stride, depth, columns, packed);
  } else {
    pack_rows(f.data + k0 * f.stride + n0, f.stride, depth, columns, packed);
  }
  for (int k = 0; k < padded_depth; ++k) {
    for (int n = k < depth ? filled : 0; n < readable; n += kLanes) store(packed + k * kTileColumns + n, vf{});
  }
  return packed;
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_GIBBS_PRODUCT_FACTOR_BLOCK_H_
