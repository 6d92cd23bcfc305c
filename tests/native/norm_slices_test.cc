// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The passes of the norms, by slices, by columns and by rows: every variant against the reference, exactly on integers.

#include <cmath>
#include <limits>

#include "compare.h"
#include "guarded.h"
#include "kernels/norm/columns/columns.h"
#include "kernels/norm/layer_norm/layer_norm.h"
#include "kernels/norm/slices/slices.h"
#include "support.h"

namespace gx::test {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// What a pass may differ by: an addition and two multiplications in float.
constexpr Tolerance kPass = {4 * 0x1p-24, 4 * 0x1p-24, true};

struct Shape {
  int64_t segments, length, stride;
};
std::vector<Shape> shapes() {
  std::vector<Shape> all;
  for (int64_t length : edge_sizes(130)) {
    if (length > 0) all.push_back({3, length, length + 5}), all.push_back({1, length, length});
  }
  return all;
}
int64_t extent(const Shape& s) { return (s.segments - 1) * s.stride + s.length; }

template <class Body>
void each_slice_variant(Body&& body) {
  int count = 0, ran = 0;
  const SliceKernels* variants = slice_kernels(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    for (const Shape& s : shapes()) {
      SCOPED_TRACE(std::to_string(s.segments) + " segments of " + std::to_string(s.length));
      body(variants[v], Slice{s.segments, s.length, s.stride}, extent(s));
    }
  }
  EXPECT_GE(ran, 1);
}

TEST(NormSlices, SumsOfIntegersAreExact) {
  each_slice_variant([](const SliceKernels& kernels, const Slice& slice, int64_t n) {
    const Guarded<float> x(integers(n, -9, 9, 1), 1), dy(integers(n, -9, 9, 2), 1);
    const Affine gate(1, 1, 0.5, true);
    double got[2], want[2];
    kernels.moments(slice, x.data(), x[0], got);
    reference::slice_moments(slice, x.data(), x[0], want);
    EXPECT_EQ(got[0], want[0]);
    EXPECT_EQ(got[1], want[1]);
    for (const Affine* g : {static_cast<const Affine*>(nullptr), &gate}) {
      kernels.gradient_sums(slice, x.data(), dy.data(), 0.5, g, got);
      reference::slice_gradient_sums(slice, x.data(), dy.data(), 0.5, g, want);
      EXPECT_EQ(got[0], want[0]);
      EXPECT_EQ(got[1], want[1]);
    }
  });
}

TEST(NormSlices, MapsAgreeWithTheReference) {
  each_slice_variant([](const SliceKernels& kernels, const Slice& slice, int64_t n) {
    const Guarded<float> x(reals(n, -2, 3, 1), 1), dy(reals(n, -2, 2, 2), 1);
    for (bool relu : {false, true}) {
      const Affine f(0.51234567, 0.7, -0.2, relu);
      Guarded<float> got(std::vector<float>(size_t(n), 7.0f), 1);
      std::vector<float> want(size_t(n), 7.0f);
      kernels.affine(slice, x.data(), f, got.data(), false);
      reference::slice_affine(slice, x.data(), f, want.data());
      EXPECT_TRUE(close(got.values(), want, kPass));
      const Pullback k(0.51234567, 1.1, -0.3, 0.05);
      kernels.pullback(slice, x.data(), dy.data(), relu ? &f : nullptr, k, got.data(), false);
      reference::slice_pullback(slice, x.data(), dy.data(), relu ? &f : nullptr, k, want.data());
      EXPECT_TRUE(close(got.values(), want, kPass));
    }
  });
}

TEST(NormSlices, StreamedStoresAreTheSame) {
  int count = 0;
  const SliceKernels* variants = slice_kernels(&count);
  const Slice slice{3, 64, 96};
  const Guarded<float> x(reals(256, -2, 3, 1)), dy(reals(256, -2, 2, 2));
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    for (bool relu : {false, true}) {
      const Affine f(0.5, 0.7, -0.2, relu);
      const Pullback k(0.5, 1.1, -0.3, 0.05);
      Guarded<float> stored(std::vector<float>(256, 0.0f)), streamed(std::vector<float>(256, 0.0f));
      variants[v].affine(slice, x.data(), f, stored.data(), false);
      variants[v].affine(slice, x.data(), f, streamed.data(), true);
      EXPECT_EQ(stored.values(), streamed.values());
      variants[v].pullback(slice, x.data(), dy.data(), relu ? &f : nullptr, k, stored.data(), false);
      variants[v].pullback(slice, x.data(), dy.data(), relu ? &f : nullptr, k, streamed.data(), true);
      EXPECT_EQ(stored.values(), streamed.values());
    }
  }
}

TEST(NormSlices, NanStays) {
  each_slice_variant([](const SliceKernels& kernels, const Slice& slice, int64_t n) {
    std::vector<float> x(size_t(n), 1.0f), dy(size_t(n), 1.0f), y(size_t(n), 0.0f);
    const int64_t at = slice.length - 1;
    x[size_t(at)] = kNan;
    const Affine f(0.5, 1, 0, true);
    double sums[2];
    kernels.moments(slice, x.data(), 0, sums);
    EXPECT_TRUE(std::isnan(sums[0]) && std::isnan(sums[1]));
    kernels.gradient_sums(slice, x.data(), dy.data(), 0, &f, sums);
    EXPECT_TRUE(std::isnan(sums[0]) && std::isnan(sums[1]));
    kernels.affine(slice, x.data(), f, y.data(), false);
    EXPECT_TRUE(std::isnan(y[size_t(at)]));
    kernels.pullback(slice, x.data(), dy.data(), &f, Pullback(0, 1, 0, 0), y.data(), false);
    EXPECT_TRUE(std::isnan(y[size_t(at)]));
  });
}

TEST(NormColumns, AgreeWithTheReference) {
  int count = 0, ran = 0;
  const ColumnKernels* variants = column_kernels(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    for (int64_t columns : edge_sizes(64)) {
      for (int64_t rows : {1, 2, 19}) {
        if (columns == 0) continue;
        SCOPED_TRACE(std::to_string(rows) + " rows of " + std::to_string(columns));
        const Columns block{rows, columns, columns + 3};
        const int64_t n = (rows - 1) * block.stride + columns;
        const Guarded<float> x(integers(n, -9, 9, 1), 1), dy(integers(n, -9, 9, 2), 1);
        const Guarded<float> mean(integers(columns, -3, 3, 3), 1), k1(reals(columns, 0.5, 1.5, 4), 1),
            k2(reals(columns, -1, 1, 5), 1), k3(reals(columns, -1, 1, 6), 1);
        for (bool relu : {false, true}) {
          const ColumnAffine f{mean.data(), k1.data(), k2.data(), relu};
          const ColumnAffine* gate = relu ? &f : nullptr;
          std::vector<double> got_s(size_t(columns), 0.0), got_q(got_s), want_s(got_s), want_q(got_s);
          variants[v].moments(block, x.data(), mean.data(), got_s.data(), got_q.data());
          reference::column_moments(block, x.data(), mean.data(), want_s.data(), want_q.data());
          EXPECT_EQ(got_s, want_s);
          EXPECT_EQ(got_q, want_q);
          variants[v].gradient_sums(block, x.data(), dy.data(), mean.data(), gate, got_s.data(), got_q.data());
          reference::column_gradient_sums(block, x.data(), dy.data(), mean.data(), gate, want_s.data(), want_q.data());
          EXPECT_EQ(got_s, want_s);
          EXPECT_EQ(got_q, want_q);
          Guarded<float> got(std::vector<float>(size_t(n), 7.0f), 1);
          std::vector<float> want(size_t(n), 7.0f);
          variants[v].affine(block, x.data(), f, got.data());
          reference::column_affine(block, x.data(), f, want.data());
          EXPECT_TRUE(close(got.values(), want, {1e-6, 1e-6}));
          const ColumnPullback k{mean.data(), k1.data(), k2.data(), k3.data()};
          variants[v].pullback(block, x.data(), dy.data(), gate, k, got.data());
          reference::column_pullback(block, x.data(), dy.data(), gate, k, want.data());
          EXPECT_TRUE(close(got.values(), want, {3e-6, 1e-6}));
        }
      }
    }
  }
  EXPECT_GE(ran, 1);
}

TEST(NormRows, AgreeWithTheReference) {
  int count = 0, ran = 0;
  const LayerNormKernels* variants = layer_norm_kernels(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    for (int64_t units : edge_sizes(130)) {
      if (units == 0) continue;
      SCOPED_TRACE(std::to_string(units) + " units");
      const Guarded<float> x(reals(units, -2, 3, 1), 1), dy(reals(units, -1, 1, 2), 1),
          gamma(reals(units, 0.5, 1.5, 3), 1), beta(reals(units, -1, 1, 4), 1);
      for (bool given : {true, false}) {
        const float *g = given ? gamma.data() : nullptr, *b = given ? beta.data() : nullptr;
        std::vector<float> want(size_t(units), 0.0f), dx(want), dgamma(want), dbeta(want);
        double statistics[2];
        reference::layer_norm(1, units, 0.1, x.data(), g, b, want.data(), statistics);
        reference::layer_norm_backward(1, units, x.data(), g, statistics, dy.data(), dx.data(), dgamma.data(),
                                       dbeta.data());
        Guarded<float> got(units, 1), s(std::vector<float>(size_t(units), 0.0f), 1), q(s.values(), 1);
        variants[v].forward(units, x.data(), statistics[0], statistics[1], g, b, got.data());
        EXPECT_TRUE(close(got.values(), want, {2e-6, 1e-6, true}));
        variants[v].backward(units, x.data(), statistics[0], statistics[1], g, dy.data(), got.data(), s.data(),
                             q.data());
        EXPECT_TRUE(close(got.values(), dx, {5e-6, 1e-6, true}));
        EXPECT_TRUE(close(s.values(), dbeta, {1e-6, 1e-6, true}));
        EXPECT_TRUE(close(q.values(), dgamma, {3e-6, 1e-6, true}));
        variants[v].backward(units, x.data(), statistics[0], statistics[1], g, dy.data(), nullptr, s.data(), q.data());
        std::vector<double> wide(size_t(units), 1.0);
        variants[v].flush(units, s.data(), wide.data());
        for (size_t i = 0; i < wide.size(); ++i) EXPECT_NEAR(wide[i], 1 + 2.0 * dbeta[i], 2e-6) << "both rows";
        EXPECT_EQ(s.values(), std::vector<float>(size_t(units), 0.0f));
      }
    }
  }
  EXPECT_GE(ran, 1);
}

}  // namespace
}  // namespace gx::test
