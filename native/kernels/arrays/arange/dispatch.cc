// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// start + i step, each element from its own index, so that no error adds up. Contract: arrays.h.

#include "generatrix/arrays.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/row_spans.h"
#include "runtime/threads.h"

gx_status gx_arange(gx_device* device, gx_format format, double start, double step, int64_t n, void* y) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::finite(start, "start");
    check::finite(step, "step");
    check::array(y, n, format, "y");
    if (ran_on_gpu(&Backend::gx_arange, device, format, start, step, n, y)) return;
    const RowSpans spans(1, n, 1 << 14);
    with_real(format, [&](auto t) {
      using T = decltype(t);
      parallel_for(device->threads, spans.items(), [&](int64_t item, int) {
        spans.each(item, [&](int64_t, int64_t first, int64_t count) {
          T* const part = static_cast<T*>(y) + first;
          for (int64_t i = 0; i < count; ++i) part[i] = T(start + double(first + i) * step);
        });
      });
    });
  });
}
