// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/loss/gaussian_mixture_log_density/gaussian_mixture_log_density.h"

namespace gx::reference {
namespace {

double log_sum_exp(const std::vector<double>& l) {
  const double most = *std::max_element(l.begin(), l.end()), shift = most == -INFINITY ? 0 : most;
  double sum = 0;
  for (double v : l) sum += std::exp(v - shift);
  return shift + std::log(sum);
}

// Unit i of row r: its logits, and those plus its components' log densities.
template <class T>
void terms(const GaussianMixture<T>& a, int64_t r, int64_t i, std::vector<double>& logits, std::vector<double>& joint) {
  const double half_log_two_pi = 0.5 * std::log(8 * std::atan(1.0));
  for (int64_t k = 0; k < a.components; ++k) {
    const int64_t at = (r * a.components + k) * a.units + i;
    const double ls = a.log_sigma[at], z = (double(a.x[r * a.units + i]) - a.mean[at]) * std::exp(-ls);
    logits[size_t(k)] = a.logits[at];
    joint[size_t(k)] = a.logits[at] - 0.5 * z * z - ls - half_log_two_pi;
  }
}

}  // namespace

template <class T>
void gaussian_mixture_log_density(const GaussianMixture<T>& a) {
  std::vector<double> logits(size_t(a.components)), joint(size_t(a.components));
  for (int64_t r = 0; r < a.rows; ++r) {
    double sum = 0;
    for (int64_t i = 0; i < a.units; ++i) {
      terms(a, r, i, logits, joint);
      sum += log_sum_exp(joint) - log_sum_exp(logits);
    }
    a.out[r] = T(sum);
  }
}

template <class T>
void gaussian_mixture_log_density_backward(const GaussianMixture<T>& a) {
  std::vector<double> logits(size_t(a.components)), joint(size_t(a.components));
  for (int64_t r = 0; r < a.rows; ++r) {
    for (int64_t i = 0; i < a.units; ++i) {
      terms(a, r, i, logits, joint);
      const double joint_sum = log_sum_exp(joint), sum = log_sum_exp(logits), dy = a.dy[r];
      double dx = 0;
      for (int64_t k = 0; k < a.components; ++k) {
        const int64_t at = (r * a.components + k) * a.units + i;
        const double g = std::exp(joint[size_t(k)] - joint_sum), pi = std::exp(logits[size_t(k)] - sum);
        const double inverse = std::exp(-double(a.log_sigma[at]));
        const double z = (double(a.x[r * a.units + i]) - a.mean[at]) * inverse;
        dx -= dy * g * z * inverse;
        if (a.dlogits) a.dlogits[at] = T(dy * (g - pi));
        if (a.dmean) a.dmean[at] = T(dy * g * z * (a.pseudo_gradient ? 1 : inverse));
        if (a.dlog_sigma) a.dlog_sigma[at] = T(dy * g * (z * z - 1));
      }
      if (a.dx) a.dx[r * a.units + i] = T(dx);
    }
  }
}

template void gaussian_mixture_log_density<float>(const GaussianMixture<float>&);
template void gaussian_mixture_log_density<double>(const GaussianMixture<double>&);
template void gaussian_mixture_log_density_backward<float>(const GaussianMixture<float>&);
template void gaussian_mixture_log_density_backward<double>(const GaussianMixture<double>&);

}  // namespace gx::reference
