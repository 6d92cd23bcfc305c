// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Between float and double: bound by memory, so that what the compiler makes of a plain loop is enough. Contract:
// arrays.h.

#include <cstring>

#include "generatrix/arrays.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/row_spans.h"
#include "runtime/threads.h"

gx_status gx_convert(gx_device* device, int64_t n, gx_format from_format, const void* from, gx_format to_format,
                     void* to) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::disjoint(check::array(to, n, to_format, "to"), check::array(from, n, from_format, "from"));
    if (ran_on_gpu(&Backend::gx_convert, device, n, from_format, from, to_format, to)) return;
    const RowSpans spans(1, n, 1 << 14);
    with_real(from_format, [&](auto source) {
      with_real(to_format, [&](auto target) {
        using From = decltype(source);
        using To = decltype(target);
        parallel_for(device->threads, spans.items(), [&](int64_t item, int) {
          spans.each(item, [&](int64_t, int64_t first, int64_t count) {
            const From* const a = static_cast<const From*>(from) + first;
            To* const b = static_cast<To*>(to) + first;
            if constexpr (sizeof(From) == sizeof(To)) {
              std::memcpy(b, a, size_t(count) * sizeof(To));
            } else {
              for (int64_t i = 0; i < count; ++i) b[i] = To(a[i]);
            }
          });
        });
      });
    });
  });
}
