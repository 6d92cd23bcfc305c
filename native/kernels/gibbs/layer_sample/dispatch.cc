// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Which variant runs, and the C entry.

#include <cmath>

#include "generatrix/gibbs.h"
#include "kernels/gibbs/layer_sample/layer_sample.h"
#include "kernels/gibbs/machine.h"
#include "kernels/gibbs/nonzeros/nonzeros.h"
#include "runtime/backend.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                                          \
  namespace isa {                                                                                                    \
  void op##_##variant(const LayerSample&, int64_t tile, int64_t m0, int64_t m1, const ProductScratch&, float* sums); \
  }
#include "kernels/gibbs/layer_sample/kernels.inc"
#undef GX_KERNEL

namespace {

// Tables cost a lookup per 4 states and their building, which the rows share; without them each set bit costs an
// addition. Measured on Zen 5 with AVX-512, 784x500, single thread, the two meet at a density of about
//   rows      16    32   128   512   1024
//   v to h   .49   .40   .30   .25    .12
//   h to v   > .5  > .5  .34   .28    .14
// Listing the set bits of 128 states first, as for floats, costs more than the mispredicted end of a word's bits: 2 to
// 20 % slower.
bool suits_bit_rows(const LayerSample& a) {
  if (!a.given.bits) return false;
  if (a.rows <= 8) return true;
  return sampled_density(a.given.bits, a.rows, a.in_units) < 0.5 - 0.055 * std::log2(double(a.rows) / 8);
}
bool suits_tables(const LayerSample& a) { return a.given.bits; }
bool suits_sparse(const LayerSample& a) {
  return a.given.values && a.in_units >= 16 && sampled_density(a.given.values, a.rows, a.in_units) < kSparseDensity;
}
bool suits_dense(const LayerSample& a) { return a.given.values; }

constexpr Walk walk_bit_rows = Walk::kBitRows, walk_tables = Walk::kTables, walk_sparse = Walk::kSparse,
               walk_dense = Walk::kDense;

const LayerSampleVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, walk_##variant, suits_##variant, isa::op##_##variant},
#include "kernels/gibbs/layer_sample/kernels.inc"
#undef GX_KERNEL
};

}  // namespace

const LayerSampleVariant* layer_sample_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

const LayerSampleVariant& choose_layer_sample(const LayerSample& a) {
  for (const LayerSampleVariant& v : kVariants) {
    if (usable(v.line.isa) && v.suits(a)) return v;
  }
  fail(GX_INTERNAL, "no variant of gibbs.layer_sample suits %lld rows of %lld units", (long long)a.rows,
       (long long)a.in_units);
}

}  // namespace gx

gx_status gx_rbm_layer_sample(gx_device* device, const gx_rbm* rbm, const gx_layer_sample_params* params) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::rbm(rbm);
    check::not_null(params, "params");
    const gx_layer_sample_params& a = *params;
    if (const int target = check::number_in(a.target); target != GX_VISIBLE && target != GX_HIDDEN) {
      fail(GX_INVALID_ARGUMENT, "target must be GX_VISIBLE (0) or GX_HIDDEN (1), got %d", target);
    }
    const bool to_hidden = a.target == GX_HIDDEN;
    const int64_t units = to_hidden ? rbm->hidden : rbm->visible;
    check::states(a.given, to_hidden ? rbm->visible : rbm->hidden, "given");
    const int64_t rows = a.given->rows;
    check::beta(device, a.beta, a.row_beta, rows);
    check::rng(a.rng, 1);
    if (a.sample) check::states(a.sample, rows, units, "sample");
    if (!a.x && !a.p && !a.sample)
      fail(GX_INVALID_ARGUMENT, "at least one of x, p and sample must be asked for, got none");
    const int64_t size = check::product(rows, units, "the output");
    check::disjoint({check::floats(a.x, size, "x"), check::floats(a.p, size, "p"),
                     a.sample ? check::range(*a.sample, "sample") : check::Range{nullptr, 0, "sample"}},
                    {check::range(*a.given, "given"), check::floats(rbm->W, rbm->visible * rbm->hidden, "W"),
                     check::floats(rbm->b, rbm->visible, "b"), check::floats(rbm->c, rbm->hidden, "c"),
                     check::floats(rbm->mu, rbm->visible, "mu"), check::floats(rbm->lambda, rbm->hidden, "lambda"),
                     check::floats(a.row_beta, rows, "row_beta")});
    if (rows == 0) return;
    if (ran_on_gpu(&Backend::gx_rbm_layer_sample, device, rbm, params)) return;
    Machine machine(*device, *rbm);
    LayerSample layer = machine.layer(a.target, *a.given);
    layer.beta = a.beta;
    layer.row_beta = a.row_beta;
    layer.stream = philox_stream(a.rng.seed, a.rng.step, to_hidden ? GX_PURPOSE_HIDDEN : GX_PURPOSE_VISIBLE);
    layer.x = a.x;
    layer.p = a.p;
    if (a.sample) set_sample(layer, *a.sample);
    machine.run(layer);
  });
}
