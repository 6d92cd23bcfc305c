// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>
#include <vector>

#include "kernels/coupling/affine_coupling/affine_coupling.h"
#include "kernels/coupling/base_in_double.h"

namespace gx::reference {
namespace {

// What the parameter s of an element makes.
struct Scale {
  double l, slope, tanh;  // the log-scale, its derivative by s, and tanh s
  double factor;          // e^l, or e^-l for the inverse; NaN where one of them is no normal number
};

template <class T>
Scale scale_of(const AffineCoupling<T>& a, int64_t example, int64_t e) {
  const Pattern& p = a.pattern;
  Scale r = {0, 0, 0, 1};
  if (a.scale == GX_SCALE_NONE) return r;
  const double s = a.s[example * a.stride + e - p.begin];
  if (a.scale == GX_SCALE_EXP) {
    r.l = s, r.slope = 1;
  } else if (a.scale == GX_SCALE_TANH) {
    const double amplitude = a.amplitude ? double(a.amplitude[e / p.pixels]) : a.clamp;
    r.tanh = std::tanh(s);
    r.l = amplitude * r.tanh, r.slope = amplitude * (1 - r.tanh * r.tanh);
  } else {
    const double z = s + a.clamp;
    r.l = z < 0 ? z - std::log1p(std::exp(z)) : -std::log1p(std::exp(-z));
    r.slope = 1 / (1 + std::exp(z));
  }
  r.factor = std::fabs(r.l) <= kMostLogScale<T> ? std::exp(a.inverse ? -r.l : r.l) : NAN;
  return r;
}

template <class T>
double changed(const AffineCoupling<T>& a, double x, double t, const Scale& scale) {
  return a.inverse ? (x - t) * scale.factor : x * scale.factor + t;
}

}  // namespace

template <class T>
void affine_coupling(const AffineCoupling<T>& a) {
  const Pattern& p = a.pattern;
  for (int64_t n = 0; n < p.examples; ++n) {
    double sum = 0;
    for (int64_t e = 0; e < p.size; ++e) {
      T y = a.x[n * p.size + e];
      if (changes(p, e)) {
        const Scale scale = scale_of(a, n, e);
        y = T(changed(a, double(y), double(a.t[n * a.stride + e - p.begin]), scale));
        sum += std::isnan(y) ? NAN : a.inverse ? -scale.l : scale.l;
      }
      if (a.base != GX_BASE_NONE) sum += base_log_density(a.base, double(y));
      a.y[n * p.size + e] = y;
    }
    a.log_det_out[n] = (a.log_det_in ? a.log_det_in[n] : 0) + sum;
  }
}

template <class T>
void affine_coupling_backward(const AffineCouplingBackward<T>& a) {
  const Pattern& p = a.pattern;
  std::vector<double> damplitude(size_t(p.channels), 0);
  for (int64_t n = 0; n < p.examples; ++n) {
    const double c = a.dlog_det ? a.dlog_det[n] : 0;
    for (int64_t e = 0; e < p.size; ++e) {
      const int64_t i = n * p.size + e, number = n * a.stride + e - p.begin;
      const double x = a.x[i], dy = a.dy[i];
      double dx = dy + c * base_slope(a.base, x), dl = 0, ds = 0, dt = 0;
      if (changes(p, e)) {
        const Scale scale = scale_of(a, n, e);
        const double t = a.t[number], y = double(T(changed(a, x, t, scale)));
        const double g = a.base == GX_BASE_NONE ? dy : dy + c * base_slope(a.base, y);
        dx = g * scale.factor;
        dl = a.inverse ? -((x - t) * dx + c) : x * dx + c;
        dt = a.inverse ? -dx : g;
        ds = dl * scale.slope;
        damplitude[size_t(e / p.pixels)] += dl * scale.tanh;
      }
      if (a.dx) a.dx[i] = T(dx);
      if (e < p.begin || e >= p.end) continue;
      if (a.ds) a.ds[number] = T(ds);
      if (a.dt) a.dt[number] = T(dt);
    }
  }
  for (int64_t c = 0; a.damplitude && c < p.channels; ++c) a.damplitude[c] = T(damplitude[size_t(c)]);
}

template void affine_coupling<float>(const AffineCoupling<float>&);
template void affine_coupling<double>(const AffineCoupling<double>&);
template void affine_coupling_backward<float>(const AffineCouplingBackward<float>&);
template void affine_coupling_backward<double>(const AffineCouplingBackward<double>&);

}  // namespace gx::reference
