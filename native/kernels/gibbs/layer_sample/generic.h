// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The fused layer over vectors of any width. Contract: layer_sample.h.

#include "kernels/gibbs/layer_sample/finish_row.h"
#include "kernels/gibbs/layer_sample/layer_sample.h"
#include "kernels/gibbs/layer_sample/tile_product.h"
#include "runtime/vec.h"

namespace gx::GX_ISA {

template <Walk walk>
inline void layer_sample(const LayerSample& a, int64_t tile, int64_t m0, int64_t m1, const ProductScratch& scratch,
                         float* sums) {
  tile_product<walk>(a, tile, m0, m1, scratch, sums);
  for (int64_t m = m0; m < m1; ++m) finish_row(a, tile, m, sums + (m - m0) * kTileColumns);
}

void layer_sample_tables(const LayerSample& a, int64_t tile, int64_t m0, int64_t m1, const ProductScratch& s,
                         float* sums) {
  layer_sample<Walk::kTables>(a, tile, m0, m1, s, sums);
}
void layer_sample_bit_rows(const LayerSample& a, int64_t tile, int64_t m0, int64_t m1, const ProductScratch& s,
                           float* sums) {
  layer_sample<Walk::kBitRows>(a, tile, m0, m1, s, sums);
}
void layer_sample_sparse(const LayerSample& a, int64_t tile, int64_t m0, int64_t m1, const ProductScratch& s,
                         float* sums) {
  layer_sample<Walk::kSparse>(a, tile, m0, m1, s, sums);
}
void layer_sample_dense(const LayerSample& a, int64_t tile, int64_t m0, int64_t m1, const ProductScratch& s,
                        float* sums) {
  layer_sample<Walk::kDense>(a, tile, m0, m1, s, sums);
}

}  // namespace gx::GX_ISA
