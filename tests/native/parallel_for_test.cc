// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The pool of workers: several callers at once, loops inside loops.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "runtime/threads.h"

namespace {

// What went wrong in one loop: items not run exactly once, thread numbers out of the team or held by two at once.
int faults(int team, int items, bool nested) {
  std::atomic<int> wrong{0};
  std::vector<std::atomic<int>> seen(items), busy(team);
  gx::parallel_for(team, items, [&](int64_t item, int thread) {
    if (thread < 0 || thread >= team) {
      ++wrong;
      return;
    }
    if (busy[thread]++ != 0) ++wrong;
    ++seen[item];
    if (nested) {
      std::atomic<int64_t> sum{0};
      gx::parallel_for(3, 5, [&](int64_t j, int) { sum += j; });
      if (sum != 10) ++wrong;
    }
    --busy[thread];
  });
  for (const auto& count : seen) wrong += count != 1;
  return wrong;
}

TEST(ParallelFor, RunsEveryItemOnceForManyCallersAtATime) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&, caller] {
      for (int round = 0; round < 300; ++round) wrong += faults(1 + (round + caller) % 5, round % 17, round % 50 == 0);
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
