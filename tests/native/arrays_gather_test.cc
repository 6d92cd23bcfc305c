// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Rows at given indices, the adjoint, and one-hot rows.

#include <algorithm>
#include <cmath>

#include "compare.h"
#include "guarded.h"
#include "kernels/arrays/gather/gather.h"
#include "support.h"

namespace gx::test {
namespace {

std::vector<int64_t> indices(int64_t count, int64_t size, uint64_t seed) {
  Source source(seed);
  std::vector<int64_t> index(static_cast<size_t>(count));
  for (int64_t& i : index) i = source.integer(0, size - 1);
  return index;
}

struct Shape {
  int64_t outer, size, inner, count;
};
const Shape kShapes[] = {{1, 1, 1, 1},    {1, 10, 7, 30},    {3, 5, 1, 9},     {2, 4, 2, 3},      {70, 100, 1, 100},
                         {1, 50, 300, 8}, {4, 20, 17, 2000}, {1, 3, 9000, 11}, {1, 2000, 16, 50}, {5, 4, 3, 0}};

template <class T>
void expect_like_the_reference(gx_device* device, gx_format format) {
  for (const Shape& s : kShapes) {
    const std::vector<int64_t> index = indices(s.count, s.size, uint64_t(s.inner));
    const auto whole = integers(s.outer * s.size * s.inner, -9, 9, 1),
               taken = integers(s.outer * s.count * s.inner, -9, 9, 2);
    const Guarded<T> x(std::vector<T>(whole.begin(), whole.end()), 1),
        dy(std::vector<T>(taken.begin(), taken.end()), 1);
    Guarded<T> y(dy.size(), 1), dx(x.size(), 1);
    std::vector<T> want_y(size_t(y.size())), want_dx(size_t(dx.size()));
    reference::gather(s.outer, s.size, s.inner, s.count, x.data(), index.data(), want_y.data());
    ASSERT_OK(gx_gather(device, format, s.outer, s.size, s.inner, s.count, x.data(), index.data(), y.data()));
    EXPECT_TRUE(close(y, want_y, {0, 0, true}));
    reference::gather_backward(s.outer, s.size, s.inner, s.count, dy.data(), index.data(), want_dx.data());
    ASSERT_OK(
        gx_gather_backward(device, format, s.outer, s.size, s.inner, s.count, dy.data(), index.data(), dx.data()));
    EXPECT_TRUE(close(dx, want_dx, {0, 0, true}));
  }
}

TEST(Gather, TakesRowsAndItsAdjointAddsThem) {
  for (int32_t threads : thread_counts()) {
    Device device(threads);
    expect_like_the_reference<float>(device, GX_FLOAT32);
    expect_like_the_reference<double>(device, GX_FLOAT64);
  }
}

TEST(Gather, SumsInDoubleAndTheSameForAnyNumberOfThreads) {
  const int64_t size = 3, inner = 100, count = 3000;
  const std::vector<int64_t> index = indices(count, size, 9);
  const std::vector<float> dy = reals(count * inner, -1, 1, 4);
  std::vector<float> want(size_t(size * inner)), got(want.size());
  reference::gather_backward(1, size, inner, count, dy.data(), index.data(), want.data());
  for (int32_t threads : thread_counts()) {
    Device device(threads);
    ASSERT_OK(gx_gather_backward(device, GX_FLOAT32, 1, size, inner, count, dy.data(), index.data(), got.data()));
    EXPECT_EQ(got, want);  // the same sums in the same order
  }
}

TEST(Gather, CarriesNan) {
  Device device(1);
  const float x[4] = {1, std::nanf(""), 3, 4}, dy[3] = {std::nanf(""), 1, 2};
  const int64_t index[3] = {1, 1, 3};
  float y[3], dx[4];
  ASSERT_OK(gx_gather(device, GX_FLOAT32, 1, 4, 1, 3, x, index, y));
  EXPECT_TRUE(std::isnan(y[0]) && std::isnan(y[1]) && y[2] == 4);
  ASSERT_OK(gx_gather_backward(device, GX_FLOAT32, 1, 4, 1, 3, dy, index, dx));
  EXPECT_TRUE(dx[0] == 0 && std::isnan(dx[1]) && dx[2] == 0 && dx[3] == 2);
}

TEST(Gather, RefusesBadArguments) {
  Device device(1);
  Guarded<float> x(12), y(6);
  std::fill(y.begin(), y.end(), 5.0f);
  std::fill(x.begin(), x.end(), 6.0f);
  const int64_t good[2] = {1, 0}, low[2] = {0, -1}, high[2] = {2, 0};
  const auto gather = [&](int64_t outer, int64_t size, int64_t inner, int64_t count, const int64_t* index = nullptr) {
    return gx_gather(device, GX_FLOAT32, outer, size, inner, count, x.data(), index, y.data());
  };
  EXPECT_REFUSED("device", gx_gather(nullptr, GX_FLOAT32, 1, 2, 3, 2, x.data(), good, y.data()));
  EXPECT_REFUSED("format", gx_gather(device, GX_BITS, 1, 2, 3, 2, x.data(), good, y.data()));
  EXPECT_REFUSED("x must not be null", gx_gather(device, GX_FLOAT32, 1, 2, 3, 2, nullptr, good, y.data()));
  EXPECT_REFUSED("y must not be null", gx_gather(device, GX_FLOAT32, 1, 2, 3, 2, x.data(), good, nullptr));
  EXPECT_REFUSED("index must not be null", gather(1, 2, 3, 2));
  EXPECT_REFUSED("outer must be at least 0, got -1", gather(-1, 2, 3, 2, good));
  EXPECT_REFUSED("size must be at least 0, got -2", gather(1, -2, 3, 2, good));
  EXPECT_REFUSED("inner must be at least 0, got -3", gather(1, 2, -3, 2, good));
  EXPECT_REFUSED("count must be at least 0, got -4", gather(1, 2, 3, -4, good));
  EXPECT_REFUSED("63 bits", gather(int64_t(1) << 32, int64_t(1) << 32, 3, 2, good));
  EXPECT_REFUSED("index[1] must be at least 0 and below 2 (the size), got -1", gather(1, 2, 3, 2, low));
  EXPECT_REFUSED("index[0] must be at least 0 and below 2 (the size), got 2", gather(1, 2, 3, 2, high));
  EXPECT_REFUSED("below 0", gather(1, 0, 3, 2, good));
  EXPECT_REFUSED("overlap", gx_gather(device, GX_FLOAT32, 1, 2, 3, 2, x.data(), good, x.data() + 5));
  EXPECT_REFUSED("overlap", gx_gather_backward(device, GX_FLOAT32, 1, 2, 3, 2, x.data(), good, x.data()));
  EXPECT_REFUSED("index[0]", gx_gather_backward(device, GX_FLOAT32, 1, 2, 3, 2, x.data(), high, y.data()));
  EXPECT_REFUSED("dx must not be null", gx_gather_backward(device, GX_FLOAT32, 1, 2, 3, 2, x.data(), good, nullptr));
  EXPECT_REFUSED("dy must not be null", gx_gather_backward(device, GX_FLOAT32, 1, 2, 3, 2, nullptr, good, y.data()));
  EXPECT_EQ(std::count(y.begin(), y.end(), 5.0f), 6) << "a refused call writes nothing";
  EXPECT_OK(gather(1, 0, 3, 0));
}

TEST(OneHot, HasOneOneInARow) {
  for (int32_t threads : {1, 3}) {
    Device device(threads);
    for (const auto& [count, classes] :
         std::vector<std::pair<int64_t, int64_t>>{{1, 1}, {7, 10}, {3000, 9}, {2, 40000}}) {
      const std::vector<int64_t> index = indices(count, classes, 8);
      Guarded<float> y(count * classes, 1);
      Guarded<double> wide(count * classes, 1);
      ASSERT_OK(gx_one_hot(device, GX_FLOAT32, count, classes, index.data(), y.data()));
      ASSERT_OK(gx_one_hot(device, GX_FLOAT64, count, classes, index.data(), wide.data()));
      for (int64_t i = 0; i < count * classes; ++i) {
        ASSERT_EQ(y[i], index[size_t(i / classes)] == i % classes ? 1 : 0);
        ASSERT_EQ(wide[i], double(y[i]));
      }
    }
  }
}

TEST(OneHot, RefusesBadArguments) {
  Device device(1);
  Guarded<float> y(6);
  const int64_t good[2] = {1, 0}, high[2] = {2, 3};
  EXPECT_REFUSED("device", gx_one_hot(nullptr, GX_FLOAT32, 2, 3, good, y.data()));
  EXPECT_REFUSED("format", gx_one_hot(device, GX_BITS, 2, 3, good, y.data()));
  EXPECT_REFUSED("count must be at least 0", gx_one_hot(device, GX_FLOAT32, -1, 3, good, y.data()));
  EXPECT_REFUSED("classes must be at least 0", gx_one_hot(device, GX_FLOAT32, 2, -1, good, y.data()));
  EXPECT_REFUSED("index[1] must be at least 0 and below 3 (the classes), got 3",
                 gx_one_hot(device, GX_FLOAT32, 2, 3, high, y.data()));
  EXPECT_REFUSED("index must not be null", gx_one_hot(device, GX_FLOAT32, 2, 3, nullptr, y.data()));
  EXPECT_REFUSED("y must not be null", gx_one_hot(device, GX_FLOAT32, 2, 3, good, nullptr));
  int64_t both[4] = {0, 1, 0, 1};
  EXPECT_REFUSED("overlap", gx_one_hot(device, GX_FLOAT32, 2, 3, both, both));
  EXPECT_OK(gx_one_hot(device, GX_FLOAT32, 0, 3, nullptr, nullptr));
}

}  // namespace
}  // namespace gx::test
