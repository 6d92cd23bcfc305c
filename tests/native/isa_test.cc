// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The instruction set in use, and the registry.

#include <set>
#include <tuple>

#include "support.h"

namespace gx::test {
namespace {

const char* const kNames[] = {"baseline", "v3", "v4"};

TEST(Isa, IsTheOneTheCapNames) {
  const gx_isa isa = gx_cpu_isa();
  ASSERT_GE(isa, GX_ISA_BASELINE);
  ASSERT_LE(isa, GX_ISA_V4);
  const char* cap = std::getenv("GENERATRIX_ISA");
  if (cap && *cap) {
    EXPECT_STREQ(cap, kNames[isa]);
    EXPECT_NE(std::string(gx_cpu_isa_reason()).find(std::string("GENERATRIX_ISA=") + cap), std::string::npos)
        << gx_cpu_isa_reason();
  }
}

TEST(Isa, IsTheOneThisRunExpects) {
  const char* expected = std::getenv("GENERATRIX_TEST_EXPECTED_ISA");
  if (!expected) GTEST_SKIP() << "no particular instruction set is expected of this run";
  EXPECT_STREQ(expected, kNames[gx_cpu_isa()]) << gx_cpu_isa_reason();
}

TEST(Isa, AgreesWithTheCompilersView) {
  // A machine that runs this test under a cap at least offers the cap.
  if (gx_cpu_isa() >= GX_ISA_V3) {
    EXPECT_TRUE(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"));
  }
  if (gx_cpu_isa() >= GX_ISA_V4) {
    EXPECT_TRUE(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                __builtin_cpu_supports("avx512dq"));
  }
}

TEST(Registry, HasNoLineTwiceAndABaselineForEveryOp) {
  std::set<std::tuple<std::string, std::string, gx_isa>> lines;
  std::set<std::string> ops, with_baseline;
  for (const gx_kernel_info& k : registry()) {
    ASSERT_NE(k.op, nullptr);
    ASSERT_NE(k.variant, nullptr);
    EXPECT_TRUE(lines.emplace(k.op, k.variant, k.isa).second) << k.op << " " << k.variant << " " << k.isa;
    EXPECT_NE(std::string(k.op).find('.'), std::string::npos) << k.op;
    EXPECT_EQ(k.usable, k.isa <= gx_cpu_isa() ? 1 : 0) << k.op;
    ops.insert(k.op);
    if (k.isa == GX_ISA_BASELINE) with_baseline.insert(k.op);
  }
  EXPECT_EQ(ops, with_baseline);
  for (const char* op :
       {"gibbs.layer_sample", "random.uniform", "random.normal", "states.bernoulli", "states.convert"}) {
    EXPECT_EQ(ops.count(op), 1u) << op;
  }
}

TEST(Registry, EndsWithAStatus) {
  gx_kernel_info info;
  EXPECT_REFUSED("index", gx_kernel_at(-1, &info));
  EXPECT_REFUSED("index", gx_kernel_at(int32_t(registry().size()), &info));
  EXPECT_REFUSED("index", gx_kernel_at(INT32_MAX, &info));
  EXPECT_REFUSED("null", gx_kernel_at(0, nullptr));
}

}  // namespace
}  // namespace gx::test
