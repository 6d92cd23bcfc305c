// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/optim/adadelta/adadelta.h"
#include "runtime/backend.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                         \
  namespace isa {                                                   \
  void op##_##variant(const AdadeltaRule&, const StepPart<float>&); \
  }
#include "kernels/optim/adadelta/kernels.inc"
#undef GX_KERNEL

namespace {
const AdadeltaVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/optim/adadelta/kernels.inc"
#undef GX_KERNEL
};
}  // namespace

const AdadeltaVariant* adadelta_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_adadelta(gx_device* device, gx_format format, const gx_adadelta_params* params, int64_t segments,
                      const gx_segment* segment) {
  return gx::guarded([&] {
    using namespace gx;
    check::not_null(params, "params");
    optim::check_share(params->rho, "rho");
    check::in_range(params->epsilon, 1e-30, 1e30, "epsilon");
    optim::check_step(device, format, params->step, optim::kS0 | optim::kS1, segments, segment);
    if (ran_on_gpu(&Backend::gx_adadelta, device, format, params, segments, segment)) return;
    optim::run_step(*device, format, adadelta_rule(*params), segments, segment, first_usable(kVariants).run,
                    reference::adadelta<double>);
  });
}
