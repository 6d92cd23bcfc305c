// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Many Gibbs steps in one launch, with the weights on the chip: the kernel under chains and annealed importance
// sampling.
//
// A group of blocks, the members, shares the two layers: a member keeps the weights (split.h) towards its slots of the
// hidden and of the visible layer in shared memory, each direction in the order its own products read it, 8 bytes a
// weight in all. Groups, as many as the GPU has room for, share the rows. States go from member to member as bits
// through global memory, that is the second cache: a half-sweep ends with an arrival at the group's counter, the next
// begins by waiting for all members' and reading the group's rows. Blocks run at once (a cooperative launch), one on a
// multiprocessor; the same code suits clusters of any size and chips without them.
//
// A block has two teams of 256 threads with rows, barriers and counters of their own: while one waits for its group,
// the other multiplies. The Philox words of a team's first job are drawn before it waits. A job is 16 rows and a pair
// of slots, 16 units whose tiles share counters; a warp takes job after job.
//
// A machine that does not fit reads its weights from global memory instead, all multiprocessors being one group.
//
// 784 x 500, 512 rows, Hopper: 16 members of up to 7 + 4 slots, 217 KB, 8 groups of 64 rows. A step is 848 products of
// a warp on each tensor core, 3.3 us at what mma.sync reaches; two exchanges of about 1 us, half hidden by the other
// team. Floor of the arithmetic at the full rate of tensor cores: 1.6 us a step; of FP32 units: 12 us.
// Exchange through distributed shared memory in clusters of 16 would save perhaps 0.5 us a half-sweep, for a launch
// that needs all blocks of a cluster in one processing cluster of the chip.
//
// Sums have one order, whatever waits for what: the same bits run to run. (Atomics count arrivals, nothing else.)
//
// Not yet run on a GPU.
#ifndef GENERATRIX_CUDA_KERNELS_GIBBS_LOOP_H_
#define GENERATRIX_CUDA_KERNELS_GIBBS_LOOP_H_

#include "kernels/gibbs/finish.h"
#include "kernels/gibbs/split.h"
#include "runtime/gpu.h"

namespace gx::cuda::gibbs {

constexpr int kTeams = 2, kTeamThreads = 256, kTeamWarps = kTeamThreads / kWarp;

// One direction of a step.
struct HalfSweep {
  Split f;
  const float* bias;
  const uint32_t* from;  // [rows][from_words]
  uint32_t* to;          // [rows][to_words]
  int64_t from_words, to_words;
  uint32_t purpose;
  const uint32_t* observed;  // units that stay, or null
  int64_t observed_stride;
};

struct Loop {
  HalfSweep up, down;  // to the hidden layer, to the visible one
  int64_t rows;
  int64_t first_row;  // the random numbers' number of row 0
  uint64_t seed, step;
  int members, groups;
  int rows_per_set;  // a set is a team's share of a group's rows; a multiple of 16
  int stride;        // words from row to row in shared memory: odd, so that 8 rows are 8 banks. 0: they do not fit
  int runs;          // at most, pairs of slots of a member in both directions
  int64_t states_at, totals_at;  // bytes
  unsigned* counters;            // [sets], 0
  double* partial;               // [members][rows], or null: a rule's totals
};

// Neighbouring slots of one member.
struct Share {
  int first, end;
};
__host__ __device__ inline Share share_of(int slots, int member, int members) {
  return {int(int64_t(slots) * member / members), int(int64_t(slots) * (member + 1) / members)};
}

// What a launch needs, from the shapes and the GPU alone. `rows` may be more than it takes at once: plan.rows.
struct LoopPlan {
  int members, groups, rows_per_set, stride, runs;
  bool resident;
  int64_t states_at, totals_at, shared;
  int64_t rows;
};
LoopPlan plan_loop(const Gpu& gpu, const Split& up, const Split& down, int64_t rows, bool totals);

namespace detail {

struct Team {
  int id, thread, lane, warp;
  int64_t row0;     // of the set
  int rows, tiles;  // of it; of 16 rows
  uint32_t* states;
  double* totals;  // [run][rows_per_set]
  unsigned* counter;
  unsigned arrivals;

  __device__ void wait() const { team_barrier(1 + id, kTeamThreads); }
};

struct Words {
  uint32_t of[2][4];  // [slot of the pair][d]
};

// The random words of a warp's sums: rows g and g + 8 of the tile, units 2 c and 2 c + 1 of the pair's tiles.
__device__ inline Words draw_words(const PhiloxStream& stream, int64_t first_row, int pair, int lane) {
  const int g = lane / 4, c = lane % 4;
  Words w;
#pragma unroll
  for (int d = 0; d < 4; ++d) {
    uint32_t out[4];
    const int64_t row = first_row + 8 * (d / 2) + g;
    philox(uint32_t(pair / 4 * kCountersPerBlock + pair % 4 / 2 * 8 + 2 * c + d % 2), uint32_t(row), stream.c2,
           stream.c3, stream.k0, stream.k1, out);
    w.of[0][d] = pair % 2 ? out[2] : out[0];
    w.of[1][d] = pair % 2 ? out[3] : out[1];
  }
  return w;
}

// kResident: weights and states are in shared memory, which makes for cheaper loads than an address of either kind.
template <bool kUp, bool kResident, class Rule>
__device__ inline void half_sweep(const Loop& a, const HalfSweep& h, const uint4* fragments, Share share, int first_run,
                                  Team& team, const Rule& rule, const typename Rule::Now& now, uint64_t step,
                                  bool draws) {
  const PhiloxStream stream = philox_stream(a.seed, step, h.purpose);
  const int first_pair = share.first / 2, pairs = share.end > share.first ? (share.end + 1) / 2 - first_pair : 0;
  const int jobs = pairs * team.tiles, lane = team.lane, g = lane / 4, c = lane % 4;
  const auto draw = [&](int job) {
    return draw_words(stream, a.first_row + team.row0 + 16 * (job % team.tiles), first_pair + job / team.tiles, lane);
  };
  Words words = {};
  if (draws && team.warp < jobs) words = draw(team.warp);

  if (team.arrivals > 0 && team.thread == 0) wait_for(team.counter, team.arrivals * unsigned(a.members));
  team.wait();
  const bool in_shared = kResident || a.stride > 0;
  if (in_shared) {
    const int per_row = int(h.from_words);
    for (int i = team.thread; i < team.tiles * 16 * per_row; i += kTeamThreads) {
      const int r = i / per_row, w = i % per_row;
      team.states[r * a.stride + w] = r < team.rows ? fresh(h.from + (team.row0 + r) * per_row + w) : 0;
    }
    team.wait();
  }

  for (int job = team.warp; job < jobs; job += kTeamWarps) {
    if (draws && job != team.warp) words = draw(job);
    const int tile = job % team.tiles, run = job / team.tiles, pair = first_pair + run;
    const bool mine[2] = {2 * pair >= share.first, 2 * pair + 1 < share.end};
    const int r0 = 16 * tile + g;  // and r0 + 8
    const uint32_t* low = team.states + r0 * a.stride;
    const uint32_t* high = low + 8 * a.stride;
    if (!in_shared) {  // rows past the last one are its doubles, and their results are dropped
      low = h.from + (team.row0 + min(r0, team.rows - 1)) * h.from_words;
      high = h.from + (team.row0 + min(r0 + 8, team.rows - 1)) * h.from_words;
    }
    const uint4* weights = fragments + int64_t(2 * pair - share.first) * h.f.steps * kWarp + lane;
    float hi[2][4] = {}, lo[2][4] = {};
#pragma unroll 2
    for (int w = 0; w < h.f.steps / 2; ++w) {
      const uint32_t low_word = (in_shared ? low[w] : fresh(low + w)) >> c;
      const uint32_t high_word = (in_shared ? high[w] : fresh(high + w)) >> c;
#pragma unroll
      for (int j = 0; j < 2; ++j) {
        uint32_t bits[4];
        expand(low_word, high_word, 8 * j, bits);
#pragma unroll
        for (int t = 0; t < 2; ++t) {
          if (!mine[t]) continue;
          const uint4 b = weights[(int64_t(t) * h.f.steps + 2 * w + j) * kWarp];
          multiply(hi[t], bits, b.x, b.y);
          multiply(lo[t], bits, b.z, b.w);
        }
      }
    }

    uint32_t fired = 0;  // byte 2 t + (d / 2): the thread's bits of a tile and row
    double total[2] = {};
#pragma unroll
    for (int t = 0; t < 2; ++t) {
#pragma unroll
      for (int d = 0; d < 4; ++d) {
        const int unit = 8 * tile_of(2 * pair + t) + 2 * c + d % 2, r = r0 + 8 * (d / 2);
        if (!mine[t] || unit >= h.f.units || r >= team.rows) continue;
        const float sum = (hi[t][d] + lo[t][d]) * h.f.scale[unit] + h.bias[unit];
        const bool on = rule.template element<kUp>(now, team.row0 + r, unit, sum, draws, words.of[t][d], total[d / 2]);
        if (on) fired |= 1u << (8 * (2 * t + d / 2) + 2 * c + d % 2);
      }
    }
    if constexpr (Rule::kTotals) {
#pragma unroll
      for (int upper = 0; upper < 2; ++upper) {
        total[upper] += __shfl_xor_sync(kAllLanes, total[upper], 1);
        total[upper] += __shfl_xor_sync(kAllLanes, total[upper], 2);
        // A job is always the same warp's.
        if (c == 0) team.totals[(first_run + run) * a.rows_per_set + r0 + 8 * upper] += total[upper];
      }
    }
    if (!draws) continue;
    fired |= __shfl_xor_sync(kAllLanes, fired, 1);
    fired |= __shfl_xor_sync(kAllLanes, fired, 2);
    const int r = r0 + 8 * (c % 2), to_tile = tile_of(2 * pair + c / 2);  // lane c has byte c
    if ((c / 2 ? mine[1] : mine[0]) && r < team.rows && to_tile < 4 * h.to_words) {
      const int64_t row = team.row0 + r;
      unsigned char* to = reinterpret_cast<unsigned char*>(h.to + row * h.to_words) + to_tile;
      unsigned drawn = fired >> 8 * c & 0xFFu;
      if (h.observed) {
        const unsigned kept = reinterpret_cast<const unsigned char*>(h.observed + row * h.observed_stride)[to_tile];
        drawn = (drawn & ~kept) | (*to & kept);
      }
      *to = static_cast<unsigned char>(drawn);
    }
  }
  if (!draws) return;
  __threadfence();
  team.wait();
  ++team.arrivals;
  if (team.thread == 0) {
    __threadfence();
    atomicAdd(team.counter, 1u);
  }
}

template <class Rule, bool kResident>
__global__ void __launch_bounds__(kTeams* kTeamThreads, 1) gibbs_loop(Loop a, Rule rule) {
  GX_DYNAMIC_SHARED(unsigned char, shared);
  const int member = int(blockIdx.x) % a.members, group = int(blockIdx.x) / a.members;
  const Share up = share_of(a.up.f.slots, member, a.members), down = share_of(a.down.f.slots, member, a.members);
  const int64_t up_count = int64_t(up.end - up.first) * a.up.f.steps * kWarp;
  const int64_t down_count = int64_t(down.end - down.first) * a.down.f.steps * kWarp;
  const uint4* up_weights = a.up.f.fragments + int64_t(up.first) * a.up.f.steps * kWarp;
  const uint4* down_weights = a.down.f.fragments + int64_t(down.first) * a.down.f.steps * kWarp;
  if constexpr (kResident) {
    uint4* kept = reinterpret_cast<uint4*>(shared);
    for (int64_t i = threadIdx.x; i < up_count; i += kTeams * kTeamThreads) copy_16_bytes(kept + i, up_weights + i);
    for (int64_t i = threadIdx.x; i < down_count; i += kTeams * kTeamThreads) {
      copy_16_bytes(kept + up_count + i, down_weights + i);
    }
    commit_copies();
    wait_for_copies<0>();
    __syncthreads();
    up_weights = kept;
    down_weights = kept + up_count;
  }

  Team team;
  team.id = int(threadIdx.x) / kTeamThreads;
  team.thread = int(threadIdx.x) % kTeamThreads;
  team.lane = team.thread % kWarp;
  team.warp = team.thread / kWarp;
  const int set = team.id * a.groups + group;
  team.row0 = int64_t(set) * a.rows_per_set;
  if (team.row0 >= a.rows) return;  // with the whole team, in every member
  team.rows = int(min(int64_t(a.rows_per_set), a.rows - team.row0));
  team.tiles = (team.rows + 15) / 16;
  team.states = reinterpret_cast<uint32_t*>(shared + a.states_at) + int64_t(team.id) * a.rows_per_set * a.stride;
  team.totals = reinterpret_cast<double*>(shared + a.totals_at) + int64_t(team.id) * a.runs * a.rows_per_set;
  team.counter = a.counters + set;
  team.arrivals = 0;
  const int up_runs = up.end > up.first ? (up.end + 1) / 2 - up.first / 2 : 0;
  if constexpr (Rule::kTotals) {
    for (int i = team.thread; i < a.runs * a.rows_per_set; i += kTeamThreads) team.totals[i] = 0;
    team.wait();
  }

  for (int64_t s = 0; s < rule.count; ++s) {
    const typename Rule::Now now = rule.at(s);
    const uint64_t step = a.step + uint64_t(s);
    const bool ends = rule.ends(s);
    half_sweep<true, kResident>(a, a.up, up_weights, up, 0, team, rule, now, step, !ends);
    if (ends) break;
    half_sweep<false, kResident>(a, a.down, down_weights, down, up_runs, team, rule, now, step, true);
  }

  if constexpr (Rule::kTotals) {
    team.wait();
    for (int r = team.thread; r < team.rows; r += kTeamThreads) {
      double sum = 0;
      for (int run = 0; run < a.runs; ++run) sum += team.totals[run * a.rows_per_set + r];
      a.partial[member * a.rows + team.row0 + r] = sum;
    }
  }
}

}  // namespace detail

// Runs the plan for rows that it takes at once; the counters are its own.
template <class Rule>
void run_loop(Gpu& gpu, Workspace& workspace, const LoopPlan& plan, Loop loop, const Rule& rule) {
  loop.members = plan.members;
  loop.groups = plan.groups;
  loop.rows_per_set = plan.rows_per_set;
  loop.stride = plan.stride;
  loop.runs = plan.runs;
  loop.states_at = plan.states_at;
  loop.totals_at = plan.totals_at;
  loop.counters = workspace.get<unsigned>(kTeams * plan.groups);
  gpu.zero(loop.counters, kTeams * plan.groups * int64_t(sizeof(unsigned)));
  Grid grid = {unsigned(plan.members * plan.groups), kTeams * kTeamThreads, plan.shared};
  grid.cooperative = true;
  launch(gpu, grid, plan.resident ? detail::gibbs_loop<Rule, true> : detail::gibbs_loop<Rule, false>, loop, rule);
}

}  // namespace gx::cuda::gibbs

#endif  // GENERATRIX_CUDA_KERNELS_GIBBS_LOOP_H_
