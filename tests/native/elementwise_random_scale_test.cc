// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Dropout and the randomised leaky ReLU: every variant against the reference, the rates, reproducibility.

#include <cmath>

#include "compare.h"
#include "guarded.h"
#include "kernels/elementwise/random_scale/random_scale.h"
#include "support.h"

namespace gx::test {
namespace {

constexpr double kZ = 4.9;  // two-sided one in a million

TEST(RandomScale, EveryVariantAgreesWithTheReference) {
  int count = 0, ran = 0;
  const RandomScaleVariant* variants = random_scale_variants(&count);
  const PhiloxStream stream = philox_stream(1, 2, 3);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    for (int64_t n : edge_sizes(200)) {
      for (const RandomScale& scale : {RandomScale{false, 0.25, 2}, RandomScale{true, 0.125, 0.25}}) {
        const Guarded<float> x(reals(n, -3, 3, 1), 1), dy(reals(n, -3, 3, 2), 3);
        Guarded<float> y(n, 5);
        std::vector<float> want(static_cast<size_t>(n));
        reference::random_scale(scale, stream, 128, n, x.data(), dy.data(), want.data());
        variants[v].run(scale, stream, 128, n, x.data(), dy.data(), y.data());
        ASSERT_TRUE(close(y, want, {0, 2 * 0x1p-23, true}));
      }
    }
  }
  EXPECT_GE(ran, 1);
}

TEST(Dropout, DropsTheRateScalesTheRestAndThreadsChangeNothing) {
  Device device(1);
  const int64_t n = 100003;
  const std::vector<float> x(static_cast<size_t>(n), 3.0f);
  std::vector<float> first;
  for (int32_t threads : thread_counts()) {
    ASSERT_OK(gx_device_set_threads(device, threads));
    std::vector<float> y = x;
    ASSERT_OK(gx_dropout(device, GX_FLOAT32, {7, 1}, 0.25, n, y.data(), y.data()));
    if (first.empty()) first = y;
    EXPECT_EQ(y, first);
  }
  int64_t dropped = 0;
  for (float v : first) {
    dropped += v == 0;
    ASSERT_TRUE(v == 0 || std::fabs(v - 4) < 1e-6);
  }
  EXPECT_LT(std::fabs(double(dropped) - 0.25 * double(n)) / std::sqrt(0.25 * 0.75 * double(n)), kZ);
  std::vector<double> wide(x.begin(), x.end());  // the same elements go in double
  ASSERT_OK(gx_dropout(device, GX_FLOAT64, {7, 1}, 0.25, n, wide.data(), wide.data()));
  EXPECT_TRUE(close(first, wide, {0, 2e-7}));
  std::vector<float> other(x.size());
  ASSERT_OK(gx_dropout(device, GX_FLOAT32, {7, 2}, 0.25, n, x.data(), other.data()));
  EXPECT_NE(other, first);
  ASSERT_OK(gx_dropout(device, GX_FLOAT32, {7, 2}, 0, n, x.data(), other.data()));
  EXPECT_EQ(other, x);
}

TEST(Dropout, RandomisedLeakyReluDrawsItsSlopesAgain) {
  Device device(2);
  const int64_t n = 20001;
  const std::vector<float> x = reals(n, -2, 2, 1), ones(x.size(), 1.0f);
  std::vector<float> y(x.size()), dx(x.size());
  ASSERT_OK(gx_rrelu(device, GX_FLOAT32, {3, 4}, 0.125, 0.375, n, x.data(), y.data()));
  ASSERT_OK(gx_rrelu_backward(device, GX_FLOAT32, {3, 4}, 0.125, 0.375, n, x.data(), ones.data(), dx.data()));
  double sum = 0, negative = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    ASSERT_NEAR(y[i], x[i] * dx[i], 1e-6);
    if (x[i] > 0) {
      ASSERT_EQ(dx[i], 1.0f);
      continue;
    }
    ASSERT_TRUE(dx[i] >= 0.125f && dx[i] <= 0.375f);
    sum += dx[i], ++negative;
  }
  EXPECT_LT(std::fabs(sum / negative - 0.25) / (0.25 / std::sqrt(12 * negative)), kZ);
}

TEST(Dropout, RefusesWhatItCannotDo) {
  Device device;
  float x[8] = {}, y[8] = {};
  const gx_rng late = {1, (uint64_t(1) << 56)};
  EXPECT_REFUSED("device", gx_dropout(nullptr, GX_FLOAT32, {1, 0}, 0.5, 8, x, y));
  EXPECT_REFUSED("format", gx_dropout(device, GX_BITS, {1, 0}, 0.5, 8, x, y));
  EXPECT_REFUSED("rate", gx_dropout(device, GX_FLOAT32, {1, 0}, 1, 8, x, y));
  EXPECT_REFUSED("rate", gx_dropout(device, GX_FLOAT32, {1, 0}, -0.1, 8, x, y));
  EXPECT_REFUSED("rate", gx_dropout(device, GX_FLOAT32, {1, 0}, NAN, 8, x, y));
  EXPECT_REFUSED("step", gx_dropout(device, GX_FLOAT32, late, 0.5, 8, x, y));
  EXPECT_REFUSED("overlap", gx_dropout(device, GX_FLOAT32, {1, 0}, 0.5, 7, x, x + 1));
  EXPECT_REFUSED("x must not be null", gx_dropout(device, GX_FLOAT32, {1, 0}, 0.5, 7, nullptr, y));
  EXPECT_REFUSED("lower must be at most upper", gx_rrelu(device, GX_FLOAT32, {1, 0}, 0.5, 0.25, 8, x, y));
  EXPECT_REFUSED("lower must be finite", gx_rrelu(device, GX_FLOAT32, {1, 0}, NAN, 0.25, 8, x, y));
  EXPECT_REFUSED("upper must be finite", gx_rrelu(device, GX_FLOAT32, {1, 0}, 0.5, INFINITY, 8, x, y));
  EXPECT_REFUSED("overlap", gx_rrelu_backward(device, GX_FLOAT32, {1, 0}, 0, 1, 8, x, y, x));
  EXPECT_REFUSED("dy must not be null", gx_rrelu_backward(device, GX_FLOAT32, {1, 0}, 0, 1, 8, x, nullptr, y));
}

}  // namespace
}  // namespace gx::test
