// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/linear/check.h"
#include "kernels/linear/linear/linear.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                              \
  namespace isa {                                                                                        \
  void op##_##variant(const gx_linear_params&, const float*, const float*, const float*, float*, Team&); \
  }
#include "kernels/linear/linear/kernels.inc"
#undef GX_KERNEL

namespace {
const LinearVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/linear/linear/kernels.inc"
#undef GX_KERNEL
};
}  // namespace

const LinearVariant* linear_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_linear(gx_device* device, gx_format format, const gx_linear_params* params, const void* x, const void* W,
                    const void* b, void* y) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::layer(params);
    const gx_linear_params& p = *params;
    check::disjoint({check::array(y, check::product(p.rows, p.outputs, "y"), format, "y")},
                    {check::array(x, check::product(p.rows, p.inputs, "x"), format, "x"),
                     check::array(W, check::product(p.outputs, p.inputs, "W"), format, "W"),
                     check::optional_array(b, p.outputs, format, "b")});
    if (p.rows == 0 || p.outputs == 0) return;
    if (ran_on_gpu(&Backend::gx_linear, device, format, params, x, W, b, y)) return;
    if (format == GX_FLOAT64) {
      return reference::linear(p, static_cast<const double*>(x), static_cast<const double*>(W),
                               static_cast<const double*>(b), static_cast<double*>(y));
    }
    const float nothing = 0;
    if (p.inputs == 0) x = W = &nothing;
    Workspace workspace(*device);
    Team team(*device, workspace);
    first_usable(kVariants).run(p, static_cast<const float*>(x), static_cast<const float*>(W),
                                static_cast<const float*>(b), static_cast<float*>(y), team);
  });
}
