// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// How many members, groups and rows: loop.h. Host code alone.

#include <algorithm>

#include "kernels/gibbs/loop.h"
#include "runtime/check.h"

namespace gx::cuda::gibbs {
namespace {

int64_t up_to(int64_t x, int64_t multiple) { return (x + multiple - 1) / multiple * multiple; }
int most_slots(const Split& f, int members) { return (f.slots + members - 1) / members; }

}  // namespace

LoopPlan plan_loop(const Gpu& gpu, const Split& up, const Split& down, int64_t rows, bool totals) {
  LoopPlan p = {};
  const int64_t room = gpu.shared_memory - 256;  // the dynamic part begins at a multiple of 128
  const int multiprocessors = gpu.multiprocessors;
  const int most_members = std::min(multiprocessors, std::max(up.slots, down.slots));
  p.stride = int(std::max(words(up.in), words(down.in)) | 1);
  const auto weights = [&](int members) {
    return (int64_t(most_slots(up, members)) * up.steps + int64_t(most_slots(down, members)) * down.steps) * kWarp * 16;
  };
  const auto runs = [&](int members) { return most_slots(up, members) / 2 + most_slots(down, members) / 2 + 2; };
  const auto of_row = [&](int members) {  // bytes of a row of each team
    return int64_t(kTeams) * (4 * p.stride + (totals ? 8 * runs(members) : 0));
  };
  for (p.members = 1; p.members <= most_members; ++p.members) {
    p.resident = weights(p.members) + 16 * of_row(p.members) <= room;
    if (p.resident) break;
  }
  if (!p.resident) {
    p.members = most_members;
    if (16 * of_row(p.members) > room) p.stride = 0;
  }
  p.runs = runs(p.members);
  p.groups = int(std::min<int64_t>(multiprocessors / p.members, (rows + 15) / 16));
  p.states_at = p.resident ? weights(p.members) : 0;
  const int64_t of_each = of_row(p.members);
  const int64_t most = of_each == 0 ? int64_t(1) << 20 : (room - p.states_at) / of_each / 16 * 16;
  const int64_t sets = int64_t(kTeams) * p.groups;
  p.rows_per_set = int(std::min(up_to((rows + sets - 1) / sets, 16), most));
  p.rows = sets * p.rows_per_set;
  p.totals_at = up_to(p.states_at + int64_t(kTeams) * p.rows_per_set * p.stride * 4, 8);
  p.shared = p.totals_at + (totals ? int64_t(kTeams) * p.runs * p.rows_per_set * 8 : 0);
  return p;
}

}  // namespace gx::cuda::gibbs
