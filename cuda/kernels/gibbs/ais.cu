// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_rbm_ais (gibbs.h): all temperatures in one launch (for as many chains as loop.h takes at once), each of them
//
//   hidden:   x = c' + v W;   log w += sum_j softplus(beta x_j) - softplus(beta_before x_j);   h_j ~
//   Bernoulli(sigmoid(beta x_j)) visible:  y = b' + h W^T;   v_i ~ Bernoulli(sigmoid(beta y_i + (1 - beta) a_i));   log
//   w += (beta_next - beta) sum_i v_i (b'_i - a_i)
//
// with the difference of softplus as kernels/gibbs/ais has it. A member adds up what its own units give to log w over
// all temperatures, in double, in an order that the shapes fix; the members' shares are added at the end, so that no
// number but the states' bits travels from block to block.
//
// 784 x 500, 100 chains, 14,500 temperatures: 7 groups of 16 members with 16 rows each. A temperature is 212 products
// of a warp on each tensor core, 0.8 us, and two exchanges of about 1 us that nothing hides: about 4 us, 60 ms in all;
// FP32 units at their peak, without any exchange: 34 ms.
//
// nvcc 13.0: gibbs_loop 128 registers on sm_80 and sm_90a, no spills with resident weights (4 bytes without, sm_90a);
// the other kernels 40 at most.
//
// Not yet run on a GPU.

#include "generatrix/random.h"
#include "kernels/gibbs/energy.h"
#include "kernels/gibbs/loop.h"
#include "runtime/entries.h"
#include "runtime/map.h"

namespace gx::cuda {
namespace gibbs {
namespace {

struct Annealing {
  static constexpr bool kTotals = true;
  struct Now {
    bool cools;
    float beta, low, difference;
    double base, next;  // 1 - beta; the change of beta to come
  };
  int64_t count;            // of temperatures, but for the first
  const double* betas;      // [count + 1]
  const float* base_b;      // a
  const float* difference;  // b' - a

  __device__ Now at(int64_t s) const {
    const double before = betas[s], beta = betas[s + 1];
    Now now;
    now.cools = beta >= before;
    now.beta = float(beta);
    now.low = float(now.cools ? before : beta);
    now.difference = float(now.cools ? beta - before : before - beta);
    now.base = 1 - beta;
    now.next = ends(s) ? 0 : betas[s + 2] - beta;
    return now;
  }
  __device__ bool ends(int64_t s) const { return s == count - 1; }

  template <bool kUp>
  __device__ bool element(const Now& now, int64_t, int64_t unit, float sum, bool draws, uint32_t word,
                          double& total) const {
    if constexpr (kUp) {
      const float magnitude = fabsf(sum);
      const float ratio = now.difference * fmaxf(sum, 0.0f) +
                          log1pf(sigmoid(-now.low * magnitude) * expm1f(-now.difference * magnitude));
      total += now.cools ? ratio : -ratio;
      return draws && fires(word, now.beta * sum);
    } else {
      const bool fired = fires(word, now.beta * sum + float(now.base * base_b[unit]));
      if (fired) total += now.next * difference[unit];
      return fired;
    }
  }
};

struct Difference {
  __device__ float operator()(float b, float a) const { return b - a; }
};

// v_i ~ Bernoulli(sigmoid(a_i)): a thread has a block of 64 units of a row.
__global__ void __launch_bounds__(256)
    draw_base(PhiloxStream stream, const float* base_b, int64_t rows, int64_t units, int64_t row_words, uint32_t* v) {
  const int64_t blocks = (units + kUnitsPerBlock - 1) / kUnitsPerBlock;
  const int64_t place = grid_place(), row = place / blocks, block = place % blocks;
  if (row >= rows) return;
  uint32_t bits[2] = {};
  for (int i = 0; i < kCountersPerBlock; ++i) {
    uint32_t random[4];
    philox(uint32_t(block * kCountersPerBlock + i), uint32_t(row), stream.c2, stream.c3, stream.k0, stream.k1, random);
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      const int64_t unit = block * kUnitsPerBlock + 16 * j + i;
      if (unit < units && uniform_of_word(random[j]) < sigmoid(base_b[unit])) bits[j / 2] |= 1u << (16 * (j % 2) + i);
    }
  }
  v[row * row_words + 2 * block] = bits[0];
  if (2 * block + 1 < row_words) v[row * row_words + 2 * block + 1] = bits[1];
}

// Floats of 0 or 1 to bits and back, a thread a word.
__global__ void __launch_bounds__(256)
    pack(const float* values, int64_t rows, int64_t units, int64_t row_words, uint32_t* bits) {
  const int64_t place = grid_place(), row = place / row_words, word = place % row_words;
  if (row >= rows) return;
  uint32_t packed = 0;
  for (int i = 0; i < 32 && word * 32 + i < units; ++i) {
    packed |= uint32_t(values[row * units + word * 32 + i] >= 0.5f) << i;
  }
  bits[place] = packed;
}
__global__ void __launch_bounds__(256)
    unpack(const uint32_t* bits, int64_t rows, int64_t units, int64_t row_words, float* values) {
  const int64_t place = grid_place(), row = place / units, unit = place % units;
  if (row < rows) values[place] = float(bit_of(bits + row * row_words, unit));
}

__global__ void __launch_bounds__(256) add_members(const double* partial, int members, int64_t rows, const double* dots,
                                                   double first, double* log_weights) {
  const int64_t row = grid_place();
  if (row >= rows) return;
  double sum = first * dots[row];
  for (int m = 0; m < members; ++m) sum += partial[m * rows + row];
  log_weights[row] = sum;
}

unsigned blocks_of(int64_t count) { return unsigned((count + 255) / 256); }

void anneal(Machine& machine, const gx_ais_params& a, uint32_t* v, double* log_weights) {
  const gx_rbm& rbm = machine.rbm();
  Gpu& gpu = machine.gpu();
  Workspace& workspace = machine.workspace();
  const int64_t v_words = words(rbm.visible), h_words = words(rbm.hidden);
  const double* betas = upload(gpu, workspace, a.betas, a.count);
  float* difference = workspace.get<float>(rbm.visible);
  map(gpu, rbm.visible, Difference(), difference, machine.visible_bias(), a.base_b);
  double* dots = workspace.get<double>(a.v->rows);
  state_dots(gpu, {v, a.v->rows, rbm.visible, GX_BITS}, difference, dots);

  machine.split_both();
  Loop loop = {};
  loop.up.f = machine.split(GX_HIDDEN);
  loop.down.f = machine.split(GX_VISIBLE);
  loop.up.bias = machine.hidden_bias();
  loop.down.bias = machine.visible_bias();
  loop.up.from_words = loop.down.to_words = v_words;
  loop.up.to_words = loop.down.from_words = h_words;
  loop.up.purpose = GX_PURPOSE_HIDDEN;
  loop.down.purpose = GX_PURPOSE_VISIBLE;
  loop.seed = a.rng.seed;
  loop.step = a.rng.step + 1;
  const Annealing rule = {a.count - 1, betas, a.base_b, difference};
  const LoopPlan plan = plan_loop(gpu, loop.up.f, loop.down.f, a.v->rows, true);
  uint32_t* h = workspace.get<uint32_t>(plan.rows * h_words);
  double* partial = workspace.get<double>(plan.members * plan.rows);
  for (int64_t first = 0; first < a.v->rows; first += plan.rows) {
    loop.rows = std::min(plan.rows, a.v->rows - first);
    loop.first_row = first;
    loop.up.from = loop.down.to = v + first * v_words;
    loop.up.to = h;
    loop.down.from = h;
    loop.partial = partial;
    run_loop(gpu, workspace, plan, loop, rule);
    launch(gpu, {blocks_of(loop.rows), 256}, add_members, partial, plan.members, loop.rows, dots + first,
           a.betas[1] - a.betas[0], log_weights + first);
  }
}

}  // namespace
}  // namespace gibbs

gx_status gx_rbm_ais(gx_device* device, const gx_rbm* rbm, const gx_ais_params* params) {
  return guarded([&] {
    using namespace gibbs;
    const gx_ais_params& a = *params;
    const int64_t rows = a.v->rows, units = rbm->visible, row_words = words(units);
    Machine machine(device, *rbm);
    Gpu& gpu = machine.gpu();
    const bool packed = a.v->format == GX_BITS;
    uint32_t* v = packed ? static_cast<uint32_t*>(a.v->data) : machine.workspace().get<uint32_t>(rows * row_words);
    if (a.start_from_base) {
      launch(gpu, {blocks_of(rows * ((units + kUnitsPerBlock - 1) / kUnitsPerBlock)), 256}, draw_base,
             philox_stream(a.rng.seed, a.rng.step, GX_PURPOSE_BASE), a.base_b, rows, units, row_words, v);
    } else if (!packed) {
      launch(gpu, {blocks_of(rows * row_words), 256}, pack, static_cast<const float*>(a.v->data), rows, units,
             row_words, v);
    }
    double* log_weights = machine.workspace().get<double>(rows);
    anneal(machine, a, v, log_weights);
    if (!packed) {
      launch(gpu, {blocks_of(rows * units), 256}, unpack, v, rows, units, row_words, static_cast<float*>(a.v->data));
    }
    copy(gpu, a.log_weights, log_weights, rows * int64_t(sizeof(double)));
  });
}

}  // namespace gx::cuda
