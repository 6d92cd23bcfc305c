// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "generatrix/gibbs.h"
#include "kernels/gibbs/log_pseudo_likelihood/log_pseudo_likelihood.h"
#include "kernels/gibbs/machine.h"
#include "runtime/backend.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)          \
  namespace isa {                                    \
  double op##_##variant(const LogPseudoLikelihood&); \
  }
#include "kernels/gibbs/log_pseudo_likelihood/kernels.inc"
#undef GX_KERNEL

namespace {

const LogPseudoLikelihoodVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/gibbs/log_pseudo_likelihood/kernels.inc"
#undef GX_KERNEL
};

bool is_on(const gx_states& v, int64_t row, int64_t unit) {
  if (v.format == GX_BITS)
    return static_cast<const uint32_t*>(v.data)[row * words(v.units) + unit / 32] >> (unit % 32) & 1;
  return static_cast<const float*>(v.data)[row * v.units + unit] != 0.0f;
}

void rows(gx_device& device, const gx_rbm& rbm, const gx_states& v, double* log_pl) {
  Machine machine(device, rbm);
  LayerSample layer = machine.layer(GX_HIDDEN, v);
  layer.x = machine.workspace().get<float>(v.rows * rbm.hidden);
  machine.run(layer);
  const int threads = int(std::min<int64_t>(machine.threads(), v.rows));
  float* sign = machine.workspace().get<float>(threads * rbm.visible);
  float* softplus_x = machine.workspace().get<float>(threads * rbm.hidden);
  const LogPseudoLikelihoodKernel run = first_usable(kVariants).run;
  parallel_for(threads, v.rows, [&](int64_t r, int t) {
    float* s = sign + t * rbm.visible;
    for (int64_t i = 0; i < rbm.visible; ++i) s[i] = is_on(v, r, i) ? -1.0f : 1.0f;
    log_pl[r] = run({rbm.visible, rbm.hidden, rbm.W, machine.visible_bias(), layer.x + r * rbm.hidden, s,
                     softplus_x + t * rbm.hidden});
  });
}

}  // namespace

const LogPseudoLikelihoodVariant* log_pseudo_likelihood_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_rbm_log_pseudo_likelihood(gx_device* device, const gx_rbm* rbm, const gx_states* v, double* log_pl) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::rbm(rbm);
    check::states(v, rbm->visible, "v");
    check::binary(device, *v, "v");
    if (v->rows == 0) return;
    check::not_null(log_pl, "log_pl");
    if (ran_on_gpu(&Backend::gx_rbm_log_pseudo_likelihood, device, rbm, v, log_pl)) return;
    const int64_t most = rows_at_once(rbm->hidden);
    for (int64_t first = 0; first < v->rows; first += most) {
      const int64_t count = std::min(most, v->rows - first);
      rows(*device, *rbm, rows_of(*v, first, count), log_pl + first);
    }
  });
}
