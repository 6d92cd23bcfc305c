// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Distribution, reproducibility and refusals of the random numbers. The seeds are fixed, so that a test passes always
// or never; the bounds are those that a true generator fails once in about a million seeds.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "compare.h"
#include "guarded.h"
#include "kernels/random/normal/normal.h"
#include "support.h"

namespace gx::test {
namespace {

constexpr double kZ = 4.9;  // two-sided one in a million

int64_t sample_rows() { return quick() ? 64 : 1024; }
constexpr int64_t kUnits = 1000;

std::vector<float> uniforms(gx_device* device, gx_rng rng, int64_t rows, int64_t units) {
  std::vector<float> out(size_t(rows * units));
  EXPECT_OK(gx_random_uniform(device, rng, rows, units, out.data()));
  return out;
}
std::vector<float> normals(gx_device* device, gx_rng rng, float mean, float stddev, int64_t rows, int64_t units) {
  std::vector<float> out(size_t(rows * units));
  EXPECT_OK(gx_random_normal(device, rng, mean, stddev, rows, units, out.data()));
  return out;
}

// sqrt(n) times the greatest distance between the sample's distribution function and the given one.
template <class Cdf>
double kolmogorov_smirnov(std::vector<float> sample, Cdf cdf) {
  std::sort(sample.begin(), sample.end());
  const double n = double(sample.size());
  double most = 0;
  for (size_t i = 0; i < sample.size(); ++i) {
    const double f = cdf(double(sample[i]));
    most = std::max({most, double(i + 1) / n - f, f - double(i) / n});
  }
  return most * std::sqrt(n);
}
constexpr double kMostKolmogorov = 2.7;  // 2 exp(-2 2.7^2) = 9e-7

// Correlation times sqrt(n): standard normal for independent pairs.
double correlation_z(const std::vector<float>& a, const std::vector<float>& b, double mean) {
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double x = a[i] - mean, y = b[i] - mean;
    ab += x * y, aa += x * x, bb += y * y;
  }
  return ab / std::sqrt(aa * bb) * std::sqrt(double(a.size()));
}

TEST(Uniform, IsUniform) {
  Device device;
  const std::vector<float> u = uniforms(device, {42, 0}, sample_rows(), kUnits);
  const double n = double(u.size());
  std::vector<int64_t> bins(256, 0), low_bins(256, 0);
  double sum = 0;
  for (float x : u) {
    ASSERT_GE(x, 0.0f);
    ASSERT_LT(x, 1.0f);
    ++bins[size_t(x * 256)];
    ++low_bins[size_t(int32_t(x * 0x1p24f) & 255)];
    sum += x;
  }
  EXPECT_LT(std::fabs(sum / n - 0.5) * std::sqrt(12 * n), kZ);
  for (const auto& counts : {bins, low_bins}) {  // the bits at both ends
    double chi2 = 0;
    for (int64_t c : counts) chi2 += (double(c) - n / 256) * (double(c) - n / 256) / (n / 256);
    EXPECT_LT(std::fabs(chi2 - 255) / std::sqrt(2.0 * 255), 6.0);
  }
  EXPECT_LT(kolmogorov_smirnov(u, [](double x) { return x; }), kMostKolmogorov);
}

TEST(Uniform, DependsOnSeedStepRowAndUnit) {
  Device device;
  const int64_t rows = sample_rows() / 4;
  const std::vector<float> base = uniforms(device, {42, 7}, rows, kUnits);
  const gx_rng others[] = {{43, 7}, {42, 8}, {42 + (uint64_t(1) << 32), 7}, {42, 7 + (uint64_t(1) << 32)}};
  for (const gx_rng& other : others) {
    const std::vector<float> u = uniforms(device, other, rows, kUnits);
    EXPECT_LT(std::fabs(correlation_z(base, u, 0.5)), kZ);
  }
  for (size_t lag : {size_t(1), size_t(15), size_t(16), size_t(64), size_t(kUnits)}) {
    const std::vector<float> a(base.begin(), base.end() - long(lag)), b(base.begin() + long(lag), base.end());
    EXPECT_LT(std::fabs(correlation_z(a, b, 0.5)), kZ) << "lag " << lag;
  }
}

TEST(Uniform, DoesNotDependOnBatchOrThreads) {
  Device device(1);
  const int64_t rows = 37, units = 700;
  const std::vector<float> all = uniforms(device, {9, 9}, rows, units);
  for (int32_t threads : thread_counts()) {
    EXPECT_OK(gx_device_set_threads(device, threads));
    EXPECT_EQ(uniforms(device, {9, 9}, rows, units), all) << threads << " threads";
  }
  const std::vector<float> few = uniforms(device, {9, 9}, 3, units);
  EXPECT_TRUE(std::equal(few.begin(), few.end(), all.begin()));
  const std::vector<float> narrow = uniforms(device, {9, 9}, rows, 65);
  for (int64_t r = 0; r < rows; ++r) {
    ASSERT_TRUE(std::equal(narrow.begin() + r * 65, narrow.begin() + (r + 1) * 65, all.begin() + r * units));
  }
  const std::vector<float> wide = uniforms(device, {9, 9}, 2, 40000);  // rows cut into spans
  EXPECT_TRUE(std::equal(wide.begin(), wide.begin() + units, all.begin()));
  EXPECT_TRUE(std::equal(wide.begin() + 40000, wide.begin() + 40000 + units, all.begin() + units));
}

TEST(Uniform, HasTheSameBitsEverywhere) {
  Device device;
  const std::vector<float> u = uniforms(device, {2024, 3}, 50, 333);
  EXPECT_EQ(checksum(u.data(), int64_t(u.size())), 0xcdf9ae48041f0312u);
}

TEST(Normal, HasTheSameBitsEverywhere) {
  Device device;
  const std::vector<float> x = normals(device, {2024, 3}, 0.25f, 1.5f, 50, 333);
  EXPECT_EQ(checksum(x.data(), int64_t(x.size())), 0xd463f24b9e2569e1u);
}

TEST(Normal, IsNormal) {
  Device device;
  const std::vector<float> x = normals(device, {7, 0}, 0, 1, sample_rows(), kUnits);
  const double n = double(x.size());
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0;
  for (float v : x) {
    ASSERT_LT(std::fabs(v), 6.67f);  // sqrt(-2 log 2^-32)
    m1 += v, m2 += double(v) * v, m3 += double(v) * v * v, m4 += double(v) * v * v * v;
  }
  EXPECT_LT(std::fabs(m1 / n) * std::sqrt(n), kZ);
  EXPECT_LT(std::fabs(m2 / n - 1) * std::sqrt(n / 2), kZ);
  EXPECT_LT(std::fabs(m3 / n) * std::sqrt(n / 15), kZ);
  EXPECT_LT(std::fabs(m4 / n - 3) * std::sqrt(n / 96), kZ);
  EXPECT_LT(kolmogorov_smirnov(x, [](double v) { return 0.5 * std::erfc(-v / std::sqrt(2.0)); }), kMostKolmogorov);
}

TEST(Normal, EveryVariantEqualsTheReference) {
  int count;
  const NormalVariant* variants = normal_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    for (int64_t n : edge_sizes(300)) {
      const NormalStreams streams = {philox_stream(5, 6, 6), philox_stream(5, 6, 7), -0.5, 2.0};
      Guarded<float> got(n, 1);
      std::vector<float> want(static_cast<size_t>(n));
      variants[v].run(streams, 12, 128, n, got.data());
      reference::normal(streams, 12, 128, n, want.data());
      // Both are computed in double; the rounding to float may fall either way, near 0 after a cancellation.
      ASSERT_TRUE(close(got, want, {1e-14, 0x1p-23, n == 0})) << n;
    }
  }
}

TEST(Normal, ScalesAndDoesNotDependOnThreads) {
  Device device(1);
  const std::vector<float> unit = normals(device, {1, 1}, 0, 1, 20, 300);
  std::vector<double> want(unit.size());
  for (size_t i = 0; i < unit.size(); ++i) want[i] = 3 - 0.01 + 0.01 * (1 + double(unit[i]));
  EXPECT_TRUE(close(normals(device, {1, 1}, 3, 0.01f, 20, 300), want, {1e-6, 0}));
  EXPECT_EQ(normals(device, {1, 1}, 3, 0, 20, 300), std::vector<float>(20 * 300, 3.0f));
  for (int32_t threads : thread_counts()) {
    EXPECT_OK(gx_device_set_threads(device, threads));
    EXPECT_EQ(normals(device, {1, 1}, 0, 1, 20, 300), unit) << threads << " threads";
  }
}

TEST(Random, AcceptsEmptyArrays) {
  Device device;
  EXPECT_OK(gx_random_uniform(device, {0, 0}, 0, 5, nullptr));
  EXPECT_OK(gx_random_uniform(device, {0, 0}, 5, 0, nullptr));
  EXPECT_OK(gx_random_normal(device, {0, 0}, 0, 1, 0, 0, nullptr));
}

TEST(Random, RefusesBadArguments) {
  Device device;
  float out[4] = {};
  const gx_rng rng = {1, 1};
  EXPECT_REFUSED("device", gx_random_uniform(nullptr, rng, 1, 1, out));
  EXPECT_REFUSED("out must not be null", gx_random_uniform(device, rng, 1, 1, nullptr));
  EXPECT_REFUSED("aligned",
                 gx_random_uniform(device, rng, 1, 1, reinterpret_cast<float*>(reinterpret_cast<char*>(out) + 1)));
  EXPECT_REFUSED("rows", gx_random_uniform(device, rng, -1, 1, out));
  EXPECT_REFUSED("units", gx_random_uniform(device, rng, 1, -1, out));
  EXPECT_REFUSED("rows", gx_random_uniform(device, rng, (int64_t(1) << 32) + 1, 1, out));
  EXPECT_REFUSED("units", gx_random_uniform(device, rng, 1, (int64_t(1) << 34) + 1, out));
  EXPECT_REFUSED("63 bits", gx_random_uniform(device, rng, int64_t(1) << 32, int64_t(1) << 34, out));
  EXPECT_REFUSED("2^56", gx_random_uniform(device, {1, uint64_t(1) << 56}, 1, 1, out));
  EXPECT_REFUSED("2^56", gx_random_normal(device, {1, ~uint64_t(0)}, 0, 1, 1, 1, out));
  EXPECT_REFUSED("mean", gx_random_normal(device, rng, std::nanf(""), 1, 1, 1, out));
  EXPECT_REFUSED("mean", gx_random_normal(device, rng, INFINITY, 1, 1, 1, out));
  EXPECT_REFUSED("stddev", gx_random_normal(device, rng, 0, std::nanf(""), 1, 1, out));
  EXPECT_REFUSED("stddev must be at least 0, got -1", gx_random_normal(device, rng, 0, -1, 1, 1, out));
  EXPECT_REFUSED("device", gx_random_normal(nullptr, rng, 0, 1, 1, 1, out));
  EXPECT_REFUSED("out must not be null", gx_random_normal(device, rng, 0, 1, 1, 1, nullptr));
  for (float x : out) EXPECT_EQ(x, 0.0f) << "a refused call writes nothing";
}

}  // namespace
}  // namespace gx::test
