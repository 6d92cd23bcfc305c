// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Copies of rows: nothing here for wide instructions that memcpy does not already do.

#include <cstring>

#include "generatrix/states.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/threads.h"

gx_status gx_states_gather(gx_device* device, const gx_states* from, const int64_t* index, const gx_states* to) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::not_null(from, "from");
    check::at_least(from->units, 0, "the units of from");
    check::states(from, from->units, "from");
    check::states(to, from->units, "to");
    if (to->format != from->format) {
      fail(GX_INVALID_ARGUMENT, "the format of to must be %d (that of from), got %d", int(from->format),
           int(to->format));
    }
    if (to->rows == 0) return;
    check::not_null(index, "index");
    for (int64_t r = 0; r < to->rows; ++r) {
      if (index[r] < 0 || index[r] >= from->rows) {
        fail(GX_INVALID_ARGUMENT, "index[%lld] must be at least 0 and below %lld (the rows of from), got %lld",
             (long long)r, (long long)from->rows, (long long)index[r]);
      }
    }
    const check::Range out = check::range(*to, "to");
    check::disjoint(out, check::range(*from, "from"));
    check::disjoint(out, {index, to->rows * int64_t(sizeof *index), "index"});
    const int64_t row_bytes = (from->format == GX_BITS ? words(from->units) : from->units) * 4;
    const char* source = static_cast<const char*>(from->data);
    char* target = static_cast<char*>(to->data);
    constexpr int64_t kItemBytes = 1 << 16;
    const int64_t rows_per_item = row_bytes < kItemBytes ? kItemBytes / (row_bytes + 1) + 1 : 1;
    parallel_for(device->threads, (to->rows + rows_per_item - 1) / rows_per_item, [&](int64_t item, int) {
      for (int64_t r = item * rows_per_item; r < to->rows && r < (item + 1) * rows_per_item; ++r) {
        std::memcpy(target + r * row_bytes, source + index[r] * row_bytes, size_t(row_bytes));
      }
    });
  });
}
