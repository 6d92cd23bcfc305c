// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/resample/check.h"
#include "kernels/resample/unpool/unpool.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/threads.h"

namespace gx {
namespace {

constexpr int64_t kItem = 1 << 14;  // elements of a work item

// The pixel an index names, or -1. A number that no integer is near is the smallest one here, also NaN.
template <class T>
inline int64_t pixel(T index, int64_t pixels) {
  const int64_t i = index >= 0 && index < T(pixels) ? int64_t(index) : -1;
  return T(i) == index ? i : -1;
}

template <class T>
void plane(const gx_unpool_params& p, const T* from, const T* index, T* to) {
  if (p.adjoint) {
    for (int64_t i = 0; i < p.in_pixels; ++i) {
      const int64_t at = pixel(index[i], p.out_pixels);
      to[i] = at < 0 ? T(0) : from[at];
    }
    return;
  }
  std::fill(to, to + p.out_pixels, T(0));
  for (int64_t i = 0; i < p.in_pixels; ++i) {
    const int64_t at = pixel(index[i], p.out_pixels);
    if (at >= 0) to[at] += from[i];
  }
}

}  // namespace
}  // namespace gx

gx_status gx_unpool(gx_device* device, gx_format format, const gx_unpool_params* params, const void* from,
                    const void* index, void* to) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::not_null(params, "params");
    const gx_unpool_params& p = *params;
    check::at_least(p.planes, 0, "planes");
    check::at_least(p.in_pixels, 0, "in_pixels");
    check::at_least(p.out_pixels, 0, "out_pixels");
    const int64_t in = check::elements({p.planes, p.in_pixels}, "x");
    const int64_t out = check::elements({p.planes, p.out_pixels}, "y");
    check::disjoint(
        {check::array(to, p.adjoint ? in : out, format, "to")},
        {check::array(from, p.adjoint ? out : in, format, "from"), check::array(index, in, format, "index")});
    if (format == GX_FLOAT32 && p.out_pixels > 1 << 24) {
      fail(GX_INVALID_ARGUMENT, "out_pixels must be at most 2^24 with indices in FLOAT32, got %lld",
           (long long)p.out_pixels);
    }
    if (in + out == 0) return;
    if (ran_on_gpu(&Backend::gx_unpool, device, format, params, from, index, to)) return;
    with_real(format, [&](auto real) {
      using T = decltype(real);
      const int64_t together = std::max<int64_t>(1, kItem / (p.in_pixels + p.out_pixels));
      parallel_for(device->threads, (p.planes + together - 1) / together, [&](int64_t item, int) {
        for (int64_t n = item * together; n < std::min(p.planes, (item + 1) * together); ++n) {
          const int64_t x = n * p.in_pixels, y = n * p.out_pixels;
          plane(p, static_cast<const T*>(from) + (p.adjoint ? y : x), static_cast<const T*>(index) + x,
                static_cast<T*>(to) + (p.adjoint ? x : y));
        }
      });
    });
  });
}
