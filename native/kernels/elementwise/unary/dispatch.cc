// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/elementwise/unary/unary.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/row_spans.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                            \
  namespace isa {                                                                                      \
  void op##_##variant(gx_unary_function, float, const float*, float*, int64_t);                        \
  void op##_backward_##variant(gx_unary_function, float, const float*, const float*, float*, int64_t); \
  }
#include "kernels/elementwise/unary/kernels.inc"
#undef GX_KERNEL

namespace {

const UnaryVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant, isa::op##_backward_##variant},
#include "kernels/elementwise/unary/kernels.inc"
#undef GX_KERNEL
};

const GradientFrom kFrom[] = {
#define GX_FUNCTION(enumerator, functor, from) from,
    GX_UNARY_FUNCTIONS(GX_FUNCTION)
#undef GX_FUNCTION
};

constexpr int64_t kSpan = 1 << 13;  // elements of a work item: 32 KiB in, 32 KiB out

void check_function(gx_unary_function f, double p) {
  constexpr int kCount = int(sizeof kFrom / sizeof kFrom[0]);
  check::in_range(check::number_in(f), 0, kCount - 1, "the function");
  check::finite(p, "p");
  if (f == GX_ELU && p < 0) fail(GX_INVALID_ARGUMENT, "p of an ELU must be at least 0, got %g", p);
}

}  // namespace

const UnaryVariant* unary_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_unary(gx_device* device, gx_format format, gx_unary_function f, double p, int64_t n, const void* x,
                   void* y) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check_function(f, p);
    check::same_or_disjoint(check::array(y, n, format, "y"), check::array(x, n, format, "x"));
    if (ran_on_gpu(&Backend::gx_unary, device, format, f, p, n, x, y)) return;
    if (format == GX_FLOAT64) {
      return reference::unary(f, p, static_cast<const double*>(x), static_cast<double*>(y), n);
    }
    const UnaryKernel run = first_usable(kVariants).forward;
    const RowSpans spans(1, n, kSpan);
    parallel_for(device->threads, spans.items(), [&](int64_t item, int) {
      spans.each(item, [&](int64_t, int64_t first, int64_t count) {
        run(f, float(p), static_cast<const float*>(x) + first, static_cast<float*>(y) + first, count);
      });
    });
  });
}

gx_status gx_unary_backward(gx_device* device, gx_format format, gx_unary_function f, double p, int64_t n,
                            const void* x, const void* y, const void* dy, void* dx) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check_function(f, p);
    const bool from_x = kFrom[f] == kFromX;
    const void* given = from_x ? x : y;
    const auto result = check::array(dx, n, format, "dx");
    check::disjoint(result, check::array(given, n, format, from_x ? "x" : "y"));
    check::same_or_disjoint(result, check::array(dy, n, format, "dy"));
    if (ran_on_gpu(&Backend::gx_unary_backward, device, format, f, p, n, x, y, dy, dx)) return;
    if (format == GX_FLOAT64) {
      return reference::unary_backward(f, p, static_cast<const double*>(given), static_cast<const double*>(dy),
                                       static_cast<double*>(dx), n);
    }
    const UnaryBackwardKernel run = first_usable(kVariants).backward;
    const RowSpans spans(1, n, kSpan);
    parallel_for(device->threads, spans.items(), [&](int64_t item, int) {
      spans.each(item, [&](int64_t, int64_t first, int64_t count) {
        run(f, float(p), static_cast<const float*>(given) + first, static_cast<const float*>(dy) + first,
            static_cast<float*>(dx) + first, count);
      });
    });
  });
}
