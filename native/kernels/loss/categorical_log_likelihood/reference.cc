// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>

#include "kernels/loss/categorical_log_likelihood/categorical_log_likelihood.h"

namespace gx::reference {
namespace {

template <class T>
double log_sum_exp(const T* l, int64_t n) {
  double most = -INFINITY, sum = 0;
  for (int64_t k = 0; k < n; ++k) most = std::max(most, double(l[k]));
  for (int64_t k = 0; k < n; ++k) sum += std::exp(l[k] - most);
  return most + std::log(sum);
}

template <class T>
double target(const CategoricalLogLikelihood<T>& a, int64_t row, int64_t k) {
  return a.labels ? double(a.labels[row] == k) : double(a.probabilities[row * a.units + k]);
}

}  // namespace

template <class T>
void categorical_log_likelihood(const CategoricalLogLikelihood<T>& a) {
  for (int64_t r = 0; r < a.rows; ++r) {
    const T* l = a.logits + r * a.units;
    const double lse = log_sum_exp(l, a.units);
    double sum = 0;
    for (int64_t k = 0; k < a.units; ++k) {
      const double t = target(a, r, k);
      if (t != 0) sum += t * (l[k] - lse);
    }
    a.out[r] = T(std::isnan(lse) ? lse : sum);
  }
}

template <class T>
void categorical_log_likelihood_backward(const CategoricalLogLikelihood<T>& a) {
  for (int64_t r = 0; r < a.rows; ++r) {
    const T* l = a.logits + r * a.units;
    const double lse = log_sum_exp(l, a.units), dy = a.dy[r];
    double total = 0;
    for (int64_t k = 0; k < a.units; ++k) total += target(a, r, k);
    for (int64_t k = 0; k < a.units; ++k) {
      const int64_t i = r * a.units + k;
      if (a.dlogits) a.dlogits[i] = T(dy * (target(a, r, k) - total * std::exp(l[k] - lse)));
      if (a.dprobabilities) a.dprobabilities[i] = T(dy * (l[k] - lse));
    }
  }
}

template void categorical_log_likelihood<float>(const CategoricalLogLikelihood<float>&);
template void categorical_log_likelihood<double>(const CategoricalLogLikelihood<double>&);
template void categorical_log_likelihood_backward<float>(const CategoricalLogLikelihood<float>&);
template void categorical_log_likelihood_backward<double>(const CategoricalLogLikelihood<double>&);

}  // namespace gx::reference
