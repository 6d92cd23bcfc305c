// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the dispatchers of log-likelihoods share: rows cut into spans, their partial sums added in order.
#ifndef GENERATRIX_KERNELS_LOSS_ROWS_H_
#define GENERATRIX_KERNELS_LOSS_ROWS_H_

#include "runtime/device.h"
#include "runtime/row_spans.h"
#include "runtime/threads.h"

namespace gx {

// out[r] = the sum over the row's spans of part(row, first unit, count, thread), thread in [0, threads).
template <class Part>
void row_sums(gx_device& device, int threads, int64_t rows, int64_t units, int64_t span, float* out, Part&& part) {
  Workspace workspace(device);
  const RowSpans spans(rows, units, span);
  const int64_t parts = (units + span - 1) / span;
  double* sums = workspace.get<double>(rows * parts);
  parallel_for(threads, spans.items(), [&](int64_t item, int thread) {
    spans.each(item, [&](int64_t row, int64_t first, int64_t count) {
      sums[row * parts + first / span] = part(row, first, count, thread);
    });
  });
  for (int64_t r = 0; r < rows; ++r) {
    double sum = 0;
    for (int64_t p = 0; p < parts; ++p) sum += sums[r * parts + p];
    out[r] = float(sum);
  }
}

template <class Part>
void each_row_span(int threads, int64_t rows, int64_t units, int64_t span, Part&& part) {
  const RowSpans spans(rows, units, span);
  parallel_for(threads, spans.items(), [&](int64_t item, int thread) {
    spans.each(item, [&](int64_t row, int64_t first, int64_t count) { part(row, first, count, thread); });
  });
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_LOSS_ROWS_H_
