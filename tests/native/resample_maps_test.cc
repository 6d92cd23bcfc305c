// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Up-sampling, sums of windows and padding, there and back: every variant of the sparse maps against the references.

#include <cmath>
#include <functional>

#include "compare.h"
#include "guarded.h"
#include "kernels/resample/pad/pad.h"
#include "kernels/resample/pool/pool.h"
#include "kernels/resample/resize/resize.h"
#include "kernels/resample/separable/separable.h"
#include "support.h"

namespace gx::test {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// A map of planes with its reference, there and back.
struct Map {
  std::string name;
  AxisMap rows, columns;
  int64_t planes, summed, in, out;  // in, out: elements of a plane
  bool exact;                       // on integers
  std::function<void(bool adjoint, const float* from, float* to)> reference;
};

Map resize(gx_resize_kind kind, int64_t h, int64_t w, int64_t height, int64_t width, int64_t planes = 2,
           int64_t summed = 1) {
  gx_resize_params p = {1, planes, {h, w}, {height, width}, summed, kind, 0};
  const bool powers = height % h == 0 && width % w == 0 && 32 % (height / h) == 0 && 32 % (width / w) == 0;
  return {"resize " + std::to_string(kind) + " " + std::to_string(h) + "x" + std::to_string(w) + " to " +
              std::to_string(height) + "x" + std::to_string(width),
          AxisMap::resize(kind, h, height),
          AxisMap::resize(kind, w, width),
          planes,
          summed,
          h * w,
          height * width,
          kind < GX_RESIZE_LINEAR || (kind == GX_RESIZE_LINEAR && powers),
          [p](bool adjoint, const float* from, float* to) {
            gx_resize_params q = p;
            q.adjoint = adjoint;
            reference::resize(q, from, to);
          }};
}

Map pad(gx_padding kind, int64_t h, int64_t w, int64_t top, int64_t bottom, int64_t left, int64_t right) {
  gx_pad_params p = {2, h, w, top, bottom, left, right, kind, 0};
  return {"pad " + std::to_string(kind) + " " + std::to_string(h) + "x" + std::to_string(w),
          AxisMap::pad(kind, h, top, bottom),
          AxisMap::pad(kind, w, left, right),
          2,
          1,
          h * w,
          (top + h + bottom) * (left + w + right),
          true,
          [p](bool adjoint, const float* from, float* to) {
            gx_pad_params q = p;
            q.adjoint = adjoint;
            reference::pad(q, from, to);
          }};
}

Map pool(gx_pooling kind, int64_t h, int64_t w, int64_t k, int64_t stride, int64_t dilation, int64_t padding) {
  PoolShape s = {{1, 2, {h, w}, {k, k}, {stride, stride}, {dilation, dilation}, {padding, padding}, kind, 0}, {0, 0}};
  for (int a = 0; a < 2; ++a) {
    s.out_size[a] = (s.p.in_size[a] + 2 * padding - dilation * (k - 1) - 1) / stride + 1;
  }
  return {"pool " + std::to_string(kind) + " " + std::to_string(h) + "x" + std::to_string(w) + " k" +
              std::to_string(k) + " s" + std::to_string(stride) + " d" + std::to_string(dilation) + " p" +
              std::to_string(padding),
          AxisMap::pool(kind, h, s.out_size[0], k, stride, dilation, padding),
          AxisMap::pool(kind, w, s.out_size[1], k, stride, dilation, padding),
          2,
          1,
          h * w,
          s.out_size[0] * s.out_size[1],
          kind == GX_POOL_SUM || (kind == GX_POOL_AVERAGE && (k == 2 || k == 4)),
          [s](bool adjoint, const float* from, float* to) {
            PoolShape q = s;
            q.p.adjoint = adjoint;
            reference::pool<float>(q, from, to, nullptr);
          }};
}

std::vector<Map> maps() {
  std::vector<Map> all;
  const std::vector<int64_t> widths = quick() ? std::vector<int64_t>{1, 2, 7, 16, 18, 33} : edge_sizes(40);
  for (int64_t w : widths) {
    if (w == 0) continue;
    for (int64_t f : {1, 2, 3, 4}) {
      for (int kind = GX_RESIZE_NEAREST; kind <= GX_RESIZE_LINEAR_ALIGNED; ++kind) {
        all.push_back(resize(gx_resize_kind(kind), 3, w, 3 * f, w * f));
      }
    }
    all.push_back(resize(GX_RESIZE_LINEAR, 3, w, 6, 2 * w, 2, 4));
    all.push_back(resize(GX_RESIZE_LINEAR, 5, w, 3, 2 * w + 1));
    all.push_back(resize(GX_RESIZE_LINEAR, 6, 2 * w, 3, w));
    all.push_back(resize(GX_RESIZE_LINEAR_ALIGNED, 4, w, 7, w + 5, 1, 3));
    all.push_back(pad(GX_PAD_ZERO, 3, w, 2, 0, 1, 3));
    all.push_back(pad(GX_PAD_ZERO, 2, w, 0, 0, 0, 0));
    all.push_back(pad(GX_PAD_REFLECT, 3, w, 2, 1, std::min<int64_t>(w - 1, 4), std::min<int64_t>(w - 1, 2)));
    for (gx_pooling kind : {GX_POOL_SUM, GX_POOL_AVERAGE, GX_POOL_AVERAGE_INSIDE}) {
      all.push_back(pool(kind, 4, w + 1, 2, 2, 1, 0));
      all.push_back(pool(kind, 5, w + 2, 3, 1, 1, 1));
      all.push_back(pool(kind, 5, w + 2, 3, 2, 1, 1));
      all.push_back(pool(kind, 7, w + 6, 3, 3, 2, 2));
      all.push_back(pool(kind, 6, w + 5, 4, 1, 1, 0));
    }
  }
  all.push_back(resize(GX_RESIZE_NEAREST, 1, 1, 70, 70));
  all.push_back(resize(GX_RESIZE_LINEAR, 1, 1, 5, 70));
  all.push_back(resize(GX_RESIZE_LINEAR_ALIGNED, 9, 9, 1, 1));
  all.push_back(pool(GX_POOL_AVERAGE, 40, 40, 40, 1, 1, 0));
  return all;
}

// y of a variant, all at once or row by row.
void run(const SeparableVariant& variant, const Map& map, bool adjoint, bool streamed, int64_t band, const float* from,
         float* to) {
  const AxisMap rows = adjoint ? map.rows.transposed() : map.rows;
  const AxisMap columns = adjoint ? map.columns.transposed() : map.columns;
  const Separable s = {rows.taps(), columns.taps(), map.planes, adjoint ? 1 : map.summed, adjoint ? map.summed : 1,
                       streamed};
  const Guarded<char> scratch(separable_scratch(s));
  for (int64_t p = 0; p < map.planes; ++p) {
    for (int64_t r = 0; r < s.rows.out; r += band) {
      variant.run(s, p, r, std::min(s.rows.out, r + band), from, to, const_cast<char*>(scratch.data()));
    }
  }
}

template <class Body>
void each_variant(Body&& body) {
  int count = 0, ran = 0;
  const SeparableVariant* variants = separable_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    body(variants[v]);
  }
  EXPECT_GE(ran, 1);
}

TEST(ResampleMaps, EveryVariantAgreesWithTheReferences) {
  const std::vector<Map> all = maps();
  each_variant([&](const SeparableVariant& variant) {
    for (const Map& map : all) {
      SCOPED_TRACE(map.name);
      for (bool adjoint : {false, true}) {
        const int64_t x = map.planes * map.summed * map.in, y = map.planes * map.out;
        const int64_t n = adjoint ? y : x, m = adjoint ? x : y;
        const Guarded<float> whole(integers(n, -8, 8, 1), 1), real(reals(n, -2, 2, 2), 3);
        for (const auto* from : {&whole, &real}) {
          std::vector<float> want(static_cast<size_t>(m));
          map.reference(adjoint, from->data(), want.data());
          Guarded<float> got(m, 1);
          run(variant, map, adjoint, false, from == &whole ? 1000 : 2, from->data(), got.data());
          // A weight is rounded once, as are each product and sum: the longest sums here have 64 terms below 2.
          const double eps = from == &whole && map.exact ? 0 : 0x1p-24 * 4 * 8;
          EXPECT_TRUE(close(got, want, {4 * eps, eps, true})) << (adjoint ? "adjoint" : "forward");
        }
      }
    }
  });
}

TEST(ResampleMaps, StreamedStoresAreTheSame) {
  each_variant([](const SeparableVariant& variant) {
    for (const Map& map : {resize(GX_RESIZE_LINEAR, 4, 16, 8, 32), resize(GX_RESIZE_NEAREST, 4, 16, 8, 32),
                           resize(GX_RESIZE_LINEAR, 4, 16, 8, 32, 2, 4), pool(GX_POOL_SUM, 8, 32, 2, 2, 1, 0)}) {
      for (bool adjoint : {false, true}) {
        const int64_t x = map.planes * map.summed * map.in, y = map.planes * map.out;
        const Guarded<float> from(reals(adjoint ? y : x, -2, 2, 2));
        Guarded<float> stored(adjoint ? x : y), streamed(adjoint ? x : y);
        run(variant, map, adjoint, false, 3, from.data(), stored.data());
        run(variant, map, adjoint, true, 3, from.data(), streamed.data());
        EXPECT_EQ(stored.values(), streamed.values()) << map.name;
      }
    }
  });
}

TEST(ResampleMaps, RhythmsAreFound) {
  const AxisMap doubled = AxisMap::resize(GX_RESIZE_LINEAR, 32, 64);
  const AxisTaps there = doubled.taps();
  EXPECT_EQ(there.period, 2);
  EXPECT_EQ(there.step, 1);
  EXPECT_EQ(there.repeats, 31);
  const AxisMap transposed = doubled.transposed();
  const AxisTaps back = transposed.taps();
  EXPECT_EQ(back.period, 1);
  EXPECT_EQ(back.step, 2);
  EXPECT_EQ(back.repeats, 30);
  const AxisMap pooled = AxisMap::pool(GX_POOL_AVERAGE, 32, 16, 2, 2, 1, 0);
  EXPECT_EQ(pooled.taps().repeats, 16);
  const AxisMap thirds = AxisMap::resize(GX_RESIZE_LINEAR, 40, 120);
  EXPECT_GE(thirds.taps().repeats, 38);
}

// The numbers of torch's documentation of Upsample, and of the EE-559 lecture on F.interpolate.
TEST(Resize, GivesTheDocumentedNumbers) {
  Device device(1);
  const float x[4] = {1, 2, 3, 4};
  std::vector<float> y(16);
  gx_resize_params p = {1, 1, {2, 2}, {4, 4}, 1, GX_RESIZE_NEAREST, 0};
  ASSERT_OK(gx_resize(device, GX_FLOAT32, &p, x, y.data()));
  EXPECT_EQ(y, (std::vector<float>{1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4}));
  p.kind = GX_RESIZE_UPPER_LEFT;
  ASSERT_OK(gx_resize(device, GX_FLOAT32, &p, x, y.data()));
  EXPECT_EQ(y, (std::vector<float>{1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0}));
  p.kind = GX_RESIZE_LINEAR;
  ASSERT_OK(gx_resize(device, GX_FLOAT32, &p, x, y.data()));
  EXPECT_EQ(y, (std::vector<float>{1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4}));
  p.kind = GX_RESIZE_LINEAR_ALIGNED;
  ASSERT_OK(gx_resize(device, GX_FLOAT32, &p, x, y.data()));
  const std::vector<double> aligned = {1,      1.3333, 1.6667, 2,      1.6667, 2,      2.3333, 2.6667,
                                       2.3333, 2.6667, 3,      3.3333, 3,      3.3333, 3.6667, 4};
  EXPECT_TRUE(close(y, aligned, {5e-5, 0}));

  p = {1, 1, {2, 2}, {6, 6}, 1, GX_RESIZE_LINEAR, 0};
  y.resize(36);
  ASSERT_OK(gx_resize(device, GX_FLOAT32, &p, x, y.data()));
  const std::vector<double> row = {1, 1, 1.3333, 1.6667, 2, 2}, down = {0, 0, 0.6667, 1.3333, 2, 2};
  for (size_t i = 0; i < 36; ++i) EXPECT_NEAR(y[i], row[i % 6] + down[i / 6], 1e-4);
}

// Bilinear additive up-sampling of a constant c gives 4 c (oracle 67).
TEST(Resize, AddsChannels) {
  Device device(1);
  const gx_resize_params p = {2, 3, {5, 7}, {10, 14}, 4, GX_RESIZE_LINEAR, 0};
  const std::vector<float> x(2 * 12 * 35, 1.5f);
  std::vector<float> y(2 * 3 * 140);
  ASSERT_OK(gx_resize(device, GX_FLOAT32, &p, x.data(), y.data()));
  EXPECT_EQ(y, std::vector<float>(y.size(), 6.0f));
}

TEST(Pad, GivesTheDocumentedNumbers) {
  Device device(1);
  const float x[9] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
  std::vector<float> y(49);
  gx_pad_params p = {1, 3, 3, 2, 2, 2, 2, GX_PAD_REFLECT, 0};
  ASSERT_OK(gx_pad(device, GX_FLOAT32, &p, x, y.data()));
  EXPECT_EQ(y, (std::vector<float>{8, 7, 6, 7, 8, 7, 6, 5, 4, 3, 4, 5, 4, 3, 2, 1, 0, 1, 2, 1, 0, 5, 4, 3, 4,
                                   5, 4, 3, 8, 7, 6, 7, 8, 7, 6, 5, 4, 3, 4, 5, 4, 3, 2, 1, 0, 1, 2, 1, 0}));
  y.resize(25);
  p = {1, 3, 3, 2, 0, 1, 1, GX_PAD_ZERO, 0};
  ASSERT_OK(gx_pad(device, GX_FLOAT32, &p, x, y.data()));
  EXPECT_EQ(y, (std::vector<float>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 5, 0, 0, 6, 7, 8, 0}));
}

// What a call does is what its variant does, for any number of threads, in both formats and back again.
TEST(ResampleMaps, CallsAreAdjointAndTheSameForAnyNumberOfThreads) {
  const int64_t n = 70;
  const std::vector<float> x = reals(n * 3 * 9 * 11, -1, 1, 1);
  const std::vector<double> wide(x.begin(), x.end());
  const gx_resize_params up = {n, 3, {9, 11}, {18, 25}, 1, GX_RESIZE_LINEAR, 0};
  const gx_pool_params sums = {n, 3, {9, 11}, {3, 2}, {2, 1}, {1, 2}, {1, 0}, GX_POOL_AVERAGE_INSIDE, 0};
  const gx_pad_params edges = {n * 3, 9, 11, 1, 2, 3, 4, GX_PAD_REFLECT, 0};
  const auto call = [&](gx_device* device, int op, gx_format format, bool adjoint, const void* from, void* to) {
    gx_resize_params r = up;
    gx_pool_params s = sums;
    gx_pad_params p = edges;
    r.adjoint = s.adjoint = p.adjoint = adjoint;
    return op == 0   ? gx_resize(device, format, &r, from, to)
           : op == 1 ? gx_pool(device, format, &s, from, to, nullptr)
                     : gx_pad(device, format, &p, from, to);
  };
  const int64_t outs[3] = {18 * 25, 5 * 9, 12 * 18};
  for (int op = 0; op < 3; ++op) {
    SCOPED_TRACE(op);
    const std::vector<float> dy = reals(n * 3 * outs[op], -1, 1, 2);
    const std::vector<double> wide_dy(dy.begin(), dy.end());
    std::vector<float> first, first_back;
    std::vector<double> exact(dy.size()), exact_back(x.size());
    for (int32_t threads : thread_counts()) {
      Device device(threads);
      std::vector<float> y(dy.size()), dx(x.size());
      ASSERT_OK(call(device, op, GX_FLOAT32, false, x.data(), y.data()));
      ASSERT_OK(call(device, op, GX_FLOAT32, true, dy.data(), dx.data()));
      if (threads > 1) {
        EXPECT_EQ(y, first);
        EXPECT_EQ(dx, first_back);
        continue;
      }
      first = y, first_back = dx;
      ASSERT_OK(call(device, op, GX_FLOAT64, false, wide.data(), exact.data()));
      ASSERT_OK(call(device, op, GX_FLOAT64, true, wide_dy.data(), exact_back.data()));
      EXPECT_TRUE(close(y, exact, {1e-6, 1e-6}));
      EXPECT_TRUE(close(dx, exact_back, {1e-6, 1e-6}));
      double forward = 0, back = 0, narrow = 0, narrow_back = 0;
      for (size_t i = 0; i < dy.size(); ++i) forward += exact[i] * wide_dy[i], narrow += double(y[i]) * dy[i];
      for (size_t i = 0; i < x.size(); ++i) back += exact_back[i] * wide[i], narrow_back += double(dx[i]) * x[i];
      EXPECT_NEAR(forward, back, 1e-9 * std::sqrt(double(dy.size())));
      EXPECT_NEAR(narrow, narrow_back, 1e-6 * std::sqrt(double(dy.size())));
    }
  }
}

TEST(ResampleMaps, LargeResultsGoPastTheCaches) {
  if (quick()) return;
  Device device(2);
  const gx_resize_params p = {1, 33, {128, 128}, {256, 256}, 1, GX_RESIZE_NEAREST, 0};
  const std::vector<float> x = reals(33 * 128 * 128, -1, 1, 1);
  Guarded<float> y(33 * 256 * 256);
  ASSERT_OK(gx_resize(device, GX_FLOAT32, &p, x.data(), y.data()));
  for (int64_t i = 0; i < y.size(); ++i)
    ASSERT_EQ(y[i], x[size_t(i / 65536 * 16384 + i / 512 % 128 * 128 + i / 2 % 128)]);
}

// NaN and infinities reach only what they are a part of.
TEST(ResampleMaps, CarriesNan) {
  Device device(1);
  std::vector<float> x(8, 1.0f), y(16);
  x[3] = kNan;
  gx_resize_params p = {1, 1, {1, 8}, {1, 16}, 1, GX_RESIZE_LINEAR, 0};
  ASSERT_OK(gx_resize(device, GX_FLOAT32, &p, x.data(), y.data()));
  for (size_t i = 0; i < 16; ++i) EXPECT_EQ(std::isnan(y[i]), i >= 5 && i <= 8) << i;
  p.out_size[1] = 24;  // the middle one of three is the pixel itself
  y.resize(24);
  ASSERT_OK(gx_resize(device, GX_FLOAT32, &p, x.data(), y.data()));
  for (size_t i = 0; i < 24; ++i) EXPECT_EQ(std::isnan(y[i]), i >= 8 && i <= 12) << i;
  x[3] = INFINITY;
  ASSERT_OK(gx_resize(device, GX_FLOAT32, &p, x.data(), y.data()));
  for (size_t i = 0; i < 24; ++i) EXPECT_EQ(std::isinf(y[i]), i >= 8 && i <= 12) << i;
  gx_pool_params s = {1, 1, {1, 8}, {1, 2}, {1, 2}, {1, 1}, {0, 0}, GX_POOL_SUM, 0};
  y.resize(4);
  ASSERT_OK(gx_pool(device, GX_FLOAT32, &s, x.data(), y.data(), nullptr));
  EXPECT_EQ(y, (std::vector<float>{2, INFINITY, 2, 2}));
}

TEST(ResampleMaps, NothingOfNothing) {
  Device device(1);
  const gx_resize_params r = {0, 3, {2, 2}, {4, 4}, 1, GX_RESIZE_LINEAR, 0};
  const gx_pad_params p = {0, 2, 2, 1, 1, 1, 1, GX_PAD_ZERO, 0};
  const gx_pool_params s = {2, 0, {4, 4}, {2, 2}, {2, 2}, {1, 1}, {0, 0}, GX_POOL_SUM, 0};
  EXPECT_OK(gx_resize(device, GX_FLOAT32, &r, nullptr, nullptr));
  EXPECT_OK(gx_pad(device, GX_FLOAT32, &p, nullptr, nullptr));
  EXPECT_OK(gx_pool(device, GX_FLOAT32, &s, nullptr, nullptr, nullptr));
}

TEST(Resize, RefusesWhatItCannotDo) {
  Device device(1);
  float x[64] = {}, y[64] = {};
  const gx_resize_params good = {1, 2, {2, 2}, {4, 4}, 1, GX_RESIZE_NEAREST, 0};
  const auto refuse = [&](const char* part, auto change) {
    gx_resize_params p = good;
    change(p);
    EXPECT_REFUSED(part, gx_resize(device, GX_FLOAT32, &p, x, y));
  };
  EXPECT_OK(gx_resize(device, GX_FLOAT32, &good, x, y));
  EXPECT_REFUSED("device", gx_resize(nullptr, GX_FLOAT32, &good, x, y));
  EXPECT_REFUSED("params", gx_resize(device, GX_FLOAT32, nullptr, x, y));
  EXPECT_REFUSED("format", gx_resize(device, GX_BITS, &good, x, y));
  EXPECT_REFUSED("from", gx_resize(device, GX_FLOAT32, &good, nullptr, y));
  EXPECT_REFUSED("to", gx_resize(device, GX_FLOAT32, &good, x, nullptr));
  EXPECT_REFUSED("overlap", gx_resize(device, GX_FLOAT32, &good, x, x + 7));
  refuse("batch", [](auto& p) { p.batch = -1; });
  refuse("channels", [](auto& p) { p.channels = -1; });
  refuse("summed must be in [1, 2^30], got 0", [](auto& p) { p.summed = 0; });
  refuse("in_size must be in", [](auto& p) { p.in_size[0] = 0; });
  refuse("out_size must be in", [](auto& p) { p.out_size[1] = 0; });
  refuse("multiple of in_size, got 5 of 2", [](auto& p) { p.out_size[1] = 5; });
  refuse("the kind", [](auto& p) { p.kind = gx_resize_kind(4); });
  refuse("the size of x", [](auto& p) { p.batch = int64_t(1) << 62; });
}

TEST(Pad, RefusesWhatItCannotDo) {
  Device device(1);
  float x[64] = {}, y[64] = {};
  const gx_pad_params good = {1, 3, 3, 2, 2, 2, 2, GX_PAD_REFLECT, 0};
  const auto refuse = [&](const char* part, auto change) {
    gx_pad_params p = good;
    change(p);
    EXPECT_REFUSED(part, gx_pad(device, GX_FLOAT32, &p, x, y));
  };
  EXPECT_OK(gx_pad(device, GX_FLOAT32, &good, x, y));
  EXPECT_REFUSED("device", gx_pad(nullptr, GX_FLOAT32, &good, x, y));
  EXPECT_REFUSED("params", gx_pad(device, GX_FLOAT32, nullptr, x, y));
  EXPECT_REFUSED("format", gx_pad(device, GX_BITS, &good, x, y));
  EXPECT_REFUSED("from", gx_pad(device, GX_FLOAT32, &good, nullptr, y));
  EXPECT_REFUSED("to", gx_pad(device, GX_FLOAT32, &good, x, nullptr));
  EXPECT_REFUSED("overlap", gx_pad(device, GX_FLOAT32, &good, x, x + 8));
  refuse("planes", [](auto& p) { p.planes = -1; });
  refuse("height", [](auto& p) { p.height = 0; });
  refuse("width", [](auto& p) { p.width = 0; });
  refuse("the kind", [](auto& p) { p.kind = gx_padding(2); });
  refuse("at least 0, got -1", [](auto& p) { p.left = -1; });
  refuse("below the height of 3, got 3", [](auto& p) { p.bottom = 3; });
  refuse("below the width of 3, got 3", [](auto& p) { p.right = 3; });
  refuse("at most 2^30", [](auto& p) { p.kind = GX_PAD_ZERO, p.right = (int64_t(1) << 30) + 1; });
  refuse("a padded size", [](auto& p) { p.kind = GX_PAD_ZERO, p.right = int64_t(1) << 30; });
}

}  // namespace
}  // namespace gx::test
