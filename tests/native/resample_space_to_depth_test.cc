// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Blocks of pixels to channels and back.

#include <numeric>

#include "compare.h"
#include "guarded.h"
#include "kernels/resample/space_to_depth/space_to_depth.h"
#include "support.h"

namespace gx::test {
namespace {

template <class T>
std::vector<T> numbered(int64_t n) {
  std::vector<T> v(static_cast<size_t>(n));
  std::iota(v.begin(), v.end(), T(1));
  return v;
}

TEST(SpaceToDepth, EveryVariantTakesTurns) {
  int count = 0, ran = 0;
  const SpaceToDepthVariant* variants = space_to_depth_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    for (int64_t block : {1, 2, 3, 4}) {
      for (int64_t n : edge_sizes(40)) {
        std::vector<int64_t> apart;
        for (int64_t j = 0; j < block; ++j) apart.push_back((block - 1 - j) * (n + 3));
        const int64_t narrow_size = block * (n + 3);
        Guarded<float> wide(numbered<float>(block * n), 1), narrow(narrow_size, 3), back(block * n, 1);
        variants[v].run(block, n, false, apart.data(), wide.data(), narrow.data());
        for (int64_t j = 0; j < block; ++j) {
          for (int64_t k = 0; k < n; ++k) ASSERT_EQ(narrow[apart[size_t(j)] + k], wide[k * block + j]);
          for (int64_t k = n; k < n + 3; ++k) ASSERT_NE(narrow[apart[size_t(j)] + k], narrow[apart[size_t(j)] + k]);
        }
        variants[v].run(block, n, true, apart.data(), back.data(), narrow.data());
        ASSERT_EQ(back.values(), wide.values());
      }
    }
  }
  EXPECT_GE(ran, 1);
}

template <class T>
void expect_round_trip(gx_device* device, gx_format format) {
  for (gx_block_order order : {GX_BLOCK_BY_CHANNEL, GX_BLOCK_BY_PIXEL, GX_BLOCK_BY_CHECKERBOARD}) {
    for (int64_t b : {1, 2, 3}) {
      if (order == GX_BLOCK_BY_CHECKERBOARD && b != 2) continue;
      gx_space_to_depth_params p = {3, 5, 4 * b, 9 * b, b, order, 0};
      const int64_t n = 3 * 5 * 36 * b * b;
      const Guarded<T> x(numbered<T>(n), 1);
      Guarded<T> y(n, 1), back(n, 3);
      std::vector<T> want(static_cast<size_t>(n));
      reference::space_to_depth(p, x.data(), want.data());
      ASSERT_OK(gx_space_to_depth(device, format, &p, x.data(), y.data()));
      EXPECT_EQ(y.values(), want);
      p.adjoint = 1;
      ASSERT_OK(gx_space_to_depth(device, format, &p, y.data(), back.data()));
      EXPECT_EQ(back.values(), x.values());
    }
  }
}

// Oracles 59 and 67: depth_to_space(space_to_depth(x)) = x.
TEST(SpaceToDepth, DepthToSpaceIsItsInverse) {
  for (int32_t threads : thread_counts()) {
    Device device(threads);
    expect_round_trip<float>(device, GX_FLOAT32);
    expect_round_trip<double>(device, GX_FLOAT64);
  }
}

TEST(SpaceToDepth, OrdersChannelsAsTheySay) {
  Device device(1);
  const std::vector<float> x = {0, 1, 2, 3, 10, 11, 12, 13};  // two channels of 2 x 2: 10 c + 2 i + j
  std::vector<float> y(8);
  gx_space_to_depth_params p = {1, 2, 2, 2, 2, GX_BLOCK_BY_CHANNEL, 0};
  ASSERT_OK(gx_space_to_depth(device, GX_FLOAT32, &p, x.data(), y.data()));
  EXPECT_EQ(y, x);
  p.order = GX_BLOCK_BY_PIXEL;
  ASSERT_OK(gx_space_to_depth(device, GX_FLOAT32, &p, x.data(), y.data()));
  EXPECT_EQ(y, (std::vector<float>{0, 10, 1, 11, 2, 12, 3, 13}));
  p.order = GX_BLOCK_BY_CHECKERBOARD;
  ASSERT_OK(gx_space_to_depth(device, GX_FLOAT32, &p, x.data(), y.data()));
  EXPECT_EQ(y, (std::vector<float>{0, 10, 3, 13, 1, 11, 2, 12}));
}

TEST(SpaceToDepth, RefusesWhatItCannotDo) {
  Device device(1);
  float x[64] = {}, y[64] = {};
  const gx_space_to_depth_params good = {1, 2, 4, 4, 2, GX_BLOCK_BY_CHECKERBOARD, 0};
  const auto refuse = [&](const char* part, auto change) {
    gx_space_to_depth_params p = good;
    change(p);
    EXPECT_REFUSED(part, gx_space_to_depth(device, GX_FLOAT32, &p, x, y));
  };
  EXPECT_OK(gx_space_to_depth(device, GX_FLOAT32, &good, x, y));
  EXPECT_REFUSED("device", gx_space_to_depth(nullptr, GX_FLOAT32, &good, x, y));
  EXPECT_REFUSED("params", gx_space_to_depth(device, GX_FLOAT32, nullptr, x, y));
  EXPECT_REFUSED("format", gx_space_to_depth(device, GX_BITS, &good, x, y));
  EXPECT_REFUSED("from", gx_space_to_depth(device, GX_FLOAT32, &good, nullptr, y));
  EXPECT_REFUSED("to", gx_space_to_depth(device, GX_FLOAT32, &good, x, nullptr));
  EXPECT_REFUSED("overlap", gx_space_to_depth(device, GX_FLOAT32, &good, x, x));
  refuse("batch", [](auto& p) { p.batch = -1; });
  refuse("channels", [](auto& p) { p.channels = -1; });
  refuse("height", [](auto& p) { p.height = 0; });
  refuse("width", [](auto& p) { p.width = 0; });
  refuse("block must be in", [](auto& p) { p.block = 0; });
  refuse("divide height and width, got 3 for 4 x 4", [](auto& p) { p.block = 3; });
  refuse("the order", [](auto& p) { p.order = gx_block_order(3); });
  refuse("blocks of 2, got 4", [](auto& p) { p.block = 4; });
  refuse("the size of x", [](auto& p) { p.batch = int64_t(1) << 62; });
  const gx_space_to_depth_params none = {0, 2, 4, 4, 2, GX_BLOCK_BY_CHANNEL, 0};
  EXPECT_OK(gx_space_to_depth(device, GX_FLOAT32, &none, nullptr, nullptr));
}

}  // namespace
}  // namespace gx::test
