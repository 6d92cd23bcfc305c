// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/optim/rmsprop/rmsprop.h"
#include "runtime/backend.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                        \
  namespace isa {                                                  \
  void op##_##variant(const RmspropRule&, const StepPart<float>&); \
  }
#include "kernels/optim/rmsprop/kernels.inc"
#undef GX_KERNEL

namespace {
const RmspropVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/optim/rmsprop/kernels.inc"
#undef GX_KERNEL
};
}  // namespace

const RmspropVariant* rmsprop_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_rmsprop(gx_device* device, gx_format format, const gx_rmsprop_params* params, int64_t segments,
                     const gx_segment* segment) {
  return gx::guarded([&] {
    using namespace gx;
    check::not_null(params, "params");
    optim::check_share(params->alpha, "alpha");
    optim::check_share(params->momentum, "the momentum");
    check::in_range(params->epsilon, 0, 1e30, "epsilon");
    optim::check_flag(params->centered, "centered");
    const int states = optim::kS0 | (params->momentum > 0 ? optim::kS1 : 0) | (params->centered ? optim::kS2 : 0);
    optim::check_step(device, format, params->step, states, segments, segment);
    if (ran_on_gpu(&Backend::gx_rmsprop, device, format, params, segments, segment)) return;
    optim::run_step(*device, format, rmsprop_rule(*params), segments, segment, first_usable(kVariants).run,
                    reference::rmsprop<double>);
  });
}
