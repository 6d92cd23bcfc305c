// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a spline coupling must be by its mathematics, in double, and what it refuses.

#include <cmath>

#include "compare.h"
#include "coupling_spline_case.h"

namespace gx::test {
namespace {

std::vector<CouplingCase> small_couplings() {
  return {span_case(2, 5, 1, 1, 2, 5), checkerboard_case(2, 1, 2, 3, 1), bits_case(2, 6, 1, 1, 0.5)};
}

// x -> y and the log-determinant in double, of the case's first example only, with theta from a function.
struct Forward {
  gx_device* device;
  const SplineCase& c;

  double operator()(const std::vector<double>& x, const std::vector<double>& theta, std::vector<double>* y) const {
    gx_spline_coupling_params p = c.params;
    p.coupling.examples = 1;
    gx_states view;
    double log_det = 0;
    y->resize(x.size());
    EXPECT_OK(gx_spline_coupling(device, GX_FLOAT64, &p, c.coupling.states(&view), x.data(), theta.data(), nullptr,
                                 y->data(), &log_det));
    return log_det;
  }
};

// A network in a line: numbers made of what is kept, so that the Jacobian is triangular and not diagonal.
std::vector<double> network(const SplineCase& c, const std::vector<double>& x) {
  std::vector<double> theta(c.theta.begin(), c.theta.end());
  for (size_t i = 0; i < theta.size(); ++i) {
    for (size_t e = 0; e < x.size(); ++e) {
      if (!c.coupling.changes(int64_t(e))) theta[i] += 0.3 * std::sin(double(i + 3 * e)) * x[e];
    }
  }
  return theta;
}

// Oracle 58.
TEST(SplineCouplingTruth, LogDeterminantIsThatOfTheNumericJacobian) {
  Device device(1);
  for (const CouplingCase& coupling : small_couplings()) {
    for (const SplineLayout layout : kSplineLayouts) {
      for (const bool inverse : {false, true}) {
        SplineCase c(coupling, 5, layout, inverse, 1);
        SCOPED_TRACE(c.name());
        const Forward forward{device, c};
        const std::vector<double> x(c.x.begin(), c.x.begin() + c.coupling.size());
        std::vector<double> y;
        const double log_det = forward(x, network(c, x), &y);
        const double numeric = numeric_log_det(x, [&](const std::vector<double>& at) {
          std::vector<double> image;
          forward(at, network(c, at), &image);
          return image;
        });
        EXPECT_NEAR(log_det, numeric, 1e-6);
        for (size_t e = 0; e < x.size(); ++e) {
          EXPECT_TRUE(c.coupling.changes(int64_t(e)) || y[e] == x[e]);
        }
      }
    }
  }
}

// Oracle 58, in double at any parameters: x lost to rounding is what the slope loses.
TEST(SplineCouplingTruth, InverseTakesBack) {
  Device device(1);
  for (const double spread : {0.5, 3.0, 30.0, 1000.0}) {
    SplineCase c(span_case(quick() ? 200 : 2000, 1, 1, 1, 0, 1), 8, SplineLayout::kUnitMajor, false, spread);
    std::fill(c.log_det.begin(), c.log_det.end(), 0);
    const SplineResult<double> there = in_double(device, c);
    c.params.inverse = 1;
    const SplineResult<double> back = run_spline<double>(device, c, there.y, {c.theta.begin(), c.theta.end()});
    for (size_t i = 0; i < c.x.size(); ++i) {
      ASSERT_NEAR(back.y[i], c.x[i], 1e-13 * (1 + std::exp(-there.log_det[i]))) << spread;
      ASSERT_NEAR(back.log_det[i] + there.log_det[i], 0, 1e-8 * (1 + spread)) << spread;
    }
  }
}

// Oracle 60: numbers of zero make the identity.
TEST(SplineCouplingTruth, ZeroIsTheIdentity) {
  Device device(1);
  for (const bool inverse : {false, true}) {
    const SplineCase c(span_case(3, 90, 1, 1, 10, 80), 8, SplineLayout::kNumberMajor, inverse, 0);
    const SplineResult<double> d = in_double(device, c);
    EXPECT_TRUE(close(d.y, c.x, {1e-14, 1e-14}));
    EXPECT_TRUE(close(d.log_det, c.log_det, {1e-12}));
    const SplineResult<float> f = run_spline<float>(device, c, c.x, c.theta);
    EXPECT_TRUE(close(f.y, c.x, {2e-6}));
    EXPECT_TRUE(close(f.log_det, c.log_det, {2e-5}));
  }
}

// With all slopes equal to its bin's quotient a spline is a line there; three bins of sizes known by hand.
TEST(SplineCouplingTruth, IsTheEquationByHand) {
  Device device(1);
  // Widths 1/2, 1/4, 1/4 and heights 1/4, 1/4, 1/2 of 2, up to the least size; slopes softplus(q + offset) + 0.001.
  const double least = 1e-3, rest = 1 - 3 * least, b = 1;
  const double widths[] = {2 * (least + rest * 0.5), 2 * (least + rest * 0.25), 2 * (least + rest * 0.25)};
  const double heights[] = {widths[1], widths[1], widths[0]};
  SplineCase c(span_case(1, 1, 1, 1, 0, 1), 3, SplineLayout::kUnitMajor, false, 1, 1, b);
  const double ln2 = std::log(2.0), offset = std::log(std::expm1(1 - 1e-3));
  const std::vector<double> theta = {ln2, 0, 0, 0, 0, ln2, 0.7, -0.4};
  const double d1 = 1e-3 + std::log1p(std::exp(0.7 + offset)), d2 = 1e-3 + std::log1p(std::exp(-0.4 + offset));
  // The middle of the middle bin.
  const double x = -b + widths[0] + widths[1] / 2, delta = heights[1] / widths[1];
  const double beta = delta + (d2 + d1 - 2 * delta) / 4;
  const double want = -b + heights[0] + heights[1] * (delta / 4 + d1 / 4) / beta;
  const double slope = delta * delta * (d2 / 4 + delta / 2 + d1 / 4) / (beta * beta);
  std::vector<double> y;
  const double log_det = Forward{device, c}({x}, theta, &y);
  EXPECT_NEAR(y[0], want, 1e-14);
  EXPECT_NEAR(log_det, std::log(slope), 1e-13);
}

// sum dy y + sum dlog_det log_det, of which the backward call gives the gradient.
double weighed(gx_device* device, const SplineCase& c, const std::vector<double>& x, const std::vector<double>& theta) {
  std::vector<double> y(x.size()), log_det(size_t(c.examples()));
  gx_states view;
  EXPECT_OK(gx_spline_coupling(device, GX_FLOAT64, &c.params, c.coupling.states(&view), x.data(), theta.data(), nullptr,
                               y.data(), log_det.data()));
  double sum = 0;
  for (size_t i = 0; i < y.size(); ++i) sum += double(c.dy[i]) * y[i];
  for (size_t n = 0; n < log_det.size(); ++n) sum += c.dlog_det[n] * log_det[n];
  return sum;
}

TEST(SplineCouplingTruth, GradientsAreCentralDifferences) {
  Device device(1);
  constexpr double kStep = 1e-5;
  for (const CouplingCase& coupling : small_couplings()) {
    for (const bool inverse : {false, true}) {
      for (const int64_t bins : {2, 5}) {
        const SplineCase c(coupling, bins, bins == 2 ? SplineLayout::kGaps : SplineLayout::kNumberMajor, inverse, 1,
                           31);
        SCOPED_TRACE(c.name());
        const SplineResult<double> got = in_double(device, c);
        std::vector<double> x(c.x.begin(), c.x.end()), theta(c.theta.begin(), c.theta.end());
        const auto numeric = [&](double* at) {
          const double v = *at;
          *at = v + kStep;
          const double above = weighed(device, c, x, theta);
          *at = v - kStep;
          const double below = weighed(device, c, x, theta);
          *at = v;
          return (above - below) / (2 * kStep);
        };
        for (size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(got.dx[i], numeric(&x[i]), 1e-6) << "x " << i;
        for (size_t i = 0; i < theta.size(); ++i) {
          if (got.dtheta[i] == double(kUntouched)) {  // in a gap
            EXPECT_EQ(numeric(&theta[i]), 0) << "gap " << i;
          } else {
            EXPECT_NEAR(got.dtheta[i], numeric(&theta[i]), 1e-6) << "theta " << i;
          }
        }
      }
    }
  }
}

// Gradients that are not wanted, and operands that are not there.
TEST(SplineCouplingTruth, WhatIsNullIsZeroOrNotWanted) {
  Device device(1);
  for (const gx_format format : {GX_FLOAT32, GX_FLOAT64}) {
    SplineCase c(span_case(2, 5, 1, 1, 2, 5), 4, SplineLayout::kUnitMajor, false, 1);
    const std::vector<double> x(c.x.begin(), c.x.end()), theta(c.theta.begin(), c.theta.end()),
        dy(c.dy.begin(), c.dy.end());
    const bool wide = format == GX_FLOAT64;
    const void* const in = wide ? static_cast<const void*>(x.data()) : c.x.data();
    const void* const numbers = wide ? static_cast<const void*>(theta.data()) : c.theta.data();
    const void* const g = wide ? static_cast<const void*>(dy.data()) : c.dy.data();
    std::vector<double> y(x.size()), from_nothing(2), from_zero(2, 0), all(theta.size()), part(theta.size()),
        dx(x.size()), dx_alone(x.size());
    ASSERT_OK(gx_spline_coupling(device, format, &c.params, nullptr, in, numbers, nullptr, y.data(), nullptr));
    ASSERT_OK(
        gx_spline_coupling(device, format, &c.params, nullptr, in, numbers, nullptr, y.data(), from_nothing.data()));
    ASSERT_OK(gx_spline_coupling(device, format, &c.params, nullptr, in, numbers, from_zero.data(), y.data(),
                                 from_zero.data()));
    EXPECT_EQ(from_nothing, from_zero);
    const double zeros[2] = {0, 0};
    ASSERT_OK(
        gx_spline_coupling_backward(device, format, &c.params, nullptr, in, numbers, g, zeros, dx.data(), all.data()));
    ASSERT_OK(
        gx_spline_coupling_backward(device, format, &c.params, nullptr, in, numbers, g, nullptr, nullptr, part.data()));
    ASSERT_OK(gx_spline_coupling_backward(device, format, &c.params, nullptr, in, numbers, g, nullptr, dx_alone.data(),
                                          nullptr));
    EXPECT_EQ(all, part);
    EXPECT_EQ(dx, dx_alone);
  }
}

TEST(SplineCouplingTruth, RefusesWhatCannotBe) {
  Device device(1);
  const SplineCase good(span_case(3, 6, 1, 1, 2, 6), 4, SplineLayout::kNumberMajor, false, 1);
  std::vector<float> y(good.x.size()), theta = good.theta, dtheta(theta.size());
  std::vector<double> log_det(3);
  std::vector<float> x = good.x;
  gx_spline_coupling_params p = good.params;
  const auto call = [&] {
    return gx_spline_coupling(device, GX_FLOAT32, &p, nullptr, x.data(), theta.data(), nullptr, y.data(),
                              log_det.data());
  };
  const auto back = [&] {
    return gx_spline_coupling_backward(device, GX_FLOAT32, &p, nullptr, x.data(), theta.data(), x.data(), nullptr,
                                       y.data(), dtheta.data());
  };
  const auto refuse = [&](const char* part) {
    EXPECT_REFUSED(part, call());
    EXPECT_REFUSED(part, back());
    p = good.params;
  };
  EXPECT_OK(call());
  p.coupling.examples = -1, refuse("examples must be at least 0, got -1");
  p.bins = 1, refuse("bins must be between 2 and 64, got 1");
  p.bins = 65, refuse("bins must be between 2 and 64, got 65");
  p.bound = 0, refuse("bound must be between");
  p.bound = NAN, refuse("bound must be between");
  p.bound = 2e6, refuse("bound must be between");
  p.min_width = 0, refuse("min_width must be between");
  p.min_width = 0.25, refuse("bins times min_width must be below 1, got 4 x 0.25");
  p.min_width = NAN, refuse("min_width must be between");
  p.min_slope = 0, refuse("min_slope must be between");
  p.min_slope = 1, refuse("min_slope must be below 1, got 1");
  p.parameter_stride = 0, refuse("parameter_stride must be at least 1, got 0");
  p.number_stride = 0, refuse("number_stride must be at least 1, got 0");
  p.unit_stride = 0, refuse("unit_stride must be at least 1, got 0");
  p.number_stride = 3, refuse("expected a stride of at least 4 for 11 steps, got 3");
  p.parameter_stride = 43, refuse("expected a stride of at least 44 for 3 steps, got 43");
  p.unit_stride = 4, refuse("expected a stride of at least 13 for 11 steps, got 4");
  p.parameter_stride = int64_t(1) << 62, refuse("the size of theta must fit in 63 bits");
  p.number_stride = int64_t(1) << 62, refuse("the size of theta must fit in 63 bits");

  const gx_spline_coupling_params* const q = &good.params;
  EXPECT_REFUSED("params must not be null", gx_spline_coupling(device, GX_FLOAT32, nullptr, nullptr, x.data(),
                                                               theta.data(), nullptr, y.data(), log_det.data()));
  EXPECT_REFUSED("the format must be", gx_spline_coupling(device, GX_BITS, q, nullptr, x.data(), theta.data(), nullptr,
                                                          y.data(), log_det.data()));
  EXPECT_REFUSED("x must not be null", gx_spline_coupling(device, GX_FLOAT32, q, nullptr, nullptr, theta.data(),
                                                          nullptr, y.data(), log_det.data()));
  EXPECT_REFUSED("theta must not be null", gx_spline_coupling(device, GX_FLOAT32, q, nullptr, x.data(), nullptr,
                                                              nullptr, y.data(), log_det.data()));
  EXPECT_REFUSED("y must not be null", gx_spline_coupling(device, GX_FLOAT32, q, nullptr, x.data(), theta.data(),
                                                          nullptr, nullptr, log_det.data()));
  EXPECT_REFUSED("dy must not be null",
                 gx_spline_coupling_backward(device, GX_FLOAT32, q, nullptr, x.data(), theta.data(), nullptr, nullptr,
                                             y.data(), dtheta.data()));
  EXPECT_REFUSED("y and theta must not overlap",
                 gx_spline_coupling(device, GX_FLOAT32, q, nullptr, x.data(), theta.data(), nullptr, theta.data() + 2,
                                    log_det.data()));
  EXPECT_REFUSED("y and x must not overlap", gx_spline_coupling(device, GX_FLOAT32, q, nullptr, x.data(), theta.data(),
                                                                nullptr, x.data() + 1, log_det.data()));
  double both[4] = {};
  EXPECT_REFUSED("log_det_out and log_det_in must not overlap",
                 gx_spline_coupling(device, GX_FLOAT32, q, nullptr, x.data(), theta.data(), both, y.data(), both + 1));
  EXPECT_REFUSED("dtheta and theta must not overlap",
                 gx_spline_coupling_backward(device, GX_FLOAT32, q, nullptr, x.data(), theta.data(), y.data(), nullptr,
                                             nullptr, theta.data()));
  EXPECT_REFUSED("dx and x must not overlap",
                 gx_spline_coupling_backward(device, GX_FLOAT32, q, nullptr, x.data(), theta.data(), y.data(), nullptr,
                                             x.data(), nullptr));
  EXPECT_REFUSED("dtheta must be aligned to 4 bytes",
                 gx_spline_coupling_backward(device, GX_FLOAT32, q, nullptr, x.data(), theta.data(), y.data(), nullptr,
                                             nullptr, reinterpret_cast<char*>(dtheta.data()) + 1));
  EXPECT_REFUSED("dlog_det must be aligned to 8 bytes",
                 gx_spline_coupling_backward(device, GX_FLOAT32, q, nullptr, x.data(), theta.data(), y.data(),
                                             reinterpret_cast<const double*>(reinterpret_cast<const char*>(both) + 4),
                                             nullptr, nullptr));
}

}  // namespace
}  // namespace gx::test
