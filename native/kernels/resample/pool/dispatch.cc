// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/resample/check.h"
#include "kernels/resample/pool/pool.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                              \
  namespace isa {                                                                        \
  void op##_##variant(const PoolShape&, const float*, int64_t, int64_t, float*, float*); \
  }
#include "kernels/resample/pool/kernels.inc"
#undef GX_KERNEL

namespace {

const MaxPoolVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/resample/pool/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kItem = 1 << 13;  // taps of a work item

void max_pool(gx_device& device, const PoolShape& s, const float* x, float* y, float* index) {
  const int64_t in = s.p.in_size[0] * s.p.in_size[1], out = s.out_size[0] * s.out_size[1];
  const int64_t row = s.out_size[1] * s.p.kernel[0] * s.p.kernel[1];
  const int64_t band = std::max<int64_t>(1, std::min(s.out_size[0], kItem / row));
  const int64_t bands = (s.out_size[0] + band - 1) / band;
  const int64_t together = bands > 1 ? 1 : std::max<int64_t>(1, kItem / (row * s.out_size[0]));
  const int64_t planes = s.p.batch * s.p.channels;
  const MaxPoolKernel run = first_usable(kVariants).run;
  parallel_for(device.threads, (planes + together - 1) / together * bands, [&](int64_t item, int) {
    const int64_t first = item % bands * band, plane = item / bands * together;
    for (int64_t p = plane; p < std::min(planes, plane + together); ++p) {
      run(s, x + p * in, first, std::min(s.out_size[0], first + band), y + p * out, index ? index + p * out : nullptr);
    }
  });
}

PoolShape check_pool(const gx_pool_params& p) {
  PoolShape s = {p, {0, 0}};
  check::at_least(p.batch, 0, "batch");
  check::at_least(p.channels, 0, "channels");
  check::in_range(check::number_in(p.kind), GX_POOL_MAX, GX_POOL_AVERAGE_INSIDE, "the kind");
  for (int a = 0; a < 2; ++a) {
    check::picture_size(p.in_size[a], "in_size");
    check::picture_size(p.kernel[a], "kernel");
    check::picture_size(p.stride[a], "stride");
    check::picture_size(p.dilation[a], "dilation");
    check::at_least(p.padding[a], 0, "padding");
    const int64_t reach = p.dilation[a] * (p.kernel[a] - 1) + 1;
    if (p.padding[a] > reach / 2) {
      fail(GX_INVALID_ARGUMENT, "padding must be at most half of the %lld pixels a window reaches over, got %lld",
           (long long)reach, (long long)p.padding[a]);
    }
    if (reach > p.in_size[a] + 2 * p.padding[a]) {
      fail(GX_INVALID_ARGUMENT, "a window must reach over at most %lld pixels, got %lld",
           (long long)(p.in_size[a] + 2 * p.padding[a]), (long long)reach);
    }
    s.out_size[a] = (p.in_size[a] + 2 * p.padding[a] - reach) / p.stride[a] + 1;
  }
  if (p.kind == GX_POOL_MAX && p.adjoint) {
    fail(GX_INVALID_ARGUMENT, "a pooling with an adjoint must be by sums or averages, got the greatest element");
  }
  return s;
}

}  // namespace

const MaxPoolVariant* max_pool_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_pool(gx_device* device, gx_format format, const gx_pool_params* params, const void* from, void* to,
                  void* index) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::not_null(params, "params");
    const gx_pool_params& p = *params;
    const PoolShape s = check_pool(p);
    const int64_t in = check::elements({p.batch, p.channels, p.in_size[0], p.in_size[1]}, "x");
    const int64_t out = check::elements({p.batch, p.channels, s.out_size[0], s.out_size[1]}, "y");
    if (index && p.kind != GX_POOL_MAX) fail(GX_INVALID_ARGUMENT, "index must be null but for MAX, got an array");
    if (index && format == GX_FLOAT32 && p.in_size[0] * p.in_size[1] > 1 << 24) {
      fail(GX_INVALID_ARGUMENT, "pictures with indices in FLOAT32 must have at most 2^24 pixels, got %lld",
           (long long)(p.in_size[0] * p.in_size[1]));
    }
    check::disjoint(
        {check::array(to, p.adjoint ? in : out, format, "to"), check::optional_array(index, out, format, "index")},
        {check::array(from, p.adjoint ? out : in, format, "from")});
    if (in == 0) return;
    if (ran_on_gpu(&Backend::gx_pool, device, format, params, from, to, index)) return;
    if (format == GX_FLOAT64) {
      return reference::pool(s, static_cast<const double*>(from), static_cast<double*>(to),
                             static_cast<double*>(index));
    }
    if (p.kind == GX_POOL_MAX) {
      return max_pool(*device, s, static_cast<const float*>(from), static_cast<float*>(to), static_cast<float*>(index));
    }
    const auto map = [&](int a) {
      return AxisMap::pool(p.kind, p.in_size[a], s.out_size[a], p.kernel[a], p.stride[a], p.dilation[a], p.padding[a]);
    };
    SeparableMaps(map(0), map(1), p.adjoint).run(*device, p.batch * p.channels, 1, 1, from, to);
  });
}
