// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/resample/affine_grid/affine_grid.h"
#include "kernels/resample/check.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/threads.h"

gx_status gx_affine_grid(gx_device* device, gx_format format, const gx_affine_grid_params* params, const void* from,
                         void* to) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::not_null(params, "params");
    const gx_affine_grid_params& p = *params;
    check::at_least(p.batch, 0, "batch");
    check::picture_size(p.height, "height");
    check::picture_size(p.width, "width");
    const int64_t theta = check::elements({p.batch, 6}, "theta");
    const int64_t grid = check::elements({p.batch, p.height, p.width, 2}, "grid");
    check::disjoint({check::array(to, p.adjoint ? theta : grid, format, "to")},
                    {check::array(from, p.adjoint ? grid : theta, format, "from")});
    if (ran_on_gpu(&Backend::gx_affine_grid, device, format, params, from, to)) return;
    with_real(format, [&](auto real) {
      using T = decltype(real);
      const int64_t size = 2 * p.height * p.width;
      parallel_for(device->threads, p.batch, [&](int64_t n, int) {
        reference::affine_grid(p, static_cast<const T*>(from) + n * (p.adjoint ? size : 6),
                               static_cast<T*>(to) + n * (p.adjoint ? 6 : size));
      });
    });
  });
}
