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
#define GX_FUNCTION(enumerator, functor, from) {enumerator, #functor, from, 0.25},
    GX_UNARY_FUNCTIONS(GX_FUNCTION)
#undef GX_FUNCTION
};

std::vector<float> inputs(int64_t n) { return reals(n, -4, 4, uint64_t(n) + 5); }

// What elementwise.h says; inputs are up to 4.
Tolerance accuracy(gx_unary_function f) {
  const bool gelu = f == GX_GELU || f == GX_GELU_TANH;
  return {gelu ? 4 * 0x1p-22 : 0x1p-126, gelu ? 0 : 4 * 0x1p-23, true};
}

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
        EXPECT_TRUE(close(got, want, accuracy(function.f)));
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

TEST(Unary, KnowsTheSpecialValues) {
  Device device;
  const float inf = INFINITY, nan = NAN;
  const std::vector<float> x = {0.0f, inf, -inf, -1.0f, 200.0f, -200.0f};
  const double half = 0.5, ln2 = std::log(2.0), e = std::exp(-1.0), left = kSeluLambda * kSeluAlpha;
  struct Case {
    gx_unary_function f;
    std::vector<double> value, slope;
  };
  const std::vector<Case> cases = {
      {GX_EXP, {1, inf, 0, e, inf, 0}, {1, inf, 0, e, inf, 0}},
      {GX_LOG, {-inf, inf, nan, nan, std::log(200.0), nan}, {inf, 0, 0, -1, 0.005, -0.005}},
      {GX_SIGMOID, {half, 1, 0, e / (1 + e), 1, 0}, {0.25, 0, 0, e / (1 + e) / (1 + e), 0, 0}},
      {GX_TANH, {0, 1, -1, std::tanh(-1), 1, -1}, {1, 0, 0, 1 - std::tanh(1) * std::tanh(1), 0, 0}},
      {GX_SOFTPLUS, {ln2, inf, 0, std::log1p(e), 200, 0}, {half, 1, 0, e / (1 + e), 1, 0}},
      {GX_LOG_SIGMOID, {-ln2, 0, -inf, -1 - std::log1p(e), 0, -200}, {half, 0, 1, 1 / (1 + e), 0, 1}},
      {GX_RELU, {0, inf, 0, 0, 200, 0}, {0, 1, 0, 0, 1, 0}},
      {GX_LEAKY_RELU, {0, inf, -inf, -0.25, 200, -50}, {0.25, 1, 0.25, 0.25, 1, 0.25}},
      {GX_AT_LEAST, {0.25, inf, 0.25, 0.25, 200, 0.25}, {0, 1, 0, 0, 1, 0}},
      {GX_AT_MOST, {0, 0.25, -inf, -1, 0.25, -200}, {1, 0, 1, 1, 0, 1}},
      {GX_ELU, {0, inf, -0.25, 0.25 * (e - 1), 200, -0.25}, {0.25, 1, 0, 0.25 * e, 1, 0}},
      {GX_SELU,
       {0, inf, -left, left * (e - 1), 200 * kSeluLambda, -left},
       {left, kSeluLambda, 0, left * e, kSeluLambda, 0}},
      {GX_SOFTSIGN, {0, 1, -1, -half, 200 / 201.0, -200 / 201.0}, {1, 0, 0, 0.25, 1 / 201.0 / 201, 1 / 201.0 / 201}},
      {GX_GELU, {0, inf, 0, -half * std::erfc(std::sqrt(half)), 200, 0}, {half, 1, 0, -0.0833154705876863, 1, 0}},
      {GX_GELU_TANH, {0, inf, 0, -0.15880800939172324, 200, 0}, {half, 1, 0, -0.0829641, 1, 0}},
      {GX_SILU, {0, inf, 0, -e / (1 + e), 200, 0}, {half, 1, 0, e * e / (1 + e) / (1 + e), 1, 0}},
      {GX_ABS, {0, inf, inf, 1, 200, 200}, {0, 1, -1, -1, 1, -1}},
      {GX_SQRT, {0, inf, nan, nan, std::sqrt(200.0), nan}, {inf, 0, nan, nan, half / std::sqrt(200.0), nan}},
      {GX_EXPM1, {0, inf, -1, e - 1, inf, -1}, {1, inf, 0, e, inf, 0}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(int(c.f));
    std::vector<float> y(x.size()), dx(x.size());
    const std::vector<float> dy(x.size(), 1.0f);
    const int64_t n = int64_t(x.size());
    ASSERT_OK(gx_unary(device, GX_FLOAT32, c.f, 0.25, n, x.data(), y.data()));
    EXPECT_TRUE(close(y, c.value, {1e-30, 4e-7}));
    ASSERT_OK(gx_unary_backward(device, GX_FLOAT32, c.f, 0.25, n, x.data(), y.data(), dy.data(), dx.data()));
    EXPECT_TRUE(close(dx, c.slope, {3e-7, 1e-6}));
    if (c.f == GX_EXP || c.f == GX_EXPM1) continue;  // what overflows is another matter in double
    const std::vector<double> wide(x.begin(), x.end()), ones(x.size(), 1.0);
    std::vector<double> wide_y(x.size()), wide_dx(x.size());
    ASSERT_OK(gx_unary(device, GX_FLOAT64, c.f, 0.25, n, wide.data(), wide_y.data()));
    EXPECT_TRUE(close(y, wide_y, {1e-30, 4e-7}));
    ASSERT_OK(
        gx_unary_backward(device, GX_FLOAT64, c.f, 0.25, n, wide.data(), wide_y.data(), ones.data(), wide_dx.data()));
    EXPECT_TRUE(close(dx, wide_dx, {3e-7, 1e-6}));
  }
}

// Oracle 70: z ~ N(0, 1) keeps mean 0 and variance 1 under SELU. Each side of the kink has its own midpoint rule in
// s with z = +-sinh^2-like spacing; double exponential rules converge past 1e-12.
TEST(Unary, SeluKeepsMeanAndVarianceOfANormal) {
  Device device;
  double mass = 0, mean = 0, second = 0;
  const double step = 1.0 / 64;
  std::vector<double> z, weight;
  for (int i = -64 * 5; i <= 64 * 5; ++i) {  // z = e^(pi/2 sinh s), one side
    const double s = i * step, half_pi = 2 * std::atan(1.0);
    const double at = std::exp(half_pi * std::sinh(s)), slope = half_pi * std::cosh(s) * at;
    const double density = std::exp(-0.5 * at * at) / std::sqrt(4 * half_pi);
    if (!(at < 40) || density * slope == 0) continue;
    for (double side : {1.0, -1.0}) z.push_back(side * at), weight.push_back(step * slope * density);
  }
  std::vector<double> y(z.size());
  ASSERT_OK(gx_unary(device, GX_FLOAT64, GX_SELU, 0, int64_t(z.size()), z.data(), y.data()));
  for (size_t i = 0; i < z.size(); ++i) mass += weight[i], mean += weight[i] * y[i], second += weight[i] * y[i] * y[i];
  EXPECT_NEAR(mass, 1, 1e-12);
  EXPECT_NEAR(mean, 0, 1e-12);
  EXPECT_NEAR(second - mean * mean, 1, 1e-12);
}

// Oracle 70: the derivatives just right and just left of 0.
TEST(Unary, TheKinksHaveTheirTwoSlopes) {
  Device device;
  const double tiny = 1e-30, left = kSeluLambda * kSeluAlpha;
  const struct {
    gx_unary_function f;
    double right, left;
  } cases[] = {{GX_RELU, 1, 0}, {GX_LEAKY_RELU, 1, 0.25}, {GX_ELU, 1, 0.25}, {GX_SELU, kSeluLambda, left},
               {GX_ABS, 1, -1}, {GX_GELU, 0.5, 0.5}};
  for (const auto& c : cases) {
    const float x[2] = {float(tiny), float(-tiny)}, ones[2] = {1, 1};
    float y[2], dx[2];
    ASSERT_OK(gx_unary(device, GX_FLOAT32, c.f, 0.25, 2, x, y));
    ASSERT_OK(gx_unary_backward(device, GX_FLOAT32, c.f, 0.25, 2, x, y, ones, dx));
    EXPECT_NEAR(dx[0], c.right, 1e-6) << int(c.f);
    EXPECT_NEAR(dx[1], c.left, 1e-6) << int(c.f);
  }
}

// Oracle 28: softplus and log-sigmoid and their slopes are finite at +-100, and right.
TEST(Unary, SoftplusAndLogSigmoidAreFiniteFarFromZero) {
  Device device;
  const std::vector<float> x = {100, -100};
  for (const auto f : {GX_SOFTPLUS, GX_LOG_SIGMOID}) {
    const double sign = f == GX_SOFTPLUS ? 1 : -1;
    const std::vector<float> dy = {1, 1};
    std::vector<float> y(2), dx(2);
    ASSERT_OK(gx_unary(device, GX_FLOAT32, f, 0, 2, x.data(), y.data()));
    ASSERT_OK(gx_unary_backward(device, GX_FLOAT32, f, 0, 2, x.data(), y.data(), dy.data(), dx.data()));
    const std::vector<double> far = {100, 0}, slope = {1, 0};
    for (size_t i = 0; i < 2; ++i) {
      const size_t k = f == GX_SOFTPLUS ? i : 1 - i;
      EXPECT_NEAR(y[i], sign * far[k], 1e-30);
      EXPECT_NEAR(dx[i], slope[k], 1e-30);
    }
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
  EXPECT_REFUSED("p of an ELU", gx_unary(device, GX_FLOAT32, GX_ELU, -1, 8, x, y));
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
