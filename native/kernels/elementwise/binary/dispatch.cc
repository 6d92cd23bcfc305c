// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/elementwise/binary/binary.h"
#include "runtime/broadcast.h"
#include "runtime/device.h"
#include "runtime/row_spans.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                                     \
  namespace isa {                                                                                               \
  void op##_##variant(gx_binary_function, const BinaryRows&, const float*, const float*, float*);               \
  void op##_backward_##variant(gx_binary_function, const BinaryRows&, const float*, const float*, const float*, \
                               float*, float*);                                                                 \
  }
#include "kernels/elementwise/binary/kernels.inc"
#undef GX_KERNEL

namespace {

const BinaryVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant, isa::op##_backward_##variant},
#include "kernels/elementwise/binary/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kSpan = 1 << 13;  // elements of a work item

// Shapes and counts of a call, checked.
struct Operands {
  int64_t a_count, b_count, y_count;
  gx_shape y;
  Walk<2> walk;

  Operands(gx_binary_function f, gx_format format, const gx_shape* a, const gx_shape* b) {
    check::in_range(check::number_in(f), 0, GX_POW, "the function");
    check::real(format);
    a_count = check::shape(a, "a_shape");
    b_count = check::shape(b, "b_shape");
    y = broadcast(*a, *b, "a", "b");
    y_count = check::shape(&y, "y");
    walk = broadcast_walk<2>(y, {a, b});
  }
};

}  // namespace

const BinaryVariant* binary_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_binary(gx_device* device, gx_format format, gx_binary_function f, const gx_shape* a_shape,
                    const gx_shape* b_shape, const void* a, const void* b, void* y) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const Operands o(f, format, a_shape, b_shape);
    const auto result = check::array(y, o.y_count, format, "y");
    check::same_or_disjoint(result, check::array(a, o.a_count, format, "a"));
    check::same_or_disjoint(result, check::array(b, o.b_count, format, "b"));
    if (format == GX_FLOAT64) {
      return reference::binary(f, o.walk, static_cast<const double*>(a), static_cast<const double*>(b),
                               static_cast<double*>(y));
    }
    const BinaryKernel run = first_usable(kVariants).forward;
    const RowSpans spans(o.walk.rows, o.walk.n, kSpan);
    parallel_for(device->threads, spans.items(), [&](int64_t item, int) {
      spans.whole(item, [&](int64_t begin, int64_t end, int64_t first, int64_t count) {
        run(f, {o.walk, begin, end, first, count}, static_cast<const float*>(a), static_cast<const float*>(b),
            static_cast<float*>(y));
      });
    });
  });
}

gx_status gx_binary_backward(gx_device* device, gx_format format, gx_binary_function f, const gx_shape* a_shape,
                             const gx_shape* b_shape, const void* a, const void* b, const void* dy, void* da,
                             void* db) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const Operands o(f, format, a_shape, b_shape);
    const auto to_a = check::optional_array(da, o.y_count, format, "da");
    const auto to_b = check::optional_array(db, o.y_count, format, "db");
    const auto gradient = check::array(dy, o.y_count, format, "dy");
    check::disjoint({to_a, to_b}, {check::array(a, o.a_count, format, "a"), check::array(b, o.b_count, format, "b")});
    check::same_or_disjoint(to_a, gradient);
    check::same_or_disjoint(to_b, gradient);
    if (format == GX_FLOAT64) {
      return reference::binary_backward(f, o.walk, static_cast<const double*>(a), static_cast<const double*>(b),
                                        static_cast<const double*>(dy), static_cast<double*>(da),
                                        static_cast<double*>(db));
    }
    const BinaryBackwardKernel run = first_usable(kVariants).backward;
    const RowSpans spans(o.walk.rows, o.walk.n, kSpan);
    parallel_for(device->threads, spans.items(), [&](int64_t item, int) {
      spans.whole(item, [&](int64_t begin, int64_t end, int64_t first, int64_t count) {
        run(f, {o.walk, begin, end, first, count}, static_cast<const float*>(a), static_cast<const float*>(b),
            static_cast<const float*>(dy), static_cast<float*>(da), static_cast<float*>(db));
      });
    });
  });
}
