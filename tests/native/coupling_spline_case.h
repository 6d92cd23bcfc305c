// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A spline coupling as its tests see it: parameters in some layout, operands, the C entries in either format.
#ifndef GENERATRIX_TESTS_NATIVE_COUPLING_SPLINE_CASE_H_
#define GENERATRIX_TESTS_NATIVE_COUPLING_SPLINE_CASE_H_

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "coupling_case.h"

namespace gx::test {

enum class SplineLayout { kNumberMajor, kUnitMajor, kGaps, kExamplesInside };
constexpr SplineLayout kSplineLayouts[] = {SplineLayout::kNumberMajor, SplineLayout::kUnitMajor, SplineLayout::kGaps,
                                           SplineLayout::kExamplesInside};

struct SplineCase {
  CouplingCase coupling;
  gx_spline_coupling_params params;
  std::vector<float> x, theta, dy;
  std::vector<double> log_det, dlog_det;

  // Numbers of theta in [-spread, spread], x also beyond the bound.
  SplineCase(CouplingCase c, int64_t bins, SplineLayout layout, bool inverse, double spread, uint64_t seed = 5,
             double bound = 3)
      : coupling(std::move(c)), params{coupling.shape, bins, bound, 1e-3, 1e-3, 1, 1, 1, inverse} {
    const int64_t n = examples(), units = coupling.numbers(), some = std::max<int64_t>(1, units);
    switch (layout) {
      case SplineLayout::kNumberMajor:
        params.number_stride = some, params.parameter_stride = numbers() * some;
        break;
      case SplineLayout::kUnitMajor:
        params.unit_stride = numbers(), params.parameter_stride = numbers() * some;
        break;
      case SplineLayout::kGaps:
        params.unit_stride = 2, params.number_stride = 2 * some + 1;
        params.parameter_stride = numbers() * params.number_stride + 3;
        break;
      case SplineLayout::kExamplesInside:
        params.unit_stride = std::max<int64_t>(1, n), params.number_stride = some * params.unit_stride;
        break;
    }
    const bool any = n > 0 && units > 0;
    x = reals(n * coupling.size(), -1.3 * bound, 1.3 * bound, seed);
    theta = reals(any ? 1 + place(n - 1, numbers() - 1, units - 1) : 0, -spread, spread, seed + 1);
    dy = reals(int64_t(x.size()), -1, 1, seed + 2);
    Source source(seed + 3);
    for (int64_t i = 0; i < n; ++i) {
      log_det.push_back(source.real(-9, 9));
      dlog_det.push_back(double(float(source.real(-1, 1))));
    }
  }

  int64_t examples() const { return coupling.shape.examples; }
  int64_t numbers() const { return 3 * params.bins - 1; }
  int64_t place(int64_t n, int64_t j, int64_t unit) const {
    return n * params.parameter_stride + j * params.number_stride + unit * params.unit_stride;
  }
  std::string name() const {
    return coupling.name() + " bins " + std::to_string(params.bins) + " strides " +
           std::to_string(params.parameter_stride) + " " + std::to_string(params.number_stride) + " " +
           std::to_string(params.unit_stride) + (params.inverse ? " inverse" : " forward");
  }
};

template <class T>
struct SplineResult {
  std::vector<T> y, dx, dtheta;
  std::vector<double> log_det;
};

// A number that no result is: what nobody writes keeps it.
constexpr float kUntouched = -77.25f;

// Forward and backward, through the C entries.
template <class T>
SplineResult<T> run_spline(gx_device* device, const SplineCase& c, const std::vector<T>& x,
                           const std::vector<T>& theta) {
  const gx_format format = sizeof(T) == 8 ? GX_FLOAT64 : GX_FLOAT32;
  const std::vector<T> dy(c.dy.begin(), c.dy.end());
  SplineResult<T> r = {std::vector<T>(x.size()), std::vector<T>(x.size()), std::vector<T>(theta.size(), kUntouched),
                       c.log_det};
  gx_states view;
  const gx_states* const kept = c.coupling.states(&view);
  EXPECT_OK(gx_spline_coupling(device, format, &c.params, kept, x.data(), theta.data(), r.log_det.data(), r.y.data(),
                               r.log_det.data()));
  EXPECT_OK(gx_spline_coupling_backward(device, format, &c.params, kept, x.data(), theta.data(), dy.data(),
                                        c.dlog_det.data(), r.dx.data(), r.dtheta.data()));
  return r;
}
inline SplineResult<double> in_double(gx_device* device, const SplineCase& c) {
  return run_spline<double>(device, c, {c.x.begin(), c.x.end()}, {c.theta.begin(), c.theta.end()});
}

}  // namespace gx::test

#endif  // GENERATRIX_TESTS_NATIVE_COUPLING_SPLINE_CASE_H_
