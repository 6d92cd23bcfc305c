// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/optim/sgd/sgd.h"
#include "runtime/backend.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                    \
  namespace isa {                                              \
  void op##_##variant(const SgdRule&, const StepPart<float>&); \
  }
#include "kernels/optim/sgd/kernels.inc"
#undef GX_KERNEL

namespace {
const SgdVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/optim/sgd/kernels.inc"
#undef GX_KERNEL
};
}  // namespace

const SgdVariant* sgd_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_sgd(gx_device* device, gx_format format, const gx_sgd_params* params, int64_t segments,
                 const gx_segment* segment) {
  return gx::guarded([&] {
    using namespace gx;
    check::not_null(params, "params");
    optim::check_share(params->momentum, "the momentum");
    optim::check_flag(params->nesterov, "nesterov");
    if (params->nesterov && params->momentum == 0) {
      fail(GX_INVALID_ARGUMENT, "Nesterov's step needs a momentum above 0, got 0");
    }
    optim::check_step(device, format, params->step, params->momentum > 0 ? optim::kS0 : 0, segments, segment);
    if (ran_on_gpu(&Backend::gx_sgd, device, format, params, segments, segment)) return;
    optim::run_step(*device, format, sgd_rule(*params), segments, segment, first_usable(kVariants).run,
                    reference::sgd<double>);
  });
}
