// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Calls of the affine coupling, forward and backward, with all their operands.
#ifndef GENERATRIX_TESTS_NATIVE_COUPLING_AFFINE_CASE_H_
#define GENERATRIX_TESTS_NATIVE_COUPLING_AFFINE_CASE_H_

#include <memory>

#include "compare.h"
#include "coupling_case.h"
#include "guarded.h"

namespace gx::test {

struct AffineCase {
  CouplingCase coupling;
  gx_coupling_scale scale = GX_SCALE_EXP;
  double clamp = 1.5;
  bool amplitude = false;
  bool inverse = false;
  gx_base base = GX_BASE_NONE;
  int64_t gap = 0;  // of parameters, between examples

  gx_affine_coupling_params params() const {
    return {coupling.shape, scale, clamp, coupling.numbers() + gap, inverse, base};
  }
  int64_t elements() const { return coupling.shape.examples * coupling.size(); }
  int64_t parameters() const { return coupling.shape.examples * (coupling.numbers() + gap); }
  std::string name() const {
    return coupling.name() + " scale " + std::to_string(scale) + (amplitude ? " with amplitudes" : "") +
           (inverse ? " inverse" : "") + " base " + std::to_string(base) + " gap " + std::to_string(gap);
  }
};

// Every scale in either direction and under every base.
inline std::vector<AffineCase> kinds_of(const CouplingCase& coupling) {
  std::vector<AffineCase> all;
  for (int scale = 0; scale < 5; ++scale) {
    for (int direction = 0; direction < 4; ++direction) {
      AffineCase c = {coupling};
      c.scale = scale == 4 ? GX_SCALE_TANH : gx_coupling_scale(scale);
      c.amplitude = scale == 4;
      c.inverse = direction == 3;
      c.base = direction == 3 ? GX_BASE_NONE : gx_base(direction);
      all.push_back(c);
    }
  }
  return all;
}

template <class T>
constexpr gx_format kRealFormat = sizeof(T) == 8 ? GX_FLOAT64 : GX_FLOAT32;

// Operands and results of a case. Operands are floats in either format, so that both compute the same.
template <class T>
struct AffineRun {
  AffineCase c;
  std::vector<T> x, s, t, amplitude, y, dy, dx, ds, dt, damplitude;
  std::vector<double> log_det_in, log_det, dlog_det;

  explicit AffineRun(const AffineCase& of, uint64_t seed = 1) : c(of) {
    const auto fill = [&](std::vector<T>& v, int64_t n, double low, double high, uint64_t which) {
      const std::vector<float> from = reals(n, low, high, seed * 100 + which);
      v.assign(from.begin(), from.end());
    };
    const int64_t n = c.coupling.shape.examples;
    fill(x, c.elements(), -2, 2, 1);
    if (c.scale != GX_SCALE_NONE) fill(s, c.parameters(), -1.5, 1.5, 2);
    fill(t, c.parameters(), -1, 1, 3);
    if (c.amplitude) fill(amplitude, c.coupling.shape.channels, 0.2, 1.5, 4);
    fill(dy, c.elements(), -1, 1, 5);
    Source source(seed * 100 + 6);
    for (int64_t i = 0; i < n; ++i) {
      log_det_in.push_back(source.real(-3, 3));
      dlog_det.push_back(double(float(source.real(-1, 1))));
    }
    const T unset = std::numeric_limits<T>::quiet_NaN();
    y.assign(x.size(), unset), dx = y, ds.assign(s.size(), unset), dt.assign(t.size(), unset);
    damplitude.assign(amplitude.size(), unset), log_det.assign(size_t(n), std::nan(""));
  }

  // Moves the operands away from each other, so that one laid over another meets no third.
  void spread() {
    for (std::vector<T>* v : {&x, &s, &t, &amplitude, &y, &dy, &dx, &ds, &dt, &damplitude})
      v->reserve(v->size() + 1024);
    for (std::vector<double>* v : {&log_det_in, &log_det, &dlog_det}) v->reserve(v->size() + 1024);
  }

  static const T* or_null(const std::vector<T>& v) { return v.empty() ? nullptr : v.data(); }
  static T* or_null(std::vector<T>& v) { return v.empty() ? nullptr : v.data(); }

  gx_status forward(gx_device* device) {
    gx_states view;
    const gx_affine_coupling_params p = c.params();
    return gx_affine_coupling(device, kRealFormat<T>, &p, c.coupling.states(&view), x.data(), or_null(s), t.data(),
                              or_null(amplitude), log_det_in.data(), y.data(), log_det.data());
  }
  gx_status backward(gx_device* device) {
    gx_states view;
    const gx_affine_coupling_params p = c.params();
    return gx_affine_coupling_backward(device, kRealFormat<T>, &p, c.coupling.states(&view), x.data(), or_null(s),
                                       t.data(), or_null(amplitude), dy.data(), dlog_det.data(), dx.data(), or_null(ds),
                                       dt.data(), or_null(damplitude));
  }
};

}  // namespace gx::test

#endif  // GENERATRIX_TESTS_NATIVE_COUPLING_AFFINE_CASE_H_
