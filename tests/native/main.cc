// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Runs the suite under the instruction set that GENERATRIX_ISA caps it to. If the machine cannot do that, the suite is
// skipped (exit code 77) rather than passed under another set.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "generatrix/core.h"

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  const char* names[] = {"baseline", "v3", "v4"};
  const char* cap = std::getenv("GENERATRIX_ISA");
  const gx_isa isa = gx_cpu_isa();
  std::printf("%s\n%s\n", gx_cpu_isa_reason(), gx_default_threads_reason());
  if (cap && *cap && std::string(cap) != names[isa]) {
    std::printf("SKIPPED: the suite was to run under %s, the machine offers %s\n", cap, names[isa]);
    return 77;
  }
  return RUN_ALL_TESTS();
}
