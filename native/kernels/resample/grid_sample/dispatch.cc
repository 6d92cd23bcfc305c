// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/resample/check.h"
#include "kernels/resample/grid_sample/grid_sample.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                                         \
  namespace isa {                                                                                                   \
  void op##_##variant##_forward(const gx_grid_sample_params&, int64_t, int64_t, const float*, const float*, float*, \
                                float*);                                                                            \
  void op##_##variant##_backward(const gx_grid_sample_params&, int64_t, int64_t, const float*, const float*,        \
                                 const float*, float*, float*, float*);                                             \
  }
#include "kernels/resample/grid_sample/kernels.inc"
#undef GX_KERNEL

namespace {

const GridSampleVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant##_forward, isa::op##_##variant##_backward},
#include "kernels/resample/grid_sample/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kChannels = 32;  // of a work item: whole vectors on every instruction set

struct Sizes {
  int64_t in, out, x, y, grid;  // pixels of a picture, elements of an array
};

Sizes check_grid_sample(const gx_grid_sample_params& p) {
  check::at_least(p.batch, 0, "batch");
  check::at_least(p.channels, 0, "channels");
  for (int a = 0; a < 2; ++a) {
    check::picture_size(p.in_size[a], "in_size");
    check::picture_size(p.out_size[a], "out_size");
  }
  Sizes s;
  s.in = p.in_size[0] * p.in_size[1];
  s.out = p.out_size[0] * p.out_size[1];
  check::picture_size(s.in, "the pixels of x");
  check::picture_size(s.out, "the pixels of y");
  s.x = check::elements({p.batch, p.channels, s.in}, "x");
  s.y = check::elements({p.batch, p.channels, s.out}, "y");
  s.grid = check::elements({p.batch, s.out, 2}, "grid");
  return s;
}

// body(example, first channel, end, scratch); `cut`: by channels too.
template <class Body>
void each_item(gx_device& device, const gx_grid_sample_params& p, bool cut, bool backward, Body body) {
  const int64_t channels = cut ? kChannels : p.channels, parts = (p.channels + channels - 1) / channels;
  const int threads = device.threads;
  const int64_t floats = grid_sample_scratch(p, backward);
  Workspace workspace(device);
  float* const scratch = workspace.get<float>(floats * threads);
  parallel_for(threads, p.batch * parts, [&](int64_t item, int thread) {
    const int64_t first = item % parts * channels;
    body(item / parts, first, std::min(p.channels, first + channels), scratch + floats * thread);
  });
}

template <class T>
T* from(T* array, int64_t offset) {
  return array ? array + offset : nullptr;
}

}  // namespace

// Eight numbers of each point, and the pixels with a vector of channels each.
int64_t grid_sample_scratch(const gx_grid_sample_params& p, bool backward) {
  const int64_t out = (p.out_size[0] * p.out_size[1] + 15) / 16 * 16;
  return 8 * out + (backward ? 2 : 1) * 16 * p.in_size[0] * p.in_size[1];
}

const GridSampleVariant* grid_sample_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_grid_sample(gx_device* device, gx_format format, const gx_grid_sample_params* params, const void* x,
                         const void* grid, void* y) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::not_null(params, "params");
    const gx_grid_sample_params& p = *params;
    const Sizes s = check_grid_sample(p);
    check::disjoint({check::array(y, s.y, format, "y")},
                    {check::array(x, s.x, format, "x"), check::array(grid, s.grid, format, "grid")});
    if (s.y == 0) return;
    if (ran_on_gpu(&Backend::gx_grid_sample, device, format, params, x, grid, y)) return;
    if (format == GX_FLOAT64) {
      return reference::grid_sample(p, static_cast<const double*>(x), static_cast<const double*>(grid),
                                    static_cast<double*>(y));
    }
    const auto run = first_usable(kVariants).forward;
    each_item(*device, p, true, false, [&](int64_t n, int64_t first, int64_t end, float* scratch) {
      run(p, first, end, static_cast<const float*>(x) + n * p.channels * s.in,
          static_cast<const float*>(grid) + n * s.out * 2, static_cast<float*>(y) + n * p.channels * s.out, scratch);
    });
  });
}

gx_status gx_grid_sample_backward(gx_device* device, gx_format format, const gx_grid_sample_params* params,
                                  const void* x, const void* grid, const void* dy, void* dx, void* dgrid) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::not_null(params, "params");
    const gx_grid_sample_params& p = *params;
    const Sizes s = check_grid_sample(p);
    check::disjoint(
        {check::optional_array(dx, s.x, format, "dx"), check::optional_array(dgrid, s.grid, format, "dgrid")},
        {check::array(x, s.x, format, "x"), check::array(grid, s.grid, format, "grid"),
         check::array(dy, s.y, format, "dy")});
    if (ran_on_gpu(&Backend::gx_grid_sample_backward, device, format, params, x, grid, dy, dx, dgrid)) return;
    if (s.y == 0) {
      // No channels: the gradient of the grid is there, and 0.
      if (dgrid) std::fill_n(static_cast<char*>(dgrid), s.grid * check::real(format), char(0));
      return;
    }
    if (!dx && !dgrid) return;
    if (format == GX_FLOAT64) {
      return reference::grid_sample_backward(p, static_cast<const double*>(x), static_cast<const double*>(grid),
                                             static_cast<const double*>(dy), static_cast<double*>(dx),
                                             static_cast<double*>(dgrid));
    }
    const auto run = first_usable(kVariants).backward;
    each_item(*device, p, !dgrid, true, [&](int64_t n, int64_t first, int64_t end, float* scratch) {
      const int64_t in = n * p.channels * s.in;
      run(p, first, end, static_cast<const float*>(x) + in, static_cast<const float*>(grid) + n * s.out * 2,
          static_cast<const float*>(dy) + n * p.channels * s.out, from(static_cast<float*>(dx), in),
          from(static_cast<float*>(dgrid), n * s.out * 2), scratch);
    });
  });
}
