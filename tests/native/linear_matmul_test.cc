// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The dense product: every variant against the reference, exact where the numbers allow it.

#include <cmath>
#include <limits>

#include "compare.h"
#include "guarded.h"
#include "kernels/linear/matmul/matmul.h"
#include "runtime/device.h"
#include "support.h"

namespace gx::test {
namespace {

constexpr double kEps = std::numeric_limits<float>::epsilon();

gx_matmul_params shape(int64_t m, int64_t n, int64_t k, int which = 0) {
  gx_matmul_params p = {};
  p.batch = 1, p.m = m, p.n = n, p.k = k;
  p.transpose_a = which & 1, p.transpose_b = which >> 1 & 1, p.accumulate = which >> 2 & 1;
  return p;
}

std::string name(const gx_matmul_params& p) {
  return std::to_string(p.m) + "x" + std::to_string(p.n) + "x" + std::to_string(p.k) + (p.transpose_a ? " T" : " N") +
         (p.transpose_b ? "T" : "N") + (p.accumulate ? " +" : "");
}

template <class Body>
void each_variant(Body body) {
  int count = 0, ran = 0;
  const MatmulVariant* variants = matmul_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    SCOPED_TRACE(std::string("instruction set ") + std::to_string(variants[v].line.isa));
    body(variants[v].run);
  }
  EXPECT_GE(ran, 1);
}

// Integers, so that every order of the sum is exact; operands a float off the grid, canaries around the result.
void expect_exact(MatmulKernel run, const gx_matmul_params& p, int32_t threads = 1) {
  Device device(threads);
  Workspace workspace(*device);
  Team team(*device, workspace);
  const Guarded<float> a(integers(p.m * p.k, -4, 4, 1), 1), b(integers(p.k * p.n, -4, 4, 2), 3);
  const std::vector<float> before = integers(p.m * p.n, -9, 9, 3);
  std::vector<float> want = before;
  Guarded<float> got(p.accumulate ? before : std::vector<float>(before.size(), NAN), 1);
  reference::matmul(p, a.data(), b.data(), want.data());
  run(p, a.data(), b.data(), got.data(), team);
  EXPECT_TRUE(close(got.values(), want, {0, 0, true})) << name(p);
  EXPECT_TRUE(got.intact());
}

TEST(Matmul, IsExactOnIntegersAroundTheEdgesOfTiles) {
  each_variant([](MatmulKernel run) {
    for (int which = 0; which < 8; ++which) {
      const int64_t step = quick() ? 7 : 1;
      for (int64_t m = 1; m <= 70; m += step) expect_exact(run, shape(m, 33, 7, which));
      for (int64_t n = 1; n <= 70; n += step) expect_exact(run, shape(15, n, 9, which));
      for (int64_t k : {0, 1, 2, 3, 15, 16, 17, 33, 511, 512, 513, 1025}) expect_exact(run, shape(5, 37, k, which));
    }
  });
}

TEST(Matmul, IsExactForAFewRows) {
  each_variant([](MatmulKernel run) {
    for (int which : {2, 6}) {
      for (int64_t m = 1; m <= 6; ++m) {
        for (int64_t n : {1, 3, 4, 5, 8, 9, 17, 200}) {
          for (int64_t k : {0, 1, 15, 16, 17, 40, 600}) expect_exact(run, shape(m, n, k, which), 1 + int(n % 3));
        }
      }
    }
  });
}

TEST(Matmul, IsExactWhereOperandsArePacked) {
  each_variant([](MatmulKernel run) {
    for (int which = 0; which < (quick() ? 4 : 8); ++which) {
      expect_exact(run, shape(30, 530, 30, which));   // A
      expect_exact(run, shape(150, 40, 20, which));   // B
      expect_exact(run, shape(512, 20, 33, which));   // strides that crowd the cache
      expect_exact(run, shape(33, 512, 40, which));   //
      expect_exact(run, shape(17, 70, 512, which));   //
      expect_exact(run, shape(451, 530, 21, which));  // several items
    }
  });
}

TEST(Matmul, AgreesWithTheReferenceOnRealNumbers) {
  each_variant([](MatmulKernel run) {
    Device device(2);
    Workspace workspace(*device);
    Team team(*device, workspace);
    for (const gx_matmul_params& p : {shape(37, 61, 100, 0), shape(20, 45, 700, 2), shape(61, 37, 64, 1)}) {
      const std::vector<float> a = reals(p.m * p.k, -1, 1, 4), b = reals(p.k * p.n, -1, 1, 5);
      std::vector<float> want(size_t(p.m * p.n)), got = want;
      reference::matmul(p, a.data(), b.data(), want.data());
      run(p, a.data(), b.data(), got.data(), team);
      EXPECT_TRUE(close(got, want, {kEps * double(p.k) / 2, kEps})) << name(p);
    }
  });
}

TEST(Matmul, BitsDependNeitherOnThreadsNorOnTheOtherRowsAndColumns) {
  each_variant([](MatmulKernel run) {
    for (int which = 0; which < 4; ++which) {
      const gx_matmul_params p = shape(130, 260, 530, which);
      const std::vector<float> a = reals(p.m * p.k, -1, 1, 6), b = reals(p.k * p.n, -1, 1, 7);
      std::vector<float> first;
      for (int32_t threads : thread_counts()) {
        Device device(threads);
        Workspace workspace(*device);
        Team team(*device, workspace);
        std::vector<float> c(size_t(p.m * p.n));
        run(p, a.data(), b.data(), c.data(), team);
        if (first.empty()) first = c;
        EXPECT_EQ(c, first) << name(p) << " on " << threads << " threads";
      }
      if (which != 2) continue;  // some rows alone: their inputs are contiguous
      Device device(1);
      Workspace workspace(*device);
      Team team(*device, workspace);
      std::vector<float> rows(size_t(5 * p.n));
      run(shape(5, p.n, p.k, which), a.data() + 77 * p.k, b.data(), rows.data(), team);
      EXPECT_EQ(rows, std::vector<float>(first.begin() + 77 * p.n, first.begin() + 82 * p.n));
    }
  });
}

TEST(Matmul, TakesBatchesWithStepsAndSharedOperands) {
  each_variant([](MatmulKernel run) {
    for (int32_t threads : {1, 3}) {
      for (int64_t a_step : {int64_t(0), int64_t(5 * 7), int64_t(5 * 7 + 3)}) {
        gx_matmul_params p = shape(5, 18, 7);
        p.batch = 4, p.a_step = a_step, p.b_step = 7 * 18 + 1, p.c_step = 5 * 18 + 2;
        Device device(threads);
        Workspace workspace(*device);
        Team team(*device, workspace);
        const std::vector<float> a = integers(4 * (5 * 7 + 3), -4, 4, 1), b = integers(4 * p.b_step, -4, 4, 2);
        std::vector<float> want(size_t(4 * p.c_step), -1.0f), got = want;
        reference::matmul(p, a.data(), b.data(), want.data());
        run(p, a.data(), b.data(), got.data(), team);
        EXPECT_TRUE(close(got, want));
      }
    }
  });
}

TEST(Matmul, NanAndInfinityTravel) {
  Device device(1);
  const gx_matmul_params p = shape(3, 20, 5);
  std::vector<float> a(15, 1.0f), b(100, 1.0f), c(60);
  a[1] = NAN, a[5] = INFINITY;
  ASSERT_OK(gx_matmul(device, GX_FLOAT32, &p, a.data(), b.data(), c.data()));
  for (int j = 0; j < 20; ++j) {
    EXPECT_TRUE(std::isnan(c[size_t(j)]));
    EXPECT_EQ(c[size_t(20 + j)], INFINITY);
    EXPECT_EQ(c[size_t(40 + j)], 5.0f);
  }
}

TEST(Matmul, DoublesAreTheReferenceAndEmptyProductsAreZero) {
  Device device(2);
  const std::vector<float> narrow_a = reals(21, -1, 1, 1), narrow_b = reals(28, -1, 1, 2);
  const std::vector<double> a(narrow_a.begin(), narrow_a.end()), b(narrow_b.begin(), narrow_b.end());
  const gx_matmul_params p = shape(3, 4, 7, 3);
  std::vector<double> want(12), got(12);
  reference::matmul(p, a.data(), b.data(), want.data());
  ASSERT_OK(gx_matmul(device, GX_FLOAT64, &p, a.data(), b.data(), got.data()));
  EXPECT_EQ(got, want);
  std::vector<float> c = {1, 2, 3, 4};
  gx_matmul_params none = shape(2, 2, 0, 4);
  ASSERT_OK(gx_matmul(device, GX_FLOAT32, &none, nullptr, nullptr, c.data()));
  EXPECT_EQ(c, (std::vector<float>{1, 2, 3, 4}));
  none.accumulate = 0;
  ASSERT_OK(gx_matmul(device, GX_FLOAT32, &none, nullptr, nullptr, c.data()));
  EXPECT_EQ(c, std::vector<float>(4));
  const gx_matmul_params empty = shape(0, 3, 2);
  EXPECT_OK(gx_matmul(device, GX_FLOAT32, &empty, nullptr, c.data() /* never read */, nullptr));
}

TEST(Matmul, RefusesWhatItCannotDo) {
  Device device;
  float a[64] = {}, b[64] = {}, c[64] = {};
  const auto call = [&](gx_matmul_params p, const void* x, const void* y, void* z) {
    return gx_matmul(device, GX_FLOAT32, &p, x, y, z);
  };
  gx_matmul_params p = shape(4, 4, 4);
  EXPECT_REFUSED("device", gx_matmul(nullptr, GX_FLOAT32, &p, a, b, c));
  EXPECT_REFUSED("params", gx_matmul(device, GX_FLOAT32, nullptr, a, b, c));
  EXPECT_REFUSED("format", gx_matmul(device, GX_BITS, &p, a, b, c));
  EXPECT_REFUSED("A must not be null", call(p, nullptr, b, c));
  EXPECT_REFUSED("B must not be null", call(p, a, nullptr, c));
  EXPECT_REFUSED("C must not be null", call(p, a, b, nullptr));
  EXPECT_REFUSED("C and A must not overlap", call(p, c + 3, b, c));
  EXPECT_REFUSED("C and B must not overlap", call(p, a, c, c));
  EXPECT_REFUSED("m must be at least 0", call(shape(-1, 4, 4), a, b, c));
  EXPECT_REFUSED("n must be at least 0", call(shape(4, -1, 4), a, b, c));
  EXPECT_REFUSED("k must be at least 0", call(shape(4, 4, -1), a, b, c));
  EXPECT_REFUSED("63 bits", call(shape(int64_t(1) << 40, int64_t(1) << 40, 1), a, b, c));
  p.batch = -1;
  EXPECT_REFUSED("batch", call(p, a, b, c));
  p.batch = 2, p.c_step = 16;
  EXPECT_OK(call(p, a, b, c));
  p.a_step = 15;
  EXPECT_REFUSED("a_step must be at least 16", call(p, a, b, c));
  p.a_step = 0, p.b_step = -1;
  EXPECT_REFUSED("b_step", call(p, a, b, c));
  p.b_step = 0, p.c_step = 0;
  EXPECT_REFUSED("c_step", call(p, a, b, c));
  p.c_step = INT64_MAX / 2;
  EXPECT_REFUSED("63 bits", call(p, a, b, c));
}

}  // namespace
}  // namespace gx::test
