// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The sums of one tile of a layer, bias included, before beta.
#ifndef GENERATRIX_KERNELS_GIBBS_LAYER_SAMPLE_TILE_PRODUCT_H_
#define GENERATRIX_KERNELS_GIBBS_LAYER_SAMPLE_TILE_PRODUCT_H_

#include "kernels/gibbs/layer_sample/layer_sample.h"
#include "kernels/gibbs/product/product.h"

namespace gx::GX_ISA {

template <Walk walk>
inline void tile_product(const LayerSample& a, int64_t tile, int64_t m0, int64_t m1, const ProductScratch& scratch,
                         float* sums) {
  const int64_t n0 = tile * kTileColumns;
  alignas(64) float start[kTileColumns] = {};
  for (int64_t n = n0; n < lesser(n0 + kTileColumns, a.out_units); ++n) start[n - n0] = a.bias[n];
  product_tile<walk>(a.given, m0 - a.given_first, m1 - a.given_first, a.factor, a.in_units, n0, a.out_units, start,
                     scratch, sums);
}

inline void tile_product(const LayerSample& a, Walk walk, int64_t tile, int64_t m0, int64_t m1,
                         const ProductScratch& scratch, float* sums) {
  switch (walk) {
    case Walk::kTables:
      return tile_product<Walk::kTables>(a, tile, m0, m1, scratch, sums);
    case Walk::kBitRows:
      return tile_product<Walk::kBitRows>(a, tile, m0, m1, scratch, sums);
    case Walk::kSparse:
      return tile_product<Walk::kSparse>(a, tile, m0, m1, scratch, sums);
    case Walk::kDense:
      return tile_product<Walk::kDense>(a, tile, m0, m1, scratch, sums);
  }
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_GIBBS_LAYER_SAMPLE_TILE_PRODUCT_H_
