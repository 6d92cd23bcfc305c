// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Selection by a mask: every variant against the reference.

#include <cmath>

#include "compare.h"
#include "guarded.h"
#include "kernels/elementwise/select/select.h"
#include "support.h"

namespace gx::test {
namespace {

TEST(Select, EveryVariantAgreesWithTheReference) {
  int count = 0, ran = 0;
  const SelectVariant* variants = select_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    for (int64_t n : edge_sizes(70)) {
      const Guarded<float> mask(integers(n, 0, 1, 1), 1), a(reals(n, -3, 3, 2), 3), b(reals(n, -3, 3, 3), 5);
      for (const float* first : {a.data(), static_cast<const float*>(nullptr)}) {
        for (const float* second : {b.data(), static_cast<const float*>(nullptr)}) {
          Guarded<float> y(n, 1);
          std::vector<float> want(static_cast<size_t>(n));
          reference::select(mask.data(), first, second, want.data(), n);
          variants[v].run(mask.data(), first, second, y.data(), n);
          ASSERT_TRUE(close(y, want, {0, 0, true}));
        }
      }
    }
  }
  EXPECT_GE(ran, 1);
}

TEST(Select, TakesNothingOfTheOtherBranch) {
  Device device(2);
  const std::vector<float> mask = {1, 0, 1}, a = {1, NAN, 3}, b = {INFINITY, 5, NAN};
  std::vector<float> y(3);
  ASSERT_OK(gx_select(device, GX_FLOAT32, 3, mask.data(), a.data(), b.data(), y.data()));
  EXPECT_EQ(y, (std::vector<float>{1, 5, 3}));
  ASSERT_OK(gx_select(device, GX_FLOAT32, 3, mask.data(), a.data(), nullptr, y.data()));
  EXPECT_EQ(y, (std::vector<float>{1, 0, 3}));
  const std::vector<double> wide_mask = {0, 1}, wide = {1, 2};
  std::vector<double> result = {8, 9};
  ASSERT_OK(gx_select(device, GX_FLOAT64, 2, wide_mask.data(), wide.data(), result.data(), result.data()));
  EXPECT_EQ(result, (std::vector<double>{8, 2}));
}

TEST(Select, RefusesWhatItCannotDo) {
  Device device;
  float x[8] = {}, z[8] = {};
  EXPECT_REFUSED("device", gx_select(nullptr, GX_FLOAT32, 4, x, nullptr, nullptr, z));
  EXPECT_REFUSED("format", gx_select(device, GX_BITS, 4, x, nullptr, nullptr, z));
  EXPECT_REFUSED("mask must not be null", gx_select(device, GX_FLOAT32, 4, nullptr, nullptr, nullptr, z));
  EXPECT_REFUSED("y must not be null", gx_select(device, GX_FLOAT32, 4, x, nullptr, nullptr, nullptr));
  EXPECT_REFUSED("overlap", gx_select(device, GX_FLOAT32, 4, x, z + 1, nullptr, z));
  EXPECT_REFUSED("at least 0", gx_select(device, GX_FLOAT32, -1, x, nullptr, nullptr, z));
}

}  // namespace
}  // namespace gx::test
