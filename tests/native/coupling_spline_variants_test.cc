// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Every variant of the spline coupling against the reference in double: patterns, layouts of theta, sizes, extremes.

#include <cmath>
#include <limits>

#include "compare.h"
#include "coupling_spline_case.h"
#include "guarded.h"
#include "kernels/coupling/spline_coupling/spline_coupling.h"
#include "runtime/device.h"

namespace gx::test {
namespace {

constexpr double kEps = std::numeric_limits<float>::epsilon();

// body(variant) for those that run here.
template <class Body>
void each_variant(Body&& body) {
  int count = 0, ran = 0;
  const SplineCouplingVariant* const variants = spline_coupling_variants(&count);
  for (int i = 0; i < count; ++i) {
    if (!usable(variants[i].line.isa)) continue;
    SCOPED_TRACE(variants[i].line.variant + std::string(" of instruction set ") + std::to_string(variants[i].line.isa));
    body(variants[i]);
    ++ran;
  }
  EXPECT_GE(ran, 1);
}

// One variant on operands off the vectors' grid, between canaries.
SplineResult<float> run_variant(const SplineCouplingVariant& variant, gx_device& device, const SplineCase& c,
                                bool in_place = false) {
  Workspace workspace(device);
  gx_states view;
  SplineCoupling<float> a = spline_coupling_arguments<float>(c.params, c.coupling.states(&view), workspace);
  const Guarded<float> x(c.x, 1), theta(c.theta, 3), dy(c.dy, 2);
  Guarded<float> y(c.x, 3), dx(c.dy, 1), dtheta(std::vector<float>(c.theta.size(), kUntouched), 2);
  Guarded<double> log_det(c.log_det, 1);
  if (!in_place) std::fill(y.begin(), y.end(), NAN), std::fill(dx.begin(), dx.end(), NAN);
  a.x = in_place ? y.data() : x.data(), a.theta = theta.data(), a.y = y.data();
  a.log_det_in = a.log_det_out = log_det.data();
  spline_coupling(variant, device, a);
  a.x = x.data(), a.dy = in_place ? dx.data() : dy.data(), a.dlog_det = c.dlog_det.data();
  a.dx = dx.data(), a.dtheta = dtheta.data();
  spline_coupling_backward(variant, device, a);
  return {y.values(), dx.values(), dtheta.values(), log_det.values()};
}

// At numbers of size 1 the slopes are within some twenties, and so is what rounding grows by; a gradient feels a knot's
// rounding relative to the bin's size.
void compare_with_reference(const SplineCase& c) {
  SCOPED_TRACE(c.name());
  Device device(2);
  const SplineResult<double> want = in_double(device, c);
  const double gradient = 200 * kEps * double(std::max<int64_t>(5, c.params.bins));
  each_variant([&](const SplineCouplingVariant& variant) {
    const SplineResult<float> got = run_variant(variant, *static_cast<gx_device*>(device), c);
    EXPECT_TRUE(close(got.y, want.y, {100 * kEps, 4 * kEps, true}));
    EXPECT_TRUE(close(got.log_det, want.log_det, {100 * kEps * (4 + double(c.coupling.numbers())), 0, true}));
    EXPECT_TRUE(close(got.dx, want.dx, {gradient, gradient, true}));
    EXPECT_TRUE(close(got.dtheta, want.dtheta, {gradient, gradient, true}));
  });
}

std::vector<CouplingCase> couplings() {
  std::vector<CouplingCase> all = {
      span_case(9, 2, 1, 1, 0, 1),   span_case(40, 2, 1, 1, 1, 2),    span_case(3, 7, 1, 1, 2, 7),
      span_case(2, 2, 5, 7, 35, 70), span_case(2, 3, 1, 6, 0, 18),    span_case(3, 4, 1, 1, 2, 2),
      span_case(0, 4, 1, 1, 0, 2),   span_case(2, 0, 1, 1, 0, 0),     checkerboard_case(2, 3, 4, 6, 0),
      bits_case(2, 2, 7, 5, 0.5),    bits_case(5, 5, 1, 1, 0.4),      checkerboard_case(2, 1, 5, 5, 1),
      bits_case(2, 150, 1, 1, 0.95), checkerboard_case(1, 1, 1, 1, 1)};
  if (!quick()) {
    for (CouplingCase c :
         {span_case(3, 3, 16, 50, 40, 1300), checkerboard_case(2, 3, 20, 26, 1), block_bits_case(2, 900)}) {
      all.push_back(std::move(c));
    }
  }
  return all;
}

TEST(SplineCoupling, IsTheReferenceInEveryPatternAndLayout) {
  uint64_t seed = 1;
  for (const CouplingCase& coupling : couplings()) {
    for (const SplineLayout layout : kSplineLayouts) {
      for (const bool inverse : {false, true}) {
        ++seed;
        compare_with_reference(SplineCase(coupling, seed % 3 == 0 ? 5 : 8, layout, inverse, 1, seed));
      }
    }
  }
}

TEST(SplineCoupling, IsTheReferenceAtEverySize) {
  for (const int64_t size : edge_sizes(quick() ? 17 : 67)) {
    for (const SplineLayout layout : {SplineLayout::kNumberMajor, SplineLayout::kUnitMajor}) {
      const bool inverse = size % 2 == 0;
      compare_with_reference(SplineCase(span_case(3, size, 1, 1, 0, size), 4, layout, inverse, 1, 5));
      compare_with_reference(SplineCase(span_case(size, 3, 1, 1, 1, 2), 4, layout, !inverse, 1, 6));
    }
  }
}

TEST(SplineCoupling, IsTheReferenceWithAnyNumberOfBins) {
  for (const int64_t bins : {2, 3, 4, 7, 10, 16, 33, 64}) {
    for (const SplineLayout layout : {SplineLayout::kNumberMajor, SplineLayout::kUnitMajor}) {
      for (const bool inverse : {false, true}) {
        compare_with_reference(SplineCase(span_case(3, 37, 1, 1, 5, 30), bins, layout, inverse, 1, 9, 0.75));
      }
    }
  }
}

TEST(SplineCoupling, DoesNotDependOnThreads) {
  for (const bool inverse : {false, true}) {
    for (const CouplingCase& coupling : {span_case(700, 2, 1, 1, 0, 1), span_case(2, 1200, 1, 1, 0, 1100)}) {
      const SplineCase c(coupling, 8, SplineLayout::kUnitMajor, inverse, 2);
      each_variant([&](const SplineCouplingVariant& variant) {
        SplineResult<float> first;
        for (const int32_t threads : thread_counts()) {
          Device device(threads);
          const SplineResult<float> r = run_variant(variant, *static_cast<gx_device*>(device), c);
          if (first.y.empty()) first = r;
          EXPECT_TRUE(close(r.y, first.y) && close(r.dx, first.dx) && close(r.dtheta, first.dtheta)) << threads;
          EXPECT_EQ(r.log_det, first.log_det) << threads;
        }
      });
    }
  }
}

TEST(SplineCoupling, InPlaceIsTheSame) {
  Device device(2);
  for (const bool inverse : {false, true}) {
    for (const CouplingCase& coupling : {span_case(3, 70, 1, 1, 10, 60), checkerboard_case(2, 2, 6, 7, 1)}) {
      const SplineCase c(coupling, 8, SplineLayout::kNumberMajor, inverse, 2);
      each_variant([&](const SplineCouplingVariant& variant) {
        const SplineResult<float> apart = run_variant(variant, *static_cast<gx_device*>(device), c),
                                  same = run_variant(variant, *static_cast<gx_device*>(device), c, true);
        EXPECT_EQ(apart.y, same.y);
        EXPECT_EQ(apart.dx, same.dx);
        EXPECT_EQ(apart.log_det, same.log_det);
      });
    }
  }
}

// Examples of one changed element, so that log-determinants are those of single elements.
SplineCase single_elements(int64_t count, bool inverse, double spread, uint64_t seed) {
  SplineCase c(span_case(count, 1, 1, 1, 0, 1), 8, SplineLayout::kUnitMajor, inverse, spread, seed);
  std::fill(c.log_det.begin(), c.log_det.end(), 0);
  std::fill(c.dy.begin(), c.dy.end(), 0.0f);
  std::fill(c.dlog_det.begin(), c.dlog_det.end(), 1);
  return c;
}

// Rounding moves knots by some eps times the bound, which the slope carries to the result; it moves a bin's size by as
// much, which is felt relative to the least size; and the logarithm's own slope carries knots to the log-determinant.
TEST(SplineCoupling, IsAsPreciseAsItsKnotsAtAnyParameters) {
  Device device(1);
  const int64_t count = quick() ? 200 : 4000;
  for (const double spread : {0.1, 1.0, 3.0, 10.0, 100.0, 1e4, 1e30}) {
    for (const bool inverse : {false, true}) {
      const SplineCase c = single_elements(count, inverse, spread, 11);
      const SplineResult<double> want = in_double(device, c);
      each_variant([&](const SplineCouplingVariant& variant) {
        const SplineResult<float> got = run_variant(variant, *static_cast<gx_device*>(device), c);
        double worst = 0, worst_log = 0;
        for (size_t i = 0; i < c.x.size(); ++i) {
          ASSERT_TRUE(std::isfinite(got.y[i]) && std::isfinite(got.log_det[i])) << c.x[i];
          const double knots = kEps * c.params.bound, slope = std::exp(want.log_det[i]);
          worst = std::max(worst, std::fabs(got.y[i] - want.y[i]) / (knots * (1 + slope)));
          const double log_unit = knots * std::fabs(want.dx[i]) + kEps / c.params.min_width;
          worst_log = std::max(worst_log, std::fabs(got.log_det[i] - want.log_det[i]) / log_unit);
        }
        EXPECT_LE(worst, 4) << spread << (inverse ? " inverse" : " forward");
        EXPECT_LE(worst_log, 4) << spread << (inverse ? " inverse" : " forward");
      });
    }
  }
}

// To x, up to what the slope makes of a rounding of y; or, where the slope changes within such a rounding, to a place
// of the same y.
TEST(SplineCoupling, GoesThereAndBackAtAnyParameters) {
  Device device(1);
  const int64_t count = quick() ? 200 : 4000;
  for (const double spread : {0.1, 1.0, 3.0, 10.0, 100.0, 1e4, 1e30}) {
    const SplineCase c = single_elements(count, false, spread, 12);
    each_variant([&](const SplineCouplingVariant& variant) {
      const auto run = [&](const SplineCase& in) { return run_variant(variant, *static_cast<gx_device*>(device), in); };
      SplineCase inverse = c, again = c;
      const SplineResult<float> there = run(c);
      inverse.params.inverse = 1, inverse.x = there.y;
      const SplineResult<float> back = run(inverse);
      again.x = back.y;
      const SplineResult<float> there_again = run(again);
      double worst = 0;
      for (size_t i = 0; i < c.x.size(); ++i) {
        ASSERT_TRUE(std::isfinite(back.y[i])) << there.y[i];
        const double unit = kEps * c.params.bound, slope = std::exp(there_again.log_det[i]);
        const double in_x = std::fabs(double(back.y[i]) - double(c.x[i])) / (unit * (1 + 1 / slope));
        const double in_y = std::fabs(double(there_again.y[i]) - double(there.y[i])) / (unit * (1 + slope));
        worst = std::max(worst, spread <= 10 ? in_x : std::min(in_x, in_y));
      }
      EXPECT_LE(worst, 4) << spread;
    });
  }
}

// On the knots, on the bound and next to them: finite, monotone, within the bound, on the reference.
TEST(SplineCoupling, IsWholeAtItsKnots) {
  Device device(1);
  constexpr int64_t kBins = 6;
  for (const double spread : {0.0, 2.0, 50.0}) {
    for (const bool inverse : {false, true}) {
      const std::vector<float> theta = reals(3 * kBins - 1, -spread, spread, 21);
      // The knots of the axis that is searched.
      double sum = 0, at = -3;
      for (int64_t j = 0; j < kBins; ++j) sum += std::exp(double(theta[size_t(j + (inverse ? kBins : 0))]));
      std::vector<float> x;
      for (int64_t j = 0; j <= kBins; ++j) {
        const float knot = j == kBins ? 3.0f : float(at);
        for (float v : {std::nextafter(knot, -9.0f), knot, std::nextafter(knot, 9.0f)}) x.push_back(v);
        if (j < kBins)
          at += 6 * (1e-3 + (1 - kBins * 1e-3) * std::exp(double(theta[size_t(j + (inverse ? kBins : 0))])) / sum);
      }
      SplineCase c(span_case(int64_t(x.size()), 1, 1, 1, 0, 1), kBins, SplineLayout::kUnitMajor, inverse, 1);
      c.x = x;
      for (size_t i = 0; i < x.size(); ++i)
        std::copy(theta.begin(), theta.end(), c.theta.begin() + int64_t(i) * c.numbers());
      std::fill(c.log_det.begin(), c.log_det.end(), 0);
      const SplineResult<double> want = in_double(device, c);
      each_variant([&](const SplineCouplingVariant& variant) {
        const SplineResult<float> got = run_variant(variant, *static_cast<gx_device*>(device), c);
        for (size_t i = 0; i < x.size(); ++i) {
          ASSERT_TRUE(std::isfinite(got.y[i]) && std::isfinite(got.log_det[i])) << x[i];
          EXPECT_NEAR(got.y[i], want.y[i], 16 * kEps * (1 + std::exp(want.log_det[i]))) << x[i];
          EXPECT_GE(got.y[i], got.y[i == 0 ? 0 : i - 1] - 2 * kEps) << x[i];
        }
        EXPECT_EQ(got.y[0], x[0]);  // just outside
        EXPECT_EQ(got.y.back(), x.back());
        EXPECT_EQ(got.log_det[0], 0);
        EXPECT_EQ(got.log_det.back(), 0);
        EXPECT_EQ(got.y[1], -3.0f);
        EXPECT_NEAR(got.y[x.size() - 2], 3.0, 2 * kEps);
        EXPECT_LE(got.y[x.size() - 2], 3.0f);
        EXPECT_NEAR(got.log_det[1], 0, 8 * kEps);
        EXPECT_NEAR(got.log_det[x.size() - 2], 0, 8 * kEps);
      });
    }
  }
}

// What the header says of operands that are no numbers.
TEST(SplineCoupling, NaNStaysAndInfinityGoesBy) {
  Device device(1);
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  for (const bool inverse : {false, true}) {
    for (const SplineLayout layout : {SplineLayout::kNumberMajor, SplineLayout::kUnitMajor}) {
      SplineCase c(span_case(8, 21, 1, 1, 0, 20), 4, layout, inverse, 1);
      for (float& v : c.x) v = std::clamp(v, -2.9f, 2.9f);
      const auto element = [&](int64_t n, int64_t e) -> float& { return c.x[size_t(n * 21 + e)]; };
      const auto number = [&](int64_t n, int64_t j, int64_t e) -> float& { return c.theta[size_t(c.place(n, j, e))]; };
      element(0, 3) = nan;                                     // NaN in, NaN out
      element(1, 3) = inf, element(1, 4) = -inf;               // identity
      number(2, 2, 5) = nan;                                   // a width
      number(3, 6, 5) = inf;                                   // a height
      element(4, 5) = 4, number(4, 2, 5) = nan;                // not looked at outside of the bound
      for (int64_t j = 8; j < 11; ++j) number(5, j, 6) = nan;  // slopes
      number(6, 1, 7) = -inf, number(6, 9, 7) = -inf;          // a share of zero, the least slope: numbers like others
      element(7, 20) = nan;                                    // kept
      each_variant([&](const SplineCouplingVariant& variant) {
        const SplineResult<float> r = run_variant(variant, *static_cast<gx_device*>(device), c);
        for (int64_t n = 0; n < 8; ++n) {
          const int64_t wrong = n == 0 ? 3 : n == 2 || n == 3 ? 5 : n == 5 ? 6 : n == 7 ? 20 : -1;
          EXPECT_EQ(std::isnan(r.log_det[size_t(n)]), wrong >= 0 && wrong < 20) << n;
          for (int64_t e = 0; e < 21; ++e) EXPECT_EQ(std::isnan(r.y[size_t(n * 21 + e)]), e == wrong) << n << " " << e;
          for (int64_t e = 0; e < 20; ++e) {
            for (int64_t j = 0; j < 11; ++j) {
              EXPECT_TRUE(e == wrong || !std::isnan(r.dtheta[size_t(c.place(n, j, e))])) << n << " " << e << " " << j;
            }
            EXPECT_EQ(std::isnan(r.dx[size_t(n * 21 + e)]), e == wrong) << n << " " << e;
          }
          EXPECT_TRUE(wrong < 0 || wrong == 20 || std::isnan(r.dtheta[size_t(c.place(n, 0, wrong))])) << n;
        }
        EXPECT_EQ(r.y[21 + 3], inf);
        EXPECT_EQ(r.y[21 + 4], -inf);
        EXPECT_EQ(r.y[4 * 21 + 5], 4);
        EXPECT_EQ(r.dx[4 * 21 + 5], c.dy[4 * 21 + 5]);
        EXPECT_EQ(r.dtheta[size_t(c.place(4, 2, 5))], 0);
      });
      const SplineResult<double> d = in_double(device, c);  // the reference says the same
      each_variant([&](const SplineCouplingVariant& variant) {
        const SplineResult<float> r = run_variant(variant, *static_cast<gx_device*>(device), c);
        EXPECT_TRUE(close(r.y, d.y, {1e-5}));
        EXPECT_TRUE(close(r.log_det, d.log_det, {1e-3}));
        EXPECT_TRUE(close(r.dx, d.dx, {1e-3, 1e-3}));
      });
    }
  }
}

// Slopes so steep that no float has their reciprocal are refused by NaN; those just below are not.
TEST(SplineCoupling, ASlopeThatIsNoNormalNumberIsNaN) {
  Device device(1);
  SplineCase c = single_elements(4, false, 0, 1);
  for (size_t i = 0; i < 4; ++i) c.x[i] = i % 2 == 0 ? 0.0f : 0.3f;  // 0 is the middle knot
  for (int64_t j = 16; j < 23; ++j) {
    for (int64_t n = 0; n < 4; ++n) c.theta[size_t(c.place(n, j, 0))] = n < 2 ? 1e30f : 3e38f;
  }
  each_variant([&](const SplineCouplingVariant& variant) {
    const SplineResult<float> r = run_variant(variant, *static_cast<gx_device*>(device), c);
    for (size_t i = 0; i < 2; ++i) EXPECT_TRUE(std::isfinite(r.log_det[i]) && std::isfinite(r.y[i])) << i;
    for (size_t i = 2; i < 4; ++i) EXPECT_TRUE(std::isnan(r.log_det[i]) && std::isnan(r.y[i])) << i;
  });
}

}  // namespace
}  // namespace gx::test
