// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The statistics over vectors of any width. Contract: gradient.h.

#include "kernels/gibbs/gradient/gradient.h"
#include "kernels/gibbs/product/product.h"
#include "runtime/vec.h"

namespace gx::GX_ISA {

// sums[u][0..63] = sum_s v[s][u] h[s][tile]
inline void side_product(const GradientSide& side, int64_t hidden, int64_t n0, int64_t m0, int64_t m1,
                         const ProductScratch& scratch, float* sums) {
  alignas(64) static constexpr float kZero[kTileColumns] = {};
  const Factor h = {side.h, hidden, false};
  if (side.walk == Walk::kSparse) {
    product_tile<Walk::kSparse>(side.v, m0, m1, h, side.samples, n0, hidden, kZero, scratch, sums);
  } else if (side.walk == Walk::kDense) {
    product_tile<Walk::kDense>(side.v, m0, m1, h, side.samples, n0, hidden, kZero, scratch, sums);
  } else {
    product_tile<Walk::kTables>(side.v, m0, m1, h, side.samples, n0, hidden, kZero, scratch, sums);
  }
}

// mean[0..63] = (1 / samples) sum_s h[s][tile], summed in double.
inline void tile_mean(const GradientSide& side, int64_t hidden, int64_t n0, int columns, double* mean) {
  for (int n = 0; n < kTileColumns; ++n) mean[n] = 0;
  for (int64_t s = 0; s < side.samples; ++s) {
    const float* row = side.h + s * hidden + n0;
    int n = 0;
    for (; n + kLanes <= columns; n += kLanes) {
      const vf h = loadf(row + n);
      store(mean + n, loadd(mean + n) + lower_half(h));
      store(mean + n + kLanesD, loadd(mean + n + kLanesD) + upper_half(h));
    }
    for (; n < columns; ++n) mean[n] += row[n];
  }
  for (int n = 0; n < columns; ++n) mean[n] /= double(side.samples);
}

void gradient_tiles(const Gradient& a, int64_t tile, int64_t m0, int64_t m1, const ProductScratch& scratch,
                    float* data_sums, float* model_sums) {
  const int64_t n0 = tile * kTileColumns;
  const int columns = int(lesser<int64_t>(kTileColumns, a.hidden - n0));
  double data_mean[kTileColumns], model_mean[kTileColumns];
  tile_mean(a.data, a.hidden, n0, columns, data_mean);
  tile_mean(a.model, a.hidden, n0, columns, model_mean);
  alignas(64) float dc[kTileColumns] = {}, lambda[kTileColumns] = {};
  for (int n = 0; n < columns; ++n) {
    dc[n] = float(data_mean[n] - model_mean[n]);
    if (a.lambda) lambda[n] = a.lambda[n0 + n];
    if (m0 == 0) {
      a.dc[n0 + n] = dc[n];
      if (a.mean_h) a.mean_h[n0 + n] = float(data_mean[n]);
    }
  }

  side_product(a.data, a.hidden, n0, m0, m1, scratch, data_sums);
  side_product(a.model, a.hidden, n0, m0, m1, scratch, model_sums);
  const vf data_scale = splat(1.0f / float(a.data.samples)), model_scale = splat(1.0f / float(a.model.samples));
  for (int64_t m = m0; m < m1; ++m, data_sums += kTileColumns, model_sums += kTileColumns) {
    const vf mu = splat(a.mu ? a.mu[m] : 0.0f), db = splat(a.db[m]);
    float* to = a.dW + m * a.hidden + n0;
    for (int n = 0; n < columns; n += kLanes) {
      vf d = loadf(data_sums + n) * data_scale - loadf(model_sums + n) * model_scale;
      d -= mu * loadf(dc + n) + db * loadf(lambda + n);
      if (columns - n >= kLanes) {
        store(to + n, d);
      } else {
        store_first(to + n, d, columns - n);
      }
    }
  }
}

}  // namespace gx::GX_ISA
