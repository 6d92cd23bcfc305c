// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/elementwise/affine/affine.h"
#include "runtime/backend.h"
#include "runtime/broadcast.h"
#include "runtime/device.h"
#include "runtime/row_spans.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                   \
  namespace isa {                                                             \
  void op##_##variant(float, float, const AffineRows&, const float*, float*); \
  void add_scaled_##variant(float, const float*, float*, int64_t);            \
  }
#include "kernels/elementwise/affine/kernels.inc"
#undef GX_KERNEL

namespace {

const AffineVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant, isa::add_scaled_##variant},
#include "kernels/elementwise/affine/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kSpan = 1 << 13;  // elements of a work item

}  // namespace

const AffineVariant* affine_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_affine(gx_device* device, gx_format format, double alpha, double beta, const gx_shape* x_shape,
                    const gx_shape* y_shape, const void* x, void* y) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::real(format);
    const int64_t x_count = check::shape(x_shape, "x_shape"), y_count = check::shape(y_shape, "y_shape");
    const gx_shape both = broadcast(*x_shape, *y_shape, "x", "y");
    if (both.rank != y_shape->rank || check::shape(&both, "y") != y_count) {
      fail(GX_INVALID_ARGUMENT, "x must fit y's shape when it is repeated, got more or larger axes than y has");
    }
    check::same_or_disjoint(check::array(y, y_count, format, "y"), check::array(x, x_count, format, "x"));
    if (ran_on_gpu(&Backend::gx_affine, device, format, alpha, beta, x_shape, y_shape, x, y)) return;
    const Walk<1> walk = broadcast_walk<1>(*y_shape, {x_shape});
    if (format == GX_FLOAT64) {
      return reference::affine(alpha, beta, walk, static_cast<const double*>(x), static_cast<double*>(y));
    }
    const AffineKernel run = first_usable(kVariants).affine;
    const RowSpans spans(walk.rows, walk.n, kSpan);
    parallel_for(device->threads, spans.items(), [&](int64_t item, int) {
      spans.whole(item, [&](int64_t begin, int64_t end, int64_t first, int64_t count) {
        run(float(alpha), float(beta), {walk, begin, end, first, count}, static_cast<const float*>(x),
            static_cast<float*>(y));
      });
    });
  });
}

gx_status gx_add_scaled(gx_device* device, gx_format format, double alpha, int64_t n, const void* x, void* y) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::disjoint({check::array(y, n, format, "y")}, {check::array(x, n, format, "x")});
    if (ran_on_gpu(&Backend::gx_add_scaled, device, format, alpha, n, x, y)) return;
    if (format == GX_FLOAT64) {
      return reference::add_scaled(alpha, static_cast<const double*>(x), static_cast<double*>(y), n);
    }
    const AddScaledKernel run = first_usable(kVariants).add_scaled;
    const RowSpans spans(1, n, kSpan);
    parallel_for(device->threads, spans.items(), [&](int64_t item, int) {
      spans.each(item, [&](int64_t, int64_t first, int64_t count) {
        run(float(alpha), static_cast<const float*>(x) + first, static_cast<float*>(y) + first, count);
      });
    });
  });
}
