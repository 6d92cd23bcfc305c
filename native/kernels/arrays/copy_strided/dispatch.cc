// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cstring>

#include "kernels/arrays/copy_strided/copy_strided.h"
#include "kernels/arrays/copy_strided/loops.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/row_spans.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                 \
  namespace isa {                                                                           \
  void op##_##variant##_32(const uint32_t*, int64_t, uint32_t*, int64_t, int64_t, int64_t); \
  void op##_##variant##_64(const uint64_t*, int64_t, uint64_t*, int64_t, int64_t, int64_t); \
  }
#include "kernels/arrays/copy_strided/kernels.inc"
#undef GX_KERNEL

namespace {

const CopyStridedVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant##_32, isa::op##_##variant##_64},
#include "kernels/arrays/copy_strided/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kSpan = 1 << 14;  // elements of a work item
constexpr int64_t kTile = 64;       // rows and columns of a part of a transposition

template <class T>
TransposeKernel<T> transpose_of(const CopyStridedVariant& variant) {
  if constexpr (sizeof(T) == 4) {
    return variant.transpose32;
  } else {
    return variant.transpose64;
  }
}

// A position in the loops [0, rank), which moves on in row-major order.
class Walk {
 public:
  Walk() = default;
  Walk(const CopyLoops::Axis* axes, int rank, int64_t at) : axes_(axes), rank_(rank) {
    for (int d = rank - 1; d >= 0; --d) {
      index_[d] = at % axes[d].extent;
      at /= axes[d].extent;
      from += index_[d] * axes[d].from;
      to += index_[d] * axes[d].to;
    }
  }
  void next() {
    for (int d = rank_ - 1; d >= 0; --d) {
      from += axes_[d].from;
      to += axes_[d].to;
      if (++index_[d] < axes_[d].extent) return;
      from -= axes_[d].from * axes_[d].extent;
      to -= axes_[d].to * axes_[d].extent;
      index_[d] = 0;
    }
  }
  int64_t from = 0, to = 0;

 private:
  const CopyLoops::Axis* axes_ = nullptr;
  int rank_ = 0;
  int64_t index_[GX_MAX_RANK] = {};
};

int64_t positions(const CopyLoops::Axis* axes, int rank) {
  int64_t n = 1;
  for (int d = 0; d < rank; ++d) n *= axes[d].extent;
  return n;
}

template <class T>
void run(const CopyLoops::Axis& axis, const T* from, T* to, int64_t count) {
  if (axis.to == 1 && axis.from == 1) {
    std::memcpy(to, from, size_t(count) * sizeof(T));
  } else if (axis.to == 1 && axis.from == 0) {
    std::fill(to, to + count, *from);
  } else {
    for (int64_t i = 0; i < count; ++i) to[i * axis.to] = from[i * axis.from];
  }
}

template <class T>
void copy_runs(int threads, const CopyLoops& loops, const T* from, T* to) {
  const int outer = loops.rank - 1;
  const CopyLoops::Axis inner = loops.axes[outer];
  const int64_t rows = positions(loops.axes, outer);
  const RowSpans spans(rows, inner.extent, kSpan);
  parallel_for(threads, spans.items(), [&](int64_t item, int) {
    Walk walk;
    bool begun = false;
    spans.each(item, [&](int64_t row, int64_t first, int64_t count) {
      if (begun) {
        walk.next();
      } else {
        walk = Walk(loops.axes, outer, row);
        begun = true;
      }
      run(inner, from + walk.from + first * inner.from, to + walk.to + first * inner.to, count);
    });
  });
}

// The last axis is contiguous in the target, axis `i` in the source.
template <class T>
void copy_transposed(int threads, CopyLoops loops, int i, const T* from, T* to) {
  const CopyLoops::Axis rows = loops.axes[i], columns = loops.axes[loops.rank - 1];
  for (int d = i; d + 1 < loops.rank; ++d) loops.axes[d] = loops.axes[d + 1];
  const int outer = loops.rank - 2;
  const int64_t row_tiles = (rows.extent + kTile - 1) / kTile, column_tiles = (columns.extent + kTile - 1) / kTile;
  const int64_t tiles = row_tiles * column_tiles, all = positions(loops.axes, outer) * tiles;
  const int64_t tile_size = std::min(kTile, rows.extent) * std::min(kTile, columns.extent);
  const int64_t per_item = std::max<int64_t>(1, kSpan / tile_size);
  const TransposeKernel<T> transpose = transpose_of<T>(first_usable(kVariants));
  parallel_for(threads, (all + per_item - 1) / per_item, [&](int64_t item, int) {
    for (int64_t n = item * per_item; n < std::min(all, (item + 1) * per_item); ++n) {
      const Walk walk(loops.axes, outer, n / tiles);
      const int64_t r = n % tiles / column_tiles * kTile, c = n % column_tiles * kTile;
      transpose(from + walk.from + r + c * columns.from, columns.from, to + walk.to + r * rows.to + c, rows.to,
                std::min(kTile, rows.extent - r), std::min(kTile, columns.extent - c));
    }
  });
}

template <class T>
void copy(int threads, const gx_copy_strided_params& p, const T* from, T* to) {
  CopyLoops loops = copy_loops(p);
  from += p.from_offset;
  to += p.to_offset;
  if (loops.rank == 0) {
    *to = *from;
    return;
  }
  const CopyLoops::Axis inner = loops.axes[loops.rank - 1];
  if (inner.to == 1 && inner.from != 1 && inner.from != 0) {
    for (int d = loops.rank - 2; d >= 0; --d) {
      if (loops.axes[d].from == 1) return copy_transposed(threads, loops, d, from, to);
    }
  }
  copy_runs(threads, loops, from, to);
}

// What the strides reach: elements [first, last] of an array of `count`.
struct Reach {
  int64_t first, last;
};
Reach reach(const gx_copy_strided_params& p, int64_t offset, const int64_t* strides, int64_t count, const char* name) {
  Reach reach = {offset, offset};
  bool overflow = false;
  for (int64_t d = 0; d < p.rank; ++d) {
    int64_t way;
    overflow |= __builtin_mul_overflow(p.shape[d] - 1, strides[d], &way);
    int64_t& end = way < 0 ? reach.first : reach.last;
    overflow |= __builtin_add_overflow(end, way, &end);
  }
  if (overflow) fail(GX_INVALID_ARGUMENT, "the indices of %s must fit in 63 bits", name);
  if (reach.first < 0 || reach.last >= count) {
    fail(GX_INVALID_ARGUMENT, "the indices of %s must be in [0, %lld), got [%lld, %lld]", name, (long long)count,
         (long long)reach.first, (long long)reach.last);
  }
  return reach;
}

// Each stride is beyond what the smaller ones reach together.
void check_distinct(const CopyLoops& loops) {
  int64_t inside = 0;
  for (int d = loops.rank - 1; d >= 0; --d) {
    const CopyLoops::Axis& axis = loops.axes[d];
    if (axis.to <= inside) {
      fail(GX_INVALID_ARGUMENT,
           "the strides of to must name each element once, got a stride of %lld over a reach of %lld elements",
           (long long)axis.to, (long long)inside + 1);
    }
    inside += (axis.extent - 1) * axis.to;
  }
}

// False if there is nothing to copy.
bool check_copy(gx_format format, const gx_copy_strided_params* p, int64_t from_count, const void* from,
                int64_t to_count, const void* to) {
  check::not_null(p, "params");
  check::in_range(double(p->rank), 0, GX_MAX_RANK, "the rank");
  const int64_t element = check::real(format);
  check::array(from, from_count, format, "from");
  check::array(to, to_count, format, "to");
  int64_t size = 1;
  for (int64_t d = 0; d < p->rank; ++d) {
    check::at_least(p->shape[d], 0, "a size of the shape");
    size = check::product(size, p->shape[d], "the copy");
  }
  if (size == 0) return false;
  const Reach in = reach(*p, p->from_offset, p->from_strides, from_count, "from");
  const Reach out = reach(*p, p->to_offset, p->to_strides, to_count, "to");
  check_distinct(copy_loops(*p));
  check::disjoint({static_cast<const char*>(to) + out.first * element, (out.last - out.first + 1) * element, "to"},
                  {static_cast<const char*>(from) + in.first * element, (in.last - in.first + 1) * element, "from"});
  return true;
}

}  // namespace

const CopyStridedVariant* copy_strided_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_copy_strided(gx_device* device, gx_format format, const gx_copy_strided_params* params, int64_t from_count,
                          const void* from, int64_t to_count, void* to) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    if (!check_copy(format, params, from_count, from, to_count, to)) return;
    if (ran_on_gpu(&Backend::gx_copy_strided, device, format, params, from_count, from, to_count, to)) return;
    if (format == GX_FLOAT64) {
      copy(device->threads, *params, static_cast<const uint64_t*>(from), static_cast<uint64_t*>(to));
    } else {
      copy(device->threads, *params, static_cast<const uint32_t*>(from), static_cast<uint32_t*>(to));
    }
  });
}
