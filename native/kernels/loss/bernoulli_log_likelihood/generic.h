// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Contract: bernoulli_log_likelihood.h. The positive part of l goes off before the small log(1 + e^-|l|), so that the
// term of a sure and right unit is not rounded away.

#include "kernels/loss/bernoulli_log_likelihood/bernoulli_log_likelihood.h"
#include "kernels/loss/lanes.h"

namespace gx::GX_ISA {
namespace {

// n targets from `unit` on, a multiple of kLanes.
inline vf targets(const BernoulliLogLikelihood<float>& a, int64_t row, int64_t unit, int n) {
  if (!a.bits) return load_some(a.x + row * a.units + unit, n);
  const uint32_t word = a.bits[row * ((a.units + 31) / 32) + unit / 32] >> (unit % 32);
  return bits_mask(word) ? splat(1.0f) : vf{};
}

}  // namespace

double bernoulli_log_likelihood_vectors(const BernoulliLogLikelihood<float>& a, int64_t row, int64_t first,
                                        int64_t count) {
  const float* logits = a.logits + row * a.units + first;
  Total total;
  each_vector(count, [&](int64_t i, int n) {
    const vf l = load_some(logits + i, n);
    total.add((targets(a, row, first + i, n) * l - max(splat(0.0f), l)) - softplus(-magnitude(l)), n);
  });
  return total.value();
}

void bernoulli_log_likelihood_backward_vectors(const BernoulliLogLikelihood<float>& a, int64_t row, int64_t first,
                                               int64_t count) {
  const int64_t at = row * a.units + first;
  const vf dy = splat(a.dy[row]);
  each_vector(count, [&](int64_t i, int n) {
    const vf l = load_some(a.logits + at + i, n);
    if (a.dlogits) store_some(a.dlogits + at + i, dy * (targets(a, row, first + i, n) - sigmoid(l)), n);
    if (a.dx) store_some(a.dx + at + i, dy * l, n);
  });
}

}  // namespace gx::GX_ISA
