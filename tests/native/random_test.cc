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
#include "kernels/random/exponential/exponential.h"
#include "kernels/random/gamma/gamma.h"
#include "kernels/random/gumbel/gumbel.h"
#include "kernels/random/normal/normal.h"
#include "support.h"

namespace gx::test {
namespace {

constexpr double kZ = 4.9;  // two-sided one in a million

int64_t sample_rows() { return quick() ? 64 : 1024; }
constexpr int64_t kUnits = 1000;

std::vector<float> uniforms(gx_device* device, gx_rng rng, int64_t rows, int64_t units) {
  std::vector<float> out(size_t(rows * units));
  EXPECT_OK(gx_random_uniform(device, GX_FLOAT32, rng, rows, units, out.data()));
  return out;
}
std::vector<float> normals(gx_device* device, gx_rng rng, float mean, float stddev, int64_t rows, int64_t units) {
  std::vector<float> out(size_t(rows * units));
  EXPECT_OK(gx_random_normal(device, GX_FLOAT32, rng, mean, stddev, rows, units, out.data()));
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

// The reference has the C library's functions, which may round otherwise in double; after a cancellation near 0 that is
// more of the result.
constexpr Tolerance kWide = {1e-14, 1e-14, true}, kNarrow = {1e-14, 0x1p-23, true};

TEST(Normal, EveryVariantEqualsTheReference) {
  int count;
  const NormalVariant* variants = normal_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    for (int64_t n : edge_sizes(300)) {
      const NormalStreams streams = {philox_stream(5, 6, 6), philox_stream(5, 6, 7), -0.5, 2.0};
      Guarded<float> got(n, 1);
      Guarded<double> wide(n, 1);
      std::vector<double> want(static_cast<size_t>(n));
      variants[v].run(streams, 12, 128, n, got.data(), false);
      variants[v].run(streams, 12, 128, n, wide.data(), true);
      reference::normal(streams, 12, 128, n, want.data());
      ASSERT_TRUE(close(got, want, kNarrow)) << n;
      ASSERT_TRUE(close(wide, want, kWide)) << n;
      for (int64_t i = 0; i < n; ++i) ASSERT_EQ(got[i], float(wide[i]));
    }
  }
}

template <class Variant, class Reference>
void expect_reference(const Variant* variants, int count, Reference reference) {
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    for (int64_t n : edge_sizes(300)) {
      const PhiloxStream stream = philox_stream(5, 6, 8);
      Guarded<float> got(n, 1);
      Guarded<double> wide(n, 1);
      std::vector<double> want(static_cast<size_t>(n));
      variants[v].run(stream, 12, 128, n, got.data(), false);
      variants[v].run(stream, 12, 128, n, wide.data(), true);
      reference(stream, 12, 128, n, want.data());
      ASSERT_TRUE(close(got, want, kNarrow)) << n;
      ASSERT_TRUE(close(wide, want, kWide)) << n;
    }
  }
}

TEST(Exponential, EveryVariantEqualsTheReference) {
  int count;
  const ExponentialVariant* variants = exponential_variants(&count);
  expect_reference(variants, count, reference::exponential);
}

TEST(Gumbel, EveryVariantEqualsTheReference) {
  int count;
  const GumbelVariant* variants = gumbel_variants(&count);
  expect_reference(variants, count, reference::gumbel);
}

TEST(Gamma, EveryVariantEqualsTheReference) {
  int count;
  const GammaVariant* variants = gamma_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    for (int64_t n : edge_sizes(200)) {
      const std::vector<float> shapes = reals(n, 0.05, 3, 4);
      const std::vector<double> wide_shapes(shapes.begin(), shapes.end());
      Guarded<float> got(n, 1);
      Guarded<double> wide(n, 1), same(n);
      std::vector<double> want(static_cast<size_t>(n));
      variants[v].run({{5, 6}, 0, shapes.data(), false}, 12, 128, n, got.data());
      variants[v].run({{5, 6}, 0, wide_shapes.data(), true}, 12, 128, n, wide.data());
      reference::gamma({{5, 6}, 0, wide_shapes.data(), true}, 12, 128, n, want.data());
      ASSERT_TRUE(close(got, want, {1e-30, 0x1p-23, true})) << n;
      ASSERT_TRUE(close(wide, want, {0, 1e-12, true})) << n;
      variants[v].run({{5, 6}, 1.75, nullptr, true}, 12, 128, n, same.data());
      reference::gamma({{5, 6}, 1.75, nullptr, true}, 12, 128, n, want.data());
      ASSERT_TRUE(close(same, want, {0, 1e-12, true})) << n;
    }
  }
}

// Each against its distribution function. The gamma's of whole and half shapes are elementary.
TEST(Exponential, IsExponential) {
  Device device;
  std::vector<float> x(size_t(sample_rows() * kUnits));
  ASSERT_OK(gx_random_exponential(device, GX_FLOAT32, {7, 0}, sample_rows(), kUnits, x.data()));
  EXPECT_LT(kolmogorov_smirnov(x, [](double v) { return -std::expm1(-v); }), kMostKolmogorov);
}

TEST(Gumbel, IsGumbelAndPicksFromASoftmax) {
  Device device;
  std::vector<float> x(size_t(sample_rows() * kUnits));
  ASSERT_OK(gx_random_gumbel(device, GX_FLOAT32, {7, 0}, sample_rows(), kUnits, x.data()));
  EXPECT_LT(kolmogorov_smirnov(x, [](double v) { return std::exp(-std::exp(-v)); }), kMostKolmogorov);
  const double l[] = {0.5, -1, 1.2};
  const double z = std::exp(l[0]) + std::exp(l[1]) + std::exp(l[2]);
  const size_t n = x.size() / 3;
  double picked[3] = {};
  for (size_t i = 0; i < n; ++i) {
    const double s[] = {l[0] + x[3 * i], l[1] + x[3 * i + 1], l[2] + x[3 * i + 2]};
    ++picked[std::max_element(s, s + 3) - s];
  }
  for (int k = 0; k < 3; ++k) {
    const double p = std::exp(l[k]) / z;
    EXPECT_LT(std::fabs(picked[k] - double(n) * p) / std::sqrt(double(n) * p * (1 - p)), kZ);
  }
}

TEST(Gamma, IsGamma) {
  Device device;
  std::vector<float> x(size_t(sample_rows() * kUnits / 4));
  const auto draw = [&](double shape) {
    EXPECT_OK(gx_random_gamma(device, GX_FLOAT32, {7, 0}, shape, nullptr, sample_rows() / 4, kUnits, x.data()));
    return x;
  };
  EXPECT_LT(kolmogorov_smirnov(draw(0.5), [](double v) { return std::erf(std::sqrt(v)); }), kMostKolmogorov);
  EXPECT_LT(kolmogorov_smirnov(draw(1), [](double v) { return -std::expm1(-v); }), kMostKolmogorov);
  EXPECT_LT(kolmogorov_smirnov(draw(2), [](double v) { return 1 - std::exp(-v) * (1 + v); }), kMostKolmogorov);
  EXPECT_LT(
      kolmogorov_smirnov(draw(4), [](double v) { return 1 - std::exp(-v) * (1 + v + v * v / 2 + v * v * v / 6); }),
      kMostKolmogorov);
  for (double shape : {0.1, 30.0}) {  // mean and variance are the shape; the fourth central moment is 3 a^2 + 6 a
    draw(shape);
    const double n = double(x.size());
    double mean = 0, variance = 0;
    for (float v : x) mean += v / n;
    for (float v : x) variance += (v - shape) * (v - shape) / n;
    EXPECT_LT(std::fabs(mean - shape) / std::sqrt(shape / n), kZ);
    EXPECT_LT(std::fabs(variance - shape) / std::sqrt((2 * shape * shape + 6 * shape) / n), kZ);
  }
}

TEST(Gamma, OfAShapeThatIsNoneIsNan) {
  Device device;
  const float shapes[] = {1, 0, -2, NAN, INFINITY, 0.3f};
  float out[6];
  ASSERT_OK(gx_random_gamma(device, GX_FLOAT32, {1, 1}, NAN, shapes, 1, 6, out));
  for (int i = 0; i < 6; ++i) EXPECT_EQ(std::isnan(out[i]), i >= 1 && i <= 4) << i;
}

// The same on every instruction set, so pinned; the wide ones too.
TEST(Random, ContinuousDrawsHaveTheSameBitsEverywhere) {
  Device device;
  std::vector<double> x(50 * 333);
  ASSERT_OK(gx_random_normal(device, GX_FLOAT64, {2024, 3}, 0.25, 1.5, 50, 333, x.data()));
  EXPECT_EQ(checksum(x.data(), int64_t(x.size())), 6538699279547533347u);
  ASSERT_OK(gx_random_exponential(device, GX_FLOAT64, {2024, 3}, 50, 333, x.data()));
  EXPECT_EQ(checksum(x.data(), int64_t(x.size())), 10698849290968149421u);
  ASSERT_OK(gx_random_gumbel(device, GX_FLOAT64, {2024, 3}, 50, 333, x.data()));
  EXPECT_EQ(checksum(x.data(), int64_t(x.size())), 2337335562444264206u);
  ASSERT_OK(gx_random_gamma(device, GX_FLOAT64, {2024, 3}, 0.8, nullptr, 50, 333, x.data()));
  EXPECT_EQ(checksum(x.data(), int64_t(x.size())), 669435143515812229u);
}

TEST(Random, DoublesAreTheDrawsOfFloats) {
  Device device;
  const int64_t rows = 7, units = 150, n = rows * units;
  const auto expect_same = [&](auto draw) {
    std::vector<float> narrow(static_cast<size_t>(n));
    std::vector<double> wide(narrow.size());
    ASSERT_OK(draw(GX_FLOAT32, narrow.data()));
    ASSERT_OK(draw(GX_FLOAT64, wide.data()));
    for (size_t i = 0; i < narrow.size(); ++i) ASSERT_EQ(narrow[i], float(wide[i]));
  };
  const gx_rng rng = {3, 9};
  expect_same([&](gx_format f, void* out) { return gx_random_uniform(device, f, rng, rows, units, out); });
  expect_same([&](gx_format f, void* out) { return gx_random_normal(device, f, rng, 0.5, 2, rows, units, out); });
  expect_same([&](gx_format f, void* out) { return gx_random_exponential(device, f, rng, rows, units, out); });
  expect_same([&](gx_format f, void* out) { return gx_random_gumbel(device, f, rng, rows, units, out); });
  expect_same([&](gx_format f, void* out) { return gx_random_gamma(device, f, rng, 0.4, nullptr, rows, units, out); });
  const std::vector<float> p = reals(n, -0.1, 1.1, 3);
  const std::vector<double> wide_p(p.begin(), p.end());
  expect_same([&](gx_format f, void* out) {
    return gx_random_bernoulli(device, f, rng, rows, units, f == GX_FLOAT64 ? (const void*)wide_p.data() : p.data(),
                               out);
  });
  std::vector<float> plain(p.size()), states(p.size());
  ASSERT_OK(gx_random_bernoulli(device, GX_FLOAT32, rng, rows, units, p.data(), plain.data()));
  const gx_states to = {states.data(), rows, units, GX_FLOAT32};
  ASSERT_OK(gx_states_bernoulli(device, p.data(), rng, &to));
  EXPECT_EQ(plain, states);
}

TEST(Random, NoDrawDependsOnThreads) {
  Device device(1);
  std::vector<float> first;
  for (int32_t threads : thread_counts()) {
    ASSERT_OK(gx_device_set_threads(device, threads));
    std::vector<float> x(3 * 3 * 5000);
    ASSERT_OK(gx_random_exponential(device, GX_FLOAT32, {1, 1}, 3, 5000, x.data()));
    ASSERT_OK(gx_random_gumbel(device, GX_FLOAT32, {1, 1}, 3, 5000, x.data() + 15000));
    ASSERT_OK(gx_random_gamma(device, GX_FLOAT32, {1, 1}, 2, nullptr, 3, 5000, x.data() + 30000));
    if (first.empty()) first = x;
    EXPECT_EQ(x, first) << threads << " threads";
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
  EXPECT_OK(gx_random_uniform(device, GX_FLOAT32, {0, 0}, 0, 5, nullptr));
  EXPECT_OK(gx_random_uniform(device, GX_FLOAT32, {0, 0}, 5, 0, nullptr));
  EXPECT_OK(gx_random_normal(device, GX_FLOAT32, {0, 0}, 0, 1, 0, 0, nullptr));
}

TEST(Random, RefusesBadArguments) {
  Device device;
  float out[4] = {};
  const gx_rng rng = {1, 1};
  EXPECT_REFUSED("device", gx_random_uniform(nullptr, GX_FLOAT32, rng, 1, 1, out));
  EXPECT_REFUSED("out must not be null", gx_random_uniform(device, GX_FLOAT32, rng, 1, 1, nullptr));
  EXPECT_REFUSED("aligned", gx_random_uniform(device, GX_FLOAT32, rng, 1, 1,
                                              reinterpret_cast<float*>(reinterpret_cast<char*>(out) + 1)));
  EXPECT_REFUSED("rows", gx_random_uniform(device, GX_FLOAT32, rng, -1, 1, out));
  EXPECT_REFUSED("units", gx_random_uniform(device, GX_FLOAT32, rng, 1, -1, out));
  EXPECT_REFUSED("rows", gx_random_uniform(device, GX_FLOAT32, rng, (int64_t(1) << 32) + 1, 1, out));
  EXPECT_REFUSED("units", gx_random_uniform(device, GX_FLOAT32, rng, 1, (int64_t(1) << 34) + 1, out));
  EXPECT_REFUSED("63 bits", gx_random_uniform(device, GX_FLOAT32, rng, int64_t(1) << 32, int64_t(1) << 34, out));
  EXPECT_REFUSED("2^56", gx_random_uniform(device, GX_FLOAT32, {1, uint64_t(1) << 56}, 1, 1, out));
  EXPECT_REFUSED("2^56", gx_random_normal(device, GX_FLOAT32, {1, ~uint64_t(0)}, 0, 1, 1, 1, out));
  EXPECT_REFUSED("mean", gx_random_normal(device, GX_FLOAT32, rng, std::nanf(""), 1, 1, 1, out));
  EXPECT_REFUSED("mean", gx_random_normal(device, GX_FLOAT32, rng, INFINITY, 1, 1, 1, out));
  EXPECT_REFUSED("stddev", gx_random_normal(device, GX_FLOAT32, rng, 0, std::nanf(""), 1, 1, out));
  EXPECT_REFUSED("stddev must be at least 0, got -1", gx_random_normal(device, GX_FLOAT32, rng, 0, -1, 1, 1, out));
  EXPECT_REFUSED("device", gx_random_normal(nullptr, GX_FLOAT32, rng, 0, 1, 1, 1, out));
  EXPECT_REFUSED("format", gx_random_uniform(device, GX_BITS, rng, 1, 1, out));
  EXPECT_REFUSED("aligned to 8", gx_random_normal(device, GX_FLOAT64, rng, 0, 1, 1, 1,
                                                  out + (reinterpret_cast<uintptr_t>(out) % 8 == 0 ? 1 : 0)));
  EXPECT_REFUSED("out must not be null", gx_random_exponential(device, GX_FLOAT32, rng, 1, 1, nullptr));
  EXPECT_REFUSED("rows", gx_random_exponential(device, GX_FLOAT32, rng, -1, 1, out));
  EXPECT_REFUSED("out must not be null", gx_random_gumbel(device, GX_FLOAT32, rng, 1, 1, nullptr));
  EXPECT_REFUSED("units", gx_random_gumbel(device, GX_FLOAT32, rng, 1, -1, out));
  EXPECT_REFUSED("shape must be a positive finite number, got 0",
                 gx_random_gamma(device, GX_FLOAT32, rng, 0, nullptr, 1, 1, out));
  EXPECT_REFUSED("shape must be a positive finite number",
                 gx_random_gamma(device, GX_FLOAT32, rng, INFINITY, nullptr, 1, 1, out));
  EXPECT_REFUSED("overlap", gx_random_gamma(device, GX_FLOAT32, rng, 1, out + 1, 1, 2, out));
  EXPECT_REFUSED("out must not be null", gx_random_gamma(device, GX_FLOAT32, rng, 1, nullptr, 1, 1, nullptr));
  EXPECT_REFUSED("p must not be null", gx_random_bernoulli(device, GX_FLOAT32, rng, 1, 1, nullptr, out));
  EXPECT_REFUSED("overlap", gx_random_bernoulli(device, GX_FLOAT32, rng, 1, 2, out + 1, out));
  EXPECT_REFUSED("device", gx_random_bernoulli(nullptr, GX_FLOAT64, rng, 1, 1, out, out));
  EXPECT_REFUSED("out must not be null", gx_random_normal(device, GX_FLOAT32, rng, 0, 1, 1, 1, nullptr));
  for (float x : out) EXPECT_EQ(x, 0.0f) << "a refused call writes nothing";
}

}  // namespace
}  // namespace gx::test
