// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/coupling/dequantise/dequantise.h"

namespace gx::reference {
namespace {

// A value and the logarithm of the slope there.
struct Mapped {
  double value, log_slope;
};

Mapped logit(const Dequantiser& m, double u) {
  const double p = m.low + (m.high - m.low) * u;
  if (!(p > 0 && p < 1)) return {double(NAN), double(NAN)};
  return {std::log(p) - std::log1p(-p), std::log(m.high - m.low) - std::log(p) - std::log1p(-p)};
}

Mapped logit_inverse(const Dequantiser& m, double x) {
  const double size = std::fabs(x);
  return {(1 / (1 + std::exp(-x)) - m.low) / (m.high - m.low),
          -size - 2 * std::log1p(std::exp(-size)) - std::log(m.high - m.low)};
}

// The intensity of the level u lies in; NaN stays.
double level_of(double u, int64_t levels) {
  const double level = std::floor(double(levels) * u), most = double(levels - 1);
  return (level < 0 ? 0 : level > most ? most : level) / most;
}

Mapped map(const Dequantiser& m, double x, int64_t row, int64_t unit) {
  if (m.inverse) {
    Mapped u = m.logit ? logit_inverse(m, x) : Mapped{x, std::isnan(x) ? x : 0};
    if (m.levels > 0) u.value = level_of(u.value, m.levels);
    return u;
  }
  double u = x;
  if (m.levels > 0) {
    const double noise = uniform_of_word(philox_word(m.stream, row, unit));
    u = (std::nearbyint(double(m.levels - 1) * x) + noise) / double(m.levels);
  }
  return m.logit ? logit(m, u) : Mapped{u, std::isnan(u) ? u : 0};
}

}  // namespace

template <class T>
void dequantise(const Dequantise<T>& a) {
  for (int64_t r = 0; r < a.rows; ++r) {
    double log_det = a.log_det_in ? a.log_det_in[r] : 0;
    for (int64_t i = 0; i < a.units; ++i) {
      const Mapped y = map(a.map, double(a.x[r * a.units + i]), r, i);
      a.y[r * a.units + i] = T(y.value);
      log_det += y.log_slope;
    }
    a.log_det_out[r] = log_det;
  }
}

template <class T>
void dequantise_backward(const Dequantise<T>& a) {
  const double range = a.map.high - a.map.low;
  for (int64_t at = 0; at < a.rows * a.units; ++at) {
    const double x = a.x[at], dy = a.dy[at], c = a.dlog_det ? a.dlog_det[at / a.units] : 0;
    double dx = dy;
    if (a.map.logit && a.map.inverse) {
      const double s = 1 / (1 + std::exp(-x)), t = 1 / (1 + std::exp(x));
      dx = dy * s * t / range + c * (t - s);
    } else if (a.map.logit) {
      const double p = a.map.low + range * x, q = 1 - p;
      dx = p > 0 && q > 0 ? (dy + c * (p - q)) * range / (p * q) : double(NAN);
    }
    a.dx[at] = T(dx);
  }
}

template void dequantise<float>(const Dequantise<float>&);
template void dequantise<double>(const Dequantise<double>&);
template void dequantise_backward<float>(const Dequantise<float>&);
template void dequantise_backward<double>(const Dequantise<double>&);

}  // namespace gx::reference
