// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The base log-densities and their gradients.

#include <cmath>
#include <limits>

#include "compare.h"
#include "guarded.h"
#include "jacobian.h"
#include "kernels/coupling/base_log_density/base_log_density.h"
#include "runtime/device.h"
#include "support.h"

namespace gx::test {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr gx_base kBases[] = {GX_BASE_GAUSSIAN, GX_BASE_LOGISTIC};

std::vector<double> wide(const std::vector<float>& v) { return std::vector<double>(v.begin(), v.end()); }

double density(gx_device* device, gx_base base, double z) {
  double out = NAN;
  EXPECT_OK(gx_base_log_density(device, GX_FLOAT64, 1, 1, 1, base, &z, nullptr, &out));
  return std::exp(out);
}

TEST(BaseLogDensity, IsTheLogOfADensity) {
  Device device;
  for (double z : {-2.5, -0.3, 0.0, 1.0, 4.0}) {
    EXPECT_NEAR(density(device, GX_BASE_GAUSSIAN, z), std::exp(-z * z / 2) / std::sqrt(8 * std::atan(1.0)), 1e-15);
    const double s = 1 / (1 + std::exp(-z));
    EXPECT_NEAR(density(device, GX_BASE_LOGISTIC, z), s * (1 - s), 1e-15);
  }
  for (gx_base base : kBases) {
    double integral = 0;
    for (int i = -4000; i <= 4000; ++i) integral += 0.01 * density(device, base, 0.01 * i);
    EXPECT_NEAR(integral, 1, 1e-9);
  }
}

TEST(BaseLogDensity, EveryVariantAgreesWithTheReference) {
  Device device(2);
  int count = 0, ran = 0;
  const BaseLogDensityVariant* variants = base_log_density_variants(&count);
  for (gx_base base : kBases) {
    for (int64_t units : edge_sizes(quick() ? 70 : 200)) {
      for (int64_t stride : {units, units + 1, 2 * units + 5}) {
        SCOPED_TRACE(std::to_string(units) + " units of " + std::to_string(stride));
        const int64_t rows = 3, extent = units > 0 ? (rows - 1) * stride + units : 0;
        std::vector<float> z = reals(extent, -5, 5, 1);
        for (size_t i = 0; i < z.size(); ++i) {
          if (int64_t(i) % stride >= units) z[i] = std::numeric_limits<float>::quiet_NaN();  // what is not read
        }
        const std::vector<double> in = wide(reals(rows, -9, 9, 2)), dout = wide(reals(rows, -2, 2, 3));
        std::vector<double> want(size_t(rows), 7), dwant(size_t(rows * units), 7);
        ASSERT_OK(
            gx_base_log_density(device, GX_FLOAT64, rows, units, stride, base, wide(z).data(), in.data(), want.data()));
        ASSERT_OK(gx_base_log_density_backward(device, GX_FLOAT64, rows, units, stride, base, wide(z).data(),
                                               dout.data(), dwant.data()));
        const Guarded<float> from(z, 1);
        for (int v = 0; v < count; ++v) {
          if (!usable(variants[v].line.isa)) continue;
          ++ran;
          Guarded<double> got(in, 1);
          Guarded<float> dgot(rows * units, 3);
          BaseLogDensity<float> a = {};
          a.rows = rows, a.units = units, a.stride = stride, a.base = base, a.z = from.data();
          a.in = a.out = got.data(), a.dout = dout.data(), a.dz = dgot.data();
          base_log_density(variants[v], *static_cast<gx_device*>(device), a);
          EXPECT_TRUE(close(got, want, {1e-13 + double(units) * 8 * 0x1p-24, 1e-13})) << v;
          base_log_density_backward(variants[v], *static_cast<gx_device*>(device), a);
          EXPECT_TRUE(close(dgot, dwant, {0x1p-24, 6 * 0x1p-24, true})) << v;
        }
      }
    }
  }
  EXPECT_GE(ran, 1);
}

TEST(BaseLogDensity, GradientsAreTheSlopes) {
  Device device;
  for (gx_base base : kBases) {
    std::vector<double> z = wide(reals(15, -3, 3, 1)), out(2);
    const std::vector<double> dout = {0.7, -1.3};
    std::vector<double> dz(10, 7), want;
    ASSERT_OK(gx_base_log_density_backward(device, GX_FLOAT64, 2, 5, 8, base, z.data(), dout.data(), dz.data()));
    const std::vector<double> slopes = slopes_of(z, [&] {
      EXPECT_OK(gx_base_log_density(device, GX_FLOAT64, 2, 5, 8, base, z.data(), nullptr, out.data()));
      return dout[0] * out[0] + dout[1] * out[1];
    });
    for (size_t i : {0, 1, 2, 3, 4, 8, 9, 10, 11, 12}) want.push_back(slopes[i]);
    EXPECT_TRUE(close(dz, want, {1e-8, 1e-7}));
  }
}

TEST(BaseLogDensity, ThreadsChangeNothing) {
  Device device(1);
  for (gx_base base : kBases) {
    for (const auto& [rows, units] : {std::pair<int64_t, int64_t>{300, 97}, {3, 50000}}) {
      const std::vector<float> z = reals(rows * units, -5, 5, 1);
      const std::vector<double> dout = wide(reals(rows, -1, 1, 2));
      std::vector<double> first(size_t(rows), 7);
      std::vector<float> dfirst(z.size(), 7);
      for (int32_t threads : {1, 2, 5}) {
        ASSERT_OK(gx_device_set_threads(device, threads));
        std::vector<double> out(size_t(rows), 7);
        std::vector<float> dz(z.size(), 7);
        ASSERT_OK(gx_base_log_density(device, GX_FLOAT32, rows, units, units, base, z.data(), nullptr, out.data()));
        ASSERT_OK(gx_base_log_density_backward(device, GX_FLOAT32, rows, units, units, base, z.data(), dout.data(),
                                               dz.data()));
        if (threads == 1) first = out, dfirst = dz;
        EXPECT_EQ(out, first);
        EXPECT_TRUE(dz == dfirst);
      }
    }
  }
}

TEST(BaseLogDensity, ExtremesKeepTheirMeaning) {
  Device device;
  const auto check = [&](auto real, gx_format format) {
    using T = decltype(real);
    for (gx_base base : kBases) {
      for (size_t at : {size_t(0), size_t(36)}) {
        std::vector<T> z(74, T(0.5)), dz(74);
        std::vector<double> out(2), plain(2);
        const std::vector<double> dout = {1, 1};
        const auto run = [&] {
          EXPECT_OK(gx_base_log_density(device, format, 2, 37, 37, base, z.data(), nullptr, out.data()));
          EXPECT_OK(gx_base_log_density_backward(device, format, 2, 37, 37, base, z.data(), dout.data(), dz.data()));
        };
        run();
        plain = out;
        z[at] = T(NAN);
        run();
        EXPECT_TRUE(std::isnan(out[0]) && std::isnan(dz[at]));
        EXPECT_EQ(out[1], plain[1]);
        z[at] = T(-kInf);
        run();
        EXPECT_EQ(out[0], -kInf);
        EXPECT_EQ(dz[at], base == GX_BASE_LOGISTIC ? T(1) : T(kInf));
        z[at] = T(1e30);
        run();
        const double want = base == GX_BASE_LOGISTIC ? -1e30 : -0.5e60;
        EXPECT_NEAR(out[0], want, 1e-6 * std::fabs(want));
      }
    }
  };
  check(float(), GX_FLOAT32);
  check(double(), GX_FLOAT64);
}

TEST(BaseLogDensity, Refusals) {
  Device device;
  float z[12] = {}, d[12] = {};
  double in[3] = {}, out[3] = {};
  const auto refused = [&](const char* part, int64_t rows, int64_t units, int64_t stride, gx_base base) {
    EXPECT_REFUSED(part, gx_base_log_density(device, GX_FLOAT32, rows, units, stride, base, z, in, out));
    EXPECT_REFUSED(part, gx_base_log_density_backward(device, GX_FLOAT32, rows, units, stride, base, z, in, d));
  };
  refused("rows must be at least 0, got -1", -1, 4, 4, GX_BASE_GAUSSIAN);
  refused("units must be at least 0, got -4", 3, -4, 4, GX_BASE_GAUSSIAN);
  refused("stride must be at least 4, got 3", 3, 4, 3, GX_BASE_GAUSSIAN);
  refused("63 bits", 3, 4, INT64_MAX / 2, GX_BASE_GAUSSIAN);
  refused("got 0", 3, 4, 4, GX_BASE_NONE);
  refused("the base must be GX_BASE_GAUSSIAN (1) or GX_BASE_LOGISTIC (2), got 3", 3, 4, 4, gx_base(3));
  const auto forward = [&](const char* part, gx_device* on, gx_format f, const void* x, const double* from,
                           double* to) {
    EXPECT_REFUSED(part, gx_base_log_density(on, f, 3, 4, 4, GX_BASE_GAUSSIAN, x, from, to));
  };
  forward("device", nullptr, GX_FLOAT32, z, in, out);
  forward("format", device, GX_BITS, z, in, out);
  forward("z must not be null", device, GX_FLOAT32, nullptr, in, out);
  forward("out must not be null", device, GX_FLOAT32, z, in, nullptr);
  forward("overlap", device, GX_FLOAT32, out, in, out);
  const auto backward = [&](const char* part, gx_device* on, const void* x, const double* slope, void* to) {
    EXPECT_REFUSED(part, gx_base_log_density_backward(on, GX_FLOAT32, 3, 4, 4, GX_BASE_GAUSSIAN, x, slope, to));
  };
  backward("device", nullptr, z, in, d);
  backward("z must not be null", device, nullptr, in, d);
  backward("dout must not be null", device, z, nullptr, d);
  backward("dz must not be null", device, z, in, nullptr);
  backward("overlap", device, z, in, z);
  EXPECT_OK(gx_base_log_density(device, GX_FLOAT32, 0, 4, 4, GX_BASE_GAUSSIAN, nullptr, nullptr, nullptr));
}

}  // namespace
}  // namespace gx::test
