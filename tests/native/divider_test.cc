// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "runtime/divider.h"

#include <gtest/gtest.h>

#include <vector>

#include "support.h"

namespace gx::test {
namespace {

// Numbers where quotients turn: powers of two and their neighbours, and the greatest of all.
std::vector<int64_t> turning_numbers() {
  std::vector<int64_t> all = {INT64_MAX - 1, INT64_MAX, 10, 784, 1000003, 196608};
  for (int bit = 0; bit < 63; ++bit) {
    for (int64_t off : {-1, 0, 1}) all.push_back((int64_t(1) << bit) + off);
  }
  return all;
}

TEST(Divider, QuotientsAreThoseOfADivision) {
  Source source(1);
  for (int64_t divisor : turning_numbers()) {
    if (divisor < 1) continue;
    const Divider by = Divider::by(divisor);
    ASSERT_EQ(by.divisor, divisor);
    for (int64_t n : turning_numbers()) ASSERT_EQ(by.quotient(n), n / divisor) << n << " / " << divisor;
    for (int i = 0; i < 50; ++i) {
      const int64_t quotient = source.integer(0, INT64_MAX / divisor - 1);  // on either side of a multiple
      ASSERT_EQ(by.quotient(quotient * divisor), quotient) << divisor;
      ASSERT_EQ(by.quotient(quotient * divisor + divisor - 1), quotient) << divisor;
    }
  }
}

}  // namespace
}  // namespace gx::test
