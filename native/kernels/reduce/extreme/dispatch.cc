// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/reduce/check.h"
#include "kernels/reduce/extreme/extreme.h"
#include "runtime/backend.h"
#include "runtime/device.h"
#include "runtime/threads.h"
#include "runtime/walk.h"

namespace gx {
namespace {

constexpr int64_t kItem = 1 << 14;  // elements of a work item

// Where the extreme of one output stands: its index among the reduced elements, and its offset from x. `clear` is null
// or an array like x, whose elements of this output become 0.
template <class T, bool max>
int64_t scan(const Walk<1>& reduced, const T* x, T* clear, int64_t* offset) {
  int64_t best = 0;
  *offset = 0;
  T extreme = x[0];
  Row<1> row = row_at(reduced, 0);
  const int64_t stride = reduced.inner[0];
  for (int64_t r = 0; r < reduced.rows; ++r, next(reduced, row)) {
    const int64_t at = row.offset[0];
    if (clear) {
      for (int64_t j = 0; j < reduced.n; ++j) clear[at + j * stride] = 0;
    }
    for (int64_t j = 0; j < reduced.n; ++j) {
      const T value = x[at + j * stride];
      const bool beats = (max ? value > extreme : value < extreme) || value != value;
      if (beats && extreme == extreme) {
        extreme = value;
        best = r * reduced.n + j;
        *offset = at + j * stride;
      }
    }
  }
  return best;
}

template <class T>
void extremes(gx_device& device, gx_reduction reduction, const gx_shape& shape, uint32_t axes, const T* x, const T* dy,
              T* index, T* dx) {
  int64_t strides[GX_MAX_RANK], stride = 1;
  for (int axis = shape.rank - 1; axis >= 0; --axis) strides[axis] = stride, stride *= shape.dims[axis];
  Walk<1> kept, reduced;
  for (int axis = 0; axis < shape.rank; ++axis) {
    add_axis(axes >> axis & 1 ? reduced : kept, shape.dims[axis], {strides[axis]});
  }
  finish(reduced);
  for (int axis = 0; axis < kept.rank; ++axis) kept.rows *= kept.dims[axis];
  const int64_t group = std::max<int64_t>(1, kItem / (reduced.rows * reduced.n));
  parallel_for(device.threads, (kept.rows + group - 1) / group, [&](int64_t item, int) {
    const int64_t first = item * group, end = std::min(kept.rows, first + group);
    Row<1> output = row_at(kept, first);
    for (int64_t k = first; k < end; ++k, next(kept, output)) {
      const int64_t base = output.offset[0];
      int64_t offset;
      T* const clear = dx ? dx + base : nullptr;
      const int64_t best = reduction == GX_MAX ? scan<T, true>(reduced, x + base, clear, &offset)
                                               : scan<T, false>(reduced, x + base, clear, &offset);
      if (index) index[k] = T(best);
      if (dx) dx[base + offset] = dy[k];
    }
  });
}

struct Sizes {
  int64_t elements, outputs;
};
Sizes check_extreme(gx_format format, gx_reduction reduction, const gx_shape* shape, uint32_t axes) {
  check::real(format);
  check::in_range(check::number_in(reduction), GX_MAX, GX_MIN, "the reduction");
  const Sizes sizes = {check::shape(shape, "shape"), check::axes(*shape, axes)};
  if (sizes.elements == 0 && sizes.outputs > 0) {
    fail(GX_INVALID_ARGUMENT, "an extreme needs at least 1 element, got 0");
  }
  return sizes;
}

}  // namespace
}  // namespace gx

gx_status gx_reduce_arg(gx_device* device, gx_format format, gx_reduction reduction, const gx_shape* shape,
                        uint32_t axes, const void* x, void* index) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const Sizes sizes = check_extreme(format, reduction, shape, axes);
    check::disjoint({check::array(index, sizes.outputs, format, "index")},
                    {check::array(x, sizes.elements, format, "x")});
    if (sizes.outputs == 0) return;
    if (format == GX_FLOAT32) {
      check::in_range(double(sizes.elements / sizes.outputs), 0, 0x1p24, "the elements reduced into one");
    }
    if (ran_on_gpu(&Backend::gx_reduce_arg, device, format, reduction, shape, axes, x, index)) return;
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      extremes<T>(*device, reduction, *shape, axes, static_cast<const T*>(x), nullptr, static_cast<T*>(index), nullptr);
    });
  });
}

gx_status gx_reduce_extreme_backward(gx_device* device, gx_format format, gx_reduction reduction, const gx_shape* shape,
                                     uint32_t axes, const void* x, const void* dy, void* dx) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const Sizes sizes = check_extreme(format, reduction, shape, axes);
    check::disjoint({check::array(dx, sizes.elements, format, "dx")},
                    {check::array(x, sizes.elements, format, "x"), check::array(dy, sizes.outputs, format, "dy")});
    if (sizes.outputs == 0) return;
    if (ran_on_gpu(&Backend::gx_reduce_extreme_backward, device, format, reduction, shape, axes, x, dy, dx)) return;
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      extremes<T>(*device, reduction, *shape, axes, static_cast<const T*>(x), static_cast<const T*>(dy), nullptr,
                  static_cast<T*>(dx));
    });
  });
}
