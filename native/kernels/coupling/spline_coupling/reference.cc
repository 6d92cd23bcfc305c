// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/coupling/spline_coupling/spline_coupling.h"

namespace gx::reference {
namespace {

double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

std::vector<double> softmax(const std::vector<double>& q) {
  const double most = *std::max_element(q.begin(), q.end());
  std::vector<double> p;
  double sum = 0;
  for (double v : q) p.push_back(std::exp(v - most)), sum += p.back();
  for (double& v : p) v /= sum;
  return p;
}

// The spline of one element, its bin and the place in it.
struct Spline {
  double bound;
  std::vector<double> p, q, raw;  // softmax of widths and of heights; the numbers of the inner slopes, offset added
  size_t bin = 0;
  double left, width, bottom, height, d0, d1;  // of the bin
  double t, u, level, slope;                   // place, 1 - place; its level in the bin; dy/dx

  template <class T>
  Spline(const SplineCoupling<T>& a, const T* theta, double operand) : bound(double(T(a.bound))) {
    const size_t bins = size_t(a.bins);
    std::vector<double> widths, heights;
    for (size_t j = 0; j < bins; ++j) widths.push_back(theta[int64_t(j) * a.number_stride]);
    for (size_t j = 0; j < bins; ++j) heights.push_back(theta[int64_t(bins + j) * a.number_stride]);
    for (size_t j = 0; j + 1 < bins; ++j) raw.push_back(theta[int64_t(2 * bins + j) * a.number_stride] + a.offset);
    p = softmax(widths), q = softmax(heights);
    const std::vector<double> x = knots(p, a.min_width), y = knots(q, a.min_width), &along = a.inverse ? y : x;
    while (bin + 1 < bins && along[bin + 1] <= operand) ++bin;
    left = x[bin], width = x[bin + 1] - left;
    bottom = y[bin], height = y[bin + 1] - bottom;
    d0 = bin == 0 ? 1 : a.min_slope + softplus(raw[bin - 1]);
    d1 = bin + 1 == bins ? 1 : a.min_slope + softplus(raw[bin]);
    if (a.inverse) {
      solve(std::clamp((operand - bottom) / height, 0.0, 1.0));
    } else {
      t = std::clamp((operand - left) / width, 0.0, 1.0), u = 1 - t;
    }
    evaluate();
    if (!(slope >= std::numeric_limits<T>::min() && slope <= 1 / std::numeric_limits<T>::min())) slope = NAN;
  }

  std::vector<double> knots(const std::vector<double>& shares, double least) const {
    std::vector<double> k = {-bound};
    for (double share : shares)
      k.push_back(k.back() + 2 * bound * (least + (1 - double(shares.size()) * least) * share));
    k.back() = bound;
    return k;
  }
  void solve(double e) {
    const double f = 1 - e, r = (d0 * f - d1 * e) * width / height, s = std::sqrt(r * r + 4 * e * f);
    t = r >= 0 ? 2 * e / (2 * e + r + s) : (s - r) / (2 * f - r + s);
    u = r >= 0 ? (r + s) / (2 * e + r + s) : 2 * f / (2 * f - r + s);
  }
  // Durkan et al., eq. 4 and 5.
  void evaluate() {
    const double delta = height / width, beta = delta + (d1 + d0 - 2 * delta) * t * u;
    level = (delta * t * t + d0 * t * u) / beta;
    slope = delta * delta * (d1 * t * t + 2 * delta * t * u + d0 * u * u) / (beta * beta);
  }

  // With dy/dx = delta N / D^2 and the names of spline_coupling.h. Gives dx, and by number j of theta its gradient,
  // given those of y and of log dy/dx.
  double backward(bool inverse, double min_width, double g, double c, std::vector<double>* gradient) const {
    const double delta = height / width, s0 = d0 / delta, s1 = d1 / delta, tu = t * u;
    const double D = t * t + u * u + (s0 + s1) * tu, N = s1 * t * t + 2 * tu + s0 * u * u;
    const double log_slope_by_t = 2 * (s1 * t + u - t - s0 * u) / N - 2 * (s0 + s1 - 2) * (u - t) / D;
    double doperand = g * slope + c * log_slope_by_t / width;
    if (inverse) {  // of the function found as a root, and of minus its logarithm
      g = -(g - c * log_slope_by_t / width) / slope, c = -c;
      doperand = -g;
    }
    const double by_t = g * height * N / (D * D) + c * log_slope_by_t;
    const double by_s0 = g * height * tu * u * (u + s1 * t) / (D * D) + c * (u * u / N - 2 * tu / D);
    const double by_s1 = -g * height * tu * t * (t + s0 * u) / (D * D) + c * (t * t / N - 2 * tu / D);
    const double by_log_delta = c - by_s0 * s0 - by_s1 * s1;
    const size_t bins = p.size();
    gradient->assign(3 * bins - 1, 0);
    const double scale = 2 * bound * (1 - double(bins) * min_width);
    of_softmax(p, scale, -by_t / width, -(by_log_delta + by_t * t) / width, gradient->data());
    of_softmax(q, scale, g, g * level + by_log_delta / height, gradient->data() + bins);
    if (bin > 0) (*gradient)[2 * bins + bin - 1] = by_s0 / delta * sigmoid(raw[bin - 1]);
    if (bin + 1 < bins) (*gradient)[2 * bins + bin] = by_s1 / delta * sigmoid(raw[bin]);
    return doperand;
  }
  // Sizes before the bin move its first knot.
  void of_softmax(const std::vector<double>& shares, double scale, double by_knot, double by_size, double* to) const {
    double mean = 0;
    for (size_t j = 0; j <= bin; ++j) mean += shares[j] * (j < bin ? by_knot : by_size);
    for (size_t j = 0; j < shares.size(); ++j) {
      to[j] = scale * shares[j] * ((j < bin ? by_knot : j == bin ? by_size : 0) - mean);
    }
  }
};

// body(example, index of x, index of its first parameter) for the elements that are changed.
template <class T, class Body>
void each_changed(const SplineCoupling<T>& a, int64_t n, Body&& body) {
  for (int64_t e = a.pattern.begin; e < a.pattern.end; ++e) {
    if (!changes(a.pattern, e)) continue;
    body(n * a.pattern.size + e, n * a.parameter_stride + (e - a.pattern.begin) * a.unit_stride);
  }
}

template <class T>
bool outside(const SplineCoupling<T>& a, T x) {
  return std::fabs(x) > T(a.bound);
}

}  // namespace

template <class T>
void spline_coupling(const SplineCoupling<T>& a) {
  for (int64_t n = 0; n < a.pattern.examples; ++n) {
    double sum = a.log_det_in ? a.log_det_in[n] : 0;
    if (a.y != a.x) std::copy_n(a.x + n * a.pattern.size, a.pattern.size, a.y + n * a.pattern.size);
    each_changed(a, n, [&](int64_t i, int64_t p) {
      if (outside(a, a.x[i])) return;
      const Spline s(a, a.theta + p, a.x[i]);
      const double image = a.inverse ? s.left + s.width * s.t : s.bottom + s.height * s.level;
      a.y[i] = T(std::isnan(s.slope) ? s.slope : std::clamp(image, -s.bound, s.bound));
      sum += (a.inverse ? -1 : 1) * std::log(s.slope);
    });
    if (a.log_det_out) a.log_det_out[n] = sum;
  }
}

template <class T>
void spline_coupling_backward(const SplineCoupling<T>& a) {
  const int64_t numbers = 3 * a.bins - 1;
  std::vector<double> gradient;
  for (int64_t n = 0; n < a.pattern.examples; ++n) {
    if (a.dx && a.dx != a.dy) std::copy_n(a.dy + n * a.pattern.size, a.pattern.size, a.dx + n * a.pattern.size);
    for (int64_t i = 0; a.dtheta && i < a.pattern.numbers(); ++i) {
      for (int64_t j = 0; j < numbers; ++j) {
        a.dtheta[n * a.parameter_stride + j * a.number_stride + i * a.unit_stride] = 0;
      }
    }
    each_changed(a, n, [&](int64_t i, int64_t p) {
      if (outside(a, a.x[i])) return;
      const double c = a.dlog_det ? a.dlog_det[n] : 0;
      const double dx = Spline(a, a.theta + p, a.x[i]).backward(a.inverse, a.min_width, a.dy[i], c, &gradient);
      if (a.dx) a.dx[i] = T(dx);
      for (int64_t j = 0; a.dtheta && j < numbers; ++j) a.dtheta[p + j * a.number_stride] = T(gradient[size_t(j)]);
    });
  }
}

template void spline_coupling<float>(const SplineCoupling<float>&);
template void spline_coupling<double>(const SplineCoupling<double>&);
template void spline_coupling_backward<float>(const SplineCoupling<float>&);
template void spline_coupling_backward<double>(const SplineCoupling<double>&);

}  // namespace gx::reference
