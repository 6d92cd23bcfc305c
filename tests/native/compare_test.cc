// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The comparator and the guarded buffer are fed wrong answers.

#include "compare.h"

#include <gtest/gtest-spi.h>

#include <string>

#include "guarded.h"

namespace gx::test {
namespace {

const float kNan = std::numeric_limits<float>::quiet_NaN(), kInf = std::numeric_limits<float>::infinity();
using Floats = std::vector<float>;

TEST(Comparator, AcceptsWhatIsEqual) {
  EXPECT_TRUE(close(Floats{1, -2, 0}, Floats{1, -2, 0}));
  EXPECT_TRUE(close(Floats{kInf, -kInf, kNan, 1}, Floats{kInf, -kInf, kNan, 1}));
  EXPECT_TRUE(close(Floats{}, Floats{}));
  EXPECT_TRUE(close(Floats{1, 2}, std::vector<double>{1, 2}));
  EXPECT_TRUE(close(std::vector<int64_t>{int64_t(1) << 40}, std::vector<int64_t>{int64_t(1) << 40}));
}

TEST(Comparator, NamesTheWorstElementAndBothValues) {
  const auto result = close(Floats{1, 2.25f, 30, 4}, Floats{1, 2, 3, 4});
  ASSERT_FALSE(result);
  const std::string text = result.message();
  EXPECT_NE(text.find("2 of 4"), std::string::npos) << text;
  EXPECT_NE(text.find("worst at 2: got 30, want 3"), std::string::npos) << text;
}

TEST(Comparator, RefusesNan) {
  EXPECT_FALSE(close(Floats{1, kNan}, Floats{1, 2}, {1e30, 1e30}));
  EXPECT_FALSE(close(Floats{1, 2}, Floats{1, kNan}, {1e30, 1e30}));
  EXPECT_FALSE(close(Floats{1, kInf}, Floats{1, kNan}, {1e30, 1e30}));
}

TEST(Comparator, RefusesTheWrongInfinity) {
  EXPECT_FALSE(close(Floats{kInf, 1}, Floats{-kInf, 1}, {1e30, 1e30}));
  EXPECT_FALSE(close(Floats{3e38f, 1}, Floats{kInf, 1}, {1e30, 1e30}));
  EXPECT_FALSE(close(Floats{kInf, 1}, Floats{3e38f, 1}, {1e30, 1e30}));
}

TEST(Comparator, RefusesZerosUnlessAllowed) {
  EXPECT_FALSE(close(Floats{0, 0}, Floats{0, 0}));
  EXPECT_FALSE(close(Floats{0, 0}, Floats{1e-9f, 0}, {1e-3, 0}));
  EXPECT_TRUE(close(Floats{0, 0}, Floats{0, 0}, {0, 0, true}));
  EXPECT_FALSE(close(Floats{0, 0}, Floats{0, 1}, {0, 0, true}));
}

TEST(Comparator, HoldsTheTolerances) {
  EXPECT_TRUE(close(Floats{1.5f}, Floats{1}, {0.5, 0}));
  EXPECT_FALSE(close(Floats{1.5f}, Floats{1}, {0.499, 0}));
  EXPECT_TRUE(close(Floats{110}, Floats{100}, {0, 0.1}));
  EXPECT_FALSE(close(Floats{111}, Floats{100}, {0, 0.1}));
  EXPECT_FALSE(close(Floats{-100}, Floats{100}, {0, 0.1}));
}

TEST(Comparator, RefusesAnotherLength) { EXPECT_FALSE(close(Floats{1, 2}, Floats{1, 2, 3})); }

#if !defined(__SANITIZE_ADDRESS__)  // there the writes below stop the process, as they should
TEST(Guarded, SeesWritesOnEitherSide) {
  for (int64_t offset : {0, 1, 3}) {
    Guarded<float> buffer(5, offset);
    EXPECT_TRUE(buffer.intact());
    float* const data = buffer.data();
    for (int64_t outside : {-1, -20, 5, 24}) {
      const float before = data[outside];
      data[outside] = 1;
      EXPECT_FALSE(buffer.intact()) << outside;
      data[outside] = before;
    }
    EXPECT_TRUE(buffer.intact());
  }
}
TEST(Guarded, ReportsWhenItGoes) {
  EXPECT_NONFATAL_FAILURE(
      {
        Guarded<float> buffer(3);
        buffer.data()[3] = 0;
      },
      "after its end");
}
#endif

TEST(Guarded, StandsWhereAskedAndBeginsAsNan) {
  for (int64_t offset : {0, 1, 7}) {
    Guarded<float> buffer(9, offset);
    EXPECT_EQ(uintptr_t(buffer.data()) % 64, uintptr_t(offset) * 4);
    for (float x : buffer) EXPECT_TRUE(std::isnan(x));
  }
}

}  // namespace
}  // namespace gx::test
