// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_rbm_chain (gibbs.h): h ~ p(h | v), v ~ p(v | h), again and again. Steps between bits that only hand on states run
// in one launch, the weights on the chip: loop.h, which has shapes and floors. What is special, a first step from
// floats, the last one with its probabilities, observed floats, is a launch for each half-sweep: layer_sample.cu. So
// are chains of more rows than loop.h's shared memory takes, where a half-sweep fills the GPU anyway.
//
// Weights are split once for both directions, one launch. A sweep is three launches.
//
// nvcc 13.0: gibbs_loop at most 128 registers on sm_80 and sm_90a, no spills, no stack.
//
// Not yet run on a GPU.

#include "generatrix/random.h"
#include "kernels/gibbs/loop.h"
#include "kernels/gibbs/machine.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace gibbs {
namespace {

constexpr int64_t kFewSteps = 3;  // that are better launched one by one

struct Chain {
  static constexpr bool kTotals = false;
  struct Now {};
  int64_t count;
  float beta;
  const float* row_beta;

  __device__ Now at(int64_t) const { return {}; }
  __device__ bool ends(int64_t) const { return false; }
  template <bool kUp>
  __device__ bool element(const Now&, int64_t row, int64_t, float sum, bool, uint32_t word, double&) const {
    return fires(word, (row_beta ? row_beta[row] : beta) * sum);
  }
};

// `count` steps from bits v to bits v, in as few launches as counters allow. Whether they could be.
bool run_steps(Machine& machine, const gx_chain_params& a, int64_t first, int64_t count, uint32_t* v, uint32_t* h) {
  const int64_t rows = a.v->rows;
  Loop loop = {};
  loop.up.f = machine.split(GX_HIDDEN);
  loop.down.f = machine.split(GX_VISIBLE);
  const LoopPlan plan = plan_loop(machine.gpu(), loop.up.f, loop.down.f, rows, false);
  if (!plan.resident || plan.rows < rows) return false;
  loop.rows = rows;
  loop.up.bias = machine.hidden_bias();
  loop.down.bias = machine.visible_bias();
  loop.up.from = loop.down.to = v;
  loop.down.from = loop.up.to = h;
  loop.up.from_words = loop.down.to_words = words(machine.rbm().visible);
  loop.up.to_words = loop.down.from_words = words(machine.rbm().hidden);
  loop.up.purpose = GX_PURPOSE_HIDDEN;
  loop.down.purpose = GX_PURPOSE_VISIBLE;
  if (a.observed) {
    loop.down.observed = static_cast<const uint32_t*>(a.observed->data);
    loop.down.observed_stride = a.observed->rows == 1 ? 0 : loop.down.to_words;
  }
  loop.seed = a.rng.seed;
  loop.step = a.rng.step + uint64_t(first);
  Chain rule = {};  // its padding too
  rule.count = count;
  rule.beta = a.beta;
  rule.row_beta = a.row_beta;
  run_loop(machine.gpu(), machine.workspace(), plan, loop, rule);
  return true;
}

void run_chain(Machine& machine, const gx_chain_params& a) {
  const gx_rbm& rbm = machine.rbm();
  const int64_t rows = a.v->rows;
  uint32_t* h_bits = machine.workspace().get<uint32_t>(rows * words(rbm.hidden));
  // A float v holds intensities only at the start, unless some of them are observed; from the first sample on bits will
  // do.
  gx_states v = *a.v;
  const bool to_bits = a.v->format == GX_FLOAT32 && !a.observed && a.steps > 1;
  const gx_states v_bits = {to_bits ? machine.workspace().get<uint32_t>(rows * words(rbm.visible)) : nullptr, rows,
                            rbm.visible, GX_BITS};
  if (a.steps > 0 && (v.format == GX_BITS || to_bits)) machine.split_both();
  for (int64_t s = 0; s < a.steps; ++s) {
    const bool last = s == a.steps - 1;
    if (v.format == GX_BITS && a.steps - 1 - s >= kFewSteps) {
      const int64_t count = a.steps - 1 - s;
      if (run_steps(machine, a, s, count, static_cast<uint32_t*>(v.data), h_bits)) {
        s += count - 1;
        continue;
      }
    }
    gx_states h = {h_bits, rows, rbm.hidden, GX_BITS};
    Finish up = machine.finish(GX_HIDDEN, rows);
    up.beta = a.beta;
    up.row_beta = a.row_beta;
    up.stream = philox_stream(a.rng.seed, a.rng.step + uint64_t(s), GX_PURPOSE_HIDDEN);
    if (last && a.h && a.h->format == GX_BITS) h = *a.h;
    set_sample(up, h);
    if (last && a.h && a.h->format == GX_FLOAT32) up.values = static_cast<float*>(a.h->data);
    machine.run(GX_HIDDEN, v, up);

    if (to_bits) v = last ? *a.v : v_bits;
    Finish down = machine.finish(GX_VISIBLE, rows);
    down.beta = a.beta;
    down.row_beta = a.row_beta;
    down.stream = philox_stream(a.rng.seed, a.rng.step + uint64_t(s), GX_PURPOSE_VISIBLE);
    set_sample(down, v);
    if (last) down.p = a.p_v;
    if (a.observed) {
      down.observed = static_cast<const uint32_t*>(a.observed->data);
      down.observed_stride = a.observed->rows == 1 ? 0 : down.words;
    }
    machine.run(GX_VISIBLE, h, down);
  }
  if (a.p_h) {
    Finish up = machine.finish(GX_HIDDEN, rows);
    up.beta = a.beta;
    up.row_beta = a.row_beta;
    up.p = a.p_h;
    machine.run(GX_HIDDEN, v, up);
  }
}

}  // namespace
}  // namespace gibbs

gx_status gx_rbm_chain(gx_device* device, const gx_rbm* rbm, const gx_chain_params* params) {
  return guarded([&] {
    gibbs::Machine machine(device, *rbm);
    gibbs::run_chain(machine, *params);
  });
}

}  // namespace gx::cuda
