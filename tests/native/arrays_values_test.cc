// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Conversion between float and double, filling, arithmetic sequences.

#include <algorithm>
#include <cmath>
#include <limits>

#include "compare.h"
#include "guarded.h"
#include "support.h"

namespace gx::test {
namespace {

TEST(ArrayConvert, RoundsToNearestAndBack) {
  const double inf = std::numeric_limits<double>::infinity();
  for (int32_t threads : {1, 3}) {
    Device device(threads);
    for (int64_t n : {0, 1, 3, 8, 31, 70001}) {
      const std::vector<float> source = reals(n, -9, 9, uint64_t(n) + 2);
      std::vector<double> values(source.begin(), source.end());
      for (double& x : values) x += 1e-9;
      if (n > 7) values[0] = std::nan(""), values[1] = inf, values[2] = 1e300, values[3] = -1e-300, values[4] = -0.0;
      const Guarded<double> wide(values, 1);
      Guarded<float> narrow(n, 1);
      ASSERT_OK(gx_convert(device, n, GX_FLOAT64, wide.data(), GX_FLOAT32, narrow.data()));
      for (int64_t i = 0; i < n; ++i) {
        ASSERT_EQ(difference(narrow[i], float(values[size_t(i)])), 0);
        ASSERT_EQ(std::signbit(narrow[i]), std::signbit(values[size_t(i)]));
      }
      Guarded<double> back(n, 1), copied(n, 1);
      ASSERT_OK(gx_convert(device, n, GX_FLOAT32, narrow.data(), GX_FLOAT64, back.data()));
      EXPECT_TRUE(close(back, narrow, {0, 0, n == 0}));
      ASSERT_OK(gx_convert(device, n, GX_FLOAT64, wide.data(), GX_FLOAT64, copied.data()));
      EXPECT_TRUE(close(copied, wide, {0, 0, n == 0}));
    }
  }
}

TEST(ArrayConvert, RefusesBadArguments) {
  Device device(1);
  double x[4] = {};
  float y[4] = {};
  EXPECT_REFUSED("device", gx_convert(nullptr, 4, GX_FLOAT64, x, GX_FLOAT32, y));
  EXPECT_REFUSED("format", gx_convert(device, 4, GX_BITS, x, GX_FLOAT32, y));
  EXPECT_REFUSED("format", gx_convert(device, 4, GX_FLOAT64, x, gx_format(9), y));
  EXPECT_REFUSED("from must not be null", gx_convert(device, 4, GX_FLOAT64, nullptr, GX_FLOAT32, y));
  EXPECT_REFUSED("to must not be null", gx_convert(device, 4, GX_FLOAT64, x, GX_FLOAT32, nullptr));
  EXPECT_REFUSED("at least 0, got -1", gx_convert(device, -1, GX_FLOAT64, x, GX_FLOAT32, y));
  EXPECT_REFUSED("overlap", gx_convert(device, 4, GX_FLOAT64, x, GX_FLOAT32, x));
}

TEST(Fill, WritesOneValueEverywhere) {
  for (int32_t threads : {1, 3}) {
    Device device(threads);
    for (int64_t n : {0, 1, 3, 31, 100001}) {
      Guarded<float> y(n, 1);
      Guarded<double> wide(n, 1);
      ASSERT_OK(gx_fill(device, GX_FLOAT32, 0.1, n, y.data()));
      ASSERT_OK(gx_fill(device, GX_FLOAT64, 0.1, n, wide.data()));
      EXPECT_EQ(std::count(y.begin(), y.end(), 0.1f), n);
      EXPECT_EQ(std::count(wide.begin(), wide.end(), 0.1), n);
    }
    Guarded<float> y(5);
    ASSERT_OK(gx_fill(device, GX_FLOAT32, std::nan(""), 5, y.data()));
    for (float x : y) EXPECT_TRUE(std::isnan(x));
  }
}

TEST(Arange, ComputesEachElementFromItsIndex) {
  for (int32_t threads : {1, 3}) {
    Device device(threads);
    for (int64_t n : {0, 1, 5, 70001}) {
      Guarded<float> y(n, 1);
      Guarded<double> wide(n, 1);
      ASSERT_OK(gx_arange(device, GX_FLOAT32, -3, 0.1, n, y.data()));
      ASSERT_OK(gx_arange(device, GX_FLOAT64, -3, 0.1, n, wide.data()));
      for (int64_t i = 0; i < n; ++i) {
        ASSERT_EQ(wide[i], -3 + double(i) * 0.1);
        ASSERT_EQ(y[i], float(wide[i]));
      }
    }
  }
}

TEST(FillAndArange, RefuseBadArguments) {
  Device device(1);
  float y[4] = {};
  EXPECT_REFUSED("device", gx_fill(nullptr, GX_FLOAT32, 0, 4, y));
  EXPECT_REFUSED("format", gx_fill(device, GX_BITS, 0, 4, y));
  EXPECT_REFUSED("y must not be null", gx_fill(device, GX_FLOAT32, 0, 4, nullptr));
  EXPECT_REFUSED("at least 0, got -1", gx_fill(device, GX_FLOAT32, 0, -1, y));
  EXPECT_REFUSED("device", gx_arange(nullptr, GX_FLOAT32, 0, 1, 4, y));
  EXPECT_REFUSED("format", gx_arange(device, GX_BITS, 0, 1, 4, y));
  EXPECT_REFUSED("y must not be null", gx_arange(device, GX_FLOAT32, 0, 1, 4, nullptr));
  EXPECT_REFUSED("at least 0, got -1", gx_arange(device, GX_FLOAT32, 0, 1, -1, y));
  EXPECT_REFUSED("start must be finite", gx_arange(device, GX_FLOAT32, std::nan(""), 1, 4, y));
  EXPECT_REFUSED("step must be finite",
                 gx_arange(device, GX_FLOAT32, 0, std::numeric_limits<double>::infinity(), 4, y));
}

}  // namespace
}  // namespace gx::test
