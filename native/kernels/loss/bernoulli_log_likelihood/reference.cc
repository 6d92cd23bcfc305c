// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/loss/bernoulli_log_likelihood/bernoulli_log_likelihood.h"

namespace gx::reference {
namespace {

template <class T>
double target(const BernoulliLogLikelihood<T>& a, int64_t row, int64_t i) {
  if (a.bits) return double(a.bits[row * ((a.units + 31) / 32) + i / 32] >> (i % 32) & 1);
  return double(a.x[row * a.units + i]);
}

}  // namespace

template <class T>
void bernoulli_log_likelihood(const BernoulliLogLikelihood<T>& a) {
  for (int64_t r = 0; r < a.rows; ++r) {
    double sum = 0;
    for (int64_t i = r * a.units; i < (r + 1) * a.units; ++i) {
      const double l = a.logits[i], x = target(a, r, i - r * a.units);
      sum += x * l - (l > 0 ? l : 0) - std::log1p(std::exp(-std::fabs(l)));
    }
    a.out[r] = T(sum);
  }
}

template <class T>
void bernoulli_log_likelihood_backward(const BernoulliLogLikelihood<T>& a) {
  for (int64_t r = 0; r < a.rows; ++r) {
    for (int64_t i = r * a.units; i < (r + 1) * a.units; ++i) {
      const double l = a.logits[i], x = target(a, r, i - r * a.units), dy = a.dy[r];
      if (a.dlogits) a.dlogits[i] = T(dy * (x - 1 / (1 + std::exp(-l))));
      if (a.dx) a.dx[i] = T(dy * l);
    }
  }
}

template void bernoulli_log_likelihood<float>(const BernoulliLogLikelihood<float>&);
template void bernoulli_log_likelihood<double>(const BernoulliLogLikelihood<double>&);
template void bernoulli_log_likelihood_backward<float>(const BernoulliLogLikelihood<float>&);
template void bernoulli_log_likelihood_backward<double>(const BernoulliLogLikelihood<double>&);

}  // namespace gx::reference
