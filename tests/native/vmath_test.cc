// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Accuracy of the vector functions. The ordinary run takes every 1021st float and the neighbourhoods of the points
// where a formula changes; GENERATRIX_TEST_EXHAUSTIVE=1 takes all 2^32. The truth is the C library's function in double
// (long double for doubles).

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#include "compare.h"
#include "guarded.h"
#include "support.h"
#include "vmath_arrays.h"

namespace gx::test {
namespace {

const VmathArrays& functions() {
  return gx_cpu_isa() == GX_ISA_V4 ? vmath_x86_v4 : gx_cpu_isa() == GX_ISA_V3 ? vmath_x86_v3 : vmath_baseline;
}

float from_bits(uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, 4);
  return x;
}
uint32_t to_bits(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, 4);
  return bits;
}

// |got - exact| in units of the last place of a float of exact's size; subnormals have the spacing of the least normal
// ones. Beyond the greatest float the scale goes on, so that an overflow is counted by its distance.
double ulps(float got, double exact) {
  if (std::isnan(exact)) return std::isnan(got) ? 0 : INFINITY;
  if (std::isnan(got)) return INFINITY;
  const float nearest = float(exact);
  if (std::isinf(got) || std::isinf(nearest)) {
    if (got == nearest) return 0;
    const double beyond = 0x1p128, g = std::isinf(got) ? std::copysign(beyond, got) : got,
                 e = std::fabs(exact) > beyond ? std::copysign(beyond, exact) : exact;
    return std::fabs(g - e) / 0x1p104;
  }
  const uint64_t exponent = std::max(to_bits(nearest) >> 23 & 255, 1u);  // biased
  const uint64_t per_ulp = (1023 + 150 - exponent) << 52;  // 1 / spacing; ldexp would take most of the time
  double scale;
  std::memcpy(&scale, &per_ulp, 8);
  return std::fabs(got - exact) * scale;
}

struct Worst {
  double ulps = 0;
  float at = 0, got = 0;
  void take(double u, float x, float y) {
    if (u > ulps || !(u == u)) ulps = u, at = x, got = y;
  }
};

using FloatFunction = void (*)(const float*, float*, int64_t);

// The worst error over x. Where the exact result is below the normal floats and subnormals is false, only its bounds
// are asked for.
Worst worst_of(FloatFunction f, const std::function<double(double)>& exact, bool subnormals,
               const std::vector<float>& x) {
  std::vector<float> y(x.size());
  f(x.data(), y.data(), int64_t(x.size()));
  Worst worst;
  for (size_t i = 0; i < x.size(); ++i) {
    const double e = exact(x[i]);
    if (!subnormals && std::fabs(e) < 0x1p-126) {
      worst.take(y[i] >= 0 && y[i] <= 0x1.00001p-126f ? 0 : INFINITY, x[i], y[i]);
    } else {
      worst.take(ulps(y[i], e), x[i], y[i]);
    }
  }
  return worst;
}

void expect_accuracy(const char* name, FloatFunction f, double bound, bool subnormals,
                     const std::function<double(double)>& exact) {
  std::vector<std::vector<float>> inputs(1);
  const auto add = [&](uint32_t bits) {
    if (inputs.back().size() == 1 << 16) inputs.emplace_back();
    inputs.back().push_back(from_bits(bits));
  };
  for (float point : {0.0f,       0.25f,  0.34657359f,     0.5f,   0.75f,       1.0f,       1.5f,  2.0f,
                      15.0f,      20.0f,  87.336544f,      88.0f,  88.37626f,   88.722839f, 89.0f, 103.27893f,
                      103.97208f, 104.0f, 1.17549435e-38f, 1e-45f, 16777216.0f, INFINITY}) {
    for (uint32_t sign : {0u, 0x80000000u}) {
      for (int32_t near = -300; near < 300; ++near) add((to_bits(point) + uint32_t(near)) ^ sign);
    }
  }
  for (uint32_t nan : {0x7f800001u, 0x7fc00000u, 0x7fffffffu, 0xff800001u, 0xffc00000u, 0xffffffffu}) add(nan);
  const uint64_t stride = quick() ? 65521 : 1021;
  if (!exhaustive()) {
    for (uint64_t bits = 0; bits < uint64_t(1) << 32; bits += stride) add(uint32_t(bits));
  }
  while (inputs.back().size() % 16 != 0) inputs.back().push_back(1.0f);

  Worst worst;
  for (const std::vector<float>& x : inputs) {
    const Worst w = worst_of(f, exact, subnormals, x);
    worst.take(w.ulps, w.at, w.got);
  }
  if (exhaustive()) {
    std::vector<float> x(1 << 16);
    for (uint64_t first = 0; first < uint64_t(1) << 32; first += x.size()) {
      for (size_t i = 0; i < x.size(); ++i) x[i] = from_bits(uint32_t(first + i));
      const Worst w = worst_of(f, exact, subnormals, x);
      worst.take(w.ulps, w.at, w.got);
    }
  }
  std::printf("%-10s worst %.4f ULP at %a (%g)\n", name, worst.ulps, double(worst.at), double(worst.at));
  EXPECT_LE(worst.ulps, bound) << name << "(" << worst.at << ") is " << worst.got << ", want " << exact(worst.at);
  EXPECT_GT(worst.ulps, 0.4) << "an error this small means that the test measures nothing";
}

double exact_softplus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }

TEST(Vmath, ExpIsAccurate) {
  expect_accuracy("exp", functions().exp, 2, true, [](double x) { return std::exp(x); });
}
TEST(Vmath, LogIsAccurate) {
  expect_accuracy("log", functions().log, 2, true, [](double x) { return std::log(x); });
}
TEST(Vmath, SigmoidIsAccurate) {
  expect_accuracy("sigmoid", functions().sigmoid, 3, false, [](double x) { return 1 / (1 + std::exp(-x)); });
}
TEST(Vmath, SoftplusIsAccurate) { expect_accuracy("softplus", functions().softplus, 3, false, exact_softplus); }
TEST(Vmath, Log1pIsAccurate) {
  expect_accuracy("log1p", functions().log1p, 3, true, [](double x) { return std::log1p(x); });
}
TEST(Vmath, Expm1IsAccurate) {
  expect_accuracy("expm1", functions().expm1, 3, true, [](double x) { return std::expm1(x); });
}
TEST(Vmath, TanhIsAccurate) {
  expect_accuracy("tanh", functions().tanh, 3, true, [](double x) { return std::tanh(x); });
}

TEST(Vmath, ErfIsAccurate) {
  expect_accuracy("erf", functions().erf, 2, true, [](double x) { return std::erf(x); });
}

// Doubles: random arguments in the given range, or random bit patterns.
void expect_double_accuracy(const char* name, void (*f)(const double*, double*, int64_t),
                            long double (*exact)(long double), double low, double high, bool any_bits) {
  Source source(123);
  std::vector<double> x(quick() ? 1 << 12 : 1 << 18), y(x.size());
  for (double& v : x) {
    const uint64_t bits = source.next() >> 1;
    any_bits ? void(std::memcpy(&v, &bits, 8)) : void(v = source.real(low, high));
  }
  f(x.data(), y.data(), int64_t(x.size()));
  double worst = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const long double e = exact(x[i]);
    const double nearest = double(e);
    if (!std::isfinite(nearest) || !std::isfinite(y[i])) {
      ASSERT_TRUE(difference(y[i], nearest) == 0) << name << "(" << x[i] << ") is " << y[i] << ", want " << nearest;
      continue;
    }
    int exponent;
    std::frexp(nearest, &exponent);
    if (nearest == 0 || exponent < -1021) exponent = -1021;
    const double u = double(std::fabs(y[i] - e) / std::ldexp(1.0L, exponent - 53));
    if (u > worst) worst = u;
  }
  EXPECT_LE(worst, 2) << name << " in [" << low << ", " << high << "]";
  EXPECT_GT(worst, 0.4) << "an error this small means that the test measures nothing";
}

TEST(Vmath, DoubleFunctionsAreAccurate) {
  const auto exp = [](long double x) -> long double { return std::exp(x); };
  const auto log = [](long double x) -> long double { return std::log(x); };
  expect_double_accuracy("exp", functions().exp_double, exp, -746, 710, false);
  expect_double_accuracy("exp", functions().exp_double, exp, -1, 1, false);
  expect_double_accuracy("log", functions().log_double, log, 0, 2, false);
  expect_double_accuracy("log", functions().log_double, log, 0.7, 1.6, false);
  expect_double_accuracy("log", functions().log_double, log, 0, 0, true);
}

TEST(Vmath, DoubleFunctionsKnowTheSpecialValues) {
  std::vector<double> x = {0.0,   -0.0,   1,    INFINITY, -INFINITY, NAN, -1, 4.9e-324,
                           709.8, -745.2, -800, 1e300,    -1e300,    2,   3,  4},
                      y(16);
  const double inf = INFINITY;
  functions().exp_double(x.data(), y.data(), 16);
  EXPECT_TRUE(close(std::vector<double>(y.begin(), y.begin() + 13),
                    std::vector<double>{1, 1, std::exp(1.0), inf, 0, NAN, std::exp(-1.0), 1, inf, 0, 0, inf, 0},
                    {0, 3e-16}));
  functions().log_double(x.data(), y.data(), 16);
  EXPECT_TRUE(close(std::vector<double>(y.begin(), y.begin() + 8),
                    std::vector<double>{-inf, -inf, 0, inf, NAN, NAN, NAN, std::log(4.9e-324)}, {0, 3e-16}));
}

}  // namespace
}  // namespace gx::test
