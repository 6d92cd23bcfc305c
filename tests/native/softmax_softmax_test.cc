// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Softmax, log-softmax and log-sum-exp: every variant against the reference, along rows and columns.

#include "kernels/softmax/softmax/softmax.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "compare.h"
#include "guarded.h"
#include "support.h"

namespace gx::test {
namespace {

const gx_softmax_function kBoth[] = {GX_SOFTMAX, GX_LOG_SOFTMAX};

// Of a probability or its logarithm, with terms down to e^-20.
Tolerance tolerance(gx_softmax_function f) {
  return f == GX_SOFTMAX ? Tolerance{1e-30, 30 * 0x1p-23, true} : Tolerance{4e-6, 4 * 0x1p-23, true};
}

void agree(const SoftmaxVariant& v, int64_t n, int64_t inner) {
  SCOPED_TRACE(std::to_string(n) + " x " + std::to_string(inner));
  const int64_t outer = inner == 1 ? 3 : 1, size = outer * n * inner, results = outer * inner;
  const SoftmaxBlock block = {n, inner, outer, inner, false};
  const Guarded<float> x(reals(size, -10, 10, uint64_t(n)), 1), dy(reals(size, -2, 2, uint64_t(n) + 1), 3);
  const Guarded<float> g(reals(results, -2, 2, 7), 1);
  std::vector<float> want(static_cast<size_t>(size)), want_dx(want.size()), lse(static_cast<size_t>(results));
  for (const gx_softmax_function f : kBoth) {
    Guarded<float> y(size, 1), dx(size, 5);
    reference::softmax(f, outer, n, inner, x.data(), want.data());
    v.forward(f, block, x.data(), y.data());
    ASSERT_TRUE(close(y, want, tolerance(f)));
    reference::softmax_backward(f, outer, n, inner, want.data(), dy.data(), want_dx.data());
    v.backward(f, block, want.data(), dy.data(), dx.data());
    ASSERT_TRUE(close(dx, want_dx, {2e-6, 30 * 0x1p-23, true}));
  }
  Guarded<float> y(results, 1), dx(size, 1);
  reference::logsumexp(outer, n, inner, x.data(), lse.data());
  v.logsumexp(block, x.data(), y.data());
  ASSERT_TRUE(close(y, lse, {1e-6, 4 * 0x1p-23, true}));
  reference::logsumexp_backward(outer, n, inner, x.data(), lse.data(), g.data(), want_dx.data());
  v.logsumexp_backward(block, x.data(), lse.data(), g.data(), dx.data());
  ASSERT_TRUE(close(dx, want_dx, {1e-30, 30 * 0x1p-23, true}));
}

TEST(Softmax, EveryVariantAgreesWithTheReference) {
  int count = 0, ran = 0;
  const SoftmaxVariant* variants = softmax_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    for (int64_t n : edge_sizes(130)) agree(variants[v], n, 1);
    for (int64_t n : {1, 2, 7}) {
      for (int64_t inner : edge_sizes(130)) {
        if (inner > 1) agree(variants[v], n, inner);
      }
    }
  }
  EXPECT_GE(ran, 1);
}

TEST(Softmax, TheReferencesGradientsAreTheSlopes) {
  const int64_t n = 5;
  std::vector<double> x = {0.3, -1.2, 2.0, 0.1, -0.4}, dy = {1, -0.5, 0.25, 2, -1}, dx(5), y(5);
  constexpr double kStep = 1e-5;
  for (int which = 0; which < 3; ++which) {
    const auto value = [&] {
      double sum = 0;
      if (which == 2) {
        reference::logsumexp(1, n, 1, x.data(), y.data());
        return dy[0] * y[0];
      }
      reference::softmax(kBoth[which], 1, n, 1, x.data(), y.data());
      for (size_t i = 0; i < 5; ++i) sum += dy[i] * y[i];
      return sum;
    };
    value();
    if (which == 2) {
      reference::logsumexp_backward(1, n, 1, x.data(), y.data(), dy.data(), dx.data());
    } else {
      reference::softmax_backward(kBoth[which], 1, n, 1, y.data(), dy.data(), dx.data());
    }
    for (size_t i = 0; i < 5; ++i) {
      const double at = x[i];
      x[i] = at + kStep;
      const double up = value();
      x[i] = at - kStep;
      const double down = value();
      x[i] = at;
      EXPECT_NEAR(dx[i], (up - down) / (2 * kStep), 1e-8) << which;
    }
  }
}

// Oracle 28: shifting all elements shifts the log-sum-exp and leaves the softmax, also far from 0.
TEST(Softmax, IsStableFarFromZeroAndShiftInvariant) {
  Device device;
  const std::vector<float> x = {-100, 100, 99, 0, -3, 98.5f};
  for (float shift : {-200.0f, -64.0f, 0.0f, 64.0f, 512.0f}) {
    std::vector<float> moved = x, y(6), first(6);
    for (float& v : moved) v += shift;
    float lse, lse0;
    ASSERT_OK(gx_logsumexp(device, GX_FLOAT32, 1, 6, 1, moved.data(), &lse));
    ASSERT_OK(gx_logsumexp(device, GX_FLOAT32, 1, 6, 1, x.data(), &lse0));
    EXPECT_NEAR(lse, lse0 + shift, 1e-4);
    ASSERT_OK(gx_softmax(device, GX_FLOAT32, GX_SOFTMAX, 1, 6, 1, moved.data(), y.data()));
    ASSERT_OK(gx_softmax(device, GX_FLOAT32, GX_SOFTMAX, 1, 6, 1, x.data(), first.data()));
    EXPECT_TRUE(close(y, first, {1e-6, 0}));
    double sum = 0;
    for (float p : y) sum += p;
    EXPECT_NEAR(sum, 1, 1e-6);
  }
}

TEST(Softmax, KnowsInfinitiesAndNan) {
  Device device;
  const float inf = INFINITY, nan = NAN;
  for (const bool columns : {false, true}) {
    for (int64_t n : {3, 20}) {
      const int64_t inner = columns ? 5 : 1;
      SCOPED_TRACE(std::to_string(n) + (columns ? " columns" : " rows"));
      // One case in each of five rows, or of five columns.
      const float cases[5][3] = {{-inf, 0, -inf}, {-inf, -inf, -inf}, {inf, 0, 1}, {nan, -inf, -inf}, {-inf, inf, nan}};
      std::vector<float> x(size_t(5 * n)), y(x.size()), lse(5);
      const auto at = [&](int64_t k, int64_t i) { return size_t(columns ? i * 5 + k : k * n + i); };
      for (int64_t k = 0; k < 5; ++k) {
        for (int64_t i = 0; i < n; ++i) x[at(k, i)] = i < 3 ? cases[k][i] : -inf;
      }
      const int64_t outer = columns ? 1 : 5;
      ASSERT_OK(gx_softmax(device, GX_FLOAT32, GX_SOFTMAX, outer, n, inner, x.data(), y.data()));
      EXPECT_EQ(y[at(0, 0)], 0);
      EXPECT_EQ(y[at(0, 1)], 1);
      for (int64_t k = 1; k < 5; ++k) EXPECT_TRUE(std::isnan(y[at(k, 0)])) << k;
      ASSERT_OK(gx_softmax(device, GX_FLOAT32, GX_LOG_SOFTMAX, outer, n, inner, x.data(), y.data()));
      EXPECT_EQ(y[at(0, 0)], -inf);
      EXPECT_EQ(y[at(0, 1)], 0);
      for (int64_t k = 1; k < 5; ++k) EXPECT_TRUE(std::isnan(y[at(k, 0)])) << k;
      ASSERT_OK(gx_logsumexp(device, GX_FLOAT32, outer, n, inner, x.data(), lse.data()));
      EXPECT_TRUE(close(lse, std::vector<float>{0, -inf, inf, nan, nan}, {0, 0, true}));
      const std::vector<double> wide(x.begin(), x.end());
      std::vector<double> wide_lse(5);
      ASSERT_OK(gx_logsumexp(device, GX_FLOAT64, outer, n, inner, wide.data(), wide_lse.data()));
      EXPECT_TRUE(close(wide_lse, lse, {0, 0, true}));
    }
  }
  float none[2];
  ASSERT_OK(gx_logsumexp(device, GX_FLOAT32, 1, 0, 2, nullptr, none));
  EXPECT_EQ(none[1], -inf);
}

TEST(Softmax, ThreadsChangeNothingAndResultsMayBeOperands) {
  Device device(1);
  for (const auto& [outer, n, inner] : {std::array<int64_t, 3>{700, 65, 1}, {3, 40, 1000}, {2, 30000, 1}}) {
    const std::vector<float> x = reals(outer * n * inner, -9, 9, 4);
    std::vector<float> first, first_lse;
    for (int32_t threads : thread_counts()) {
      ASSERT_OK(gx_device_set_threads(device, threads));
      std::vector<float> y(x.size()), lse(size_t(outer * inner)), in_place = x;
      ASSERT_OK(gx_softmax(device, GX_FLOAT32, GX_SOFTMAX, outer, n, inner, x.data(), y.data()));
      ASSERT_OK(gx_softmax(device, GX_FLOAT32, GX_SOFTMAX, outer, n, inner, in_place.data(), in_place.data()));
      EXPECT_EQ(y, in_place);
      ASSERT_OK(gx_logsumexp(device, GX_FLOAT32, outer, n, inner, x.data(), lse.data()));
      if (first.empty()) first = y, first_lse = lse;
      EXPECT_EQ(y, first);
      EXPECT_EQ(lse, first_lse);
      std::vector<float> dx = x, apart(x.size());
      ASSERT_OK(
          gx_softmax_backward(device, GX_FLOAT32, GX_LOG_SOFTMAX, outer, n, inner, y.data(), x.data(), apart.data()));
      ASSERT_OK(
          gx_softmax_backward(device, GX_FLOAT32, GX_LOG_SOFTMAX, outer, n, inner, y.data(), dx.data(), dx.data()));
      EXPECT_EQ(dx, apart);
      ASSERT_OK(
          gx_logsumexp_backward(device, GX_FLOAT32, outer, n, inner, x.data(), lse.data(), lse.data(), apart.data()));
    }
  }
}

// A large result goes past the caches, whatever its address modulo a vector, and a row longer than what waits on the
// stack does not wait: the bits are those of the same rows one by one, and nothing beside them is written.
TEST(Softmax, LargeResultsAreThoseOfTheirRows) {
  if (quick()) return;
  Device device;
  const float sentinel = -7;
  for (int64_t n : {1001, 5003}) {
    const int64_t rows = (int64_t(1) << 21) / n + 1;
    const std::vector<float> x = reals(rows * n, -5, 5, uint64_t(n));
    for (gx_softmax_function f : {GX_SOFTMAX, GX_LOG_SOFTMAX}) {
      for (int64_t shift : {0, 3}) {
        std::vector<float> y(size_t(rows * n + 32), sentinel), row(size_t(n), 0.0f);
        ASSERT_OK(gx_softmax(device, GX_FLOAT32, f, rows, n, 1, x.data(), y.data() + shift));
        for (int64_t r = 0; r < rows; ++r) {
          ASSERT_OK(gx_softmax(device, GX_FLOAT32, f, 1, n, 1, x.data() + r * n, row.data()));
          ASSERT_TRUE(std::equal(row.begin(), row.end(), y.begin() + shift + r * n)) << "row " << r << " of " << n;
        }
        for (int64_t i = 0; i < shift; ++i) EXPECT_EQ(y[size_t(i)], sentinel);
        for (size_t i = size_t(rows * n + shift); i < y.size(); ++i) EXPECT_EQ(y[i], sentinel);
      }
    }
  }
}

TEST(Softmax, RefusesWhatItCannotDo) {
  Device device;
  float x[16] = {}, y[16] = {}, z[16] = {};
  EXPECT_REFUSED("device", gx_softmax(nullptr, GX_FLOAT32, GX_SOFTMAX, 2, 4, 1, x, y));
  EXPECT_REFUSED("format", gx_softmax(device, GX_BITS, GX_SOFTMAX, 2, 4, 1, x, y));
  EXPECT_REFUSED("function", gx_softmax(device, GX_FLOAT32, gx_softmax_function(2), 2, 4, 1, x, y));
  EXPECT_REFUSED("outer must be at least 0", gx_softmax(device, GX_FLOAT32, GX_SOFTMAX, -1, 4, 1, x, y));
  EXPECT_REFUSED("n must be at least 0", gx_softmax(device, GX_FLOAT32, GX_SOFTMAX, 1, -4, 1, x, y));
  EXPECT_REFUSED("inner must be at least 0", gx_softmax(device, GX_FLOAT32, GX_SOFTMAX, 1, 4, -1, x, y));
  EXPECT_REFUSED("63 bits", gx_softmax(device, GX_FLOAT32, GX_SOFTMAX, INT64_MAX, 4, 1, x, y));
  EXPECT_REFUSED("x must not be null", gx_softmax(device, GX_FLOAT32, GX_SOFTMAX, 2, 4, 1, nullptr, y));
  EXPECT_REFUSED("y must not be null", gx_softmax(device, GX_FLOAT32, GX_SOFTMAX, 2, 4, 1, x, nullptr));
  EXPECT_REFUSED("overlap", gx_softmax(device, GX_FLOAT32, GX_SOFTMAX, 2, 4, 1, x, x + 1));
  EXPECT_REFUSED("overlap", gx_softmax_backward(device, GX_FLOAT32, GX_SOFTMAX, 2, 4, 1, x, y, x));
  EXPECT_REFUSED("dy must not be null", gx_softmax_backward(device, GX_FLOAT32, GX_SOFTMAX, 2, 4, 1, x, nullptr, y));
  EXPECT_REFUSED("overlap", gx_logsumexp(device, GX_FLOAT32, 2, 4, 1, x, x));
  EXPECT_REFUSED("y must not be null", gx_logsumexp(device, GX_FLOAT32, 2, 4, 1, x, nullptr));
  EXPECT_REFUSED("overlap", gx_logsumexp_backward(device, GX_FLOAT32, 2, 4, 1, x, y, z, y));
  EXPECT_REFUSED("dy must not be null", gx_logsumexp_backward(device, GX_FLOAT32, 2, 4, 1, x, y, nullptr, z));
  EXPECT_OK(gx_softmax(device, GX_FLOAT32, GX_SOFTMAX, 0, 4, 1, nullptr, nullptr));
  EXPECT_OK(gx_softmax(device, GX_FLOAT32, GX_SOFTMAX, 2, 0, 3, nullptr, nullptr));
}

}  // namespace
}  // namespace gx::test
