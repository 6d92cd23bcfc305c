// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Contract: bernoulli_log_likelihood.h. The positive part of l goes off before the small log(1 + e^-|l|), so that the
// term of a sure and right unit is not rounded away.

#include "kernels/loss/bernoulli_log_likelihood/bernoulli_log_likelihood.h"
#include "kernels/loss/lanes.h"

namespace gx::GX_ISA {

double bernoulli_log_likelihood_vectors(const BernoulliLogLikelihood<float>& a, int64_t row, int64_t first,
                                        int64_t count) {
  const float *logits = a.logits + row * a.units + first, *x = a.x + row * a.units + first;
  Total total;
  each_vector(count, [&](int64_t i, int n) {
    const vf l = load_some(logits + i, n);
    total.add((load_some(x + i, n) * l - max(splat(0.0f), l)) - softplus(-magnitude(l)), n);
  });
  return total.value();
}

void bernoulli_log_likelihood_backward_vectors(const BernoulliLogLikelihood<float>& a, int64_t row, int64_t first,
                                               int64_t count) {
  const int64_t at = row * a.units + first;
  const vf dy = splat(a.dy[row]);
  each_vector(count, [&](int64_t i, int n) {
    const vf l = load_some(a.logits + at + i, n);
    if (a.dlogits) store_some(a.dlogits + at + i, dy * (load_some(a.x + at + i, n) - sigmoid(l)), n);
    if (a.dx) store_some(a.dx + at + i, dy * l, n);
  });
}

}  // namespace gx::GX_ISA
