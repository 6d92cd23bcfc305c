// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Functions of one number: every variant against the reference, the reference's derivative against differences.

#include <cmath>
#include <limits>

#include "compare.h"
#include "guarded.h"
#include "kernels/elementwise/unary/unary.h"
#include "support.h"

namespace gx::test {
namespace {

struct Function {
  gx_unary_function f;
  const char* name;
  GradientFrom from;
  double p;
};
const Function kFunctions[] = {
#define GX_FUNCTION(enumerator, functor, from) {enumerator, #functor, from, 0},
    GX_UNARY_FUNCTIONS(GX_FUNCTION)
#undef GX_FUNCTION
};

std::vector<float> inputs(int64_t n) { return reals(n, -4, 4, uint64_t(n) + 5); }

constexpr Tolerance kUlps = {0x1p-126, 4 * 0x1p-23, true};

TEST(Unary, EveryVariantAgreesWithTheReference) {
  int count = 0, ran = 0;
  const UnaryVariant* variants = unary_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    for (const Function& function : kFunctions) {
      for (int64_t n : edge_sizes(130)) {
        SCOPED_TRACE(std::string(function.name) + " of " + std::to_string(n));
        const std::vector<float> x = inputs(n), dy = inputs(n + 1);
        std::vector<float> want(x.size()), got(x.size());
        reference::unary(function.f, function.p, x.data(), want.data(), n);
        variants[v].forward(function.f, float(function.p), x.data(), got.data(), n);
        EXPECT_TRUE(close(got, want, kUlps));
        const std::vector<float>& given = function.from == kFromX ? x : want;
        std::vector<float> want_dx(x.size()), got_dx(x.size());
        reference::unary_backward(function.f, function.p, given.data(), dy.data(), want_dx.data(), n);
        variants[v].backward(function.f, float(function.p), given.data(), dy.data(), got_dx.data(), n);
        EXPECT_TRUE(close(got_dx, want_dx, {1e-6, 1e-5, true}));
      }
    }
  }
  EXPECT_GE(ran, 1);
}

TEST(Unary, TheReferencesDerivativeIsTheSlope) {
  const double points[] = {-3.7, -1.3, -0.4, 0.2, 0.9, 2.6};
  constexpr double kStep = 1e-5;
  for (const Function& function : kFunctions) {
    for (double point : points) {
      const double x[3] = {point, point - kStep, point + kStep};
      double y[3], slope;
      reference::unary(function.f, function.p, x, y, 3);
      if (std::isnan(y[0])) continue;  // outside the domain
      const double one = 1;
      reference::unary_backward(function.f, function.p, function.from == kFromX ? &x[0] : &y[0], &one, &slope, 1);
      EXPECT_NEAR(slope, (y[2] - y[1]) / (2 * kStep), 1e-8 * (1 + std::fabs(slope)))
          << function.name << " at " << point;
    }
  }
}

TEST(Unary, DoublesAreTheReferenceAndThreadsChangeNothing) {
  Device device(1);
  const int64_t n = 40001;
  const std::vector<float> x = inputs(n);
  const std::vector<double> wide(x.begin(), x.end());
  std::vector<double> want(wide.size()), got(wide.size());
  reference::unary(GX_TANH, 0, wide.data(), want.data(), n);
  ASSERT_OK(gx_unary(device, GX_FLOAT64, GX_TANH, 0, n, wide.data(), got.data()));
  EXPECT_EQ(got, want);
  std::vector<float> first;
  for (int32_t threads : thread_counts()) {
    ASSERT_OK(gx_device_set_threads(device, threads));
    std::vector<float> y(x.size());
    ASSERT_OK(gx_unary(device, GX_FLOAT32, GX_TANH, 0, n, x.data(), y.data()));
    if (first.empty()) first = y;
    EXPECT_EQ(y, first) << threads << " threads";
  }
}

TEST(Unary, WorksInPlaceAndKeepsNan) {
  Device device;
  std::vector<float> x = {-1.0f, std::numeric_limits<float>::quiet_NaN(), 2.0f};
  for (const Function& function : kFunctions) {
    std::vector<float> y = x;
    ASSERT_OK(gx_unary(device, GX_FLOAT32, function.f, function.p, 3, y.data(), y.data()));
    EXPECT_TRUE(std::isnan(y[1])) << function.name;
    std::vector<float> dx = {1.0f, 1.0f, 1.0f};
    ASSERT_OK(
        gx_unary_backward(device, GX_FLOAT32, function.f, function.p, 3, x.data(), y.data(), dx.data(), dx.data()));
    EXPECT_TRUE(std::isnan(dx[1])) << function.name;
  }
}

TEST(Unary, RefusesWhatItCannotDo) {
  Device device;
  float x[8] = {}, y[8] = {};
  EXPECT_REFUSED("device", gx_unary(nullptr, GX_FLOAT32, GX_EXP, 0, 8, x, y));
  EXPECT_REFUSED("format", gx_unary(device, GX_BITS, GX_EXP, 0, 8, x, y));
  EXPECT_REFUSED("function", gx_unary(device, GX_FLOAT32, gx_unary_function(-1), 0, 8, x, y));
  EXPECT_REFUSED("function", gx_unary(device, GX_FLOAT32, gx_unary_function(1000), 0, 8, x, y));
  EXPECT_REFUSED("p must be finite", gx_unary(device, GX_FLOAT32, GX_EXP, NAN, 8, x, y));
  EXPECT_REFUSED("at least 0", gx_unary(device, GX_FLOAT32, GX_EXP, 0, -1, x, y));
  EXPECT_REFUSED("63 bits", gx_unary(device, GX_FLOAT32, GX_EXP, 0, INT64_MAX, x, y));
  EXPECT_REFUSED("x must not be null", gx_unary(device, GX_FLOAT32, GX_EXP, 0, 8, nullptr, y));
  EXPECT_REFUSED("y must not be null", gx_unary(device, GX_FLOAT32, GX_EXP, 0, 8, x, nullptr));
  EXPECT_REFUSED("overlap", gx_unary(device, GX_FLOAT32, GX_EXP, 0, 7, x, x + 1));
  EXPECT_REFUSED("aligned", gx_unary(device, GX_FLOAT64, GX_EXP, 0, 2, reinterpret_cast<char*>(x) + 4, y));
  EXPECT_REFUSED("y must not be null", gx_unary_backward(device, GX_FLOAT32, GX_TANH, 0, 8, x, nullptr, x, y));
  EXPECT_REFUSED("overlap", gx_unary_backward(device, GX_FLOAT32, GX_TANH, 0, 8, x, y, x, y));
  EXPECT_OK(gx_unary(device, GX_FLOAT32, GX_EXP, 0, 0, nullptr, nullptr));
}

}  // namespace
}  // namespace gx::test
