// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The greatest element of windows, and its inverse by indices. Sums of windows: resample_maps_test.cc.

#include <array>
#include <cmath>

#include "compare.h"
#include "guarded.h"
#include "kernels/resample/pool/pool.h"
#include "kernels/resample/unpool/unpool.h"
#include "support.h"

namespace gx::test {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

PoolShape shape(int64_t h, int64_t w, int64_t k, int64_t l, int64_t stride, int64_t dilation, int64_t pad_h,
                int64_t pad_w) {
  PoolShape s = {{1, 2, {h, w}, {k, l}, {stride, stride}, {dilation, dilation}, {pad_h, pad_w}, GX_POOL_MAX, 0}, {}};
  for (int a = 0; a < 2; ++a) {
    s.out_size[a] = (s.p.in_size[a] + 2 * s.p.padding[a] - dilation * (s.p.kernel[a] - 1) - 1) / stride + 1;
  }
  return s;
}

std::vector<PoolShape> shapes() {
  std::vector<PoolShape> all;
  for (int64_t w : quick() ? std::vector<int64_t>{1, 7, 33} : edge_sizes(70)) {
    if (w == 0) continue;
    all.push_back(shape(4, w + 1, 2, 2, 2, 1, 0, 0));
    all.push_back(shape(5, w + 1, 2, 2, 2, 1, 1, 1));
    all.push_back(shape(5, w + 2, 3, 3, 1, 1, 1, 1));
    all.push_back(shape(5, w + 2, 3, 3, 2, 1, 1, 1));
    all.push_back(shape(7, w + 4, 1, 5, 3, 1, 0, 2));
    all.push_back(shape(7, w + 6, 3, 4, 1, 2, 2, 1));
    all.push_back(shape(1, w, 2, 2, 1, 3, 2, 2));  // some windows have no element
  }
  return all;
}

TEST(MaxPool, EveryVariantAgreesWithTheReference) {
  int count = 0, ran = 0;
  const MaxPoolVariant* variants = max_pool_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    for (const PoolShape& s : shapes()) {
      const int64_t in = s.p.in_size[0] * s.p.in_size[1], out = s.out_size[0] * s.out_size[1];
      SCOPED_TRACE(std::to_string(s.p.in_size[1]) + " wide, kernel " + std::to_string(s.p.kernel[1]) + ", stride " +
                   std::to_string(s.p.stride[0]));
      std::vector<float> values = integers(in, -3, 3, 1);  // ties
      Source source(5);
      for (float& x : values) {
        const int64_t kind = source.integer(0, 15);
        if (kind == 0) x = kNan;
        if (kind == 1) x = -INFINITY;
      }
      const Guarded<float> x(values, 1);
      Guarded<float> y(out, 1), index(out, 3), alone(out, 1);
      PoolShape one = s;
      one.p.channels = 1;
      std::vector<float> want(static_cast<size_t>(out)), want_index(static_cast<size_t>(out));
      reference::pool(one, x.data(), want.data(), want_index.data());
      variants[v].run(s, x.data(), 0, s.out_size[0] / 2, y.data(), index.data());
      variants[v].run(s, x.data(), s.out_size[0] / 2, s.out_size[0], y.data(), index.data());
      ASSERT_TRUE(close(y, want, {0, 0, true}));
      ASSERT_TRUE(close(index, want_index, {0, 0, true}));
      variants[v].run(s, x.data(), 0, s.out_size[0], alone.data(), nullptr);
      ASSERT_TRUE(close(alone, want, {0, 0, true}));
    }
  }
  EXPECT_GE(ran, 1);
}

TEST(MaxPool, TakesTheFirstOfEqualOnesAndAnyNan) {
  Device device(1);
  const gx_pool_params p = {1, 1, {2, 6}, {2, 2}, {2, 2}, {1, 1}, {0, 0}, GX_POOL_MAX, 0};
  const float x[12] = {3, 3, 1, kNan, -INFINITY, -INFINITY, 3, 3, kNan, 9, -INFINITY, -INFINITY};
  std::vector<float> y(3), index(3);
  ASSERT_OK(gx_pool(device, GX_FLOAT32, &p, x, y.data(), index.data()));
  EXPECT_TRUE(close(y, std::vector<float>{3, kNan, -INFINITY}));
  EXPECT_EQ(index, (std::vector<float>{0, 3, 4}));
}

// unpool(maxpool) puts each maximum at its place (oracle 67); the numbers are those of torch's documentation.
TEST(Unpool, PutsEachMaximumAtItsPlace) {
  Device device(1);
  std::vector<float> x(16), y(4), index(4), back(16);
  for (size_t i = 0; i < 16; ++i) x[i] = float(i + 1);
  const gx_pool_params p = {1, 1, {4, 4}, {2, 2}, {2, 2}, {1, 1}, {0, 0}, GX_POOL_MAX, 0};
  ASSERT_OK(gx_pool(device, GX_FLOAT32, &p, x.data(), y.data(), index.data()));
  EXPECT_EQ(y, (std::vector<float>{6, 8, 14, 16}));
  EXPECT_EQ(index, (std::vector<float>{5, 7, 13, 15}));
  gx_unpool_params u = {1, 4, 16, 0};
  ASSERT_OK(gx_unpool(device, GX_FLOAT32, &u, y.data(), index.data(), back.data()));
  EXPECT_EQ(back, (std::vector<float>{0, 0, 0, 0, 0, 6, 0, 8, 0, 0, 0, 0, 0, 14, 0, 16}));
  u.adjoint = 1;
  std::vector<float> again(4);
  ASSERT_OK(gx_unpool(device, GX_FLOAT32, &u, back.data(), index.data(), again.data()));
  EXPECT_EQ(again, y);
}

template <class T>
void expect_like_the_reference(gx_device* device, gx_format format) {
  for (const auto& [planes, in, out] : std::vector<std::array<int64_t, 3>>{{1, 1, 1}, {5, 30, 20}, {70, 9, 400}}) {
    std::vector<float> numbers = integers(planes * in, 0, out - 1, 3);
    const std::vector<float> odd = {-1, float(out), kNan, INFINITY, -INFINITY, 0.5f, 1e30f};
    for (size_t i = 0; i < odd.size() && int64_t(i) < planes * in - 1; ++i) numbers[i + 1] = odd[i];
    const Guarded<T> index(std::vector<T>(numbers.begin(), numbers.end()), 1);
    for (int32_t adjoint : {0, 1}) {
      const gx_unpool_params p = {planes, in, out, adjoint};
      const auto values = integers(planes * (adjoint ? out : in), 1, 9, 4);
      const Guarded<T> from(std::vector<T>(values.begin(), values.end()), 1);
      Guarded<T> to(planes * (adjoint ? in : out), 1);
      std::vector<T> want(size_t(to.size()));
      reference::unpool(p, from.data(), index.data(), want.data());
      ASSERT_OK(gx_unpool(device, format, &p, from.data(), index.data(), to.data()));
      EXPECT_TRUE(close(to, want));
    }
  }
}

TEST(Unpool, AgreesWithTheReferenceWhateverTheIndices) {
  for (int32_t threads : thread_counts()) {
    Device device(threads);
    expect_like_the_reference<float>(device, GX_FLOAT32);
    expect_like_the_reference<double>(device, GX_FLOAT64);
  }
}

TEST(MaxPool, CallsAreTheSameForAnyNumberOfThreads) {
  const gx_pool_params p = {40, 3, {20, 30}, {3, 3}, {2, 2}, {1, 1}, {1, 1}, GX_POOL_MAX, 0};
  const PoolShape s = {p, {10, 15}};
  const std::vector<float> x = integers(40 * 3 * 600, -5, 5, 1);
  const std::vector<double> wide(x.begin(), x.end());
  std::vector<float> want(40 * 3 * 150), want_index(want.size());
  std::vector<double> exact(want.size()), exact_index(want.size());
  reference::pool(s, x.data(), want.data(), want_index.data());
  for (int32_t threads : thread_counts()) {
    Device device(threads);
    std::vector<float> y(want.size()), index(want.size());
    ASSERT_OK(gx_pool(device, GX_FLOAT32, &p, x.data(), y.data(), index.data()));
    EXPECT_EQ(y, want);
    EXPECT_EQ(index, want_index);
    ASSERT_OK(gx_pool(device, GX_FLOAT64, &p, wide.data(), exact.data(), exact_index.data()));
    EXPECT_TRUE(close(exact, want));
    EXPECT_TRUE(close(exact_index, want_index));
  }
}

// torch's documentation of AvgPool1d; the average over what is there.
TEST(Pool, GivesTheDocumentedNumbers) {
  Device device(1);
  const float x[7] = {1, 2, 3, 4, 5, 6, 7};
  std::vector<float> y(3);
  gx_pool_params p = {1, 1, {1, 7}, {1, 3}, {1, 2}, {1, 1}, {0, 0}, GX_POOL_AVERAGE, 0};
  ASSERT_OK(gx_pool(device, GX_FLOAT32, &p, x, y.data(), nullptr));
  EXPECT_TRUE(close(y, std::vector<double>{2, 4, 6}, {0, 2e-7}));
  p.padding[1] = 1;
  y.resize(4);
  ASSERT_OK(gx_pool(device, GX_FLOAT32, &p, x, y.data(), nullptr));
  EXPECT_TRUE(close(y, std::vector<double>{1, 3, 5, 13.0 / 3}, {0, 2e-7}));
  p.kind = GX_POOL_AVERAGE_INSIDE;
  ASSERT_OK(gx_pool(device, GX_FLOAT32, &p, x, y.data(), nullptr));
  EXPECT_TRUE(close(y, std::vector<double>{1.5, 3, 5, 6.5}, {0, 2e-7}));
}

TEST(Pool, RefusesWhatItCannotDo) {
  Device device(1);
  float x[64] = {}, y[64] = {}, index[64] = {};
  const gx_pool_params good = {1, 2, {4, 4}, {2, 2}, {2, 2}, {1, 1}, {0, 0}, GX_POOL_MAX, 0};
  const auto refuse = [&](const char* part, auto change) {
    gx_pool_params p = good;
    change(p);
    EXPECT_REFUSED(part, gx_pool(device, GX_FLOAT32, &p, x, y, index));
  };
  EXPECT_OK(gx_pool(device, GX_FLOAT32, &good, x, y, index));
  EXPECT_REFUSED("device", gx_pool(nullptr, GX_FLOAT32, &good, x, y, index));
  EXPECT_REFUSED("params", gx_pool(device, GX_FLOAT32, nullptr, x, y, index));
  EXPECT_REFUSED("format", gx_pool(device, GX_BITS, &good, x, y, index));
  EXPECT_REFUSED("from", gx_pool(device, GX_FLOAT32, &good, nullptr, y, index));
  EXPECT_REFUSED("to", gx_pool(device, GX_FLOAT32, &good, x, nullptr, index));
  EXPECT_REFUSED("overlap", gx_pool(device, GX_FLOAT32, &good, x, x + 31, index));
  EXPECT_REFUSED("overlap", gx_pool(device, GX_FLOAT32, &good, x, y, y + 7));
  EXPECT_REFUSED("overlap", gx_pool(device, GX_FLOAT32, &good, x, y, x));
  refuse("batch", [](auto& p) { p.batch = -1; });
  refuse("channels", [](auto& p) { p.channels = -1; });
  refuse("the kind", [](auto& p) { p.kind = gx_pooling(4); });
  refuse("in_size", [](auto& p) { p.in_size[0] = 0; });
  refuse("kernel", [](auto& p) { p.kernel[0] = 0; });
  refuse("stride", [](auto& p) { p.stride[1] = 0; });
  refuse("dilation", [](auto& p) { p.dilation[1] = 0; });
  refuse("padding must be at least 0", [](auto& p) { p.padding[1] = -1; });
  refuse("at most half of the 2 pixels a window reaches over, got 2", [](auto& p) { p.padding[1] = 2; });
  refuse("at most 4 pixels, got 5", [](auto& p) { p.kernel[1] = 5; });
  refuse("by sums or averages", [](auto& p) { p.adjoint = 1; });
  refuse("index must be null", [](auto& p) { p.kind = GX_POOL_SUM; });
  refuse("2^24", [](auto& p) { p.in_size[0] = 1 << 13, p.in_size[1] = 1 << 12; });
  refuse("the size of x", [](auto& p) { p.batch = int64_t(1) << 62; });
}

TEST(Unpool, RefusesWhatItCannotDo) {
  Device device(1);
  float x[64] = {}, y[64] = {}, index[64] = {};
  const gx_unpool_params good = {2, 4, 16, 0};
  const auto refuse = [&](const char* part, auto change) {
    gx_unpool_params p = good;
    change(p);
    EXPECT_REFUSED(part, gx_unpool(device, GX_FLOAT32, &p, x, index, y));
  };
  EXPECT_OK(gx_unpool(device, GX_FLOAT32, &good, x, index, y));
  EXPECT_REFUSED("device", gx_unpool(nullptr, GX_FLOAT32, &good, x, index, y));
  EXPECT_REFUSED("params", gx_unpool(device, GX_FLOAT32, nullptr, x, index, y));
  EXPECT_REFUSED("format", gx_unpool(device, GX_BITS, &good, x, index, y));
  EXPECT_REFUSED("from", gx_unpool(device, GX_FLOAT32, &good, nullptr, index, y));
  EXPECT_REFUSED("index", gx_unpool(device, GX_FLOAT32, &good, x, nullptr, y));
  EXPECT_REFUSED("to", gx_unpool(device, GX_FLOAT32, &good, x, index, nullptr));
  EXPECT_REFUSED("overlap", gx_unpool(device, GX_FLOAT32, &good, x, index, x + 7));
  EXPECT_REFUSED("overlap", gx_unpool(device, GX_FLOAT32, &good, x, y + 31, y));
  refuse("planes", [](auto& p) { p.planes = -1; });
  refuse("in_pixels", [](auto& p) { p.in_pixels = -1; });
  refuse("out_pixels", [](auto& p) { p.out_pixels = -1; });
  const gx_unpool_params large = {0, 4, (1 << 24) + 1, 0};
  EXPECT_REFUSED("2^24", gx_unpool(device, GX_FLOAT32, &large, x, index, y));
  const gx_unpool_params none = {0, 4, 16, 0}, empty = {2, 0, 16, 0};
  EXPECT_OK(gx_unpool(device, GX_FLOAT32, &none, nullptr, nullptr, nullptr));
  y[3] = 1;
  EXPECT_OK(gx_unpool(device, GX_FLOAT32, &empty, nullptr, nullptr, y));
  EXPECT_EQ(y[3], 0);
}

}  // namespace
}  // namespace gx::test
