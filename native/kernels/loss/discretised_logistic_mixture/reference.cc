// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/loss/discretised_logistic_mixture/discretised_logistic_mixture.h"

namespace gx::reference {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double softplus(double x) { return (x > 0 ? x : 0) + std::log1p(std::exp(-std::fabs(x))); }

struct Cell {
  double log_p, by_mean, by_log_scale;
};

Cell cell(double x, double mean, double log_scale, double least, int64_t levels) {
  const double h = 1.0 / double(levels - 1), s = std::exp(-(log_scale < least ? least : log_scale));
  const double a = s * (x + h - mean), b = s * (x - h - mean), d = 2 * s * h;
  Cell cell = {0, 0, 0};
  const bool lowest = x<h - 1, highest = x> 1 - h;
  if (!highest) {  // S(a) has a part
    cell.log_p -= softplus(-a);
    cell.by_mean -= s * sigmoid(-a);
    cell.by_log_scale -= a * sigmoid(-a);
  }
  if (!lowest) {  // S(b) has
    cell.log_p -= softplus(b);
    cell.by_mean += s * sigmoid(b);
    cell.by_log_scale += b * sigmoid(b);
  }
  if (!lowest && !highest) {
    const bool narrow = d < 1e-15;  // where d itself may underflow
    cell.log_p += narrow ? std::log(2 * h) - log_scale : std::log(-std::expm1(-d));
    cell.by_log_scale -= narrow ? 1 : d / std::expm1(d);
  }
  if (std::isnan(x)) cell.log_p = x;
  if (log_scale < least) cell.by_log_scale = 0;
  return cell;
}

double log_sum_exp(const std::vector<double>& l) {
  const double most = *std::max_element(l.begin(), l.end()), shift = most == -INFINITY ? 0 : most;
  double sum = 0;
  for (double v : l) sum += std::exp(v - shift);
  return shift + std::log(sum);
}

// One pixel: the logits, the joint terms, and a component's derivatives by its means, log scales and coefficients.
template <class T>
struct Pixel {
  const LogisticMixture<T>& a;
  std::vector<double> logits, joint, by;

  explicit Pixel(const LogisticMixture<T>& args) : a(args), logits(size_t(args.components)), joint(logits.size()) {
    by.resize(size_t(logistic_planes(a.channels, a.components)));
  }
  double parameter(int64_t row, int64_t plane, int64_t i) const {
    return a.parameters[(row * logistic_planes(a.channels, a.components) + plane) * a.pixels + i];
  }
  int64_t plane(int64_t c, LogisticParameter which, int64_t k) const {
    return logistic_plane(a.channels, a.components, c, which, k);
  }

  void compute(int64_t row, int64_t i) {
    double x[3] = {0, 0, 0};
    for (int64_t c = 0; c < a.channels; ++c) x[c] = a.x[(row * a.channels + c) * a.pixels + i];
    for (int64_t k = 0; k < a.components; ++k) {
      const size_t at = size_t(k);
      logits[at] = joint[at] = parameter(row, k, i);
      double t[3] = {0, 0, 0}, by_mean[3] = {0, 0, 0};
      for (int64_t c = 0; a.channels == 3 && c < 3; ++c) t[c] = std::tanh(parameter(row, plane(c, kCoefficient, k), i));
      const double shift[3] = {0, t[0] * x[0], t[1] * x[0] + t[2] * x[1]};
      for (int64_t c = 0; c < a.channels; ++c) {
        const Cell p = cell(x[c], parameter(row, plane(c, kMean, k), i) + shift[c],
                            parameter(row, plane(c, kLogScale, k), i), a.min_log_scale, a.levels);
        joint[at] += p.log_p;
        by[size_t(plane(c, kMean, k))] = by_mean[c] = p.by_mean;
        by[size_t(plane(c, kLogScale, k))] = p.by_log_scale;
      }
      const double by_t[3] = {by_mean[1] * x[0], by_mean[2] * x[0], by_mean[2] * x[1]};
      for (int64_t c = 0; a.channels == 3 && c < 3; ++c) {
        by[size_t(plane(c, kCoefficient, k))] = by_t[c] * (1 - t[c] * t[c]);
      }
    }
  }
};

}  // namespace

template <class T>
void discretised_logistic_mixture(const LogisticMixture<T>& a) {
  Pixel<T> pixel(a);
  for (int64_t r = 0; r < a.rows; ++r) {
    double sum = 0;
    for (int64_t i = 0; i < a.pixels; ++i) {
      pixel.compute(r, i);
      sum += log_sum_exp(pixel.joint) - log_sum_exp(pixel.logits);
    }
    a.out[r] = T(sum);
  }
}

template <class T>
void discretised_logistic_mixture_backward(const LogisticMixture<T>& a) {
  if (!a.dparameters) return;
  Pixel<T> pixel(a);
  const int64_t planes = logistic_planes(a.channels, a.components);
  for (int64_t r = 0; r < a.rows; ++r) {
    for (int64_t i = 0; i < a.pixels; ++i) {
      pixel.compute(r, i);
      const double joint = log_sum_exp(pixel.joint), logits = log_sum_exp(pixel.logits), dy = a.dy[r];
      for (int64_t p = 0; p < planes; ++p) {
        const size_t k = size_t(p % a.components);
        const double g = std::exp(pixel.joint[k] - joint), pi = std::exp(pixel.logits[k] - logits);
        a.dparameters[(r * planes + p) * a.pixels + i] = T(dy * (p < a.components ? g - pi : g * pixel.by[size_t(p)]));
      }
    }
  }
}

template void discretised_logistic_mixture<float>(const LogisticMixture<float>&);
template void discretised_logistic_mixture<double>(const LogisticMixture<double>&);
template void discretised_logistic_mixture_backward<float>(const LogisticMixture<float>&);
template void discretised_logistic_mixture_backward<double>(const LogisticMixture<double>&);

}  // namespace gx::reference
