// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Contract: categorical_log_likelihood.h. A row is read twice or thrice, the later times from the cache.

#include "kernels/loss/categorical_log_likelihood/categorical_log_likelihood.h"
#include "kernels/loss/lanes.h"

namespace gx::GX_ISA {
namespace {

struct Normaliser {
  float most;
  double sum;  // sum_k e^(l_k - most)
};

Normaliser normaliser(const float* l, int64_t classes) {
  vf most = splat(-__builtin_inff());
  each_vector(classes, [&](int64_t k, int n) {
    const vf v = load_some(l + k, n);
    most = max((vi)lane_index() < splat(int32_t(n)) ? v : splat(-__builtin_inff()), most);  // most where v is NaN
  });
  float m = most[0];
  for (int i = 1; i < kLanes; ++i) m = most[i] > m ? most[i] : m;
  Total sum;
  each_vector(classes, [&](int64_t k, int n) { sum.add(exp_of_nonpositive(load_some(l + k, n) - m), n); });
  return {m, sum.value()};
}

}  // namespace

double categorical_log_likelihood_vectors(const CategoricalLogLikelihood<float>& a, int64_t row, int64_t, int64_t) {
  const float* l = a.logits + row * a.units;
  const Normaliser z = normaliser(l, a.units);
  const double log_sum = __builtin_log(z.sum);
  if (a.labels) return (double(l[a.labels[row]]) - z.most) - log_sum;
  Total weighted, weights;
  const float* p = a.probabilities + row * a.units;
  each_vector(a.units, [&](int64_t k, int n) {
    const vf t = load_some(p + k, n);
    weighted.add(t == 0.0f ? vf{} : t * (load_some(l + k, n) - z.most), n);
    weights.add(t, n);
  });
  return weighted.value() - weights.value() * log_sum;
}

void categorical_log_likelihood_backward_vectors(const CategoricalLogLikelihood<float>& a, int64_t row, int64_t,
                                                 int64_t) {
  const int64_t at = row * a.units;
  const float* l = a.logits + at;
  const Normaliser z = normaliser(l, a.units);
  double weight = 1;
  if (a.probabilities) {
    Total weights;
    each_vector(a.units, [&](int64_t k, int n) { weights.add(load_some(a.probabilities + at + k, n), n); });
    weight = weights.value();
  }
  const vf dy = splat(a.dy[row]), scale = splat(float(weight / z.sum));
  const float log_sum = float(__builtin_log(z.sum));
  each_vector(a.units, [&](int64_t k, int n) {
    const vf shifted = load_some(l + k, n) - z.most;
    if (a.dlogits) {
      const vf t = a.probabilities ? load_some(a.probabilities + at + k, n) : vf{};
      store_some(a.dlogits + at + k, dy * (t - exp_of_nonpositive(shifted) * scale), n);
    }
    if (a.dprobabilities) store_some(a.dprobabilities + at + k, dy * (shifted - log_sum), n);
  });
  if (a.dlogits && a.labels) {  // 1 - p as the sum of the others would be no better: it is rounded once
    const int64_t k = a.labels[row];
    const double p = __builtin_exp(double(l[k]) - z.most) / z.sum;
    a.dlogits[at + k] = float(a.dy[row] * (1 - p));
  }
}

}  // namespace gx::GX_ISA
