// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The loop over rows of a cell, for its entries.
#ifndef GENERATRIX_KERNELS_RECURRENT_ROWS_H_
#define GENERATRIX_KERNELS_RECURRENT_ROWS_H_

#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/row_spans.h"
#include "runtime/threads.h"

namespace gx {

// Sizes of the arrays of a cell.
struct CellSize {
  int64_t state, gates;
};
inline CellSize checked_cell(gx_device* device, gx_format format, int64_t rows, int64_t units, int64_t gates) {
  checked(device);
  check::real(format);
  check::at_least(rows, 0, "rows");
  check::at_least(units, 0, "units");
  const int64_t state = check::product(rows, units, "the state");
  return {state, check::product(state, gates, "the gates")};
}

// The kernel, or in double the reference, for every row.
template <class Step, class Kernel>
void run_cell(gx_device& device, int64_t rows, int64_t units, const Step& step, Kernel kernel) {
  const RowSpans spans(rows, units, 1 << 11);
  parallel_for(device.threads, spans.items(), [&](int64_t item, int) {
    spans.each(item,
               [&](int64_t row, int64_t first, int64_t count) { kernel(step.at(row, first, units), units, count); });
  });
}
template <class Step, class Reference>
void run_reference(int64_t rows, int64_t units, const Step& step, Reference reference) {
  for (int64_t row = 0; row < rows; ++row) reference(step.at(row, 0, units), units);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_RECURRENT_ROWS_H_
