// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Zeros with a one in each row: bound by memory, so that plain loops are enough. Contract: arrays.h.

#include <cstring>

#include "generatrix/arrays.h"
#include "kernels/arrays/gather/rows.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/row_spans.h"
#include "runtime/threads.h"

gx_status gx_one_hot(gx_device* device, gx_format format, int64_t count, int64_t classes, const int64_t* index,
                     void* y) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::at_least(count, 0, "count");
    check::at_least(classes, 0, "classes");
    const auto result = check::array(y, check::product(count, classes, "y"), format, "y");
    check_index(index, count, classes, "the classes");
    check::disjoint(result, {index, check::product(count, 8, "index"), "index"});
    if (ran_on_gpu(&Backend::gx_one_hot, device, format, count, classes, index, y)) return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      const RowSpans spans(count, classes, 1 << 14);
      parallel_for(device->threads, spans.items(), [&](int64_t item, int) {
        spans.each(item, [&](int64_t row, int64_t first, int64_t n) {
          T* const part = static_cast<T*>(y) + row * classes + first;
          std::memset(part, 0, size_t(n) * sizeof(T));
          if (index[row] >= first && index[row] < first + n) part[index[row] - first] = 1;
        });
      });
    });
  });
}
