// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The one comparator of the suite. It reports the worst element; NaN differs infinitely from everything but NaN, an
// infinity from everything but itself; and an output of zeros fails unless it is asked for, since a kernel that writes
// nothing makes one.
#ifndef GENERATRIX_TESTS_NATIVE_COMPARE_H_
#define GENERATRIX_TESTS_NATIVE_COMPARE_H_

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace gx::test {

// An element passes if |got - want| <= absolute + relative |want|. The default is exact equality.
struct Tolerance {
  double absolute = 0;
  double relative = 0;
  bool zeros_allowed = false;
};

// |got - want|, with the rules above for NaN and infinities.
inline double difference(double got, double want) {
  if (std::isnan(got) && std::isnan(want)) return 0;
  if (std::isnan(got) || std::isnan(want)) return std::numeric_limits<double>::infinity();
  if (std::isinf(got) || std::isinf(want)) return got == want ? 0 : std::numeric_limits<double>::infinity();
  return std::fabs(got - want);
}

template <class Got, class Want>
::testing::AssertionResult close(const Got* got, const Want* want, int64_t n, Tolerance tolerance = {}) {
  int64_t worst = -1, wrong = 0;
  double worst_excess = 0;
  bool all_zero = n > 0;
  for (int64_t i = 0; i < n; ++i) {
    const double g = double(got[i]), w = double(want[i]);
    all_zero = all_zero && g == 0;
    const double allowed = std::isfinite(w) ? tolerance.absolute + tolerance.relative * std::fabs(w) : 0;
    const double excess = difference(g, w) - allowed;
    if (!(excess > 0)) continue;
    ++wrong;
    if (worst < 0 || excess > worst_excess) worst = i, worst_excess = excess;
  }
  if (worst >= 0) {
    return ::testing::AssertionFailure() << wrong << " of " << n << " elements differ, the worst at " << worst
                                         << ": got " << ::testing::PrintToString(got[worst]) << ", want "
                                         << ::testing::PrintToString(want[worst]) << " (difference "
                                         << difference(double(got[worst]), double(want[worst]))
                                         << ", beyond the tolerance by " << worst_excess << ")";
  }
  if (all_zero && !tolerance.zeros_allowed) {
    return ::testing::AssertionFailure() << "all " << n
                                         << " elements are zero, which proves nothing; allow zeros if they are meant";
  }
  return ::testing::AssertionSuccess();
}

template <class Got, class Want>
::testing::AssertionResult close(const Got& got, const Want& want, Tolerance tolerance = {}) {
  if (int64_t(got.size()) != int64_t(want.size())) {
    return ::testing::AssertionFailure() << "got " << got.size() << " elements, want " << want.size();
  }
  return close(got.data(), want.data(), int64_t(got.size()), tolerance);
}

}  // namespace gx::test

#endif  // GENERATRIX_TESTS_NATIVE_COMPARE_H_
