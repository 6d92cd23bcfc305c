// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Philox4x32-10 against the known answers that the authors publish with their library (Random123, kat_vectors), and the
// layout of random.h element by element.

#include "runtime/philox.h"

#include <array>

#include "compare.h"
#include "guarded.h"
#include "kernels/random/uniform/uniform.h"
#include "support.h"

namespace gx::test {
namespace {

struct KnownAnswer {
  std::array<uint32_t, 4> counter;
  std::array<uint32_t, 2> key;
  std::array<uint32_t, 4> out;
};
const KnownAnswer kKnownAnswers[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

TEST(Philox, GivesTheKnownAnswers) {
  for (const KnownAnswer& k : kKnownAnswers) {
    std::array<uint32_t, 4> out = {};
    EXPECT_OK(gx_philox4x32_10(k.key.data(), k.counter.data(), out.data()));
    EXPECT_EQ(out, k.out);
    std::array<uint32_t, 4> in_place = k.counter;
    EXPECT_OK(gx_philox4x32_10(k.key.data(), in_place.data(), in_place.data()));
    EXPECT_EQ(in_place, k.out);
  }
}

TEST(Philox, RefusesNull) {
  uint32_t words[4] = {};
  EXPECT_REFUSED("key", gx_philox4x32_10(nullptr, words, words));
  EXPECT_REFUSED("counter", gx_philox4x32_10(words, nullptr, words));
  EXPECT_REFUSED("out", gx_philox4x32_10(words, words, nullptr));
}

// The words of random.h, written out from its text.
float documented_uniform(uint64_t seed, uint64_t step, uint32_t purpose, uint64_t row, uint64_t unit) {
  const uint32_t key[2] = {uint32_t(seed & 0xffffffff), uint32_t(seed >> 32)};
  const uint32_t counter[4] = {uint32_t(16 * (unit / 64) + unit % 16), uint32_t(row), uint32_t(step & 0xffffffff),
                               uint32_t((step >> 32) % (1u << 24) * 256 + purpose)};
  uint32_t out[4];
  EXPECT_OK(gx_philox4x32_10(key, counter, out));
  return float(out[unit / 16 % 4] / 256) * 0x1p-24f;
}

TEST(Philox, UniformFollowsTheDocumentedLayout) {
  Device device;
  const uint64_t seeds[] = {0, 1, 0x123456789abcdef0u, ~uint64_t(0)}, steps[] = {0, 5, 0xffffffff, 0xfedcba98765432};
  for (int i = 0; i < 4; ++i) {
    for (int64_t units : {1, 15, 17, 63, 64, 65, 200}) {
      const int64_t rows = 3;
      Guarded<float> out(rows * units);
      ASSERT_OK(gx_random_uniform(device, GX_FLOAT32, {seeds[i], steps[i]}, rows, units, out.data()));
      for (int64_t r = 0; r < rows; ++r) {
        for (int64_t u = 0; u < units; ++u) {
          ASSERT_EQ(out[r * units + u],
                    documented_uniform(seeds[i], steps[i], GX_PURPOSE_UNIFORM, uint64_t(r), uint64_t(u)));
        }
      }
    }
  }
}

TEST(Philox, EveryVariantOfUniformEqualsTheReference) {
  int count;
  const UniformVariant* variants = uniform_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    SCOPED_TRACE(variants[v].line.isa);
    for (int64_t n : edge_sizes(600)) {
      for (int64_t offset : {0, 1, 3}) {
        // Rows and units near the ends of their ranges, too.
        const struct {
          uint32_t row;
          int64_t first;
        } places[] = {{0, 0}, {0xffffffff, 64 * 5}, {77, kMaxRandomUnits - 1024}};
        for (const auto& place : places) {
          const PhiloxStream stream = philox_stream(0xfeedfacecafebeef, 0x00dead00beef00, 3);
          Guarded<float> got(n, offset);
          std::vector<float> want(static_cast<size_t>(n));
          variants[v].run(stream, place.row, place.first, n, got.data());
          reference::uniform(stream, place.row, place.first, n, want.data());
          ASSERT_TRUE(close(got, want, {0, 0, n == 0})) << n;
        }
      }
    }
  }
}

}  // namespace
}  // namespace gx::test
