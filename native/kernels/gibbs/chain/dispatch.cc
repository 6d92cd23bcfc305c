// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A chain is layer_sample back and forth; the states between are bits wherever v may be binary.

#include "generatrix/gibbs.h"
#include "kernels/gibbs/machine.h"
#include "runtime/backend.h"

namespace gx {
namespace {

void check_chain(const gx_device* device, const gx_rbm& rbm, const gx_chain_params& a) {
  check::at_least(a.steps, 0, "steps");
  check::states(a.v, rbm.visible, "v");
  const int64_t rows = a.v->rows;
  check::beta(device, a.beta, a.row_beta, rows);
  check::rng(a.rng, a.steps);
  if (a.h) check::states(a.h, rows, rbm.hidden, "h");
  if (a.observed) {
    check::states(a.observed, rbm.visible, "observed");
    if (a.observed->format != GX_BITS)
      fail(GX_INVALID_ARGUMENT, "the format of observed must be GX_BITS (1), got GX_FLOAT32 (0)");
    if (a.observed->rows != 1 && a.observed->rows != rows) {
      fail(GX_INVALID_ARGUMENT, "the rows of observed must be 1 or %lld, got %lld", (long long)rows,
           (long long)a.observed->rows);
    }
  }
  if (a.steps == 0 && (a.h || a.p_v))
    fail(GX_INVALID_ARGUMENT, "h and p_v must be null when steps is 0, got %s", a.h ? "h" : "p_v");
  const check::Range none = {nullptr, 0, ""};
  check::disjoint({check::range(*a.v, "v"), a.h ? check::range(*a.h, "h") : none,
                   check::floats(a.p_v, check::product(rows, rbm.visible, "p_v"), "p_v"),
                   check::floats(a.p_h, check::product(rows, rbm.hidden, "p_h"), "p_h")},
                  {check::floats(rbm.W, rbm.visible * rbm.hidden, "W"), check::floats(rbm.b, rbm.visible, "b"),
                   check::floats(rbm.c, rbm.hidden, "c"), check::floats(rbm.mu, rbm.visible, "mu"),
                   check::floats(rbm.lambda, rbm.hidden, "lambda"), check::floats(a.row_beta, rows, "row_beta"),
                   a.observed ? check::range(*a.observed, "observed") : none});
}

void run_chain(Machine& machine, const gx_chain_params& a) {
  const gx_rbm& rbm = machine.rbm();
  const int64_t rows = a.v->rows;
  gx_states h = {machine.workspace().get<uint32_t>(rows * words(rbm.hidden)), rows, rbm.hidden, GX_BITS};
  // A float v holds intensities only at the start, unless some of them are observed; from the first sample on bits will
  // do.
  gx_states v = *a.v;
  const bool to_bits = a.v->format == GX_FLOAT32 && !a.observed && a.steps > 1;
  const gx_states v_bits = {to_bits ? machine.workspace().get<uint32_t>(rows * words(rbm.visible)) : nullptr, rows,
                            rbm.visible, GX_BITS};
  for (int64_t s = 0; s < a.steps; ++s) {
    const bool last = s == a.steps - 1;
    LayerSample up = machine.layer(GX_HIDDEN, v);
    up.beta = a.beta;
    up.row_beta = a.row_beta;
    up.stream = philox_stream(a.rng.seed, a.rng.step + uint64_t(s), GX_PURPOSE_HIDDEN);
    if (last && a.h && a.h->format == GX_BITS) h = *a.h;
    set_sample(up, h);
    if (last && a.h && a.h->format == GX_FLOAT32) up.sample_values = static_cast<float*>(a.h->data);
    machine.run(up);

    if (to_bits) v = last ? *a.v : v_bits;
    LayerSample down = machine.layer(GX_VISIBLE, h);
    down.beta = a.beta;
    down.row_beta = a.row_beta;
    down.stream = philox_stream(a.rng.seed, a.rng.step + uint64_t(s), GX_PURPOSE_VISIBLE);
    set_sample(down, v);
    if (last) down.p = a.p_v;
    if (a.observed) {
      down.observed = static_cast<const uint32_t*>(a.observed->data);
      down.observed_stride = a.observed->rows == 1 ? 0 : words(rbm.visible);
    }
    machine.run(down);
  }
  if (a.p_h) {
    LayerSample up = machine.layer(GX_HIDDEN, v);
    up.beta = a.beta;
    up.row_beta = a.row_beta;
    up.p = a.p_h;
    machine.run(up);
  }
}

}  // namespace
}  // namespace gx

gx_status gx_rbm_chain(gx_device* device, const gx_rbm* rbm, const gx_chain_params* params) {
  return gx::guarded([&] {
    gx::checked(device);
    gx::check::rbm(rbm);
    gx::check::not_null(params, "params");
    gx::check_chain(device, *rbm, *params);
    if (params->v->rows == 0) return;
    if (gx::ran_on_gpu(&gx::Backend::gx_rbm_chain, device, rbm, params)) return;
    gx::Machine machine(*device, *rbm);
    gx::run_chain(machine, *params);
  });
}
