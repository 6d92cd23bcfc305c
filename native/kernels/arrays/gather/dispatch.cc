// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cstring>

#include "generatrix/arrays.h"
#include "kernels/arrays/gather/gather.h"
#include "kernels/arrays/gather/rows.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/row_spans.h"
#include "runtime/threads.h"

namespace gx {

void check_index(const int64_t* index, int64_t count, int64_t size, const char* of) {
  if (count > 0) check::not_null(index, "index");
  for (int64_t k = 0; k < count; ++k) {
    if (index[k] < 0 || index[k] >= size) {
      fail(GX_INVALID_ARGUMENT, "index[%lld] must be at least 0 and below %lld (%s), got %lld", (long long)k,
           (long long)size, of, (long long)index[k]);
    }
  }
}

namespace {

constexpr int64_t kItemBytes = 1 << 16;

// Rows of a few bytes, as a permutation of features has them; memcpy, since two floats need not lie like a double.
template <int bytes>
void gather_short(int64_t size, int64_t count, const char* from, const int64_t* index, char* to, int64_t o, int64_t k,
                  int64_t n) {
  from += o * size * bytes;
  to += o * count * bytes;
  for (int64_t i = k; i < k + n; ++i) std::memcpy(to + i * bytes, from + index[i] * bytes, bytes);
}

// Gathered rows by target: those of r are order[start[r] .. start[r + 1]), in the order of k.
struct Groups {
  const int64_t* start;
  const int64_t* order;
};
Groups group(Workspace& workspace, int64_t size, int64_t count, const int64_t* index) {
  int64_t* const start = workspace.get<int64_t>(size + 1);
  int64_t* const order = workspace.get<int64_t>(count);
  std::fill(start, start + size + 1, 0);
  for (int64_t k = 0; k < count; ++k) ++start[index[k]];
  for (int64_t r = 0, sum = 0; r <= size; ++r) sum += start[r], start[r] = sum;  // where each group ends
  for (int64_t k = count - 1; k >= 0; --k) order[--start[index[k]]] = k;
  return {start, order};
}

// dx[i] = sum over the group of dy[k][i].
template <class T>
void add_group(const int64_t* begin, const int64_t* end, const T* dy, int64_t stride, int64_t n, T* dx) {
  constexpr int64_t kBand = 256;
  if (end - begin == 1) {
    std::memcpy(dx, dy + *begin * stride, size_t(n) * sizeof(T));
    return;
  }
  for (int64_t first = 0; first < n; first += kBand) {
    const int64_t m = std::min(kBand, n - first);
    double sums[kBand];
    std::fill(sums, sums + m, 0.0);
    for (const int64_t* k = begin; k < end; ++k) {
      const T* row = dy + *k * stride + first;
      for (int64_t i = 0; i < m; ++i) sums[i] += double(row[i]);
    }
    for (int64_t i = 0; i < m; ++i) dx[first + i] = T(sums[i]);
  }
}

template <class T>
void gather_backward(gx_device& device, int64_t outer, int64_t size, int64_t inner, int64_t count, const T* dy,
                     const int64_t* index, T* dx) {
  Workspace workspace(device);
  const Groups groups = group(workspace, size, count, index);
  const RowSpans spans(outer * size, inner, 1 << 12);
  parallel_for(device.threads, spans.items(), [&](int64_t item, int) {
    spans.each(item, [&](int64_t row, int64_t first, int64_t n) {
      const int64_t o = row / size, r = row % size;
      add_group(groups.order + groups.start[r], groups.order + groups.start[r + 1], dy + o * count * inner + first,
                inner, n, dx + row * inner + first);
    });
  });
}

// False if the result is empty; `whole` and `taken` are the arrays with `size` and `count` rows.
bool check_gather(gx_format format, int64_t outer, int64_t size, int64_t inner, int64_t count, const void* in,
                  const char* in_name, int64_t in_rows, const int64_t* index, const void* out, const char* out_name,
                  int64_t out_rows) {
  check::at_least(outer, 0, "outer");
  check::at_least(size, 0, "size");
  check::at_least(inner, 0, "inner");
  check::at_least(count, 0, "count");
  const auto elements = [&](int64_t rows, const char* name) {
    return check::product(check::product(outer, rows, name), inner, name);
  };
  const auto result = check::array(out, elements(out_rows, out_name), format, out_name);
  const auto operand = check::array(in, elements(in_rows, in_name), format, in_name);
  check_index(index, count, size, "the size");
  check::disjoint({result}, {operand, {index, check::product(count, 8, "index"), "index"}});
  return result.bytes > 0;
}

}  // namespace

void gather_rows(int threads, int64_t outer, int64_t size, int64_t row_bytes, int64_t count, const void* from,
                 const int64_t* index, void* to) {
  if (row_bytes == 4 || row_bytes == 8) {
    const RowSpans spans(outer, count, kItemBytes / 8);
    parallel_for(threads, spans.items(), [&](int64_t item, int) {
      spans.each(item, [&](int64_t o, int64_t k, int64_t n) {
        (row_bytes == 4 ? gather_short<4> : gather_short<8>)(size, count, static_cast<const char*>(from), index,
                                                             static_cast<char*>(to), o, k, n);
      });
    });
    return;
  }
  const RowSpans spans(outer * count, row_bytes, kItemBytes);
  parallel_for(threads, spans.items(), [&](int64_t item, int) {
    int64_t o = -1, k = 0;  // of the row; an item's rows follow each other
    spans.each(item, [&](int64_t row, int64_t first, int64_t n) {
      if (o < 0) {
        o = row / count, k = row % count;
      } else if (++k == count) {
        ++o, k = 0;
      }
      const int64_t source = o * size + index[k];
      std::memcpy(static_cast<char*>(to) + row * row_bytes + first,
                  static_cast<const char*>(from) + source * row_bytes + first, size_t(n));
    });
  });
}

}  // namespace gx

gx_status gx_gather(gx_device* device, gx_format format, int64_t outer, int64_t size, int64_t inner, int64_t count,
                    const void* x, const int64_t* index, void* y) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    if (!check_gather(format, outer, size, inner, count, x, "x", size, index, y, "y", count)) return;
    if (ran_on_gpu(&Backend::gx_gather, device, format, outer, size, inner, count, x, index, y)) return;
    gather_rows(device->threads, outer, size, inner * check::real(format), count, x, index, y);
  });
}

gx_status gx_gather_backward(gx_device* device, gx_format format, int64_t outer, int64_t size, int64_t inner,
                             int64_t count, const void* dy, const int64_t* index, void* dx) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    if (!check_gather(format, outer, size, inner, count, dy, "dy", count, index, dx, "dx", size)) return;
    if (ran_on_gpu(&Backend::gx_gather_backward, device, format, outer, size, inner, count, dy, index, dx)) return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      gather_backward(*device, outer, size, inner, count, static_cast<const T*>(dy), index, static_cast<T*>(dx));
    });
  });
}
