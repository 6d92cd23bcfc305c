// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Sums, means and extremes over axes: every variant and every pattern of axes against the reference.

#include "kernels/reduce/reduce/reduce.h"

#include <cmath>

#include "compare.h"
#include "guarded.h"
#include "kernels/reduce/extreme/extreme.h"
#include "support.h"

namespace gx::test {
namespace {

gx_shape shape_of(const std::vector<int64_t>& dims) {
  gx_shape s = {};
  s.rank = int32_t(dims.size());
  for (size_t i = 0; i < dims.size(); ++i) s.dims[i] = dims[i];
  return s;
}
int64_t count_of(const gx_shape& s, uint32_t axes = 0) {
  int64_t n = 1;
  for (int i = 0; i < s.rank; ++i) n *= axes >> i & 1 ? 1 : s.dims[i];
  return n;
}

const Fold kFolds[] = {Fold::kSum, Fold::kSquares, Fold::kSizes, Fold::kDot, Fold::kMax, Fold::kMin};

TEST(Reduce, EveryVariantAgreesWithTheReferenceAlongRows) {
  int count = 0, ran = 0;
  const ReduceVariant* variants = reduce_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    for (const Fold fold : kFolds) {
      for (int64_t n : edge_sizes(130)) {
        const int64_t outputs = 2, rows = 3;  // [rows, outputs, n], the first and the last reduced
        const Guarded<float> a(integers(rows * outputs * n, -9, 9, uint64_t(n)), 1);
        const Guarded<float> b(integers(rows * outputs * n, -9, 9, uint64_t(n) + 1), 3);
        Walk<1> kept, reduced;
        add_axis(kept, outputs, {n});
        kept.rows = outputs;
        add_axis(reduced, rows, {outputs * n});
        double got[2];
        FoldRows job = {fold, reduced, 0, rows, a.data(), b.data(), n, got};
        job.kept = &kept;
        job.outputs = outputs;
        variants[v].along(job);
        std::vector<double> wide_a(a.begin(), a.end()), wide_b(b.begin(), b.end()), want(2);
        reference::reduce({fold, Finish::kNone, shape_of({rows, outputs, n}), 5}, wide_a.data(), wide_b.data(),
                          want.data());
        EXPECT_TRUE(close(got, want.data(), 2, {0, 0, true})) << int(fold) << " of " << n;
      }
    }
  }
  EXPECT_GE(ran, 1);
}

TEST(Reduce, EveryVariantAgreesWithTheReferenceAcrossRows) {
  int count = 0;
  const ReduceVariant* variants = reduce_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    for (const Fold fold : kFolds) {
      for (int64_t n : edge_sizes(70)) {
        for (int64_t rows : {0, 1, 4, 7}) {
          const Guarded<float> a(integers(rows * n, -9, 9, uint64_t(n)), 1);
          const Guarded<float> b(integers(rows * n, -9, 9, uint64_t(n) + 1), 3);
          Guarded<double> got(n);
          Walk<1> reduced;
          add_axis(reduced, rows, {n});
          variants[v].across({fold, reduced, 0, rows, a.data(), b.data(), n, got.data()});
          std::vector<double> wide_a(a.begin(), a.end()), wide_b(b.begin(), b.end()), want(static_cast<size_t>(n));
          reference::reduce({fold, Finish::kNone, shape_of({rows, n}), 1}, wide_a.data(), wide_b.data(), want.data());
          EXPECT_TRUE(close(got, want, {0, 0, true})) << int(fold) << " of " << rows << " x " << n;
        }
      }
    }
  }
}

// Every set of axes of these shapes, among them rows and columns that are cut into parts and pieces.
std::vector<std::vector<int64_t>> shapes() {
  std::vector<std::vector<int64_t>> all = {
      {},        {1},          {5},          {0, 3},          {3, 0, 2},
      {2, 3, 4}, {7, 1, 5},    {3, 2, 5, 3}, {2, 3, 1, 2, 3}, {2, 2, 2, 2, 2, 2, 2, 2},
      {70000},   {3, 40000},   {5000, 7},    {300, 130},      {40, 3, 500},
      {1030, 3}, {2, 3, 1500}, {66, 1025}};
  return all;
}

TEST(Reduce, EverySetOfAxesAgreesWithTheReference) {
  Device device(2);
  for (const auto& dims : shapes()) {
    const gx_shape shape = shape_of(dims);
    const int64_t n = count_of(shape);
    if (quick() && n > 10000) continue;
    const Guarded<float> x(integers(n, -7, 7, uint64_t(n)), 1);
    for (uint32_t axes = 0; axes < 1u << dims.size(); ++axes) {
      const int64_t outputs = count_of(shape, axes);
      for (int reduction = 0; reduction <= GX_MIN; ++reduction) {
        if (n > 2000 && reduction % 2 == 1) continue;
        if (n == 0 && outputs > 0 && (reduction == GX_MEAN || reduction >= GX_MAX)) continue;
        if (reduction == GX_NORM && outputs == 0) continue;
        SCOPED_TRACE(::testing::PrintToString(dims) + " over " + std::to_string(axes) + ": " +
                     std::to_string(reduction));
        static const Reduction kAs[] = {{Fold::kSum, Finish::kNone, {}, 0},     {Fold::kSum, Finish::kMean, {}, 0},
                                        {Fold::kSquares, Finish::kNone, {}, 0}, {Fold::kSizes, Finish::kNone, {}, 0},
                                        {Fold::kSquares, Finish::kRoot, {}, 0}, {Fold::kMax, Finish::kNone, {}, 0},
                                        {Fold::kMin, Finish::kNone, {}, 0}};
        Reduction as = kAs[reduction];
        as.shape = shape, as.axes = axes;
        Guarded<float> y(outputs, 1);
        std::vector<float> want(static_cast<size_t>(outputs));
        reference::reduce<float>(as, x.data(), nullptr, want.data());
        ASSERT_OK(gx_reduce(device, GX_FLOAT32, gx_reduction(reduction), &shape, axes, x.data(), y.data()));
        ASSERT_TRUE(close(y, want, {0, 0, true}));
        if (reduction < GX_MAX) continue;
        Guarded<float> index(outputs), dx(n);
        std::vector<float> want_index(static_cast<size_t>(outputs)), want_dx(static_cast<size_t>(n));
        const std::vector<float> dy = integers(outputs, 1, 9, 3);
        reference::reduce_extreme<float>(gx_reduction(reduction), shape, axes, x.data(), dy.data(), want_index.data(),
                                         want_dx.data());
        ASSERT_OK(gx_reduce_arg(device, GX_FLOAT32, gx_reduction(reduction), &shape, axes, x.data(), index.data()));
        ASSERT_OK(gx_reduce_extreme_backward(device, GX_FLOAT32, gx_reduction(reduction), &shape, axes, x.data(),
                                             dy.data(), dx.data()));
        ASSERT_TRUE(close(index, want_index, {0, 0, true}));
        ASSERT_TRUE(close(dx, want_dx, {0, 0, true}));
      }
    }
  }
}

TEST(Reduce, AccumulatesInDouble) {
  Device device;
  const int64_t n = 1 << 20;
  const std::vector<float> x = reals(n, 0.5, 1.5, 1);
  double want = 0;
  for (float v : x) want += v;
  const gx_shape shape = shape_of({n});
  float y;
  ASSERT_OK(gx_reduce(device, GX_FLOAT32, GX_SUM, &shape, 1, x.data(), &y));
  EXPECT_EQ(y, float(want));
}

TEST(Reduce, DotIsTheSumOfTheProduct) {
  Device device;
  const gx_shape shape = shape_of({6, 50, 9});
  const int64_t n = count_of(shape);
  const std::vector<float> a = integers(n, -5, 5, 1), b = integers(n, -5, 5, 2);
  std::vector<float> ab(a.size());
  for (size_t i = 0; i < a.size(); ++i) ab[i] = a[i] * b[i];
  for (uint32_t axes = 0; axes < 8; ++axes) {
    std::vector<float> got(static_cast<size_t>(count_of(shape, axes))), want(got.size());
    ASSERT_OK(gx_reduce_dot(device, GX_FLOAT32, &shape, axes, a.data(), b.data(), got.data()));
    ASSERT_OK(gx_reduce(device, GX_FLOAT32, GX_SUM, &shape, axes, ab.data(), want.data()));
    EXPECT_TRUE(close(got, want)) << axes;
  }
}

TEST(Reduce, ThreadsChangeNothingAndDoublesAreTheReference) {
  Device device(1);
  for (const auto& dims : std::vector<std::vector<int64_t>>{{100003}, {3000, 17}, {30, 3, 400}}) {
    const gx_shape shape = shape_of(dims);
    const std::vector<float> x = reals(count_of(shape), -1, 1, 8);
    const std::vector<double> wide(x.begin(), x.end());
    for (uint32_t axes : {1u, (1u << dims.size()) - 1, 5u & ((1u << dims.size()) - 1)}) {
      std::vector<float> first;
      for (int32_t threads : thread_counts()) {
        ASSERT_OK(gx_device_set_threads(device, threads));
        std::vector<float> y(static_cast<size_t>(count_of(shape, axes)));
        ASSERT_OK(gx_reduce(device, GX_FLOAT32, GX_SUM, &shape, axes, x.data(), y.data()));
        if (first.empty()) first = y;
        EXPECT_EQ(y, first) << threads << " threads";
      }
      std::vector<double> got(first.size()), want(first.size());
      ASSERT_OK(gx_reduce(device, GX_FLOAT64, GX_MEAN, &shape, axes, wide.data(), got.data()));
      reference::reduce<double>({Fold::kSum, Finish::kMean, shape, axes}, wide.data(), nullptr, want.data());
      EXPECT_EQ(got, want);
    }
  }
}

TEST(Reduce, KeepsNanAndInfinities) {
  Device device;
  for (int64_t n : {3, 17, 40000}) {
    const gx_shape shape = shape_of({n}), columns = shape_of({2, n});
    for (int64_t at : {int64_t(0), n / 2, n - 1}) {
      std::vector<float> x(size_t(n), 1.0f), two(size_t(2 * n), 1.0f), y(static_cast<size_t>(n));
      x[size_t(at)] = NAN;
      two[size_t(at)] = NAN;
      for (int reduction = 0; reduction <= GX_MIN; ++reduction) {
        ASSERT_OK(gx_reduce(device, GX_FLOAT32, gx_reduction(reduction), &shape, 1, x.data(), y.data()));
        EXPECT_TRUE(std::isnan(y[0])) << reduction << " of " << n;
        ASSERT_OK(gx_reduce(device, GX_FLOAT32, gx_reduction(reduction), &columns, 1, two.data(), y.data()));
        EXPECT_TRUE(std::isnan(y[size_t(at)])) << reduction << " of " << n;
        EXPECT_FALSE(std::isnan(y[size_t(at == 0 ? n - 1 : 0)]));
      }
      float index;
      ASSERT_OK(gx_reduce_arg(device, GX_FLOAT32, GX_MAX, &shape, 1, x.data(), &index));
      EXPECT_EQ(index, float(at));
      x[size_t(at)] = -INFINITY;
      ASSERT_OK(gx_reduce(device, GX_FLOAT32, GX_MIN, &shape, 1, x.data(), y.data()));
      EXPECT_EQ(y[0], -INFINITY);
      ASSERT_OK(gx_reduce(device, GX_FLOAT32, GX_SUM, &shape, 1, x.data(), y.data()));
      EXPECT_EQ(y[0], -INFINITY);
    }
  }
}

TEST(Reduce, RefusesWhatItCannotDo) {
  Device device;
  const gx_shape s = shape_of({2, 4}), empty = shape_of({0, 4}), huge = shape_of({INT64_MAX, 2});
  gx_shape bad = s;
  bad.rank = 9;
  float x[16] = {}, y[16] = {};
  EXPECT_REFUSED("device", gx_reduce(nullptr, GX_FLOAT32, GX_SUM, &s, 1, x, y));
  EXPECT_REFUSED("format", gx_reduce(device, GX_BITS, GX_SUM, &s, 1, x, y));
  EXPECT_REFUSED("reduction", gx_reduce(device, GX_FLOAT32, gx_reduction(7), &s, 1, x, y));
  EXPECT_REFUSED("shape must not be null", gx_reduce(device, GX_FLOAT32, GX_SUM, nullptr, 1, x, y));
  EXPECT_REFUSED("rank", gx_reduce(device, GX_FLOAT32, GX_SUM, &bad, 1, x, y));
  EXPECT_REFUSED("63 bits", gx_reduce(device, GX_FLOAT32, GX_SUM, &huge, 1, x, y));
  EXPECT_REFUSED("axes", gx_reduce(device, GX_FLOAT32, GX_SUM, &s, 4, x, y));
  EXPECT_REFUSED("x must not be null", gx_reduce(device, GX_FLOAT32, GX_SUM, &s, 1, nullptr, y));
  EXPECT_REFUSED("y must not be null", gx_reduce(device, GX_FLOAT32, GX_SUM, &s, 1, x, nullptr));
  EXPECT_REFUSED("overlap", gx_reduce(device, GX_FLOAT32, GX_SUM, &s, 1, x, x + 7));
  EXPECT_REFUSED("at least 1 element", gx_reduce(device, GX_FLOAT32, GX_MEAN, &empty, 1, x, y));
  EXPECT_REFUSED("at least 1 element", gx_reduce(device, GX_FLOAT32, GX_MAX, &empty, 1, x, y));
  EXPECT_REFUSED("b must not be null", gx_reduce_dot(device, GX_FLOAT32, &s, 1, x, nullptr, y));
  EXPECT_REFUSED("axes", gx_reduce_dot(device, GX_FLOAT32, &s, 8, x, x, y));
  EXPECT_REFUSED("reduction", gx_reduce_arg(device, GX_FLOAT32, GX_SUM, &s, 1, x, y));
  EXPECT_REFUSED("at least 1 element", gx_reduce_arg(device, GX_FLOAT32, GX_MAX, &empty, 1, x, y));
  EXPECT_REFUSED("index must not be null", gx_reduce_arg(device, GX_FLOAT32, GX_MAX, &s, 1, x, nullptr));
  EXPECT_REFUSED("dy must not be null", gx_reduce_extreme_backward(device, GX_FLOAT32, GX_MAX, &s, 1, x, nullptr, y));
  EXPECT_REFUSED("overlap", gx_reduce_extreme_backward(device, GX_FLOAT32, GX_MAX, &s, 1, x, y, y));
  EXPECT_OK(gx_reduce(device, GX_FLOAT32, GX_SUM, &empty, 1, nullptr, y));
  EXPECT_EQ(y[3], 0.0f);
  EXPECT_OK(gx_reduce(device, GX_FLOAT32, GX_MAX, &empty, 2, nullptr, nullptr));
}

}  // namespace
}  // namespace gx::test
