// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The scaling of channels: map, log-determinant, base density and gradients.

#include <cmath>
#include <limits>

#include "compare.h"
#include "guarded.h"
#include "jacobian.h"
#include "kernels/coupling/channel_affine/channel_affine.h"
#include "runtime/device.h"
#include "support.h"

namespace gx::test {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

template <class T>
constexpr gx_format kFormat = sizeof(T) == 8 ? GX_FLOAT64 : GX_FLOAT32;

// Operands, results and gradients of one call.
template <class T>
struct Scaling {
  gx_channel_affine_params p;
  std::vector<T> x, log_scale, shift, y, dy, dx, dlog_scale, dshift;
  std::vector<double> log_det_in, log_det, dlog_det;

  explicit Scaling(const gx_channel_affine_params& params) : p(params) {
    const int64_t size = p.examples * p.channels * p.spatial;
    const auto take = [](int64_t n, double low, double high, uint64_t seed) {
      const std::vector<float> v = reals(n, low, high, seed);
      return std::vector<T>(v.begin(), v.end());
    };
    x = take(size, -3, 3, 1), dy = take(size, -2, 2, 2);
    log_scale = take(p.channels, -1.5, 1.5, 3), shift = take(p.channels, -2, 2, 4);
    const std::vector<float> in = reals(p.examples, -9, 9, 5), c = reals(p.examples, -1.5, 1.5, 6);
    log_det_in.assign(in.begin(), in.end()), dlog_det.assign(c.begin(), c.end());
    y = dx = std::vector<T>(size_t(size), T(7));
    dlog_scale = dshift = std::vector<T>(size_t(p.channels), T(7));
    log_det = std::vector<double>(size_t(p.examples), 7);
  }
  void forward(gx_device* device) {
    EXPECT_OK(gx_channel_affine(device, kFormat<T>, &p, x.data(), log_scale.data(), shift.data(), log_det_in.data(),
                                y.data(), log_det.data()));
  }
  void backward(gx_device* device) {
    EXPECT_OK(gx_channel_affine_backward(device, kFormat<T>, &p, x.data(), log_scale.data(), shift.data(), dy.data(),
                                         dlog_det.data(), dx.data(), dlog_scale.data(), dshift.data()));
  }
};

struct Direction {
  int32_t inverse;
  gx_base base;
};
const Direction kDirections[] = {{0, GX_BASE_NONE}, {0, GX_BASE_GAUSSIAN}, {0, GX_BASE_LOGISTIC}, {1, GX_BASE_NONE}};

std::string name_of(const gx_channel_affine_params& p) {
  return std::to_string(p.examples) + " x " + std::to_string(p.channels) + " x " + std::to_string(p.spatial) +
         (p.inverse ? ", inverse" : ", base ") + (p.inverse ? "" : std::to_string(p.base));
}

TEST(ChannelAffine, IsTheEquation) {
  Device device;
  Scaling<double> s({2, 3, 4, 0, GX_BASE_GAUSSIAN});
  s.forward(device);
  for (size_t n = 0; n < 2; ++n) {
    double want = s.log_det_in[n];
    for (size_t c = 0; c < 3; ++c) {
      for (size_t i = 0; i < 4; ++i) {
        const size_t at = (n * 3 + c) * 4 + i;
        const double y = s.x[at] * std::exp(s.log_scale[c]) + s.shift[c];
        EXPECT_DOUBLE_EQ(s.y[at], y);
        want += s.log_scale[c] - 0.5 * (y * y + std::log(8 * std::atan(1.0)));
      }
    }
    EXPECT_NEAR(s.log_det[n], want, 1e-12 * std::fabs(want));
  }
}

// Oracle 58, of a diagonal map.
TEST(ChannelAffine, LogDetIsThatOfTheJacobian) {
  Device device;
  for (int32_t inverse : {0, 1}) {
    for (const auto& [channels, spatial] : {std::pair<int64_t, int64_t>{6, 1}, {2, 4}, {1, 5}}) {
      Scaling<double> s({1, channels, spatial, inverse, GX_BASE_NONE});
      const double before = s.log_det_in[0];
      s.forward(device);
      const double log_det = s.log_det[0] - before;
      const std::vector<double> slopes = jacobian(s.x, [&](const std::vector<double>& x) {
        Scaling<double> at = s;
        at.x = x;
        at.forward(device);
        return at.y;
      });
      EXPECT_NEAR(log_det, log_abs_det(slopes, s.x.size()), 1e-8);
    }
  }
}

TEST(ChannelAffine, TheInverseTakesItBack) {
  Device device;
  const auto both = [&](auto real) {
    using T = decltype(real);
    for (const auto& [channels, spatial] : {std::pair<int64_t, int64_t>{784, 1}, {3, 100}, {5, 7}}) {
      Scaling<T> there({3, channels, spatial, 0, GX_BASE_NONE}), back({3, channels, spatial, 1, GX_BASE_NONE});
      there.forward(device);
      back.x = there.y, back.log_det_in = there.log_det;
      back.forward(device);
      const double epsilon = sizeof(T) == 8 ? 0x1p-52 : 0x1p-23;
      EXPECT_TRUE(close(back.y, there.x, {40 * epsilon, 8 * epsilon}));
      EXPECT_TRUE(close(back.log_det, there.log_det_in, {1e-9, 1e-12}));
    }
  };
  both(float());
  both(double());
}

std::vector<gx_channel_affine_params> shapes() {
  std::vector<gx_channel_affine_params> all;
  for (const Direction& d : kDirections) {
    for (int64_t n : edge_sizes(quick() ? 20 : 140)) {
      all.push_back({3, n, 1, d.inverse, d.base});
      all.push_back({2, 2, n, d.inverse, d.base});
    }
    all.push_back({70, 33, 1, d.inverse, d.base});
    all.push_back({5, 7, 9, d.inverse, d.base});
    all.push_back({0, 3, 4, d.inverse, d.base});
    all.push_back({2, 0, 4, d.inverse, d.base});
    all.push_back({1, 1, 300, d.inverse, d.base});
  }
  return all;
}

TEST(ChannelAffine, EveryVariantAgreesWithTheReference) {
  Device device(2);
  int count = 0, ran = 0;
  const ChannelAffineVariant* variants = channel_affine_variants(&count);
  for (const gx_channel_affine_params& p : shapes()) {
    SCOPED_TRACE(name_of(p));
    Scaling<double> want(p);
    want.forward(device);
    want.backward(device);
    const Scaling<float> in(p);
    const Guarded<float> x(in.x, 1), l(in.log_scale, 3), b(in.shift, 1), dy(in.dy, 2);
    for (int v = 0; v < count; ++v) {
      if (!usable(variants[v].line.isa)) continue;
      ++ran;
      Guarded<float> y(p.examples * p.channels * p.spatial, 3), dx(y.size(), 1), dl(p.channels, 1), db(p.channels, 1);
      Guarded<double> log_det(in.log_det_in, 1);
      ChannelAffine<float> a = {};
      a.examples = p.examples, a.channels = p.channels, a.spatial = p.spatial;
      a.inverse = p.inverse != 0, a.base = p.base;
      a.x = x.data(), a.log_scale = l.data(), a.shift = b.data(), a.log_det_in = log_det.data();
      a.y = y.data(), a.log_det_out = log_det.data();
      a.dy = dy.data(), a.dlog_det = in.dlog_det.data();
      a.dx = dx.data(), a.dlog_scale = dl.data(), a.dshift = db.data();
      channel_affine(variants[v], *static_cast<gx_device*>(device), a);
      EXPECT_TRUE(close(y, want.y, {30 * 0x1p-24, 4 * 0x1p-24, true})) << v;
      // A term of size up to 100 has a slope of up to 16 by y, which is rounded.
      const double terms = double(p.channels * p.spatial);
      EXPECT_TRUE(close(log_det, want.log_det, {1e-12 + (p.base ? terms * 300 * 0x1p-24 : 0), 1e-13, true})) << v;
      channel_affine_backward(variants[v], *static_cast<gx_device*>(device), a);
      EXPECT_TRUE(close(dx, want.dx, {300 * 0x1p-24, 6 * 0x1p-24, true})) << v;
      const double sums = double(p.examples * p.spatial);
      EXPECT_TRUE(close(dl, want.dlog_scale, {2000 * 0x1p-24 * sums, 4 * 0x1p-24, true})) << v;
      EXPECT_TRUE(close(db, want.dshift, {300 * 0x1p-24 * sums, 4 * 0x1p-24, true})) << v;
    }
  }
  EXPECT_GE(ran, 1);
}

TEST(ChannelAffine, SumsOfIntegersAreExact) {
  Device device;
  for (const auto& [channels, spatial] : {std::pair<int64_t, int64_t>{77, 1}, {3, 333}, {4, 9}}) {
    for (int32_t inverse : {0, 1}) {
      Scaling<float> s({50, channels, spatial, inverse, GX_BASE_NONE});
      s.x = integers(int64_t(s.x.size()), -9, 9, 1), s.dy = integers(int64_t(s.x.size()), -9, 9, 2);
      s.log_scale.assign(s.log_scale.size(), 0), s.shift = integers(channels, -5, 5, 3);
      s.dlog_det.assign(s.dlog_det.size(), 0.25);
      Scaling<double> want(s.p);
      want.x.assign(s.x.begin(), s.x.end()), want.dy.assign(s.dy.begin(), s.dy.end());
      want.log_scale.assign(s.log_scale.begin(), s.log_scale.end()), want.shift.assign(s.shift.begin(), s.shift.end());
      want.dlog_det = s.dlog_det;
      s.forward(device), want.forward(device);
      s.backward(device), want.backward(device);
      EXPECT_TRUE(close(s.y, want.y));
      EXPECT_EQ(s.log_det, s.log_det_in);
      EXPECT_TRUE(close(s.dx, want.dx));
      EXPECT_TRUE(close(s.dlog_scale, want.dlog_scale));
      EXPECT_TRUE(close(s.dshift, want.dshift));
    }
  }
}

// The fused density is that of the entry on its own, and log-determinants gather.
TEST(ChannelAffine, TheBaseIsAddedToTheLogDet) {
  Device device;
  for (gx_base base : {GX_BASE_GAUSSIAN, GX_BASE_LOGISTIC}) {
    Scaling<float> fused({4, 5, 30, 0, base}), plain({4, 5, 30, 0, GX_BASE_NONE});
    fused.forward(device);
    plain.forward(device);
    EXPECT_EQ(fused.y, plain.y);
    ASSERT_OK(gx_base_log_density(device, GX_FLOAT32, 4, 150, 150, base, plain.y.data(), plain.log_det.data(),
                                  plain.log_det.data()));
    EXPECT_TRUE(close(fused.log_det, plain.log_det, {1e-4, 1e-7}));
  }
}

TEST(ChannelAffine, GradientsAreTheSlopes) {
  Device device;
  for (const Direction& d : kDirections) {
    for (const auto& [channels, spatial] : {std::pair<int64_t, int64_t>{5, 1}, {2, 3}}) {
      Scaling<double> s({3, channels, spatial, d.inverse, d.base});
      SCOPED_TRACE(name_of(s.p));
      s.backward(device);
      const auto value = [&] {
        s.forward(device);
        double sum = 0;
        for (size_t i = 0; i < s.y.size(); ++i) sum += s.dy[i] * s.y[i];
        for (size_t n = 0; n < s.log_det.size(); ++n) sum += s.dlog_det[n] * s.log_det[n];
        return sum;
      };
      EXPECT_TRUE(close(s.dx, slopes_of(s.x, value), {1e-7, 1e-6}));
      EXPECT_TRUE(close(s.dlog_scale, slopes_of(s.log_scale, value), {1e-7, 1e-6}));
      EXPECT_TRUE(close(s.dshift, slopes_of(s.shift, value), {1e-7, 1e-6}));
    }
  }
}

TEST(ChannelAffine, OperandsMayBeLeftOut) {
  Device device;
  for (const Direction& d : kDirections) {
    const gx_channel_affine_params p = {3, 2, 40, d.inverse, d.base};
    Scaling<float> zeros(p), without(p);
    zeros.log_scale.assign(2, 0.0f), zeros.shift.assign(2, 0.0f);
    zeros.log_det_in.assign(3, 0.0), zeros.dlog_det.assign(3, 0.0);
    zeros.forward(device);
    zeros.backward(device);
    ASSERT_OK(gx_channel_affine(device, GX_FLOAT32, &p, without.x.data(), nullptr, nullptr, nullptr, without.y.data(),
                                without.log_det.data()));
    EXPECT_EQ(without.y, zeros.y);
    EXPECT_EQ(without.log_det, zeros.log_det);
    // Gradients, the wanted one of three, of a call that leaves everything else out.
    for (int wanted = 0; wanted < 4; ++wanted) {
      std::vector<float> g(zeros.x.size(), 7.0f);
      ASSERT_OK(gx_channel_affine_backward(device, GX_FLOAT32, &p, without.x.data(), nullptr, nullptr,
                                           without.dy.data(), nullptr, wanted == 0 ? g.data() : nullptr,
                                           wanted == 1 ? g.data() : nullptr, wanted == 2 ? g.data() : nullptr));
      const std::vector<float>& want = wanted == 0 ? zeros.dx : wanted == 1 ? zeros.dlog_scale : zeros.dshift;
      if (wanted < 3) {
        EXPECT_TRUE(close(g.data(), want.data(), int64_t(want.size())));
      }
    }
    // In place.
    Scaling<float> apart(p), together(p);
    apart.forward(device), apart.backward(device);
    ASSERT_OK(gx_channel_affine_backward(device, GX_FLOAT32, &p, together.x.data(), together.log_scale.data(),
                                         together.shift.data(), together.dy.data(), together.dlog_det.data(),
                                         together.dy.data(), nullptr, nullptr));
    EXPECT_EQ(together.dy, apart.dx);
    ASSERT_OK(gx_channel_affine(device, GX_FLOAT32, &p, together.x.data(), together.log_scale.data(),
                                together.shift.data(), together.log_det_in.data(), together.x.data(),
                                together.log_det_in.data()));
    EXPECT_EQ(together.x, apart.y);
    EXPECT_EQ(together.log_det_in, apart.log_det);
  }
}

TEST(ChannelAffine, ThreadsChangeNothing) {
  Device device(1);
  for (const Direction& d : kDirections) {
    for (const auto& [examples, channels, spatial] :
         {std::tuple<int64_t, int64_t, int64_t>{300, 97, 1}, {7, 3, 2500}, {2, 40000, 1}, {1, 2, 70000}}) {
      Scaling<float> first({examples, channels, spatial, d.inverse, d.base});
      SCOPED_TRACE(name_of(first.p));
      ASSERT_OK(gx_device_set_threads(device, 1));
      first.forward(device), first.backward(device);
      for (int32_t threads : {2, 5}) {
        ASSERT_OK(gx_device_set_threads(device, threads));
        Scaling<float> again(first.p);
        again.forward(device), again.backward(device);
        EXPECT_EQ(again.y, first.y);
        EXPECT_EQ(again.log_det, first.log_det);
        EXPECT_EQ(again.dx, first.dx);
        EXPECT_EQ(again.dlog_scale, first.dlog_scale);
        EXPECT_EQ(again.dshift, first.dshift);
      }
      if (quick()) break;
    }
  }
}

// More than the caches hold, where stores go past them.
TEST(ChannelAffine, LargeArraysAreTheSame) {
  if (quick()) GTEST_SKIP() << "an emulator takes too long";
  Device device;
  for (const auto& [channels, spatial] : {std::pair<int64_t, int64_t>{2048, 1}, {2, 1024}}) {
    Scaling<float> s({2100, channels, spatial, 0, GX_BASE_NONE}), in_place = s;
    s.forward(device);
    ASSERT_OK(gx_channel_affine(device, GX_FLOAT32, &s.p, in_place.x.data(), s.log_scale.data(), s.shift.data(),
                                s.log_det_in.data(), in_place.x.data(), in_place.log_det.data()));
    EXPECT_TRUE(in_place.x == s.y);
    EXPECT_EQ(in_place.log_det, s.log_det);
  }
}

// The rule of coupling.h: 126 log 2 is the greatest log-scale of floats, 1022 log 2 of doubles.
TEST(ChannelAffine, ScalesThatCannotBeTakenBackAreNan) {
  Device device;
  const auto check = [&](auto real, double most) {
    using T = decltype(real);
    for (const auto& [channels, spatial] : {std::pair<int64_t, int64_t>{19, 1}, {2, 70}}) {
      for (int32_t inverse : {0, 1}) {
        for (double l :
             {most * 0.99, -most * 0.99, most * 1.01, -most * 1.01, 1e30, double(kInf), -double(kInf), double(kNan)}) {
          Scaling<T> s({2, channels, spatial, inverse, GX_BASE_NONE});
          s.log_scale[1] = T(l);
          s.forward(device), s.backward(device);
          const bool good = std::fabs(l) < most;
          for (size_t n = 0; n < 2; ++n) EXPECT_EQ(std::isnan(s.log_det[n]), !good) << l;
          for (size_t i = 0; i < s.x.size(); ++i) {
            const bool bad = !good && int64_t(i) / spatial % channels == 1;
            EXPECT_EQ(std::isnan(s.y[i]), bad) << l;
            EXPECT_EQ(std::isnan(s.dx[i]), bad) << l;
          }
          EXPECT_EQ(std::isnan(s.dlog_scale[1]), !good) << l;
          EXPECT_FALSE(std::isnan(s.dlog_scale[0]));
        }
      }
    }
  };
  check(float(), 126 * std::log(2.0));
  check(double(), 1022 * std::log(2.0));
}

TEST(ChannelAffine, NanMarksItsExampleAndInfinityIsKept) {
  Device device;
  const auto check = [&](auto real) {
    using T = decltype(real);
    for (const Direction& d : kDirections) {
      for (const auto& [channels, spatial] : {std::pair<int64_t, int64_t>{19, 1}, {2, 70}}) {
        for (size_t at : {size_t(0), size_t(channels * spatial - 1)}) {
          Scaling<T> s({3, channels, spatial, d.inverse, d.base}), wild = s;
          SCOPED_TRACE(name_of(s.p));
          s.forward(device);
          wild.x[size_t(channels * spatial) + at] = T(kNan);
          wild.x[at] = T(-kInf);
          wild.forward(device);
          EXPECT_TRUE(std::isnan(wild.log_det[1]));
          EXPECT_TRUE(std::isnan(wild.y[size_t(channels * spatial) + at]));
          EXPECT_EQ(wild.y[at], T(-kInf));
          EXPECT_EQ(wild.log_det[0], d.base ? -double(kInf) : s.log_det[0]);
          EXPECT_EQ(wild.log_det[2], s.log_det[2]);
        }
      }
    }
    // A NaN shift marks all.
    Scaling<T> s({2, 3, 1, 0, GX_BASE_NONE});
    s.shift[1] = T(kNan);
    s.forward(device);
    EXPECT_TRUE(std::isnan(s.log_det[0]) && std::isnan(s.log_det[1]) && std::isnan(s.y[1]) && !std::isnan(s.y[0]));
  };
  check(float());
  check(double());
}

// Squares of y are no floats here, but the log-density is a double.
TEST(ChannelAffine, LargeNumbersKeepTheirDensity) {
  Device device;
  Scaling<float> s({1, 3, 1, 0, GX_BASE_GAUSSIAN});
  s.x = {1e25f, 2, 3}, s.log_scale = {0, 0, 0}, s.shift = {0, 0, 0};
  s.forward(device);
  EXPECT_NEAR(s.log_det[0], -0.5e50, 1e44);
}

TEST(ChannelAffine, Refusals) {
  Device device;
  float v[12] = {}, w[12] = {}, g[12] = {}, l[3] = {}, b[3] = {};
  double in[2] = {}, out[2] = {};
  const gx_channel_affine_params good = {2, 3, 2, 0, GX_BASE_NONE};
  const auto refused = [&](const char* part, gx_channel_affine_params p) {
    EXPECT_REFUSED(part, gx_channel_affine(device, GX_FLOAT32, &p, v, l, b, in, w, out));
    EXPECT_REFUSED(part, gx_channel_affine_backward(device, GX_FLOAT32, &p, v, l, b, w, in, g, nullptr, nullptr));
  };
  refused("examples must be at least 0, got -1", {-1, 3, 2, 0, GX_BASE_NONE});
  refused("channels must be at least 0, got -3", {2, -3, 2, 0, GX_BASE_NONE});
  refused("spatial must be at least 0, got -2", {2, 3, -2, 0, GX_BASE_NONE});
  refused("63 bits", {INT64_MAX, 3, 2, 0, GX_BASE_NONE});
  refused("the base must be between 0 and 2, got 3", {2, 3, 2, 0, gx_base(3)});
  refused("the base of the inverse must be GX_BASE_NONE (0), got 1", {2, 3, 2, 1, GX_BASE_GAUSSIAN});
  const auto forward = [&](const char* part, gx_device* d, gx_format f, const gx_channel_affine_params* p,
                           const void* x, const void* scale, const void* shift, const double* from, void* y,
                           double* to) {
    EXPECT_REFUSED(part, gx_channel_affine(d, f, p, x, scale, shift, from, y, to));
  };
  forward("device", nullptr, GX_FLOAT32, &good, v, l, b, in, w, out);
  forward("format", device, GX_BITS, &good, v, l, b, in, w, out);
  forward("params must not be null", device, GX_FLOAT32, nullptr, v, l, b, in, w, out);
  forward("x must not be null", device, GX_FLOAT32, &good, nullptr, l, b, in, w, out);
  forward("y must not be null", device, GX_FLOAT32, &good, v, l, b, in, nullptr, out);
  forward("log_det_out must not be null", device, GX_FLOAT32, &good, v, l, b, in, w, nullptr);
  forward("overlap", device, GX_FLOAT32, &good, v, v, b, in, v, out);
  forward("overlap", device, GX_FLOAT32, &good, v, l, w + 5, in, w, out);
  forward("overlap", device, GX_FLOAT32, &good, w + 1, l, b, in, w, out);
  forward("overlap", device, GX_FLOAT32, &good, v, l, b, in, out, out);
  forward("overlap", device, GX_FLOAT32, &good, out, l, b, in, w, out);
  forward("aligned", device, GX_FLOAT32, &good, reinterpret_cast<char*>(v) + 2, l, b, in, w, out);
  const auto backward = [&](const char* part, const void* x, const void* dy, const double* c, void* dx, void* dl,
                            void* db) {
    EXPECT_REFUSED(part, gx_channel_affine_backward(device, GX_FLOAT32, &good, x, l, b, dy, c, dx, dl, db));
  };
  backward("x must not be null", nullptr, w, in, g, nullptr, nullptr);
  backward("dy must not be null", v, nullptr, in, g, nullptr, nullptr);
  backward("overlap", v, w, in, v, nullptr, nullptr);
  backward("overlap", v, w, in, w + 1, nullptr, nullptr);
  backward("overlap", v, w, in, g, l, nullptr);
  backward("overlap", v, w, in, g, g, nullptr);
  backward("overlap", v, w, in, g, out, out);
  EXPECT_REFUSED("device", gx_channel_affine_backward(nullptr, GX_FLOAT32, &good, v, l, b, w, in, g, nullptr, nullptr));
  EXPECT_REFUSED("params",
                 gx_channel_affine_backward(device, GX_FLOAT32, nullptr, v, l, b, w, in, g, nullptr, nullptr));
  EXPECT_REFUSED("format", gx_channel_affine_backward(device, GX_BITS, &good, v, l, b, w, in, g, nullptr, nullptr));
}

}  // namespace
}  // namespace gx::test
