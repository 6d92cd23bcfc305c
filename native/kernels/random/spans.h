// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The loop of every draw of the family over its work items.
#ifndef GENERATRIX_KERNELS_RANDOM_SPANS_H_
#define GENERATRIX_KERNELS_RANDOM_SPANS_H_

#include "runtime/device.h"
#include "runtime/row_spans.h"
#include "runtime/threads.h"

namespace gx {

// run(row, first unit, count, where unit `first` lies in the array in elements).
template <class Run>
void draw_spans(gx_device& device, int64_t rows, int64_t units, int64_t span, Run&& run) {
  const RowSpans spans(rows, units, span);
  parallel_for(device.threads, spans.items(), [&](int64_t item, int) {
    spans.each(item, [&](int64_t row, int64_t first, int64_t count) {
      run(uint32_t(row), first, count, row * units + first);
    });
  });
}

inline void* element(void* array, int64_t at, gx_format format) {
  return static_cast<char*>(array) + at * (format == GX_FLOAT64 ? 8 : 4);
}
inline const void* element(const void* array, int64_t at, gx_format format) {
  return static_cast<const char*>(array) + at * (format == GX_FLOAT64 ? 8 : 4);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_RANDOM_SPANS_H_
