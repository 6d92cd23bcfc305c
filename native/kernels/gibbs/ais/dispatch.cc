// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>

#include "generatrix/gibbs.h"
#include "kernels/gibbs/ais/ais.h"
#include "kernels/gibbs/energy/energy.h"
#include "kernels/gibbs/machine.h"
#include "runtime/backend.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                                         \
  namespace isa {                                                                                                   \
  void op##_hidden_##variant(const AisPass&, int64_t tile, int64_t m0, int64_t m1, const ProductScratch&, float*);  \
  void op##_visible_##variant(const AisPass&, int64_t tile, int64_t m0, int64_t m1, const ProductScratch&, float*); \
  }
#include "kernels/gibbs/ais/kernels.inc"
#undef GX_KERNEL

namespace {

const AisVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_hidden_##variant, isa::op##_visible_##variant},
#include "kernels/gibbs/ais/kernels.inc"
#undef GX_KERNEL
};

void check_ais(const gx_device* device, const gx_rbm& rbm, const gx_ais_params& a) {
  check::at_least(a.count, 2, "the count of betas");
  check::not_null(a.betas, "betas");
  for (int64_t k = 0; k < a.count; ++k) check::in_range(a.betas[k], 0, 1, "an element of betas");
  const bool rises = a.betas[a.count - 1] >= a.betas[0];
  for (int64_t k = 1; k < a.count; ++k) {
    if (rises ? a.betas[k] < a.betas[k - 1] : a.betas[k] > a.betas[k - 1]) {
      fail(GX_INVALID_ARGUMENT, "betas must never %s, got %g after %g at %lld", rises ? "decrease" : "increase",
           a.betas[k], a.betas[k - 1], (long long)k);
    }
  }
  check::not_null(a.base_b, "base_b");
  check::floats(a.base_b, rbm.visible, "base_b");
  check::states(a.v, rbm.visible, "v");
  check::rng(a.rng, a.count);
  if (a.start_from_base && a.betas[0] != 0) {
    fail(GX_INVALID_ARGUMENT, "betas must begin at 0 when the start comes from the base, got %g", a.betas[0]);
  }
  if (!a.start_from_base) check::binary(device, *a.v, "v");
  if (a.v->rows > 0) check::not_null(a.log_weights, "log_weights");
  check::disjoint(
      {check::range(*a.v, "v"), {a.log_weights, check::product(a.v->rows, 8, "log_weights"), "log_weights"}},
      {check::floats(rbm.W, rbm.visible * rbm.hidden, "W"),
       check::floats(rbm.b, rbm.visible, "b"),
       check::floats(rbm.c, rbm.hidden, "c"),
       check::floats(rbm.mu, rbm.visible, "mu"),
       check::floats(rbm.lambda, rbm.hidden, "lambda"),
       check::floats(a.base_b, rbm.visible, "base_b"),
       {a.betas, check::product(a.count, 8, "betas"), "betas"}});
}

// v_i ~ Bernoulli(sigmoid(a_i)) for every row.
void draw_base(int threads, const gx_ais_params& a, const gx_states& v) {
  const PhiloxStream stream = philox_stream(a.rng.seed, a.rng.step, GX_PURPOSE_BASE);
  parallel_for(threads, v.rows, [&](int64_t r, int) {
    uint32_t* row = static_cast<uint32_t*>(v.data) + r * words(v.units);
    std::fill(row, row + words(v.units), 0u);
    for (int64_t i = 0; i < v.units; ++i) {
      const float p = 1 / (1 + std::exp(-a.base_b[i]));
      if (uniform_of_word(philox_word(stream, r, i)) < p) row[i / 32] |= 1u << (i % 32);
    }
  });
}

void convert(gx_device* device, const gx_states& from, const gx_states& to) {
  if (const gx_status status = gx_states_convert(device, &from, 0.5f, &to); status != GX_OK)
    fail(status, "%s", gx_last_error());
}

void add_tiles(const double* partial, int64_t tiles, int64_t rows, double* sums) {
  for (int64_t m = 0; m < rows; ++m) {
    sums[m] = 0;
    for (int64_t t = 0; t < tiles; ++t) sums[m] += partial[t * rows + m];
  }
}

void anneal(Machine& machine, const gx_ais_params& a, const gx_states& v) {
  const gx_rbm& rbm = machine.rbm();
  Workspace& workspace = machine.workspace();
  const AisVariant& variant = first_usable(kVariants);
  const int64_t rows = v.rows;
  const gx_states h = {workspace.get<uint32_t>(rows * words(rbm.hidden)), rows, rbm.hidden, GX_BITS};
  float* difference = workspace.get<float>(rbm.visible);
  for (int64_t i = 0; i < rbm.visible; ++i) difference[i] = machine.visible_bias()[i] - a.base_b[i];
  double* dots = workspace.get<double>(rows);
  double* ratios = workspace.get<double>(rows);
  state_dots(machine, v, difference, dots);

  AisPass up = {}, down = {};
  up.layer = machine.layer(GX_HIDDEN, v);
  down.layer = machine.layer(GX_VISIBLE, h);
  set_sample(down.layer, v);
  for (AisPass* pass : {&up, &down}) {
    pass->base = a.base_b;
    pass->dot_with = difference;
    pass->partial = workspace.get<double>((pass->layer.out_units + kTileColumns - 1) / kTileColumns * rows);
  }
  const auto run = [&](AisPass& pass, AisKernel kernel, double* sums) {
    pass.walk = choose_layer_sample(pass.layer).walk;
    machine.for_each_tile_of(pass.layer, pass.walk,
                             [&](const LayerSample&, int64_t tile, int64_t m0, int64_t m1,
                                 const ProductScratch& scratch, float* s) { kernel(pass, tile, m0, m1, scratch, s); });
    add_tiles(pass.partial, (pass.layer.out_units + kTileColumns - 1) / kTileColumns, rows, sums);
  };

  std::fill(a.log_weights, a.log_weights + rows, 0.0);
  for (int64_t k = 1; k < a.count; ++k) {
    const bool last = k == a.count - 1;
    up.beta = down.beta = a.betas[k];
    up.beta_before = a.betas[k - 1];
    up.layer.stream = philox_stream(a.rng.seed, a.rng.step + uint64_t(k), GX_PURPOSE_HIDDEN);
    down.layer.stream = philox_stream(a.rng.seed, a.rng.step + uint64_t(k), GX_PURPOSE_VISIBLE);
    up.layer.sample_bits = last ? nullptr : static_cast<uint32_t*>(h.data);
    run(up, variant.hidden, ratios);
    for (int64_t m = 0; m < rows; ++m) a.log_weights[m] += ratios[m] + (a.betas[k] - a.betas[k - 1]) * dots[m];
    if (!last) run(down, variant.visible, dots);
  }
}

}  // namespace

const AisVariant* ais_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_rbm_ais(gx_device* device, const gx_rbm* rbm, const gx_ais_params* params) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::rbm(rbm);
    check::not_null(params, "params");
    const gx_ais_params& a = *params;
    check_ais(device, *rbm, a);
    if (a.v->rows == 0) return;
    if (ran_on_gpu(&Backend::gx_rbm_ais, device, rbm, params)) return;
    Machine machine(*device, *rbm);
    gx_states v = *a.v;
    if (a.v->format == GX_FLOAT32) {
      v = {machine.workspace().get<uint32_t>(v.rows * words(v.units)), v.rows, v.units, GX_BITS};
      if (!a.start_from_base) convert(device, *a.v, v);
    }
    if (a.start_from_base) draw_base(machine.threads(), a, v);
    anneal(machine, a, v);
    if (a.v->format == GX_FLOAT32) convert(device, v, *a.v);
  });
}
