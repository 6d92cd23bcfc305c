// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The register tile under every dense product: sums over `depth`, begun at 0 and added up in the order of k, one fused
// multiply-add each where the instruction set has it. An element's bits do not depend on the tile it falls into.
#ifndef GENERATRIX_KERNELS_LINEAR_TILE_TILE_H_
#define GENERATRIX_KERNELS_LINEAR_TILE_TILE_H_

#include "runtime/vec.h"

namespace gx::GX_ISA {

// The largest tile: sums, a row of B and an element of A fill the registers (32, or 16 before AVX-512). Of the largest
// each runs at the machine's peak; any of 4 rows or more is within 10 % of it.
#if GX_VEC_BYTES == 64
constexpr int kTileRows = 14;
#elif GX_VEC_BYTES == 32
constexpr int kTileRows = 6;
#else
constexpr int kTileRows = 5;  // without FMA the product needs a register too
#endif
constexpr int kTileVectors = 2, kTileColumns = kTileVectors * kLanes;

// How a tile reads A. kAlong: a[i * stride + k], A itself. kAcross: a[k * stride + i], A of a transposed product.
enum Reads { kAlong, kAcross };

// c[i * c_stride + j] = (add ? c[..] : 0) + sum_k A(i, k) b[k * b_stride + j]. Of the last vector of columns, `last`
// lanes are in C; in b all are readable.
using TileFunction = void (*)(const float* a, int64_t a_stride, const float* b, int64_t b_stride, int64_t depth,
                              float* c, int64_t c_stride, int last, bool add);

// kTiles[reads][vectors - 1][rows - 1]
extern const TileFunction kTiles[2][kTileVectors][kTileRows];

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_LINEAR_TILE_TILE_H_
