// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/optim/adagrad/adagrad.h"
#include "runtime/backend.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                        \
  namespace isa {                                                  \
  void op##_##variant(const AdagradRule&, const StepPart<float>&); \
  }
#include "kernels/optim/adagrad/kernels.inc"
#undef GX_KERNEL

namespace {
const AdagradVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/optim/adagrad/kernels.inc"
#undef GX_KERNEL
};
}  // namespace

const AdagradVariant* adagrad_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_adagrad(gx_device* device, gx_format format, const gx_adagrad_params* params, int64_t segments,
                     const gx_segment* segment) {
  return gx::guarded([&] {
    using namespace gx;
    check::not_null(params, "params");
    check::in_range(params->epsilon, 0, 1e30, "epsilon");
    optim::check_step(device, format, params->step, optim::kS0, segments, segment);
    if (ran_on_gpu(&Backend::gx_adagrad, device, format, params, segments, segment)) return;
    optim::run_step(*device, format, adagrad_rule(*params), segments, segment, first_usable(kVariants).run,
                    reference::adagrad<double>);
  });
}
