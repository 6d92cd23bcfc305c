// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The bits of every pattern are what the header says, and what cannot be a coupling is refused.

#include "coupling_case.h"
#include "kernels/coupling/check.h"

namespace gx::test {
namespace {

void check_bits(const CouplingCase& c) {
  SCOPED_TRACE(c.name());
  Device device(1);
  Workspace workspace(*static_cast<gx_device*>(device));
  gx_states view;
  const Pattern checked = check_coupling(c.shape, c.states(&view));
  const Pattern p = with_bits(checked, c.shape, c.states(&view), workspace);
  EXPECT_EQ(p.size, c.size());
  EXPECT_EQ(p.numbers(), c.numbers());
  EXPECT_EQ(p.whole, c.shape.pattern == GX_COUPLING_SPAN);
  for (int64_t e = 0; e < p.size; ++e) {
    ASSERT_EQ(changes(p, e), c.changes(e)) << e;
    ASSERT_TRUE(!c.changes(e) || e - p.begin == c.number_of(e)) << e;
    const uint32_t bits = changed_bits(p, e);
    for (int64_t i = 0; i < 32; ++i) {
      ASSERT_EQ((bits >> i & 1) != 0, e + i < p.size && c.changes(e + i)) << e << " + " << i;
    }
  }
}

TEST(CouplingPattern, BitsAreThoseOfTheHeader) {
  for (int64_t w : {1, 2, 3, 5, 8, 31, 32, 33, 64, 70}) {
    for (int32_t parity : {0, 1}) {
      check_bits(checkerboard_case(1, 1, 1, w, parity));
      check_bits(checkerboard_case(1, 3, 3, w, parity));
      check_bits(checkerboard_case(1, 2, 4, w, parity));
    }
    check_bits(span_case(1, 1, 1, w, 0, w));
    check_bits(span_case(1, 2, 1, w, w / 2, w + 1));
    check_bits(span_case(1, w, 1, 1, w / 2, w / 2));
    check_bits(bits_case(1, w, 2, 1, 0.5));
    check_bits(bits_case(1, w, 1, 1, 0));
    check_bits(bits_case(1, w, 1, 1, 1));
  }
}

TEST(CouplingPattern, RefusesWhatIsNone) {
  const auto refuse = [](const char* part, const gx_coupling& c, const gx_states* kept = nullptr) {
    EXPECT_REFUSED(part, guarded([&] { check_coupling(c, kept); }));
  };
  const gx_coupling span = {2, 3, 4, 5, GX_COUPLING_SPAN, 0, 10, 60};
  gx_coupling c = span;
  EXPECT_OK(guarded([&] { check_coupling(span, nullptr); }));
  c.examples = -1, refuse("examples must be at least 0, got -1", c);
  c = span, c.channels = -1, refuse("channels must be at least 0, got -1", c);
  c = span, c.height = -1, refuse("height must be at least 0, got -1", c);
  c = span, c.width = -1, refuse("width must be at least 0, got -1", c);
  c = span, c.examples = int64_t(1) << 60, refuse("the size of x must fit in 63 bits", c);
  c = span, c.channels = int64_t(1) << 60, refuse("the size of an example must fit", c);
  c = span, c.height = int64_t(1) << 62, refuse("the size of a channel must fit", c);
  c = span, c.pattern = gx_coupling_pattern(3), refuse("the pattern must be between 0 and 2, got 3", c);
  c = span, c.begin = -1, refuse("0 <= begin <= end <= 60, got -1 and 60", c);
  c = span, c.end = 61, refuse("0 <= begin <= end <= 60, got 10 and 61", c);
  c = span, c.begin = 40, c.end = 39, refuse("got 40 and 39", c);
  c = span, c.pattern = GX_COUPLING_CHECKERBOARD, c.parity = 2, refuse("the parity must be between 0 and 1", c);
  std::vector<uint32_t> words(2, 5);
  gx_states kept = {words.data(), 1, 60, GX_BITS};
  refuse("kept must be null", span, &kept);
  c = span, c.pattern = GX_COUPLING_BITS;
  EXPECT_OK(guarded([&] { check_coupling(c, &kept); }));
  refuse("kept must not be null", c);
  kept.units = 59, refuse("the units of kept must be 60, got 59", c, &kept);
  kept.units = 60, kept.rows = 2, refuse("the rows of kept must be 1, got 2", c, &kept);
  kept.rows = 1, kept.format = GX_FLOAT32, refuse("the format of kept must be GX_BITS", c, &kept);
  kept.format = GX_BITS, kept.data = nullptr, refuse("kept must not be null", c, &kept);
}

}  // namespace
}  // namespace gx::test
