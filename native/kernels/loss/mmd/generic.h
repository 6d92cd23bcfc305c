// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A few points against blocks of the other set. Contract: mmd.h.

#include "kernels/loss/distances.h"
#include "kernels/loss/mmd/mmd.h"

namespace gx::GX_ISA {
namespace {

static_assert(kMmdRows == kTileA && kMmdBlock % 16 == 0);

// value[j] = sum_w c_w exp(-d[j] e_w), c_w = 1 or 2 e_w, for j < count; up to a vector more is written, as 0.
inline void kernel_values(const MmdPair& p, bool slopes, double* d, int64_t count, double* value) {
  const int64_t padded = (count + kLanesD - 1) / kLanesD * kLanesD;
  for (int64_t j = count; j < padded; ++j) d[j] = __builtin_inf();
  for (int64_t j = 0; j < padded; j += kLanesD) {
    const vd distance = loadd(d + j);
    vd total = {};
    for (int64_t w = 0; w < p.kernels; ++w) {
      const double e = p.exponents[w];
      total += (slopes ? 2 * e : 1.0) * exp(-distance * e);
    }
    store(value + j, total);
  }
}

// sums[r][u] += scale sum_j g(a_r, b_j) (a_r[u] - b_j[u]). The coefficients are rounded to float, a block's terms are
// summed in float, blocks in double.
void add_slopes(const MmdPair& p, const float* b, int64_t nb, double scale, int64_t row0, int64_t row1,
                double* distances, double* values, double* sums, int64_t stride) {
  const float* a = p.a + row0 * p.units;
  const int64_t rows = row1 - row0;
  for (int64_t begin = 0; begin < nb; begin += kMmdBlock) {
    const int64_t n = lesser<int64_t>(kMmdBlock, nb - begin);
    const float* block = b + begin * p.units;
    squared_distances(a, rows, block, n, p.units, distances, kMmdBlock);
    float g[kMmdRows][kMmdBlock];
    for (int64_t r = 0; r < rows; ++r) {
      kernel_values(p, true, distances + r * kMmdBlock, n, values);
      for (int64_t j = 0; j < n; ++j) g[r][j] = float(scale * values[j]);
    }
    each_vector(p.units, [&](int64_t u, int lanes) {
      vf x[kMmdRows], total[kMmdRows] = {};
      for (int64_t r = 0; r < kMmdRows; ++r) x[r] = load_some(a + lesser(r, rows - 1) * p.units + u, lanes);
      for (int64_t j = 0; j < n; ++j) {
        const vf y = load_some(block + j * p.units + u, lanes);
        for (int64_t r = 0; r < kMmdRows; ++r) total[r] += g[lesser(r, rows - 1)][j] * (x[r] - y);
      }
      for (int64_t r = 0; r < rows; ++r) {
        double* to = sums + r * stride + u;
        store(to, loadd(to) + lower_half(total[r]));
        store(to + kLanesD, loadd(to + kLanesD) + upper_half(total[r]));
      }
    });
  }
}

}  // namespace

double mmd_vectors(const MmdPair& p, int64_t row0, int64_t row1, double* scratch) {
  double *distances = scratch, *values = scratch + kMmdRows * kMmdBlock;
  vd total = {};
  for (int64_t begin = 0; begin < p.nb; begin += kMmdBlock) {
    const int64_t n = lesser<int64_t>(kMmdBlock, p.nb - begin);
    squared_distances(p.a + row0 * p.units, row1 - row0, p.b + begin * p.units, n, p.units, distances, kMmdBlock);
    for (int64_t r = 0; r < row1 - row0; ++r) {
      kernel_values(p, false, distances + r * kMmdBlock, n, values);
      for (int64_t j = 0; j < n; j += kLanesD) total += loadd(values + j);
    }
  }
  return sum(total);
}

void mmd_backward_vectors(const MmdPair& p, double own_scale, double other_scale, int64_t row0, int64_t row1,
                          double* scratch, float* gradient) {
  double *distances = scratch, *values = scratch + kMmdRows * kMmdBlock, *sums = values + kMmdRows * kMmdBlock;
  const int64_t stride = (p.units + 15) / 16 * 16;
  for (int64_t i = 0; i < (row1 - row0) * stride; ++i) sums[i] = 0;
  add_slopes(p, p.a, p.na, own_scale, row0, row1, distances, values, sums, stride);
  add_slopes(p, p.b, p.nb, other_scale, row0, row1, distances, values, sums, stride);
  for (int64_t r = 0; r < row1 - row0; ++r) {
    for (int64_t u = 0; u < p.units; ++u) gradient[(row0 + r) * p.units + u] = float(sums[r * stride + u]);
  }
}

}  // namespace gx::GX_ISA
