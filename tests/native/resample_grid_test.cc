// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Grids of affine maps and sampling along them.

#include <cmath>

#include "compare.h"
#include "guarded.h"
#include "kernels/resample/affine_grid/affine_grid.h"
#include "kernels/resample/grid_sample/grid_sample.h"
#include "support.h"

namespace gx::test {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Points in and around the picture, none near a pixel's centre, where the gradient of the grid jumps; some far off.
std::vector<float> points(const gx_grid_sample_params& p, uint64_t seed) {
  Source source(seed);
  std::vector<float> grid;
  for (int64_t k = 0; k < p.batch * p.out_size[0] * p.out_size[1]; ++k) {
    for (int axis : {1, 0}) {
      const double n = double(p.in_size[axis]);
      const double at = double(source.integer(-2, p.in_size[axis])) + source.real(0.1, 0.9);
      const double unit = p.align_corners ? 2 * at / std::max(1.0, n - 1) - 1 : (2 * at + 1) / n - 1;
      const int64_t kind = source.integer(0, 40);
      grid.push_back(kind == 0   ? kNan
                     : kind == 1 ? INFINITY
                     : kind == 2 ? -INFINITY
                     : kind == 3 ? -3e38f
                                 : float(unit));
    }
  }
  return grid;
}

std::vector<gx_grid_sample_params> cases() {
  std::vector<gx_grid_sample_params> all;
  for (int32_t align : {0, 1}) {
    for (int64_t channels : quick() ? std::vector<int64_t>{1, 5, 17} : edge_sizes(36)) {
      if (channels > 0) all.push_back({2, channels, {4, 5}, {3, 7}, align});
    }
    for (int64_t width : {2, 3, 8, 16, 17, 33}) {
      all.push_back({1, 3, {3, width}, {1, width + 1}, align});
      all.push_back({1, 2, {width, 2}, {width, 2}, align});
    }
  }
  all.push_back({1, 2, {1, 1}, {4, 5}, 0});
  return all;
}

// The position of a pixel is known to an epsilon of the picture's size, in which values of about 2 differ by 4.
Tolerance tolerance(const gx_grid_sample_params& p, double terms) {
  const double size = double(std::max(p.in_size[0], p.in_size[1]) + 2);
  return {terms * size * size * 0x1p-22, 1e-5, true};
}

TEST(GridSample, EveryVariantAgreesWithTheReference) {
  int count = 0, ran = 0;
  const GridSampleVariant* variants = grid_sample_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    for (const gx_grid_sample_params& p : cases()) {
      SCOPED_TRACE(std::to_string(p.channels) + " channels, " + std::to_string(p.in_size[0]) + "x" +
                   std::to_string(p.in_size[1]) + (p.align_corners ? " aligned" : ""));
      const int64_t in = p.in_size[0] * p.in_size[1], out = p.out_size[0] * p.out_size[1];
      const int64_t nx = p.batch * p.channels * in, ny = p.batch * p.channels * out, ng = p.batch * out * 2;
      const Guarded<float> x(reals(nx, -2, 2, 1), 1), grid(points(p, 2), 1), dy(reals(ny, -1, 1, 3), 1);
      Guarded<float> y(ny, 1), dx(nx, 1), dgrid(ng, 1), dx_alone(nx, 1), dgrid_alone(ng, 1);
      Guarded<float> scratch(grid_sample_scratch(p, true));
      std::vector<float> want(size_t(ny), 0.0f), want_dx(size_t(nx), 0.0f), want_dgrid(size_t(ng), 0.0f);
      reference::grid_sample(p, x.data(), grid.data(), want.data());
      reference::grid_sample_backward(p, x.data(), grid.data(), dy.data(), want_dx.data(), want_dgrid.data());
      for (int64_t n = 0; n < p.batch; ++n) {
        const int64_t at_x = n * p.channels * in, at_y = n * p.channels * out, at_g = n * out * 2;
        variants[v].forward(p, 0, p.channels, x.data() + at_x, grid.data() + at_g, y.data() + at_y, scratch.data());
        variants[v].backward(p, 0, p.channels, x.data() + at_x, grid.data() + at_g, dy.data() + at_y, dx.data() + at_x,
                             dgrid.data() + at_g, scratch.data());
        variants[v].backward(p, 0, p.channels, x.data() + at_x, grid.data() + at_g, dy.data() + at_y,
                             dx_alone.data() + at_x, nullptr, scratch.data());
        variants[v].backward(p, 0, p.channels, x.data() + at_x, grid.data() + at_g, dy.data() + at_y, nullptr,
                             dgrid_alone.data() + at_g, scratch.data());
      }
      EXPECT_TRUE(close(y, want, tolerance(p, 1)));
      EXPECT_TRUE(close(dx, want_dx, tolerance(p, 8)));
      EXPECT_TRUE(close(dgrid, want_dgrid, tolerance(p, double(p.channels) * 8)));
      EXPECT_EQ(dx.values(), dx_alone.values());
      EXPECT_EQ(dgrid.values(), dgrid_alone.values());
    }
  }
  EXPECT_GE(ran, 1);
}

// Oracle 51: the identity gives the picture back, exactly where its coordinates are floats; nothing of NaN beside it.
TEST(GridSample, TheIdentityGivesThePictureBack) {
  Device device(2);
  for (int32_t align : {0, 1}) {
    const int64_t height = align ? 5 : 4, width = align ? 17 : 16;
    const gx_affine_grid_params a = {2, height, width, align, 0};
    const gx_grid_sample_params p = {2, 3, {height, width}, {height, width}, align};
    const float theta[12] = {1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0};
    std::vector<float> grid(size_t(2 * height * width * 2)), x = reals(2 * 3 * height * width, -1, 1, 4), y(x.size());
    x[7] = kNan;
    x[40] = INFINITY;
    ASSERT_OK(gx_affine_grid(device, GX_FLOAT32, &a, theta, grid.data()));
    ASSERT_OK(gx_grid_sample(device, GX_FLOAT32, &p, x.data(), grid.data(), y.data()));
    EXPECT_TRUE(close(y, x));
  }
}

TEST(GridSample, AFlipAndAShiftByAPixel) {
  Device device(1);
  const gx_grid_sample_params p = {1, 1, {2, 4}, {2, 4}, 0};
  const gx_affine_grid_params a = {1, 2, 4, 0, 0};
  const float x[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  std::vector<float> grid(16), y(8);
  const float flip[6] = {-1, 0, 0, 0, 1, 0}, shift[6] = {1, 0, 0.5f, 0, 1, 0};  // half of a half picture: one pixel
  ASSERT_OK(gx_affine_grid(device, GX_FLOAT32, &a, flip, grid.data()));
  ASSERT_OK(gx_grid_sample(device, GX_FLOAT32, &p, x, grid.data(), y.data()));
  EXPECT_EQ(y, (std::vector<float>{4, 3, 2, 1, 8, 7, 6, 5}));
  ASSERT_OK(gx_affine_grid(device, GX_FLOAT32, &a, shift, grid.data()));
  ASSERT_OK(gx_grid_sample(device, GX_FLOAT32, &p, x, grid.data(), y.data()));
  EXPECT_EQ(y, (std::vector<float>{2, 3, 4, 0, 6, 7, 8, 0}));
}

TEST(GridSample, CallsAreTheSameForAnyNumberOfThreads) {
  const gx_grid_sample_params p = {3, 70, {6, 9}, {7, 5}, 0};
  const std::vector<float> x = reals(3 * 70 * 54, -1, 1, 1), grid = points(p, 2), dy = reals(3 * 70 * 35, -1, 1, 3);
  const std::vector<double> x2(x.begin(), x.end()), grid2(grid.begin(), grid.end()), dy2(dy.begin(), dy.end());
  std::vector<float> want, want_dx, want_dgrid;
  std::vector<double> exact(dy.size()), exact_dx(x.size()), exact_dgrid(grid.size());
  for (int32_t threads : thread_counts()) {
    Device device(threads);
    std::vector<float> y(dy.size()), dx(x.size()), dgrid(grid.size()), alone(x.size());
    ASSERT_OK(gx_grid_sample(device, GX_FLOAT32, &p, x.data(), grid.data(), y.data()));
    ASSERT_OK(
        gx_grid_sample_backward(device, GX_FLOAT32, &p, x.data(), grid.data(), dy.data(), dx.data(), dgrid.data()));
    ASSERT_OK(gx_grid_sample_backward(device, GX_FLOAT32, &p, x.data(), grid.data(), dy.data(), alone.data(), nullptr));
    EXPECT_EQ(alone, dx);
    if (threads == 1) {
      want = y, want_dx = dx, want_dgrid = dgrid;
      ASSERT_OK(gx_grid_sample(device, GX_FLOAT64, &p, x2.data(), grid2.data(), exact.data()));
      ASSERT_OK(gx_grid_sample_backward(device, GX_FLOAT64, &p, x2.data(), grid2.data(), dy2.data(), exact_dx.data(),
                                        exact_dgrid.data()));
      EXPECT_TRUE(close(y, exact, tolerance(p, 1)));
      EXPECT_TRUE(close(dx, exact_dx, tolerance(p, 8)));
      EXPECT_TRUE(close(dgrid, exact_dgrid, tolerance(p, 500)));
    }
    EXPECT_EQ(y, want);
    EXPECT_EQ(dx, want_dx);
    EXPECT_EQ(dgrid, want_dgrid);
  }
}

TEST(AffineGrid, IsLinearInThetaAndBackAgain) {
  for (int32_t align : {0, 1}) {
    Device device(3);
    gx_affine_grid_params p = {3, 4, 5, align, 0};
    const auto theta = reals(18, -1, 1, 1), dy = reals(120, -1, 1, 2);
    const std::vector<double> wide(theta.begin(), theta.end()), wide_dy(dy.begin(), dy.end());
    Guarded<float> grid(120, 1), dtheta(18, 1);
    std::vector<double> exact(120), exact_dtheta(18);
    ASSERT_OK(gx_affine_grid(device, GX_FLOAT32, &p, theta.data(), grid.data()));
    ASSERT_OK(gx_affine_grid(device, GX_FLOAT64, &p, wide.data(), exact.data()));
    for (int64_t n = 0; n < 3; ++n) {
      const double x = align ? 2 * 3 / 4.0 - 1 : 7 / 5.0 - 1, y = align ? 2 * 1 / 3.0 - 1 : 3 / 4.0 - 1;
      const double* const t = wide.data() + 6 * n;
      EXPECT_NEAR(exact[size_t(n * 40 + (1 * 5 + 3) * 2)], t[0] * x + t[1] * y + t[2], 1e-15);
      EXPECT_NEAR(exact[size_t(n * 40 + (1 * 5 + 3) * 2 + 1)], t[3] * x + t[4] * y + t[5], 1e-15);
    }
    EXPECT_TRUE(close(grid, exact, {2e-7, 0}));
    p.adjoint = 1;
    ASSERT_OK(gx_affine_grid(device, GX_FLOAT32, &p, dy.data(), dtheta.data()));
    ASSERT_OK(gx_affine_grid(device, GX_FLOAT64, &p, wide_dy.data(), exact_dtheta.data()));
    EXPECT_TRUE(close(dtheta, exact_dtheta, {2e-6, 0}));
    double forward = 0, back = 0;
    for (size_t i = 0; i < 120; ++i) forward += exact[i] * wide_dy[i];
    for (size_t i = 0; i < 18; ++i) back += exact_dtheta[i] * wide[i];
    EXPECT_NEAR(forward, back, 1e-12);
  }
}

TEST(AffineGrid, OnePixelStandsInTheMiddle) {
  Device device(1);
  for (int32_t align : {0, 1}) {
    const gx_affine_grid_params p = {1, 1, 1, align, 0};
    const float theta[6] = {1, 2, 3, 4, 5, 6};
    float grid[2];
    ASSERT_OK(gx_affine_grid(device, GX_FLOAT32, &p, theta, grid));
    EXPECT_EQ(grid[0], 3);
    EXPECT_EQ(grid[1], 6);
  }
}

TEST(AffineGrid, RefusesWhatItCannotDo) {
  Device device(1);
  float x[64] = {}, y[64] = {};
  const gx_affine_grid_params good = {2, 2, 3, 0, 0};
  const auto refuse = [&](const char* part, auto change) {
    gx_affine_grid_params p = good;
    change(p);
    EXPECT_REFUSED(part, gx_affine_grid(device, GX_FLOAT32, &p, x, y));
  };
  EXPECT_OK(gx_affine_grid(device, GX_FLOAT32, &good, x, y));
  EXPECT_REFUSED("device", gx_affine_grid(nullptr, GX_FLOAT32, &good, x, y));
  EXPECT_REFUSED("params", gx_affine_grid(device, GX_FLOAT32, nullptr, x, y));
  EXPECT_REFUSED("format", gx_affine_grid(device, GX_BITS, &good, x, y));
  EXPECT_REFUSED("from", gx_affine_grid(device, GX_FLOAT32, &good, nullptr, y));
  EXPECT_REFUSED("to", gx_affine_grid(device, GX_FLOAT32, &good, x, nullptr));
  EXPECT_REFUSED("overlap", gx_affine_grid(device, GX_FLOAT32, &good, x, x + 11));
  refuse("batch", [](auto& p) { p.batch = -1; });
  refuse("height", [](auto& p) { p.height = 0; });
  refuse("width", [](auto& p) { p.width = 0; });
}

TEST(GridSample, RefusesWhatItCannotDo) {
  Device device(1);
  float x[64] = {}, g[64] = {}, y[64] = {}, dx[64] = {}, dg[64] = {};
  const gx_grid_sample_params good = {1, 2, {3, 4}, {2, 3}, 0};
  const auto refuse = [&](const char* part, auto change) {
    gx_grid_sample_params p = good;
    change(p);
    EXPECT_REFUSED(part, gx_grid_sample(device, GX_FLOAT32, &p, x, g, y));
    EXPECT_REFUSED(part, gx_grid_sample_backward(device, GX_FLOAT32, &p, x, g, y, dx, dg));
  };
  EXPECT_OK(gx_grid_sample(device, GX_FLOAT32, &good, x, g, y));
  EXPECT_OK(gx_grid_sample_backward(device, GX_FLOAT32, &good, x, g, y, nullptr, nullptr));
  EXPECT_REFUSED("device", gx_grid_sample(nullptr, GX_FLOAT32, &good, x, g, y));
  EXPECT_REFUSED("params", gx_grid_sample(device, GX_FLOAT32, nullptr, x, g, y));
  EXPECT_REFUSED("format", gx_grid_sample(device, GX_BITS, &good, x, g, y));
  EXPECT_REFUSED("x must not be null", gx_grid_sample(device, GX_FLOAT32, &good, nullptr, g, y));
  EXPECT_REFUSED("grid must not be null", gx_grid_sample(device, GX_FLOAT32, &good, x, nullptr, y));
  EXPECT_REFUSED("y must not be null", gx_grid_sample(device, GX_FLOAT32, &good, x, g, nullptr));
  EXPECT_REFUSED("overlap", gx_grid_sample(device, GX_FLOAT32, &good, x, g, x + 23));
  EXPECT_REFUSED("overlap", gx_grid_sample(device, GX_FLOAT32, &good, x, g, g + 11));
  EXPECT_REFUSED("device", gx_grid_sample_backward(nullptr, GX_FLOAT32, &good, x, g, y, dx, dg));
  EXPECT_REFUSED("params", gx_grid_sample_backward(device, GX_FLOAT32, nullptr, x, g, y, dx, dg));
  EXPECT_REFUSED("format", gx_grid_sample_backward(device, GX_BITS, &good, x, g, y, dx, dg));
  EXPECT_REFUSED("x must not be null", gx_grid_sample_backward(device, GX_FLOAT32, &good, nullptr, g, y, dx, dg));
  EXPECT_REFUSED("grid must not be null", gx_grid_sample_backward(device, GX_FLOAT32, &good, x, nullptr, y, dx, dg));
  EXPECT_REFUSED("dy must not be null", gx_grid_sample_backward(device, GX_FLOAT32, &good, x, g, nullptr, dx, dg));
  EXPECT_REFUSED("overlap", gx_grid_sample_backward(device, GX_FLOAT32, &good, x, g, y, dx, dx + 3));
  EXPECT_REFUSED("overlap", gx_grid_sample_backward(device, GX_FLOAT32, &good, x, g, y, x, dg));
  refuse("batch", [](auto& p) { p.batch = -1; });
  refuse("channels", [](auto& p) { p.channels = -1; });
  refuse("in_size", [](auto& p) { p.in_size[0] = 0; });
  refuse("out_size", [](auto& p) { p.out_size[1] = 0; });
  refuse("the pixels of x", [](auto& p) { p.in_size[0] = p.in_size[1] = 1 << 20; });
  refuse("the pixels of y", [](auto& p) { p.out_size[0] = p.out_size[1] = 1 << 20; });
  refuse("the size of x", [](auto& p) { p.batch = int64_t(1) << 62; });
  gx_grid_sample_params none = good;
  none.channels = 0;
  dg[5] = 1;
  EXPECT_OK(gx_grid_sample(device, GX_FLOAT32, &none, nullptr, g, nullptr));
  EXPECT_OK(gx_grid_sample_backward(device, GX_FLOAT32, &none, nullptr, g, nullptr, nullptr, dg));
  EXPECT_EQ(dg[5], 0);
}

}  // namespace
}  // namespace gx::test
