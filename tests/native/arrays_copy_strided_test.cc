// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Copies along strides: the transposing variants against plain loops, whole copies against the reference.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "compare.h"
#include "guarded.h"
#include "kernels/arrays/copy_strided/copy_strided.h"
#include "support.h"

namespace gx::test {
namespace {

template <class T>
std::vector<T> numbered(int64_t n) {
  std::vector<T> v(static_cast<size_t>(n));
  std::iota(v.begin(), v.end(), T(1));
  return v;
}

template <class T>
void expect_transposes(TransposeKernel<T> transpose, int64_t rows, int64_t columns, int64_t offset) {
  const int64_t from_stride = rows + 3, to_stride = columns + 2;
  const Guarded<T> from(numbered<T>(columns * from_stride), offset);
  Guarded<T> to(rows * to_stride, offset);
  transpose(from.data(), from_stride, to.data(), to_stride, rows, columns);
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < to_stride; ++c) {
      const T want = c < columns ? from[c * from_stride + r] : T(-1);
      ASSERT_EQ(to[r * to_stride + c], want) << rows << " x " << columns << " at " << r << ", " << c;
    }
  }
}

TEST(CopyStrided, EveryVariantTransposes) {
  int count = 0, ran = 0;
  const CopyStridedVariant* variants = copy_strided_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    SCOPED_TRACE(variants[v].line.isa);
    for (int64_t rows : {1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 64}) {
      for (int64_t columns : {1, 2, 5, 8, 16, 17, 32, 47, 64}) {
        expect_transposes(variants[v].transpose32, rows, columns, rows % 2);
        expect_transposes(variants[v].transpose64, rows, columns, columns % 2);
      }
    }
  }
  EXPECT_GE(ran, 1);
}

gx_copy_strided_params params(std::vector<int64_t> shape, std::vector<int64_t> from, std::vector<int64_t> to,
                              int64_t from_offset = 0, int64_t to_offset = 0) {
  gx_copy_strided_params p = {};
  p.rank = int64_t(shape.size());
  std::copy(shape.begin(), shape.end(), p.shape);
  std::copy(from.begin(), from.end(), p.from_strides);
  std::copy(to.begin(), to.end(), p.to_strides);
  p.from_offset = from_offset;
  p.to_offset = to_offset;
  return p;
}

std::vector<int64_t> row_major(const std::vector<int64_t>& shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (int d = int(shape.size()) - 2; d >= 0; --d) strides[d] = strides[d + 1] * shape[d + 1];
  return strides;
}

template <class T>
void expect_like_the_reference(gx_device* device, gx_format format, const gx_copy_strided_params& p, int64_t from_count,
                               int64_t to_count) {
  const Guarded<T> from(numbered<T>(from_count), 1);
  Guarded<T> to(std::vector<T>(size_t(to_count), T(-7)), 1);
  std::vector<T> want(size_t(to_count), T(-7));
  reference::copy_strided(p, from.data(), want.data());
  ASSERT_OK(gx_copy_strided(device, format, &p, from_count, from.data(), to_count, to.data()));
  ASSERT_TRUE(close(to, want));
}

void expect_like_the_reference(gx_device* device, const gx_copy_strided_params& p, int64_t from_count,
                               int64_t to_count) {
  expect_like_the_reference<float>(device, GX_FLOAT32, p, from_count, to_count);
  expect_like_the_reference<double>(device, GX_FLOAT64, p, from_count, to_count);
}

TEST(CopyStrided, PermutesAxesOfAnyRank) {
  for (int32_t threads : {1, 3}) {
    Device device(threads);
    for (const std::vector<int64_t>& shape : std::vector<std::vector<int64_t>>{
             {1}, {5}, {70, 130}, {3, 40, 33}, {2, 3, 28, 28}, {2, 1, 3, 4, 5}, {2, 2, 3, 2, 2, 3, 2, 3}}) {
      std::vector<int64_t> axes(shape.size());
      std::iota(axes.begin(), axes.end(), 0);
      Source source(shape.size());
      for (int round = 0; round < (shape.size() < 4 ? 6 : 12); ++round) {
        std::vector<int64_t> taken, strides, from = row_major(shape);
        for (int64_t d : axes) taken.push_back(shape[size_t(d)]), strides.push_back(from[size_t(d)]);
        const int64_t size = std::accumulate(shape.begin(), shape.end(), int64_t(1), std::multiplies<>());
        expect_like_the_reference(device, params(taken, strides, row_major(taken)), size, size);
        for (size_t d = axes.size() - 1; d > 0; --d) std::swap(axes[d], axes[size_t(source.integer(0, int64_t(d)))]);
      }
    }
  }
}

TEST(CopyStrided, SlicesBroadcastsReversesAndPlaces) {
  for (int32_t threads : {1, 3}) {
    Device device(threads);
    // [:, 2:5, 1:31:3] of [4][6][40]
    expect_like_the_reference(device, params({4, 3, 10}, {240, 40, 3}, {30, 10, 1}, 81), 960, 120);
    // a row, a column and a single number to [50][70]
    expect_like_the_reference(device, params({50, 70}, {0, 1}, {70, 1}), 70, 3500);
    expect_like_the_reference(device, params({50, 70}, {1, 0}, {70, 1}), 50, 3500);
    expect_like_the_reference(device, params({50, 70}, {0, 0}, {70, 1}, 3), 4, 3500);
    expect_like_the_reference(device, params({200, 300, 2}, {0, 1, 0}, {600, 2, 1}), 300, 120000);
    // backwards along either axis
    expect_like_the_reference(device, params({30, 20}, {20, -1}, {20, 1}, 19), 600, 600);
    expect_like_the_reference(device, params({30, 20}, {-20, 1}, {20, 1}, 580), 600, 600);
    // columns 5 .. 15 of [30][40], the rest untouched; a stack along a last axis
    expect_like_the_reference(device, params({30, 10}, {10, 1}, {40, 1}, 0, 5), 300, 1200);
    expect_like_the_reference(device, params({30, 10}, {10, 1}, {30, 3}, 0, 2), 300, 900);
    // a transposition into a part
    expect_like_the_reference(device, params({100, 90}, {1, 100}, {200, 1}, 0, 17), 9000, 20000);
    // one element, rank 0 and rank 8
    expect_like_the_reference(device, params({}, {}, {}, 3, 2), 5, 4);
    expect_like_the_reference(
        device, params({1, 1, 1, 1, 1, 1, 1, 1}, {9, 9, 9, 9, 9, 9, 9, 9}, {0, 0, 0, 0, 0, 0, 0, 0}), 1, 1);
    // long rows, which are cut
    expect_like_the_reference(device, params({2, 40000}, {40000, 1}, {50000, 1}), 80000, 100000);
    expect_like_the_reference(device, params({2, 40000}, {80000, 2}, {40000, 1}), 160000, 80000);
  }
}

TEST(CopyStrided, KeepsTheBitsOfEveryElement) {
  Device device(1);
  std::vector<uint32_t> from(64 * 64);
  Source source(3);
  for (uint32_t& x : from) x = uint32_t(source.next()) | 0x7F800000u;  // NaNs of all kinds, infinities
  std::vector<uint32_t> to(from.size());
  const auto p = params({64, 64}, {1, 64}, {64, 1});
  ASSERT_OK(gx_copy_strided(device, GX_FLOAT32, &p, 4096, from.data(), 4096, to.data()));
  for (size_t i = 0; i < to.size(); ++i) ASSERT_EQ(to[i], from[i % 64 * 64 + i / 64]);
}

TEST(CopyStrided, CopiesNothingWhereASizeIsZero) {
  Device device(1);
  const auto p = params({3, 0, 5}, {1, 1, 1}, {1, 1, 1}, 100, 100);
  EXPECT_OK(gx_copy_strided(device, GX_FLOAT32, &p, 0, nullptr, 0, nullptr));
}

TEST(CopyStrided, RefusesBadArguments) {
  Device device(1);
  Guarded<float> from(numbered<float>(100)), to(std::vector<float>(100, 5.0f));
  const auto good = params({10, 10}, {10, 1}, {1, 10});
  const auto copy = [&](const gx_copy_strided_params& p, int64_t from_count = 100, int64_t to_count = 100) {
    return gx_copy_strided(device, GX_FLOAT32, &p, from_count, from.data(), to_count, to.data());
  };
  EXPECT_REFUSED("device", gx_copy_strided(nullptr, GX_FLOAT32, &good, 100, from.data(), 100, to.data()));
  EXPECT_REFUSED("params", gx_copy_strided(device, GX_FLOAT32, nullptr, 100, from.data(), 100, to.data()));
  EXPECT_REFUSED("format", gx_copy_strided(device, GX_BITS, &good, 100, from.data(), 100, to.data()));
  EXPECT_REFUSED("from must not be null", gx_copy_strided(device, GX_FLOAT32, &good, 100, nullptr, 100, to.data()));
  EXPECT_REFUSED("to must not be null", gx_copy_strided(device, GX_FLOAT32, &good, 100, from.data(), 100, nullptr));
  EXPECT_REFUSED("aligned", gx_copy_strided(device, GX_FLOAT64, &good, 1,
                                            reinterpret_cast<const char*>(from.data()) + 4, 100, to.data()));
  EXPECT_REFUSED("from", copy(good, -1));
  auto p = good;
  p.rank = 9;
  EXPECT_REFUSED("the rank must be between 0 and 8, got 9", copy(p));
  p.rank = -1;
  EXPECT_REFUSED("got -1", copy(p));
  EXPECT_REFUSED("a size of the shape must be at least 0, got -2", copy(params({-2}, {1}, {1})));
  EXPECT_REFUSED("63 bits", copy(params({int64_t(1) << 40, int64_t(1) << 40}, {0, 0}, {1, 1})));
  EXPECT_REFUSED("indices of from must fit in 63 bits", copy(params({3}, {INT64_MAX}, {1})));
  EXPECT_REFUSED("indices of from must be in [0, 99), got [0, 99]", copy(good, 99));
  EXPECT_REFUSED("indices of to must be in [0, 99), got [0, 99]", copy(good, 100, 99));
  EXPECT_REFUSED("indices of from must be in [0, 100), got [-9, 0]", copy(params({10}, {-1}, {1})));
  EXPECT_REFUSED("must name each element once", copy(params({10}, {1}, {0})));
  EXPECT_REFUSED("must name each element once", copy(params({5, 10}, {10, 1}, {9, 1})));
  EXPECT_REFUSED("must name each element once", copy(params({10}, {1}, {-1}, 0, 9)));
  const auto half = params({50}, {1}, {1}), shifted = params({50}, {1}, {1}, 0, 49);
  EXPECT_REFUSED("overlap", gx_copy_strided(device, GX_FLOAT32, &shifted, 100, to.data(), 100, to.data()));
  EXPECT_EQ(std::count(to.begin(), to.end(), 5.0f), 100) << "a refused call writes nothing";
  EXPECT_OK(gx_copy_strided(device, GX_FLOAT32, &half, 100, to.data() + 50, 100, to.data()));
}

}  // namespace
}  // namespace gx::test
