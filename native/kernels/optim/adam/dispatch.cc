// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/optim/adam/adam.h"
#include "runtime/backend.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                     \
  namespace isa {                                               \
  void op##_##variant(const AdamRule&, const StepPart<float>&); \
  }
#include "kernels/optim/adam/kernels.inc"
#undef GX_KERNEL

namespace {
const AdamVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/optim/adam/kernels.inc"
#undef GX_KERNEL
};
}  // namespace

const AdamVariant* adam_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_adam(gx_device* device, gx_format format, const gx_adam_params* params, int64_t segments,
                  const gx_segment* segment) {
  return gx::guarded([&] {
    using namespace gx;
    check::not_null(params, "params");
    optim::check_share(params->beta1, "beta1");
    optim::check_share(params->beta2, "beta2");
    check::in_range(params->epsilon, 0, 1e30, "epsilon");
    check::at_least(params->t, 1, "the step t");
    optim::check_flag(params->decoupled, "decoupled");
    optim::check_flag(params->amsgrad, "amsgrad");
    const int states = optim::kS0 | optim::kS1 | (params->amsgrad ? optim::kS2 : 0);
    optim::check_step(device, format, params->step, states, segments, segment);
    if (ran_on_gpu(&Backend::gx_adam, device, format, params, segments, segment)) return;
    optim::run_step(*device, format, adam_rule(*params), segments, segment, first_usable(kVariants).run,
                    reference::adam<double>);
  });
}
