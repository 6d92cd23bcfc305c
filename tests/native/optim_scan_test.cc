// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The norm over all gradients of a model, and the search for what is not finite.

#include <cmath>

#include "compare.h"
#include "guarded.h"
#include "kernels/optim/all_finite/all_finite.h"
#include "kernels/optim/global_norm/global_norm.h"
#include "support.h"

namespace gx::test {
namespace {

gx_read_segment read(const std::vector<float>& v) { return {int64_t(v.size()), v.data()}; }

TEST(GlobalNorm, EveryVariantEqualsTheReference) {
  int count;
  const GlobalNormVariant* variants = global_norm_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    for (const int64_t n : edge_sizes(300)) {
      const Guarded<float> whole(integers(n, -9, 9, uint64_t(n)), n % 3);
      EXPECT_EQ(variants[v].run(whole.data(), n), reference::global_norm(whole.data(), n)) << n;
      const Guarded<float> real(reals(n, -9, 9, uint64_t(n)), n % 3);
      const double want = reference::global_norm(real.data(), n);
      EXPECT_NEAR(variants[v].run(real.data(), n), want, 1e-14 * want) << n;
    }
  }
}

TEST(GlobalNorm, IsThatOfTheConcatenation) {
  Device device(1);
  const std::vector<float> all = integers(100000, -5, 5, 3);
  double want = 0, norm = -1;
  for (float x : all) want += double(x) * x;
  const std::vector<gx_read_segment> cut = {
      {7, all.data()}, {0, nullptr}, {50000, all.data() + 7}, {40000, all.data() + 50007}, {9993, all.data() + 90007}};
  for (const int32_t threads : thread_counts()) {
    ASSERT_OK(gx_device_set_threads(device, threads));
    ASSERT_OK(gx_global_norm(device, GX_FLOAT32, 5, cut.data(), &norm));
    EXPECT_EQ(norm, std::sqrt(want));
  }
  const std::vector<float> reals_ = reals(100000, -5, 5, 4);
  const gx_read_segment one = read(reals_);
  double first = 0;
  ASSERT_OK(gx_global_norm(device, GX_FLOAT32, 1, &one, &first));
  for (const int32_t threads : thread_counts()) {
    ASSERT_OK(gx_device_set_threads(device, threads));
    ASSERT_OK(gx_global_norm(device, GX_FLOAT32, 1, &one, &norm));
    EXPECT_EQ(norm, first) << threads << " threads";
  }
  const std::vector<double> doubles(reals_.begin(), reals_.end());
  const gx_read_segment wide = {100000, doubles.data()};
  ASSERT_OK(gx_global_norm(device, GX_FLOAT64, 1, &wide, &norm));
  EXPECT_NEAR(norm, first, 1e-13 * first);
}

TEST(GlobalNorm, OfNothingOfHugeAndOfBrokenValues) {
  Device device;
  double norm = -1;
  EXPECT_OK(gx_global_norm(device, GX_FLOAT32, 0, nullptr, &norm));
  EXPECT_EQ(norm, 0);
  std::vector<float> v(37, 3e38f);
  const gx_read_segment s = read(v);
  EXPECT_OK(gx_global_norm(device, GX_FLOAT32, 1, &s, &norm));
  EXPECT_NEAR(norm / (3e38 * std::sqrt(37.0)), 1, 1e-6);
  v[36] = -INFINITY;
  EXPECT_OK(gx_global_norm(device, GX_FLOAT32, 1, &s, &norm));
  EXPECT_EQ(norm, INFINITY);
  v[3] = NAN;
  EXPECT_OK(gx_global_norm(device, GX_FLOAT32, 1, &s, &norm));
  EXPECT_TRUE(std::isnan(norm));
}

TEST(AllFinite, EveryVariantFindsTheFirst) {
  int count;
  const AllFiniteVariant* variants = all_finite_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    for (const int64_t n : edge_sizes(quick() ? 40 : 150)) {
      Guarded<float> x(reals(n, -1, 1, 1), n % 3);
      if (n > 1) x[0] = 3.4e38f, x[1] = -1e-45f;  // great and small, but finite
      EXPECT_EQ(variants[v].run(x.data(), n), -1);
      for (int64_t i = 0; i < n; ++i) {
        const float was = x[i], last = x[n - 1];
        x[n - 1] = NAN;
        x[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -INFINITY;
        ASSERT_EQ(variants[v].run(x.data(), n), i) << n;
        x[n - 1] = last;
        x[i] = was;
      }
    }
  }
}

TEST(AllFinite, NamesSegmentAndPlaceForAnyThreads) {
  Device device(1);
  std::vector<float> a(5), b(100000), c(33);
  const std::vector<double> wide(9, 1.0), broken = {1, 2, NAN};
  const gx_read_segment segments[] = {read(a), {0, nullptr}, read(b), read(c)};
  const auto expect = [&](int64_t segment, int64_t index) {
    for (const int32_t threads : thread_counts()) {
      int64_t found[2] = {-7, -7};
      ASSERT_OK(gx_device_set_threads(device, threads));
      ASSERT_OK(gx_all_finite(device, GX_FLOAT32, 4, segments, found));
      EXPECT_EQ(found[0], segment);
      EXPECT_EQ(found[1], index);
    }
  };
  expect(-1, -1);
  c[32] = NAN;
  expect(3, 32);
  b[99999] = INFINITY;
  expect(2, 99999);
  b[40000] = NAN;
  b[16384] = NAN;
  expect(2, 16384);
  a[4] = -INFINITY;
  expect(0, 4);
  int64_t found[2];
  const gx_read_segment doubles[] = {{9, wide.data()}, {3, broken.data()}};
  ASSERT_OK(gx_all_finite(device, GX_FLOAT64, 2, doubles, found));
  EXPECT_EQ(found[0], 1);
  EXPECT_EQ(found[1], 2);
  ASSERT_OK(gx_all_finite(device, GX_FLOAT64, 1, doubles, found));
  EXPECT_EQ(found[0], -1);
  EXPECT_OK(gx_all_finite(device, GX_FLOAT32, 0, nullptr, found));
}

TEST(OptimScan, RefusesBadArguments) {
  Device device;
  const std::vector<float> v(8);
  const gx_read_segment good = read(v);
  double norm;
  int64_t found[2];
  EXPECT_REFUSED("norm", gx_global_norm(device, GX_FLOAT32, 1, &good, nullptr));
  EXPECT_REFUSED("found", gx_all_finite(device, GX_FLOAT32, 1, &good, nullptr));
  const auto refused = [&](const char* part, gx_device* d, gx_format format, int64_t n, const gx_read_segment* s) {
    EXPECT_REFUSED(part, gx_global_norm(d, format, n, s, &norm));
    EXPECT_REFUSED(part, gx_all_finite(d, format, n, s, found));
  };
  refused("device", nullptr, GX_FLOAT32, 1, &good);
  refused("format", device, GX_BITS, 1, &good);
  refused("number of segments", device, GX_FLOAT32, -1, &good);
  refused("the segments must not be null", device, GX_FLOAT32, 1, nullptr);
  const gx_read_segment negative = {-1, v.data()}, null = {1, nullptr}, huge = {INT64_MAX / 2, v.data()},
                        odd = {1, reinterpret_cast<const char*>(v.data()) + 2};
  refused("the count of segment 0 must be at least 0, got -1", device, GX_FLOAT32, 1, &negative);
  refused("the data of segment 0 must not be null", device, GX_FLOAT32, 1, &null);
  refused("the data of segment 0 must fit", device, GX_FLOAT32, 1, &huge);
  refused("the data of segment 0 must be aligned", device, GX_FLOAT32, 1, &odd);
}

}  // namespace
}  // namespace gx::test
