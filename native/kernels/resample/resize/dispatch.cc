// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/resample/check.h"
#include "kernels/resample/resize/resize.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"

gx_status gx_resize(gx_device* device, gx_format format, const gx_resize_params* params, const void* from, void* to) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::not_null(params, "params");
    const gx_resize_params& p = *params;
    check::at_least(p.batch, 0, "batch");
    check::at_least(p.channels, 0, "channels");
    check::picture_size(p.summed, "summed");
    check::in_range(check::number_in(p.kind), GX_RESIZE_NEAREST, GX_RESIZE_LINEAR_ALIGNED, "the kind");
    const bool whole = p.kind == GX_RESIZE_NEAREST || p.kind == GX_RESIZE_UPPER_LEFT;
    for (int a = 0; a < 2; ++a) {
      check::picture_size(p.in_size[a], "in_size");
      check::picture_size(p.out_size[a], "out_size");
      if (whole && p.out_size[a] % p.in_size[a] != 0) {
        fail(GX_INVALID_ARGUMENT, "out_size must be a multiple of in_size, got %lld of %lld", (long long)p.out_size[a],
             (long long)p.in_size[a]);
      }
    }
    const int64_t in = check::elements({p.batch, p.channels, p.summed, p.in_size[0], p.in_size[1]}, "x");
    const int64_t out = check::elements({p.batch, p.channels, p.out_size[0], p.out_size[1]}, "y");
    check::disjoint({check::array(to, p.adjoint ? in : out, format, "to")},
                    {check::array(from, p.adjoint ? out : in, format, "from")});
    if (in == 0) return;
    if (ran_on_gpu(&Backend::gx_resize, device, format, params, from, to)) return;
    if (format == GX_FLOAT64) {
      return reference::resize(p, static_cast<const double*>(from), static_cast<double*>(to));
    }
    const SeparableMaps maps(AxisMap::resize(p.kind, p.in_size[0], p.out_size[0]),
                             AxisMap::resize(p.kind, p.in_size[1], p.out_size[1]), p.adjoint);
    maps.run(*device, p.batch * p.channels, p.adjoint ? 1 : p.summed, p.adjoint ? p.summed : 1, from, to);
  });
}
