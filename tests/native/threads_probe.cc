// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Prints the default thread count and its reason; with the argument "pin", after pinning itself to one CPU.

#include <sched.h>

#include <cstdio>
#include <cstring>

#include "generatrix/core.h"

int main(int argc, char** argv) {
  if (argc > 1 && !std::strcmp(argv[1], "pin")) {
    cpu_set_t allowed, one;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 1;
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
      if (CPU_ISSET(cpu, &allowed)) CPU_SET(cpu, &one);
    }
    if (sched_setaffinity(0, sizeof one, &one) != 0) return 1;
  }
  std::printf("default threads: %d (%s)\n", int(gx_default_threads()), gx_default_threads_reason());
  return 0;
}
