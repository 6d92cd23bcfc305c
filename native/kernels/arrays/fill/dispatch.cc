// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// One value everywhere: bound by memory. Contract: arrays.h.

#include <algorithm>

#include "generatrix/arrays.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/row_spans.h"
#include "runtime/threads.h"

gx_status gx_fill(gx_device* device, gx_format format, double value, int64_t n, void* y) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::array(y, n, format, "y");
    if (ran_on_gpu(&Backend::gx_fill, device, format, value, n, y)) return;
    const RowSpans spans(1, n, 1 << 15);
    with_real(format, [&](auto t) {
      using T = decltype(t);
      parallel_for(device->threads, spans.items(), [&](int64_t item, int) {
        spans.each(item, [&](int64_t, int64_t first, int64_t count) {
          std::fill_n(static_cast<T*>(y) + first, count, T(value));
        });
      });
    });
  });
}
