// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/elementwise/select/select.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/row_spans.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                       \
  namespace isa {                                                                 \
  void op##_##variant(const float*, const float*, const float*, float*, int64_t); \
  }
#include "kernels/elementwise/select/kernels.inc"
#undef GX_KERNEL

namespace {

const SelectVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/elementwise/select/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kSpan = 1 << 13;  // elements of a work item

const float* after(const void* p, int64_t first) { return p ? static_cast<const float*>(p) + first : nullptr; }

}  // namespace

const SelectVariant* select_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_select(gx_device* device, gx_format format, int64_t n, const void* mask, const void* a, const void* b,
                    void* y) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const auto result = check::array(y, n, format, "y");
    check::same_or_disjoint(result, check::array(mask, n, format, "mask"));
    check::same_or_disjoint(result, check::optional_array(a, n, format, "a"));
    check::same_or_disjoint(result, check::optional_array(b, n, format, "b"));
    if (ran_on_gpu(&Backend::gx_select, device, format, n, mask, a, b, y)) return;
    if (format == GX_FLOAT64) {
      return reference::select(static_cast<const double*>(mask), static_cast<const double*>(a),
                               static_cast<const double*>(b), static_cast<double*>(y), n);
    }
    const SelectKernel run = first_usable(kVariants).run;
    const RowSpans spans(1, n, kSpan);
    parallel_for(device->threads, spans.items(), [&](int64_t item, int) {
      spans.each(item, [&](int64_t, int64_t first, int64_t count) {
        run(after(mask, first), after(a, first), after(b, first), static_cast<float*>(y) + first, count);
      });
    });
  });
}
