// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The loop over examples that map their elements and sum a number each.
#ifndef GENERATRIX_KERNELS_COUPLING_ROW_SUMS_H_
#define GENERATRIX_KERNELS_COUPLING_ROW_SUMS_H_

#include "runtime/device.h"
#include "runtime/row_spans.h"
#include "runtime/threads.h"

namespace gx {

constexpr int64_t kRowSpan = 1 << 13;  // units of a work item, a multiple of 64

// out[r] = in[r] + constant + the sum, span by span, of part(row, first unit, count); in NULL is 0 and may be out.
template <class Part>
void add_row_sums(gx_device& device, int64_t rows, int64_t units, const double* in, double constant, double* out,
                  Part&& part) {
  Workspace workspace(device);
  const RowSpans spans(rows, units, kRowSpan);
  const int64_t parts = (units + kRowSpan - 1) / kRowSpan;
  double* sums = workspace.get<double>(rows * parts);
  parallel_for(device.threads, spans.items(), [&](int64_t item, int) {
    spans.each(item, [&](int64_t row, int64_t first, int64_t count) {
      sums[row * parts + first / kRowSpan] = part(row, first, count);
    });
  });
  for (int64_t r = 0; r < rows; ++r) {
    double sum = (in ? in[r] : 0) + constant;
    for (int64_t p = 0; p < parts; ++p) sum += sums[r * parts + p];
    out[r] = sum;
  }
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_COUPLING_ROW_SUMS_H_
