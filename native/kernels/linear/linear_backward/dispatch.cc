// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/linear/check.h"
#include "kernels/linear/linear_backward/linear_backward.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                               \
  namespace isa {                                                                         \
  void op##_##variant(const gx_linear_params&, const LinearGradient<float>&, Team& team); \
  }
#include "kernels/linear/linear_backward/kernels.inc"
#undef GX_KERNEL

namespace {
const LinearBackwardVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/linear/linear_backward/kernels.inc"
#undef GX_KERNEL
};
}  // namespace

const LinearBackwardVariant* linear_backward_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_linear_backward(gx_device* device, gx_format format, const gx_linear_params* params, const void* dy,
                             const void* y, const void* x, const void* W, void* dx, void* dW, void* db) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::layer(params);
    const gx_linear_params& p = *params;
    const int64_t result = check::product(p.rows, p.outputs, "y"), input = check::product(p.rows, p.inputs, "x");
    const int64_t weight = check::product(p.outputs, p.inputs, "W");
    const bool needs_y = p.activation != GX_ACTIVATION_NONE && (dx || dW || db);
    const auto operand = [&](bool needed, const void* data, int64_t count, const char* name) {
      return needed ? check::array(data, count, format, name) : check::optional_array(data, count, format, name);
    };
    check::disjoint({check::optional_array(dx, input, format, "dx"), check::optional_array(dW, weight, format, "dW"),
                     check::optional_array(db, p.outputs, format, "db")},
                    {check::array(dy, result, format, "dy"), operand(needs_y, y, result, "y"),
                     operand(dW, x, input, "x"), operand(dx, W, weight, "W")});
    if (ran_on_gpu(&Backend::gx_linear_backward, device, format, params, dy, y, x, W, dx, dW, db)) return;
    with_real(format, [&](auto real) {
      using T = decltype(real);
      LinearGradient<T> g = {static_cast<const T*>(dy), static_cast<const T*>(y), static_cast<const T*>(x),
                             static_cast<const T*>(W),  static_cast<T*>(dx),      static_cast<T*>(dW),
                             static_cast<T*>(db)};
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::linear_backward(p, g);
      } else {
        const float nothing = 0;  // in the place of empty operands, which may be null
        for (const float** operand : {&g.dy, &g.y, &g.x, &g.W}) {
          if (!*operand) *operand = &nothing;
        }
        Workspace workspace(*device);
        Team team(*device, workspace);
        first_usable(kVariants).run(p, g, team);
      }
    });
  });
}
