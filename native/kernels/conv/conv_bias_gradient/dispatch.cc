// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/conv/conv_bias_gradient/conv_bias_gradient.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                           \
  namespace isa {                                                                                     \
  void op##_##variant(const gx_conv_bias_params&, const float*, const float*, float*, float*, Team&); \
  }
#include "kernels/conv/conv_bias_gradient/kernels.inc"
#undef GX_KERNEL

namespace {
const ConvBiasGradientVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/conv/conv_bias_gradient/kernels.inc"
#undef GX_KERNEL
};
}  // namespace

const ConvBiasGradientVariant* conv_bias_gradient_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_conv_bias_gradient(gx_device* device, gx_format format, const gx_conv_bias_params* params, const void* dy,
                                const void* y, void* dz, void* db) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::not_null(params, "params");
    const gx_conv_bias_params& p = *params;
    check::at_least(p.batch, 0, "batch");
    check::at_least(p.channels, 0, "channels");
    check::at_least(p.pixels, 0, "pixels");
    check::in_range(check::number_in(p.activation), GX_ACTIVATION_NONE, GX_ACTIVATION_SOFTPLUS, "the activation");
    check::in_range(p.activation_p, 0, 3e38, "activation_p");
    const int64_t count = check::product(check::product(p.batch, p.channels, "dy"), p.pixels, "dy");
    const bool needs_y = p.activation != GX_ACTIVATION_NONE;
    const check::Range gradient = check::array(dy, count, format, "dy");
    const check::Range output =
        needs_y ? check::array(y, count, format, "y") : check::optional_array(nullptr, count, format, "y");
    const check::Range made = check::optional_array(dz, count, format, "dz");
    check::disjoint({made, check::optional_array(db, p.channels, format, "db")}, {output});
    check::disjoint({check::optional_array(db, p.channels, format, "db")}, {gradient});
    check::same_or_disjoint(made, gradient);
    if (ran_on_gpu(&Backend::gx_conv_bias_gradient, device, format, params, dy, y, dz, db)) return;
    with_real(format, [&](auto real) {
      using T = decltype(real);
      const T* const from = static_cast<const T*>(dy);
      const T* const of = needs_y ? static_cast<const T*>(y) : nullptr;
      T* const to = static_cast<T*>(dz);
      T* const sums = static_cast<T*>(db);
      if (count == 0) {
        if (sums) std::fill_n(sums, p.channels, T(0));
      } else if constexpr (sizeof(T) == sizeof(double)) {
        reference::conv_bias_gradient(p, from, of, to, sums);
      } else {
        Workspace workspace(*device);
        Team team(*device, workspace);
        first_usable(kVariants).run(p, from, of, to, sums, team);
      }
    });
  });
}
