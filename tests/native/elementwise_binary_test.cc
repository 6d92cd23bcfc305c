// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Functions of two numbers with broadcasting, and the affine map: every variant against the reference, the reference's
// slopes against differences.

#include <cmath>
#include <utility>

#include "compare.h"
#include "guarded.h"
#include "kernels/elementwise/affine/affine.h"
#include "kernels/elementwise/binary/binary.h"
#include "runtime/broadcast.h"
#include "support.h"

namespace gx::test {
namespace {

struct Function {
  gx_binary_function f;
  const char* name;
};
const Function kFunctions[] = {
#define GX_FUNCTION(enumerator, functor) {enumerator, #functor},
    GX_BINARY_FUNCTIONS(GX_FUNCTION)
#undef GX_FUNCTION
};

gx_shape shape_of(const std::vector<int64_t>& dims) {
  gx_shape s = {};
  s.rank = int32_t(dims.size());
  for (size_t i = 0; i < dims.size(); ++i) s.dims[i] = dims[i];
  return s;
}
int64_t count_of(const gx_shape& s) {
  int64_t n = 1;
  for (int i = 0; i < s.rank; ++i) n *= s.dims[i];
  return n;
}

struct Pair {
  std::vector<int64_t> a, b;
};
std::vector<Pair> pairs() {
  std::vector<Pair> all = {{{}, {}},
                           {{3, 5}, {}},
                           {{}, {3, 5}},
                           {{6, 40}, {40}},
                           {{6, 40}, {6, 1}},
                           {{6, 1}, {1, 40}},
                           {{2, 3, 4, 5}, {3, 1, 1}},
                           {{2, 3, 4, 5}, {2, 3, 1, 1}},
                           {{2, 1, 4, 1}, {3, 1, 5}},
                           {{2, 1, 2, 1, 2, 1, 2, 1}, {2, 1, 2, 1, 2, 1, 2}},
                           {{0, 3}, {3}},
                           {{0, 3}, {1}},
                           {{1, 1}, {1}},
                           {{3, 9000}, {9000}},
                           {{700, 30}, {30}}};
  for (int64_t n : edge_sizes(70)) all.push_back({{n}, {n}});
  return all;
}

TEST(Binary, EveryVariantAgreesWithTheReference) {
  int count = 0, ran = 0;
  const BinaryVariant* variants = binary_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    for (const Function& function : kFunctions) {
      for (const Pair& pair : pairs()) {
        const gx_shape sa = shape_of(pair.a), sb = shape_of(pair.b), sy = broadcast(sa, sb, "a", "b");
        const int64_t n = count_of(sy);
        if (quick() && n > 1000) continue;
        SCOPED_TRACE(std::string(function.name) + " " + ::testing::PrintToString(pair.a) + " " +
                     ::testing::PrintToString(pair.b));
        const Walk<2> walk = broadcast_walk<2>(sy, {&sa, &sb});
        const bool power = function.f == GX_POW;
        const Guarded<float> a(reals(count_of(sa), power ? 0.1 : -3, 3, 1), 1), b(reals(count_of(sb), -3, 3, 2), 3);
        const std::vector<float> dy = reals(n, -2, 2, 3);
        Guarded<float> y(n, 1), da(n, 2), db(n, 5);
        std::vector<float> want(dy.size()), want_da(dy.size()), want_db(dy.size());
        reference::binary(function.f, walk, a.data(), b.data(), want.data());
        reference::binary_backward(function.f, walk, walk.n, a.data(), b.data(), dy.data(), want_da.data(),
                                   want_db.data());
        for (int64_t half = 0; half < 2; ++half) {  // a row's beginning and its end on their own
          const int64_t cut = walk.n / 2, first = half ? cut : 0, elements = half ? walk.n - cut : cut;
          const BinaryRows rows = {walk, 0, walk.rows, first, elements, walk.n};
          variants[v].forward(function.f, rows, a.data(), b.data(), y.data());
          variants[v].backward(function.f, rows, a.data(), b.data(), dy.data(), da.data(), db.data());
        }
        const double ulps = function.f < GX_DIV ? 0 : function.f == GX_GATED ? 6 * 0x1p-23 : 4 * 0x1p-23;
        ASSERT_TRUE(close(y, want, {0, function.f == GX_DIV ? 0 : ulps, true}));
        ASSERT_TRUE(close(da, want_da, {function.f == GX_GATED ? 0x1p-21 : 1e-30, 2 * ulps + 0x1p-23, true}));
        ASSERT_TRUE(close(db, want_db, {1e-6 * (power ? 1 : 0), 2 * ulps + 0x1p-23, true}));
      }
    }
  }
  EXPECT_GE(ran, 1);
}

TEST(Binary, TheReferencesSlopesAreTheSlopes) {
  const double points[][2] = {{-1.3, 2.4}, {0.7, -0.6}, {2.5, 1.5}, {0.2, 0.4}};
  constexpr double kStep = 1e-5;
  Walk<2> walk;
  finish(walk);
  for (const Function& function : kFunctions) {
    for (const auto& p : points) {
      if (function.f == GX_POW && p[0] < 0) continue;
      const double one = 1;
      double da, db, up, down, b[2] = {p[1] - kStep, p[1] + kStep}, a[2] = {p[0] - kStep, p[0] + kStep};
      reference::binary_backward(function.f, walk, 1, &p[0], &p[1], &one, &da, &db);
      reference::binary(function.f, walk, &a[0], &p[1], &down);
      reference::binary(function.f, walk, &a[1], &p[1], &up);
      EXPECT_NEAR(da, (up - down) / (2 * kStep), 1e-7 * (1 + std::fabs(da))) << function.name;
      reference::binary(function.f, walk, &p[0], &b[0], &down);
      reference::binary(function.f, walk, &p[0], &b[1], &up);
      EXPECT_NEAR(db, (up - down) / (2 * kStep), 1e-7 * (1 + std::fabs(db))) << function.name;
    }
  }
}

TEST(Binary, KnowsTheSpecialValues) {
  Device device;
  const float inf = INFINITY, nan = NAN;
  const gx_shape s = shape_of({6});
  const std::vector<float> a = {nan, 1, nan, inf, -inf, 2}, b = {1, nan, nan, -inf, 5, 2};
  std::vector<float> y(6), da(6), db(6);
  const std::vector<float> dy(6, 1.0f);
  ASSERT_OK(gx_binary(device, GX_FLOAT32, GX_MAXIMUM, &s, &s, a.data(), b.data(), y.data()));
  EXPECT_TRUE(close(y, std::vector<float>{nan, nan, nan, inf, 5, 2}));
  ASSERT_OK(gx_binary(device, GX_FLOAT32, GX_MINIMUM, &s, &s, a.data(), b.data(), y.data()));
  EXPECT_TRUE(close(y, std::vector<float>{nan, nan, nan, -inf, -inf, 2}));
  ASSERT_OK(
      gx_binary_backward(device, GX_FLOAT32, GX_MINIMUM, &s, &s, a.data(), b.data(), dy.data(), da.data(), db.data()));
  EXPECT_TRUE(close(da, std::vector<float>{nan, nan, nan, 0, 1, 0.5}));
  EXPECT_TRUE(close(db, std::vector<float>{nan, nan, nan, 1, 0, 0.5}));
  const std::vector<float> base = {-2, 0, 0, -8, inf, 1}, power = {3, 0, -1, 1 / 3.0f, -1, nan};
  ASSERT_OK(gx_binary(device, GX_FLOAT32, GX_POW, &s, &s, base.data(), power.data(), y.data()));
  EXPECT_TRUE(close(y, std::vector<float>{-8, 1, inf, nan, 0, 1}));
  ASSERT_OK(gx_binary_backward(device, GX_FLOAT32, GX_POW, &s, &s, base.data(), power.data(), dy.data(), da.data(),
                               db.data()));
  EXPECT_EQ(da[0], 12.0f);
  EXPECT_EQ(da[1], 0.0f);
  EXPECT_EQ(db[0], 0.0f);
}

TEST(Binary, ThreadsChangeNothingAndOperandsMayBeTheResult) {
  Device device(1);
  const gx_shape sa = shape_of({300, 257}), sb = shape_of({257});
  const std::vector<float> a = reals(300 * 257, -2, 2, 1), b = reals(257, -2, 2, 2);
  std::vector<float> first;
  for (int32_t threads : thread_counts()) {
    ASSERT_OK(gx_device_set_threads(device, threads));
    std::vector<float> y(a.size()), in_place = a;
    ASSERT_OK(gx_binary(device, GX_FLOAT32, GX_MUL, &sa, &sb, a.data(), b.data(), y.data()));
    ASSERT_OK(gx_binary(device, GX_FLOAT32, GX_MUL, &sa, &sb, in_place.data(), b.data(), in_place.data()));
    EXPECT_EQ(y, in_place);
    if (first.empty()) first = y;
    EXPECT_EQ(y, first);
    std::vector<float> da(a.size()), db = a, alone(a.size());
    ASSERT_OK(
        gx_binary_backward(device, GX_FLOAT32, GX_MUL, &sa, &sb, a.data(), b.data(), a.data(), nullptr, alone.data()));
    EXPECT_TRUE(close(alone, [&] {
      std::vector<float> squares(a.size());
      for (size_t i = 0; i < a.size(); ++i) squares[i] = a[i] * a[i];
      return squares;
    }()));
  }
  std::vector<double> x = {1, 2}, y(2);
  const gx_shape two = shape_of({2});
  ASSERT_OK(gx_binary(device, GX_FLOAT64, GX_DIV, &two, &two, x.data(), x.data(), y.data()));
  EXPECT_EQ(y, (std::vector<double>{1, 1}));
}

TEST(Binary, RefusesWhatItCannotDo) {
  Device device;
  const gx_shape s = shape_of({2, 4}), t = shape_of({3, 4}), row = shape_of({4});
  gx_shape bad = s;
  bad.dims[1] = -1;
  float x[16] = {}, y[16] = {}, z[16] = {};
  EXPECT_REFUSED("device", gx_binary(nullptr, GX_FLOAT32, GX_ADD, &s, &s, x, x, y));
  EXPECT_REFUSED("format", gx_binary(device, GX_BITS, GX_ADD, &s, &s, x, x, y));
  EXPECT_REFUSED("function", gx_binary(device, GX_FLOAT32, gx_binary_function(9), &s, &s, x, x, y));
  EXPECT_REFUSED("equal or 1 along each axis, got 2 and 3 along 0",
                 gx_binary(device, GX_FLOAT32, GX_ADD, &s, &t, x, x, y));
  EXPECT_REFUSED("at least 0", gx_binary(device, GX_FLOAT32, GX_ADD, &bad, &s, x, x, y));
  EXPECT_REFUSED("b_shape must not be null", gx_binary(device, GX_FLOAT32, GX_ADD, &s, nullptr, x, x, y));
  EXPECT_REFUSED("a must not be null", gx_binary(device, GX_FLOAT32, GX_ADD, &s, &s, nullptr, x, y));
  EXPECT_REFUSED("b must not be null", gx_binary(device, GX_FLOAT32, GX_ADD, &s, &s, x, nullptr, y));
  EXPECT_REFUSED("y must not be null", gx_binary(device, GX_FLOAT32, GX_ADD, &s, &s, x, x, nullptr));
  EXPECT_REFUSED("overlap", gx_binary(device, GX_FLOAT32, GX_ADD, &s, &row, y, x, x));
  EXPECT_REFUSED("overlap", gx_binary_backward(device, GX_FLOAT32, GX_ADD, &s, &s, x, y, z, x, nullptr));
  EXPECT_REFUSED("overlap", gx_binary_backward(device, GX_FLOAT32, GX_ADD, &s, &s, x, x, z, y, y));
  EXPECT_REFUSED("dy must not be null", gx_binary_backward(device, GX_FLOAT32, GX_ADD, &s, &s, x, x, nullptr, y, z));
}

TEST(GatedUnit, HalvesAreTheTwoOperands) {
  Device device(2);
  for (const auto& [rows, width] : {std::pair<int64_t, int64_t>{3, 5}, {2, 9001}, {500, 33}, {0, 4}, {4, 0}}) {
    const std::vector<float> x = reals(2 * rows * width, -3, 3, 1), dy = reals(rows * width, -2, 2, 2);
    std::vector<float> a(dy.size()), b(dy.size()), want(dy.size()), da(dy.size()), db(dy.size()), want_dx(x.size());
    for (int64_t i = 0; i < rows * width; ++i) {
      const int64_t at = i / width * 2 * width + i % width;
      a[size_t(i)] = x[size_t(at)], b[size_t(i)] = x[size_t(at + width)];
    }
    const gx_shape s = shape_of({rows * width});
    ASSERT_OK(gx_binary(device, GX_FLOAT32, GX_GATED, &s, &s, a.data(), b.data(), want.data()));
    ASSERT_OK(
        gx_binary_backward(device, GX_FLOAT32, GX_GATED, &s, &s, a.data(), b.data(), dy.data(), da.data(), db.data()));
    for (int64_t i = 0; i < rows * width; ++i) {
      const int64_t at = i / width * 2 * width + i % width;
      want_dx[size_t(at)] = da[size_t(i)], want_dx[size_t(at + width)] = db[size_t(i)];
    }
    Guarded<float> y(rows * width, 1), dx(2 * rows * width, 3), in_place(x, 1);
    ASSERT_OK(gx_gated_unit(device, GX_FLOAT32, rows, width, x.data(), y.data()));
    EXPECT_TRUE(close(y, want, {0, 0, true}));
    ASSERT_OK(gx_gated_unit_backward(device, GX_FLOAT32, rows, width, x.data(), dy.data(), dx.data()));
    EXPECT_TRUE(close(dx, want_dx, {0, 0, true}));
    ASSERT_OK(gx_gated_unit_backward(device, GX_FLOAT32, rows, width, in_place.data(), dy.data(), in_place.data()));
    EXPECT_TRUE(close(in_place, want_dx, {0, 0, true}));
    const std::vector<double> wide(x.begin(), x.end()), wide_dy(dy.begin(), dy.end());
    std::vector<double> wide_y(dy.size()), wide_dx(x.size());
    ASSERT_OK(gx_gated_unit(device, GX_FLOAT64, rows, width, wide.data(), wide_y.data()));
    EXPECT_TRUE(close(y, wide_y, {0, 1e-6, true}));
    ASSERT_OK(gx_gated_unit_backward(device, GX_FLOAT64, rows, width, wide.data(), wide_dy.data(), wide_dx.data()));
    EXPECT_TRUE(close(dx, wide_dx, {1e-6, 1e-6, true}));
  }
}

// Oracle 70: the gated unit is smooth, also at 0 from either side and far out.
TEST(GatedUnit, IsRightAtZeroAndFarOut) {
  Device device;
  const float inf = INFINITY, tiny = 1e-30f;
  const gx_shape s = shape_of({8});
  const std::vector<float> a = {tiny, -tiny, 100, -100, inf, -inf, 1, NAN}, b = {0, 0, 100, 100, 0, inf, -inf, 0};
  const std::vector<float> dy(8, 1.0f);
  std::vector<float> y(8), da(8), db(8);
  ASSERT_OK(gx_binary(device, GX_FLOAT32, GX_GATED, &s, &s, a.data(), b.data(), y.data()));
  EXPECT_TRUE(close(y, std::vector<double>{0.5e-30, -0.5e-30, 1, -1, 0.5, -1, 0, NAN}, {1e-37, 1e-6}));
  ASSERT_OK(
      gx_binary_backward(device, GX_FLOAT32, GX_GATED, &s, &s, a.data(), b.data(), dy.data(), da.data(), db.data()));
  EXPECT_TRUE(close(da, std::vector<double>{0.5, 0.5, 0, 0, 0, 0, 0, NAN}, {1e-7, 1e-6}));
  EXPECT_TRUE(close(db, std::vector<double>{0.25e-30, -0.25e-30, 0, 0, 0.25, 0, 0, NAN}, {1e-34, 1e-6}));
}

TEST(GatedUnit, RefusesWhatItCannotDo) {
  Device device;
  float x[16] = {}, y[16] = {}, z[16] = {};
  EXPECT_REFUSED("device", gx_gated_unit(nullptr, GX_FLOAT32, 2, 3, x, y));
  EXPECT_REFUSED("format", gx_gated_unit(device, GX_BITS, 2, 3, x, y));
  EXPECT_REFUSED("rows must be at least 0", gx_gated_unit(device, GX_FLOAT32, -1, 3, x, y));
  EXPECT_REFUSED("width must be at least 0", gx_gated_unit(device, GX_FLOAT32, 1, -3, x, y));
  EXPECT_REFUSED("63 bits", gx_gated_unit(device, GX_FLOAT32, INT64_MAX, 1, x, y));
  EXPECT_REFUSED("x must not be null", gx_gated_unit(device, GX_FLOAT32, 2, 3, nullptr, y));
  EXPECT_REFUSED("overlap", gx_gated_unit(device, GX_FLOAT32, 2, 3, x, x + 6));
  EXPECT_REFUSED("dy must not be null", gx_gated_unit_backward(device, GX_FLOAT32, 2, 3, x, nullptr, z));
  EXPECT_REFUSED("overlap", gx_gated_unit_backward(device, GX_FLOAT32, 2, 3, x, y, y));
}

TEST(Affine, EveryVariantAgreesWithTheReference) {
  int count = 0, ran = 0;
  const AffineVariant* variants = affine_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    for (const Pair& pair : pairs()) {
      const gx_shape sx = shape_of(pair.b), sy = broadcast(shape_of(pair.a), sx, "a", "b");
      const int64_t n = count_of(sy);
      const Walk<1> walk = broadcast_walk<1>(sy, {&sx});
      const Guarded<float> x(integers(count_of(sx), -9, 9, 1), 1);
      Guarded<float> y(n, 3);
      std::vector<float> want(static_cast<size_t>(n));
      reference::affine(3, -2, walk, x.data(), want.data());
      variants[v].affine(3, -2, {walk, 0, walk.rows, 0, walk.n}, x.data(), y.data());
      ASSERT_TRUE(close(y, want, {0, 0, true})) << ::testing::PrintToString(pair.a);
      Guarded<float> sum(integers(n, -9, 9, 5), 1);
      std::vector<float> want_sum = sum.values();
      reference::add_scaled(0.5, want.data(), want_sum.data(), n);
      variants[v].add_scaled(0.5, y.data(), sum.data(), n);
      ASSERT_TRUE(close(sum, want_sum, {0, 0, true}));
    }
  }
  EXPECT_GE(ran, 1);
}

TEST(Affine, EntriesDoTheSameInDoubleAndRefuseWhatTheyCannotDo) {
  Device device(2);
  const gx_shape row = shape_of({3}), two = shape_of({2, 3}), one = shape_of({1, 1, 3}), four = shape_of({4});
  const std::vector<double> x = {1, 2, 3};
  std::vector<double> y(6);
  ASSERT_OK(gx_affine(device, GX_FLOAT64, 2, 1, &row, &two, x.data(), y.data()));
  EXPECT_EQ(y, (std::vector<double>{3, 5, 7, 3, 5, 7}));
  ASSERT_OK(gx_add_scaled(device, GX_FLOAT64, -1, 3, x.data(), y.data()));
  EXPECT_EQ(y, (std::vector<double>{2, 3, 4, 3, 5, 7}));
  float f[8] = {1, 2, 3}, g[8] = {};
  ASSERT_OK(gx_affine(device, GX_FLOAT32, 2, 0, &row, &row, f, f));
  EXPECT_EQ(f[2], 6.0f);
  ASSERT_OK(gx_add_scaled(device, GX_FLOAT32, 2, 3, f, g));
  EXPECT_EQ(g[2], 12.0f);
  EXPECT_REFUSED("fit y's shape", gx_affine(device, GX_FLOAT32, 1, 0, &two, &row, f, g));
  EXPECT_REFUSED("fit y's shape", gx_affine(device, GX_FLOAT32, 1, 0, &one, &row, f, g));
  EXPECT_REFUSED("equal or 1", gx_affine(device, GX_FLOAT32, 1, 0, &four, &row, f, g));
  EXPECT_REFUSED("format", gx_affine(device, GX_BITS, 1, 0, &row, &row, f, g));
  EXPECT_REFUSED("device", gx_affine(nullptr, GX_FLOAT32, 1, 0, &row, &row, f, g));
  EXPECT_REFUSED("x_shape must not be null", gx_affine(device, GX_FLOAT32, 1, 0, nullptr, &row, f, g));
  EXPECT_REFUSED("overlap", gx_affine(device, GX_FLOAT32, 1, 0, &row, &two, f, f + 2));
  EXPECT_REFUSED("overlap", gx_add_scaled(device, GX_FLOAT32, 1, 3, f, f));
  EXPECT_REFUSED("x must not be null", gx_add_scaled(device, GX_FLOAT32, 1, 3, nullptr, f));
  EXPECT_REFUSED("at least 0", gx_add_scaled(device, GX_FLOAT32, 1, -1, f, g));
}

}  // namespace
}  // namespace gx::test
