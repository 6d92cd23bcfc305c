// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/conv/conv_weight_gradient/conv_weight_gradient.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                         \
  namespace isa {                                                                   \
  bool op##_suits_##variant(const ConvShape&);                                      \
  void op##_##variant(const ConvShape&, const float*, const float*, float*, Team&); \
  }
#include "kernels/conv/conv_weight_gradient/kernels.inc"
#undef GX_KERNEL

namespace {

const ConvWeightGradientVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_suits_##variant, isa::op##_##variant},
#include "kernels/conv/conv_weight_gradient/kernels.inc"
#undef GX_KERNEL
};

const ConvWeightGradientVariant& variant_for(const ConvShape& s) {
  for (const ConvWeightGradientVariant& v : kVariants) {
    if (usable(v.line.isa) && v.suits(s)) return v;
  }
  fail(GX_INTERNAL, "no variant of the convolution's weight gradient suits these sizes");
}

}  // namespace

const ConvWeightGradientVariant* conv_weight_gradient_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_conv_weight_gradient(gx_device* device, gx_format format, const gx_conv_params* params, const void* x,
                                  const void* dz, void* dW) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const CheckedConv checked_conv = check::conv(params);
    const ConvShape& s = checked_conv.shape;
    check::disjoint({check::array(dW, s.weight_count(), format, "dW")},
                    {check::array(x, s.in_count(), format, "x"), check::array(dz, s.out_count(), format, "dz")});
    if (ran_on_gpu(&Backend::gx_conv_weight_gradient, device, format, params, x, dz, dW)) return;
    if (format == GX_FLOAT64) {
      return reference::conv_weight_gradient(s, static_cast<const double*>(x), static_cast<const double*>(dz),
                                             static_cast<double*>(dW));
    }
    if (s.p.batch == 0) {
      std::fill_n(static_cast<float*>(dW), s.weight_count(), 0.0f);
      return;
    }
    Workspace workspace(*device);
    Team team(*device, workspace);
    variant_for(s).run(s, static_cast<const float*>(x), static_cast<const float*>(dz), static_cast<float*>(dW), team);
  });
}
