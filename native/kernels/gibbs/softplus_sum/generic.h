// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The sum over vectors of any width. Contract: softplus_sum.h.

#include "kernels/gibbs/layer_sample/tile_product.h"
#include "kernels/gibbs/softplus_sum/softplus_sum.h"
#include "runtime/vec.h"
#include "runtime/vmath.h"

namespace gx::GX_ISA {

void softplus_sum_tiles(const LayerSample& a, Walk walk, int64_t tile, int64_t m0, int64_t m1,
                        const ProductScratch& scratch, float* sums, double* partial) {
  tile_product(a, walk, tile, m0, m1, scratch, sums);
  const int columns = int(lesser<int64_t>(kTileColumns, a.out_units - tile * kTileColumns));
  for (int64_t m = m0; m < m1; ++m, sums += kTileColumns) {
    const vf beta = splat(a.row_beta ? a.row_beta[m] : a.beta);
    vd total = {};
    for (int n = 0; n < columns; n += kLanes) {
      vf s = softplus(beta * loadf(sums + n));
      if (columns - n < kLanes) s = (vi)lane_index() < splat(int32_t(columns - n)) ? s : vf{};
      total += lower_half(s) + upper_half(s);
    }
    partial[m] = sum(total);
  }
}

}  // namespace gx::GX_ISA
