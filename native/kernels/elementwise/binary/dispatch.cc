// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/elementwise/binary/binary.h"
#include "runtime/backend.h"
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
    check::in_range(check::number_in(f), 0, GX_PRELU, "the function");
    check::real(format);
    a_count = check::shape(a, "a_shape");
    b_count = check::shape(b, "b_shape");
    y = broadcast(*a, *b, "a", "b");
    y_count = check::shape(&y, "y");
    walk = broadcast_walk<2>(y, {a, b});
  }
};

// Work items over all rows.
template <class Body>
void each(gx_device& device, const Walk<2>& walk, int64_t slopes, Body&& body) {
  const RowSpans spans(walk.rows, walk.n, kSpan);
  parallel_for(device.threads, spans.items(), [&](int64_t item, int) {
    spans.whole(item, [&](int64_t begin, int64_t end, int64_t first, int64_t count) {
      body(BinaryRows{walk, begin, end, first, count, slopes});
    });
  });
}

template <class T>
void forward(gx_device& device, gx_binary_function f, const Walk<2>& walk, const T* a, const T* b, T* y) {
  if constexpr (sizeof(T) == 8) {
    (void)device;
    reference::binary(f, walk, a, b, y);
  } else {
    const BinaryKernel run = first_usable(kVariants).forward;
    each(device, walk, walk.n, [&](const BinaryRows& rows) { run(f, rows, a, b, y); });
  }
}
template <class T>
void backward(gx_device& device, gx_binary_function f, const Walk<2>& walk, int64_t slopes, const T* a, const T* b,
              const T* dy, T* da, T* db) {
  if constexpr (sizeof(T) == 8) {
    (void)device;
    reference::binary_backward(f, walk, slopes, a, b, dy, da, db);
  } else {
    const BinaryBackwardKernel run = first_usable(kVariants).backward;
    each(device, walk, slopes, [&](const BinaryRows& rows) { run(f, rows, a, b, dy, da, db); });
  }
}

// Rows of two halves as two operands.
Walk<2> halves(int64_t rows, int64_t width) {
  Walk<2> walk;
  walk.rank = 1;
  walk.dims[0] = walk.rows = rows;
  walk.strides[0][0] = walk.strides[1][0] = 2 * width;
  walk.n = width;
  walk.inner[0] = walk.inner[1] = 1;
  return walk;
}

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
    if (ran_on_gpu(&Backend::gx_binary, device, format, f, a_shape, b_shape, a, b, y)) return;
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      forward(*device, f, o.walk, static_cast<const T*>(a), static_cast<const T*>(b), static_cast<T*>(y));
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
    if (ran_on_gpu(&Backend::gx_binary_backward, device, format, f, a_shape, b_shape, a, b, dy, da, db)) return;
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      backward(*device, f, o.walk, o.walk.n, static_cast<const T*>(a), static_cast<const T*>(b),
               static_cast<const T*>(dy), static_cast<T*>(da), static_cast<T*>(db));
    });
  });
}

gx_status gx_gated_unit(gx_device* device, gx_format format, int64_t rows, int64_t width, const void* x, void* y) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::at_least(rows, 0, "rows");
    check::at_least(width, 0, "width");
    const int64_t n = check::product(rows, width, "y");
    check::disjoint(check::array(y, n, format, "y"), check::array(x, check::product(n, 2, "x"), format, "x"));
    if (n == 0) return;
    if (ran_on_gpu(&Backend::gx_gated_unit, device, format, rows, width, x, y)) return;
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const T* const a = static_cast<const T*>(x);
      forward(*device, GX_GATED, halves(rows, width), a, a + width, static_cast<T*>(y));
    });
  });
}

gx_status gx_gated_unit_backward(gx_device* device, gx_format format, int64_t rows, int64_t width, const void* x,
                                 const void* dy, void* dx) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::at_least(rows, 0, "rows");
    check::at_least(width, 0, "width");
    const int64_t n = check::product(rows, width, "dy"), both = check::product(n, 2, "x");
    const auto result = check::array(dx, both, format, "dx");
    check::same_or_disjoint(result, check::array(x, both, format, "x"));
    check::disjoint(result, check::array(dy, n, format, "dy"));
    if (n == 0) return;
    if (ran_on_gpu(&Backend::gx_gated_unit_backward, device, format, rows, width, x, dy, dx)) return;
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const T* const a = static_cast<const T*>(x);
      T* const da = static_cast<T*>(dx);
      backward(*device, GX_GATED, halves(rows, width), 2 * width, a, a + width, static_cast<const T*>(dy), da,
               da + width);
    });
  });
}
