// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Dequantisation and logit: noise, map, log-determinant, inverse and gradient.

#include <cmath>
#include <limits>

#include "compare.h"
#include "guarded.h"
#include "jacobian.h"
#include "kernels/coupling/dequantise/dequantise.h"
#include "runtime/device.h"
#include "runtime/philox.h"
#include "support.h"

namespace gx::test {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr gx_rng kRng = {0x123456789abcdefu, (uint64_t(3) << 32) + 17};

template <class T>
constexpr gx_format kFormat = sizeof(T) == 8 ? GX_FLOAT64 : GX_FLOAT32;

template <class T>
struct Mapped {
  std::vector<T> y;
  std::vector<double> log_det;
};
template <class T>
Mapped<T> run(gx_device* device, const gx_dequantise_params& p, const std::vector<T>& x, gx_rng rng = kRng,
              std::vector<double> log_det_in = {}) {
  const Guarded<T> from(x, 1);
  Guarded<T> y(int64_t(x.size()), 3);
  Guarded<double> log_det(p.rows, 1);
  EXPECT_OK(gx_dequantise(device, kFormat<T>, &p, rng, from.data(), log_det_in.empty() ? nullptr : log_det_in.data(),
                          y.data(), log_det.data()));
  return {y.values(), log_det.values()};
}

// Intensities of the levels, 0 to 1.
template <class T>
std::vector<T> pictures(int64_t count, int64_t levels, uint64_t seed) {
  std::vector<T> v;
  Source source(seed);
  for (int64_t i = 0; i < count; ++i) v.push_back(T(float(source.integer(0, levels - 1)) / float(levels - 1)));
  return v;
}

std::vector<double> wide(const std::vector<float>& v) { return std::vector<double>(v.begin(), v.end()); }

float noise_at(int64_t row, int64_t unit) {
  return uniform_of_word(philox_word(philox_stream(kRng.seed, kRng.step, GX_PURPOSE_DEQUANTISE), row, unit));
}

// The noise of level 0 of a power of two of levels is exact: it is the generator's of this purpose, as it comes.
TEST(Dequantise, NoiseIsTheGenerators) {
  Device device(2);
  for (int64_t units : {1, 63, 64, 65, 200, 9000}) {
    const int64_t rows = units > 1000 ? 2 : 3;
    const gx_dequantise_params p = {rows, units, 256, 0, 0, 0, 0};
    const auto floats = run(device, p, std::vector<float>(size_t(rows * units), 0.0f));
    const auto doubles = run(device, p, std::vector<double>(size_t(rows * units), 0.0));
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t i = 0; i < units; ++i) {
        ASSERT_EQ(floats.y[size_t(r * units + i)] * 256, noise_at(r, i));
        ASSERT_EQ(doubles.y[size_t(r * units + i)] * 256, noise_at(r, i));
      }
      EXPECT_EQ(floats.log_det[size_t(r)], 0);
    }
  }
}

TEST(Dequantise, NoiseIsUniformWithinTheLevel) {
  Device device;
  const int64_t rows = quick() ? 20 : 200, units = 784, levels = 256;
  const std::vector<float> x = pictures<float>(rows * units, levels, 3);
  const auto u = run(device, {rows, units, levels, 0, 0, 0, 0}, x);
  std::vector<double> bins(64, 0);
  double sum = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double noise = double(u.y[i]) * double(levels) - std::nearbyint(255 * double(x[i]));
    ASSERT_GE(noise, 0);
    ASSERT_LT(noise, 1);
    ++bins[size_t(noise * 64)];
    sum += noise;
  }
  const double n = double(x.size());
  EXPECT_LT(std::fabs(sum / n - 0.5) * std::sqrt(12 * n), 4.9);
  double chi2 = 0;
  for (double c : bins) chi2 += (c - n / 64) * (c - n / 64) / (n / 64);
  EXPECT_LT(std::fabs(chi2 - 63) / std::sqrt(2.0 * 63), 6.0);
}

// The largest noise of the brightest pixel still is below 1, so that its level comes back and its logit is finite.
TEST(Dequantise, EveryLevelComesBack) {
  Device device;
  const int64_t rows = quick() ? 8 : 200, units = 1000;
  for (int64_t levels : {2, 3, 32, 255, 256, 65536}) {
    SCOPED_TRACE(levels);
    const std::vector<float> x = levels == 65536 ? std::vector<float>(size_t(rows * units), 1.0f)
                                                 : pictures<float>(rows * units, levels, uint64_t(levels));
    auto there = run(device, {rows, units, levels, 0, 0, 0, 0}, x);
    for (float u : there.y) ASSERT_LT(u, 1.0f);
    auto back = run(device, {rows, units, levels, 0, 0, 0, 1}, there.y);
    EXPECT_TRUE(close(back.y, x, {0, 0x1p-23}));
    // Through a logit, but for the noise that rounding takes over the border: of chance 1e-4.
    there = run(device, {rows, units, levels, 1, 0.05, 1, 0}, x);
    for (double log_det : there.log_det) ASSERT_TRUE(std::isfinite(log_det));
    if (levels > 256) continue;
    back = run(device, {rows, units, levels, 1, 0.05, 1, 1}, there.y);
    int64_t moved = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      if (std::fabs(back.y[i] - x[i]) < 1e-6) continue;
      ++moved;
      EXPECT_LT(std::fabs(back.y[i] - x[i]), 1.01 / double(levels - 1));
    }
    EXPECT_LT(double(moved), 1e-3 * double(x.size()) + 1);
  }
}

// Every kind: with levels or not, with a logit of several ranges or not, there and back.
std::vector<gx_dequantise_params> kinds(int64_t rows, int64_t units) {
  std::vector<gx_dequantise_params> all;
  for (int32_t inverse : {0, 1}) {
    for (int64_t levels : {0, 2, 255, 256}) {
      all.push_back({rows, units, levels, 0, 0, 0, inverse});
      all.push_back({rows, units, levels, 1, 0.05, 0.95, inverse});
      all.push_back({rows, units, levels, 1, 0.05, 1, inverse});
      all.push_back({rows, units, levels, 1, 1e-6, 1 - 1e-6, inverse});
    }
  }
  return all;
}
std::string name_of(const gx_dequantise_params& p) {
  return std::to_string(p.rows) + " x " + std::to_string(p.units) + ", " + std::to_string(p.levels) + " levels" +
         (p.logit ? ", logit of " + std::to_string(p.low) + " to " + std::to_string(p.high) : "") +
         (p.inverse ? ", inverse" : "");
}
// Operands of a kind; those of the inverse have no level near a border.
std::vector<float> operands(const gx_dequantise_params& p) {
  const int64_t n = p.rows * p.units;
  if (!p.inverse) return p.levels ? pictures<float>(n, p.levels, 5) : reals(n, 0.001, 0.99, 5);
  std::vector<float> v;
  Source source(6);
  for (int64_t i = 0; i < n; ++i) {
    double u = source.real(0.01, 0.99);
    if (p.levels) {
      u = (double(source.integer(0, p.levels - 1)) + source.real(0.1, 0.9)) / double(p.levels);
    }
    const double q = p.low + (p.high - p.low) * u;
    v.push_back(float(p.logit ? std::log(q / (1 - q)) : u));
  }
  return v;
}

TEST(Dequantise, EveryVariantAgreesWithTheReference) {
  Device device(2);
  int count = 0, ran = 0;
  const DequantiseVariant* variants = dequantise_variants(&count);
  for (int64_t units : edge_sizes(quick() ? 70 : 200)) {
    for (const gx_dequantise_params& p : kinds(2, units)) {
      SCOPED_TRACE(name_of(p));
      const std::vector<float> x = operands(p), dy = reals(2 * units, -2, 2, 1);
      const std::vector<double> in = wide(reals(2, -3, 3, 9)), c = wide(reals(2, -2, 2, 2));
      const auto want = run(device, p, wide(x), kRng, in);
      std::vector<double> dwant(x.size(), 7);
      if (!p.levels) {
        ASSERT_OK(
            gx_dequantise_backward(device, GX_FLOAT64, &p, wide(x).data(), wide(dy).data(), c.data(), dwant.data()));
      }
      const Guarded<float> from(x, 1), slope(dy, 2);
      // An x that is no exact intensity has its rounding to the logit multiplied by 1 / (1 - p).
      const double far = !p.inverse && p.logit && !p.levels ? 1e3 : 1;
      for (int v = 0; v < count; ++v) {
        if (!usable(variants[v].line.isa)) continue;
        ++ran;
        Guarded<float> y(2 * units, 3), dx(2 * units, 1);
        Guarded<double> log_det(in, 1);
        Dequantise<float> a = {};
        a.rows = 2, a.units = units;
        a.map = {p.levels, p.logit != 0,   p.low,
                 p.high,   p.inverse != 0, philox_stream(kRng.seed, kRng.step, GX_PURPOSE_DEQUANTISE)};
        a.x = from.data(), a.y = y.data(), a.log_det_in = a.log_det_out = log_det.data();
        a.dy = slope.data(), a.dlog_det = c.data(), a.dx = dx.data();
        dequantise(variants[v], *static_cast<gx_device*>(device), a);
        EXPECT_TRUE(close(y, want.y, {far * 12 * 0x1p-24, 4 * 0x1p-24, true})) << v;
        EXPECT_TRUE(close(log_det, want.log_det,
                          {far * (p.logit ? double(units) * 60 * 0x1p-24 : 0), p.logit ? 0x1p-22 : 0, true}))
            << v;
        if (p.levels) continue;
        dequantise_backward(variants[v], *static_cast<gx_device*>(device), a);
        EXPECT_TRUE(close(dx, dwant, {2e-5, 1e-3 * (p.high == 1) + 2e-5, true})) << v;
      }
    }
  }
  EXPECT_GE(ran, 1);
}

// Oracle 59.
TEST(Dequantise, LogDetIsThatOfTheJacobian) {
  Device device;
  for (const gx_dequantise_params& p : kinds(1, 5)) {
    if (p.levels) continue;
    SCOPED_TRACE(name_of(p));
    const auto x = wide(operands(p));
    const std::vector<double> slopes = jacobian(
        x, [&](const std::vector<double>& at) { return run(device, p, at).y; }, 1e-6);
    EXPECT_NEAR(run(device, p, x).log_det[0], log_abs_det(slopes, 5), 1e-5);
  }
}

TEST(Dequantise, TheLogitComesBack) {
  Device device;
  for (const gx_dequantise_params& p : kinds(3, 100)) {
    if (p.levels || p.inverse) continue;
    SCOPED_TRACE(name_of(p));
    gx_dequantise_params back = p;
    back.inverse = 1;
    const std::vector<float> x = operands(p);
    const auto there = run(device, p, x);
    const auto again = run(device, back, there.y, kRng, there.log_det);
    EXPECT_TRUE(close(again.y, x, {3e-6, 0}));
    for (double log_det : again.log_det) EXPECT_NEAR(log_det, 0, 1e-3);
    const auto doubles = run(device, back, run(device, p, wide(x)).y);
    EXPECT_TRUE(close(doubles.y, x, {1e-12, 0}));
  }
}

TEST(Dequantise, GradientsAreTheSlopes) {
  Device device;
  for (const gx_dequantise_params& p : kinds(2, 7)) {
    if (p.levels) continue;
    SCOPED_TRACE(name_of(p));
    std::vector<double> x = wide(operands(p));
    const std::vector<double> dy = wide(reals(14, -2, 2, 1)), c = wide(reals(2, -2, 2, 2));
    for (const double* dlog_det : {c.data(), static_cast<const double*>(nullptr)}) {
      Guarded<double> dx(14);
      ASSERT_OK(gx_dequantise_backward(device, GX_FLOAT64, &p, x.data(), dy.data(), dlog_det, dx.data()));
      const auto value = [&] {
        const auto at = run(device, p, x);
        double sum = 0;
        for (size_t i = 0; i < 14; ++i) sum += dy[i] * at.y[i];
        for (size_t r = 0; r < 2 && dlog_det; ++r) sum += c[r] * at.log_det[r];
        return sum;
      };
      EXPECT_TRUE(close(dx, slopes_of(x, value, 1e-6), {1e-5, 1e-5}));
    }
  }
}

TEST(Dequantise, ThreadsChangeNothingAndYMayBeX) {
  Device device(1);
  for (const auto& [rows, units] : {std::pair<int64_t, int64_t>{70, 300}, {3, 20000}}) {
    for (const gx_dequantise_params& p : kinds(rows, units)) {
      if (quick() && p.low > 0.01) continue;
      SCOPED_TRACE(name_of(p));
      const std::vector<float> x = operands(p);
      ASSERT_OK(gx_device_set_threads(device, 1));
      const auto first = run(device, p, x);
      for (int32_t threads : {2, 5}) {
        ASSERT_OK(gx_device_set_threads(device, threads));
        std::vector<float> y = x;
        std::vector<double> log_det(size_t(rows), 0);
        ASSERT_OK(gx_dequantise(device, GX_FLOAT32, &p, kRng, y.data(), log_det.data(), y.data(), log_det.data()));
        EXPECT_TRUE(y == first.y);
        EXPECT_EQ(log_det, first.log_det);
      }
    }
  }
}

// A row gets the same noise in any batch, and other steps get other noise.
TEST(Dequantise, NoiseIsByRowAndUnit) {
  Device device;
  const std::vector<float> x = pictures<float>(4 * 90, 256, 2);
  const gx_dequantise_params p = {4, 90, 256, 1, 0.05, 0.95, 0};
  gx_dequantise_params half = p;
  half.rows = 2;
  const auto all = run(device, p, x), other = run(device, p, x, {kRng.seed, kRng.step + 1});
  const auto some = run(device, half, std::vector<float>(x.begin(), x.begin() + 180));
  EXPECT_TRUE(std::equal(some.y.begin(), some.y.end(), all.y.begin()));
  EXPECT_EQ(some.log_det[1], all.log_det[1]);
  EXPECT_NE(other.y, all.y);
}

TEST(Dequantise, WhatHasNoLogitIsNan) {
  Device device;
  const auto check = [&](auto real) {
    using T = decltype(real);
    for (size_t at : {size_t(0), size_t(39)}) {
      for (T bad : {T(0), T(1), T(-0.5), T(1.5), T(kNan), T(kInf)}) {
        std::vector<T> x(80, T(0.5)), dx(80);
        x[at] = bad;
        const gx_dequantise_params p = {2, 40, 0, 1, 0, 1, 0};
        const auto got = run(device, p, x);
        EXPECT_TRUE(std::isnan(got.y[at])) << bad;
        EXPECT_TRUE(std::isnan(got.log_det[0])) << bad;
        EXPECT_FALSE(std::isnan(got.log_det[1]));
        EXPECT_FALSE(std::isnan(got.y[at == 0 ? 1 : 0]));
        ASSERT_OK(gx_dequantise_backward(device, kFormat<T>, &p, x.data(), got.y.data(), nullptr, dx.data()));
        EXPECT_TRUE(std::isnan(dx[at])) << bad;
      }
      // NaN stays in the other directions, and infinities have a place.
      for (const gx_dequantise_params& p : kinds(2, 40)) {
        SCOPED_TRACE(name_of(p));
        std::vector<T> x(80, T(0.5));
        x[at] = T(kNan);
        auto got = run(device, p, x);
        EXPECT_TRUE(std::isnan(got.y[at]));
        EXPECT_TRUE(std::isnan(got.log_det[0]));
        EXPECT_FALSE(std::isnan(got.log_det[1]));
        if (!p.inverse) continue;
        for (T infinity : {T(kInf), T(-kInf)}) {
          x[at] = infinity;
          got = run(device, p, x);
          EXPECT_FALSE(std::isnan(got.y[at]));
          if (p.levels) {
            EXPECT_EQ(got.y[at], infinity > 0 ? T(1) : T(0));
          }
          if (p.logit) {
            EXPECT_EQ(got.log_det[0], -double(kInf));
          }
        }
      }
    }
  };
  check(float());
  check(double());
}

TEST(Dequantise, NothingIsNothing) {
  Device device;
  EXPECT_TRUE(run(device, {0, 7, 256, 1, 0.05, 0.95, 0}, std::vector<float>()).y.empty());
  const auto rows = run(device, {3, 0, 256, 1, 0.05, 0.95, 0}, std::vector<float>(), kRng, {1, 2, 3});
  EXPECT_EQ(rows.log_det, (std::vector<double>{1, 2, 3}));
}

TEST(Dequantise, Refusals) {
  Device device;
  float v[8] = {}, w[8] = {}, d[8] = {};
  double out[2] = {}, in[2] = {};
  const gx_dequantise_params good = {2, 4, 256, 1, 0.05, 0.95, 0}, smooth = {2, 4, 0, 1, 0.05, 0.95, 0};
  const auto refused = [&](const char* part, gx_dequantise_params p) {
    EXPECT_REFUSED(part, gx_dequantise(device, GX_FLOAT32, &p, kRng, v, in, w, out));
    EXPECT_REFUSED(part, gx_dequantise_backward(device, GX_FLOAT32, &p, v, w, in, d));
  };
  refused("rows must be at least 0, got -1", {-1, 4, 0, 0, 0, 0, 0});
  refused("units must be at least 0, got -4", {2, -4, 0, 0, 0, 0, 0});
  refused("levels that are not 0 must be between 2 and 65536, got 1", {2, 4, 1, 0, 0, 0, 0});
  refused("levels that are not 0 must be between 2 and 65536, got -2", {2, 4, -2, 0, 0, 0, 0});
  refused("levels that are not 0 must be between 2 and 65536, got 65537", {2, 4, 65537, 0, 0, 0, 0});
  refused("low and high must have 0 <= low < high <= 1, got 0.5 and 0.5", {2, 4, 0, 1, 0.5, 0.5, 0});
  refused("low and high must have 0 <= low < high <= 1, got -0.1 and 1", {2, 4, 0, 1, -0.1, 1, 0});
  refused("low and high must have 0 <= low < high <= 1, got 0 and 1.5", {2, 4, 0, 1, 0, 1.5, 0});
  refused("low and high must have 0 <= low < high <= 1", {2, 4, 0, 1, NAN, 1, 0});
  refused("63 bits", {INT64_MAX, 4, 0, 0, 0, 0, 0});
  const auto forward = [&](const char* part, gx_device* on, gx_format f, const gx_dequantise_params* p, gx_rng rng,
                           const void* x, const double* from, void* y,
                           double* to) { EXPECT_REFUSED(part, gx_dequantise(on, f, p, rng, x, from, y, to)); };
  forward("device", nullptr, GX_FLOAT32, &good, kRng, v, in, w, out);
  forward("format", device, GX_BITS, &good, kRng, v, in, w, out);
  forward("params must not be null", device, GX_FLOAT32, nullptr, kRng, v, in, w, out);
  forward("random step", device, GX_FLOAT32, &good, {1, uint64_t(1) << 56}, v, in, w, out);
  forward("x must not be null", device, GX_FLOAT32, &good, kRng, nullptr, in, w, out);
  forward("y must not be null", device, GX_FLOAT32, &good, kRng, v, in, nullptr, out);
  forward("log_det_out must not be null", device, GX_FLOAT32, &good, kRng, v, in, w, nullptr);
  forward("overlap", device, GX_FLOAT32, &good, kRng, v, in, v + 1, out);
  forward("overlap", device, GX_FLOAT32, &good, kRng, v, in, out, out);
  forward("overlap", device, GX_FLOAT32, &good, kRng, v, in, w, in + 1);
  EXPECT_REFUSED("levels must be 0 for a gradient, got 256",
                 gx_dequantise_backward(device, GX_FLOAT32, &good, v, w, in, d));
  EXPECT_REFUSED("overlap", gx_dequantise_backward(device, GX_FLOAT32, &smooth, v, w, in, w));
  EXPECT_REFUSED("dx must not be null", gx_dequantise_backward(device, GX_FLOAT32, &smooth, v, w, in, nullptr));
  EXPECT_REFUSED("dy must not be null", gx_dequantise_backward(device, GX_FLOAT32, &smooth, v, nullptr, in, d));
  EXPECT_REFUSED("device", gx_dequantise_backward(nullptr, GX_FLOAT32, &smooth, v, w, in, d));
  EXPECT_REFUSED("params must not be null", gx_dequantise_backward(device, GX_FLOAT32, nullptr, v, w, in, d));
  // Without noise the generator's state is not looked at.
  EXPECT_OK(gx_dequantise(device, GX_FLOAT32, &smooth, {1, ~uint64_t(0)}, v, in, w, out));
}

}  // namespace
}  // namespace gx::test
