// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The two passes over vectors of any width. Contract and formulas: ais.h.

#include "kernels/gibbs/ais/ais.h"
#include "kernels/gibbs/layer_sample/finish_row.h"
#include "kernels/gibbs/layer_sample/tile_product.h"
#include "runtime/vec.h"
#include "runtime/vmath.h"

namespace gx::GX_ISA {

void ais_hidden_tiles(const AisPass& a, int64_t tile, int64_t m0, int64_t m1, const ProductScratch& scratch,
                      float* sums) {
  tile_product(a.layer, a.walk, tile, m0, m1, scratch, sums);
  const int columns = int(lesser<int64_t>(kTileColumns, a.layer.out_units - tile * kTileColumns));
  const bool cools = a.beta >= a.beta_before;
  const vf low = splat(float(cools ? a.beta_before : a.beta));
  const vf difference = splat(float(cools ? a.beta - a.beta_before : a.beta_before - a.beta));
  double* ratio = a.partial + tile * a.layer.rows;
  for (int64_t m = m0; m < m1; ++m, sums += kTileColumns) {
    vd total = {};
    for (int n = 0; n < columns; n += kLanes) {
      const vf x = loadf(sums + n);
      const vf magnitude = x > 0.0f ? x : -x;
      vf r = difference * max(x, vf{}) + log1p(sigmoid(-low * magnitude) * expm1(-difference * magnitude));
      if (columns - n < kLanes) r = (vi)lane_index() < splat(int32_t(columns - n)) ? r : vf{};
      total += lower_half(r) + upper_half(r);
    }
    ratio[m] = cools ? sum(total) : -sum(total);
    if (!a.layer.sample_bits) continue;
    const vf beta = splat(float(a.beta));
    for (int n = 0; n < kTileColumns; n += kLanes) store(sums + n, beta * loadf(sums + n));
    finish_row(a.layer, tile, m, sums);
  }
}

void ais_visible_tiles(const AisPass& a, int64_t tile, int64_t m0, int64_t m1, const ProductScratch& scratch,
                       float* sums) {
  tile_product(a.layer, a.walk, tile, m0, m1, scratch, sums);
  const int64_t n0 = tile * kTileColumns, words = (a.layer.out_units + 31) / 32;
  const int columns = int(lesser<int64_t>(kTileColumns, a.layer.out_units - n0));
  alignas(64) float base[kTileColumns] = {}, dot_with[kTileColumns] = {};
  for (int n = 0; n < columns; ++n) {
    base[n] = float((1 - a.beta) * a.base[n0 + n]);
    dot_with[n] = a.dot_with[n0 + n];
  }
  const vf beta = splat(float(a.beta));
  double* dot = a.partial + tile * a.layer.rows;
  for (int64_t m = m0; m < m1; ++m, sums += kTileColumns) {
    for (int n = 0; n < kTileColumns; n += kLanes) store(sums + n, beta * loadf(sums + n) + loadf(base + n));
    finish_row(a.layer, tile, m, sums);
    const uint64_t bits = tile_bits(a.layer.sample_bits + m * words, tile, words);
    vd total = {};
    for (int n = 0; n < kTileColumns; n += kLanes) {
      const vf term = bits_mask(uint32_t(bits >> n)) ? loadf(dot_with + n) : vf{};
      total += lower_half(term) + upper_half(term);
    }
    dot[m] = sum(total);
  }
}

}  // namespace gx::GX_ISA
