// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>

#include "kernels/reduce/check.h"
#include "kernels/reduce/reduce/reduce.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)    \
  namespace isa {                              \
  void op##_along_##variant(const FoldRows&);  \
  void op##_across_##variant(const FoldRows&); \
  }
#include "kernels/reduce/reduce/kernels.inc"
#undef GX_KERNEL

namespace {

const ReduceVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_along_##variant, isa::op##_across_##variant},
#include "kernels/reduce/reduce/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kColumns = 1 << 10;  // of a block across rows: its accumulators stay in the L1 cache
constexpr int64_t kPart = 1 << 15;     // elements of a part, and least of a work item
constexpr int64_t kEnough = 64;        // work items that need not be cut into parts

// The two walks of a reduction, over outputs and over the rows folded into one output, and the parts that an output's
// rows are cut into so that threads share them. The shape alone decides.
struct Plan {
  Walk<1> kept, reduced;
  bool along;         // the innermost axis is reduced
  int64_t n;          // its size
  int64_t spans = 1;  // pieces of a row longer than kPart, along
  int64_t part_rows;
  int64_t parts;  // spans x pieces of the rows

  explicit Plan(const Reduction& r) {
    int64_t strides[GX_MAX_RANK], stride = 1;
    for (int axis = r.shape.rank - 1; axis >= 0; --axis) strides[axis] = stride, stride *= r.shape.dims[axis];
    int innermost = -1;
    for (int axis = 0; axis < r.shape.rank; ++axis) {
      if (r.shape.dims[axis] == 1) continue;
      add_axis(r.axes >> axis & 1 ? reduced : kept, r.shape.dims[axis], {strides[axis]});
      innermost = axis;
    }
    along = innermost < 0 || (r.axes >> innermost & 1);
    finish(along ? reduced : kept);
    n = along ? reduced.n : kept.n;
    Walk<1>& other = along ? kept : reduced;
    for (int axis = 0; axis < other.rank; ++axis) other.rows *= other.dims[axis];
    if (along) {
      spans = std::max<int64_t>(1, (n + kPart - 1) / kPart);
      part_rows = std::max<int64_t>(1, kPart / std::max<int64_t>(1, n));
    } else {
      const bool cut = kept.rows * blocks() < kEnough;
      part_rows = cut ? std::max<int64_t>(1, kPart / std::min(std::max<int64_t>(1, n), kColumns)) : reduced.rows;
    }
    part_rows = std::max<int64_t>(1, std::min(part_rows, reduced.rows));
    parts = spans * std::max<int64_t>(1, (reduced.rows + part_rows - 1) / part_rows);
  }
  int64_t blocks() const { return (n + kColumns - 1) / kColumns; }
  int64_t outputs() const { return along ? kept.rows : kept.rows * n; }
};

double joined(Fold fold, double p, double q) {
  switch (fold) {
    case Fold::kMax:
      return q > p || std::isnan(q) ? q : p;
    case Fold::kMin:
      return q < p || std::isnan(q) ? q : p;
    default:
      return p + q;
  }
}

double finished(const Reduction& r, double acc, double count) {
  return (r.finish == Finish::kMean ? acc / count : r.finish == Finish::kRoot ? std::sqrt(acc) : acc);
}

// Folds every part of every output. body(part, first output, count, acc) gets the results of a work item, which it may
// find in `acc` for the length of the call.
template <class Body>
void fold_parts(gx_device& device, const Plan& plan, Fold fold, const float* a, const float* b, Body&& body) {
  const ReduceVariant& kernel = first_usable(kVariants);
  Workspace workspace(device);
  const int threads = device.threads;
  double* const accumulators = workspace.get<double>(threads * kColumns);
  const auto rows_of = [&](int64_t part, int64_t offset, int thread) {
    FoldRows rows = {fold,
                     plan.reduced,
                     part / plan.spans * plan.part_rows,
                     0,
                     a + offset,
                     b ? b + offset : nullptr,
                     plan.n,
                     accumulators + thread * kColumns};
    rows.end = std::min(plan.reduced.rows, rows.begin + plan.part_rows);
    return rows;
  };
  if (plan.along) {
    const int64_t size = plan.part_rows * std::min(plan.n, kPart), outputs = plan.outputs();
    const int64_t group = std::clamp<int64_t>(kPart / std::max<int64_t>(1, size), 1, kColumns);
    const int64_t groups = (outputs + group - 1) / group;
    parallel_for(threads, plan.parts * groups, [&](int64_t item, int thread) {
      const int64_t part = item / groups, span = part % plan.spans;
      FoldRows rows = rows_of(part, span * kPart, thread);
      rows.n = std::min(kPart, plan.n - span * kPart);
      rows.kept = &plan.kept;
      rows.first = item % groups * group;
      rows.outputs = std::min(group, outputs - rows.first);
      kernel.along(rows);
      body(part, rows.first, rows.outputs, rows.acc);
    });
  } else {
    const int64_t blocks = plan.blocks();
    parallel_for(threads, plan.parts * plan.kept.rows * blocks, [&](int64_t item, int thread) {
      const int64_t first = item % blocks * kColumns, kept = item / blocks % plan.kept.rows;
      const int64_t part = item / blocks / plan.kept.rows;
      FoldRows rows = rows_of(part, row_at(plan.kept, kept).offset[0] + first, thread);
      rows.n = std::min(kColumns, plan.n - first);
      kernel.across(rows);
      body(part, kept * plan.n + first, rows.n, rows.acc);
    });
  }
}

}  // namespace

const ReduceVariant* reduce_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

void reduce(gx_device& device, gx_format format, const Reduction& r, const void* a, const void* b, void* y) {
  if (format == GX_FLOAT64) {
    return reference::reduce(r, static_cast<const double*>(a), static_cast<const double*>(b), static_cast<double*>(y));
  }
  const Plan plan(r);
  const int64_t outputs = plan.outputs();
  if (outputs == 0) return;
  const double count = double(plan.along ? plan.reduced.rows * plan.n : plan.reduced.rows);
  float* const out = static_cast<float*>(y);
  const float *const x = static_cast<const float*>(a), *const w = static_cast<const float*>(b);
  if (plan.parts == 1) {
    return fold_parts(device, plan, r.fold, x, w, [&](int64_t, int64_t first, int64_t n, const double* acc) {
      for (int64_t k = 0; k < n; ++k) out[first + k] = float(finished(r, acc[k], count));
    });
  }
  Workspace workspace(device);
  double* const sums = workspace.get<double>(check::product(plan.parts, outputs, "the parts of a reduction"));
  fold_parts(device, plan, r.fold, x, w, [&](int64_t part, int64_t first, int64_t n, const double* acc) {
    std::copy(acc, acc + n, sums + part * outputs + first);
  });
  parallel_for(device.threads, (outputs + kColumns - 1) / kColumns, [&](int64_t chunk, int) {
    for (int64_t k = chunk * kColumns; k < std::min(outputs, (chunk + 1) * kColumns); ++k) {
      double sum = sums[k];
      for (int64_t part = 1; part < plan.parts; ++part) sum = joined(r.fold, sum, sums[part * outputs + k]);
      out[k] = float(finished(r, sum, count));
    }
  });
}

}  // namespace gx

namespace gx {
namespace {

struct Entry {
  Fold fold;
  Finish finish;
};
const Entry kEntries[] = {
    {Fold::kSum, Finish::kNone},   {Fold::kSum, Finish::kMean},     {Fold::kSquares, Finish::kNone},
    {Fold::kSizes, Finish::kNone}, {Fold::kSquares, Finish::kRoot}, {Fold::kMax, Finish::kNone},
    {Fold::kMin, Finish::kNone},
};

}  // namespace
}  // namespace gx

gx_status gx_reduce(gx_device* device, gx_format format, gx_reduction reduction, const gx_shape* shape, uint32_t axes,
                    const void* x, void* y) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::real(format);
    const int number = check::number_in(reduction);
    check::in_range(number, 0, GX_MIN, "the reduction");
    const int64_t elements = check::shape(shape, "shape"), outputs = check::axes(*shape, axes);
    check::disjoint({check::array(y, outputs, format, "y")}, {check::array(x, elements, format, "x")});
    if (elements == 0 && outputs > 0 && (number == GX_MEAN || number >= GX_MAX)) {
      fail(GX_INVALID_ARGUMENT, "a mean or an extreme needs at least 1 element, got 0");
    }
    if (ran_on_gpu(&Backend::gx_reduce, device, format, reduction, shape, axes, x, y)) return;
    const Entry& entry = kEntries[number];
    reduce(*device, format, {entry.fold, entry.finish, *shape, axes}, x, nullptr, y);
  });
}

gx_status gx_reduce_dot(gx_device* device, gx_format format, const gx_shape* shape, uint32_t axes, const void* a,
                        const void* b, void* y) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::real(format);
    const int64_t elements = check::shape(shape, "shape"), outputs = check::axes(*shape, axes);
    check::disjoint({check::array(y, outputs, format, "y")},
                    {check::array(a, elements, format, "a"), check::array(b, elements, format, "b")});
    if (ran_on_gpu(&Backend::gx_reduce_dot, device, format, shape, axes, a, b, y)) return;
    reduce(*device, format, {Fold::kDot, Finish::kNone, *shape, axes}, a, b, y);
  });
}
