// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Blocks of samples against a few points; each point keeps the greatest exponent so far and the sum relative to it.
// Contract: parzen_log_likelihood.h.

#include "kernels/loss/distances.h"
#include "kernels/loss/parzen_log_likelihood/parzen_log_likelihood.h"

namespace gx::GX_ISA {
namespace {

static_assert(kParzenRows == kTileA && kParzenBlock % 16 == 0);

struct RunningSum {
  double most = -__builtin_inf(), sum = 0;

  double shift() const { return most == -__builtin_inf() ? 0 : most; }

  // Exponents e[0 .. count), count a multiple of kLanesD.
  void add(const double* e, int64_t count) {
    double greatest = most;
    for (int64_t j = 0; j < count; ++j) greatest = e[j] > greatest ? e[j] : greatest;
    if (greatest > most) {
      sum *= exp(splat(most - greatest))[0];
      most = greatest;
    }
    vd total = {};
    const vd offset = splat(shift());
    for (int64_t j = 0; j < count; j += kLanesD) total += exp(loadd(e + j) - offset);
    sum += gx::GX_ISA::sum(total);
  }
};

}  // namespace

void parzen_log_likelihood_vectors(const Parzen<float>& a, int64_t row0, int64_t row1, double* scratch, double* lse) {
  RunningSum sums[kParzenRows];
  const double scale = -0.5 / (a.sigma * a.sigma);
  for (int64_t j = 0; j < a.n; j += kParzenBlock) {
    const int64_t n = lesser<int64_t>(kParzenBlock, a.n - j);
    squared_distances(a.x + row0 * a.units, row1 - row0, a.samples + j * a.units, n, a.units, scratch, kParzenBlock);
    for (int64_t r = 0; r < row1 - row0; ++r) {
      double* e = scratch + r * kParzenBlock;
      int64_t k = 0;
      for (; k < n; ++k) e[k] *= scale;
      for (; k % kLanesD != 0; ++k) e[k] = -__builtin_inf();
      sums[r].add(e, k);
    }
  }
  for (int64_t r = 0; r < row1 - row0; ++r) lse[r] = sums[r].shift() + __builtin_log(sums[r].sum);
}

}  // namespace gx::GX_ISA
