// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "generatrix/gibbs.h"
#include "kernels/gibbs/gradient/gradient.h"
#include "kernels/gibbs/machine.h"
#include "kernels/gibbs/product/tiles.h"
#include "kernels/gibbs/product/transposed_states.h"
#include "runtime/backend.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                                           \
  namespace isa {                                                                                                     \
  void op##_##variant(const Gradient&, int64_t tile, int64_t m0, int64_t m1, const ProductScratch&, float* data_sums, \
                      float* model_sums);                                                                             \
  }
#include "kernels/gibbs/gradient/kernels.inc"
#undef GX_KERNEL

namespace {

const GradientVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/gibbs/gradient/kernels.inc"
#undef GX_KERNEL
};

void check_gradient(const gx_rbm& rbm, const gx_gradient_params& a) {
  check::states(a.data_v, rbm.visible, "data_v");
  check::states(a.model_v, rbm.visible, "model_v");
  check::at_least(a.data_v->rows, 1, "the rows of data_v");
  check::at_least(a.model_v->rows, 1, "the rows of model_v");
  for (const auto& [p, name] : {std::pair<const void*, const char*>{a.data_h, "data_h"},
                                {a.model_h, "model_h"},
                                {a.dW, "dW"},
                                {a.db, "db"},
                                {a.dc, "dc"}}) {
    check::not_null(p, name);
  }
  check::disjoint({check::floats(a.dW, rbm.visible * rbm.hidden, "dW"), check::floats(a.db, rbm.visible, "db"),
                   check::floats(a.dc, rbm.hidden, "dc"), check::floats(a.mean_v, rbm.visible, "mean_v"),
                   check::floats(a.mean_h, rbm.hidden, "mean_h")},
                  {check::range(*a.data_v, "data_v"), check::range(*a.model_v, "model_v"),
                   check::floats(a.data_h, check::product(a.data_v->rows, rbm.hidden, "data_h"), "data_h"),
                   check::floats(a.model_h, check::product(a.model_v->rows, rbm.hidden, "model_h"), "model_h"),
                   check::floats(rbm.mu, rbm.visible, "mu"), check::floats(rbm.lambda, rbm.hidden, "lambda")});
}

}  // namespace

const GradientVariant* gradient_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_rbm_gradient(gx_device* device, const gx_rbm* rbm, const gx_gradient_params* params) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::rbm(rbm);
    check::not_null(params, "params");
    const gx_gradient_params& a = *params;
    check_gradient(*rbm, a);
    if (ran_on_gpu(&Backend::gx_rbm_gradient, device, rbm, params)) return;

    const int threads = device->threads;
    Workspace workspace(*device);
    Gradient g = {};
    g.visible = rbm->visible;
    g.hidden = rbm->hidden;
    g.mu = rbm->mu;
    g.lambda = rbm->lambda;
    g.db = a.db;
    g.dW = a.dW;
    g.dc = a.dc;
    g.mean_h = a.mean_h;
    double* sums[2];
    const gx_states* states[2] = {a.data_v, a.model_v};
    GradientSide* sides[2] = {&g.data, &g.model};
    for (int s = 0; s < 2; ++s) {
      sides[s]->samples = states[s]->rows;
      sides[s]->h = s == 0 ? a.data_h : a.model_h;
      sides[s]->v = transposed_states(workspace, threads, *states[s], &sides[s]->walk);
      sums[s] = workspace.get<double>(g.visible);
      unit_sums(threads, sides[s]->v, sides[s]->walk, g.visible, states[s]->rows, sums[s]);
    }
    for (int64_t i = 0; i < g.visible; ++i) {
      const double data = sums[0][i] / double(g.data.samples), model = sums[1][i] / double(g.model.samples);
      a.db[i] = float(data - model);
      if (a.mean_v) a.mean_v[i] = float(data);
    }

    const GradientVariant& variant = first_usable(kVariants);
    const Tiles tiles(g.visible, g.hidden, threads);
    const int team = int(std::min<int64_t>(threads, tiles.items()));
    const TileScratch scratch(workspace, tiles, team, 2);
    for_each_tile(tiles, team, [&](int64_t tile, int64_t m0, int64_t m1, int t) {
      variant.run(g, tile, m0, m1, scratch.product(t), scratch.sums(t, 0), scratch.sums(t, 1));
    });
  });
}
