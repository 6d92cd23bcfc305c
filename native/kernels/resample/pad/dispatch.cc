// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/resample/check.h"
#include "kernels/resample/pad/pad.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"

namespace gx {
namespace {

void check_sides(const gx_pad_params& p, int64_t size, int64_t before, int64_t after, const char* axis) {
  for (int64_t side : {before, after}) {
    check::at_least(side, 0, "a side's padding");
    if (p.kind == GX_PAD_REFLECT && side >= size) {
      fail(GX_INVALID_ARGUMENT, "reflected padding must be below the %s of %lld, got %lld", axis, (long long)size,
           (long long)side);
    }
    if (side > int64_t(1) << 30) {
      fail(GX_INVALID_ARGUMENT, "a side's padding must be at most 2^30, got %lld", (long long)side);
    }
  }
  check::picture_size(before + size + after, "a padded size");
}

}  // namespace
}  // namespace gx

gx_status gx_pad(gx_device* device, gx_format format, const gx_pad_params* params, const void* from, void* to) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::not_null(params, "params");
    const gx_pad_params& p = *params;
    check::at_least(p.planes, 0, "planes");
    check::picture_size(p.height, "height");
    check::picture_size(p.width, "width");
    check::in_range(check::number_in(p.kind), GX_PAD_ZERO, GX_PAD_REFLECT, "the kind");
    check_sides(p, p.height, p.top, p.bottom, "height");
    check_sides(p, p.width, p.left, p.right, "width");
    const int64_t in = check::elements({p.planes, p.height, p.width}, "x");
    const int64_t out = check::elements({p.planes, p.top + p.height + p.bottom, p.left + p.width + p.right}, "y");
    check::disjoint({check::array(to, p.adjoint ? in : out, format, "to")},
                    {check::array(from, p.adjoint ? out : in, format, "from")});
    if (in == 0) return;
    if (ran_on_gpu(&Backend::gx_pad, device, format, params, from, to)) return;
    if (format == GX_FLOAT64) return reference::pad(p, static_cast<const double*>(from), static_cast<double*>(to));
    const SeparableMaps maps(AxisMap::pad(p.kind, p.height, p.top, p.bottom),
                             AxisMap::pad(p.kind, p.width, p.left, p.right), p.adjoint);
    maps.run(*device, p.planes, 1, 1, from, to);
  });
}
