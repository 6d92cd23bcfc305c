// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Float states as lists of nonzeros for Walk::kSparse, and whether that pays.
//
//   row r, block kb: the k in [128 kb, 128 kb + 128) with a[r][k] != 0, in order, and their values
//
// Each row's list has a fixed place, with room for a vector more than the row has elements, so that rows are listed
// independently and a whole vector can be written where only its first lanes count.
#ifndef GENERATRIX_KERNELS_GIBBS_NONZEROS_NONZEROS_H_
#define GENERATRIX_KERNELS_GIBBS_NONZEROS_NONZEROS_H_

#include <cstdint>

#include "kernels/gibbs/product/operands.h"
#include "runtime/device.h"
#include "runtime/isa.h"

namespace gx {

// A listed nonzero costs one load and one multiply-add per vector, a dense element one multiply-add at twice the rate
// or better: lists pay below this share of nonzeros.
constexpr double kSparseDensity = 0.4;

// The share of nonzeros in up to 16 rows spread over values[rows][units].
double sampled_density(const float* values, int64_t rows, int64_t units);
double sampled_density(const uint32_t* bits, int64_t rows, int64_t units);

struct NonzeroRows {
  const float* values;
  int64_t stride;
  bool transposed;     // a[r][k] = transposed ? values[k * stride + r] : values[r * stride + k]
  int64_t units;       // k
  int64_t capacity;    // of a row's list
  int32_t* index;      // [rows][capacity]
  float* value;        // [rows][capacity]
  int64_t* row_start;  // [rows][blocks + 1]
};
// Lists rows [r0, r1). Transposed rows are best taken 16 at a time: one cache line of every line of values.
using NonzerosKernel = void (*)(const NonzeroRows&, int64_t r0, int64_t r1);

struct NonzerosVariant {
  KernelLine line;
  NonzerosKernel run;
};
const NonzerosVariant* nonzeros_variants(int* count);

// Lists of up to `rows` rows of `units` elements in a workspace: 8 bytes per element.
class NonzeroLists {
 public:
  NonzeroLists(Workspace& workspace, int64_t rows, int64_t units);

  // Lists values[rows][units] (row-major). Valid until the next call.
  StateRows of_rows(int threads, const float* values, int64_t rows, int64_t units) {
    return list(threads, values, units, false, rows, units);
  }
  // The same for values[units][rows] taken by columns: row r of the result is values[0 .. units - 1][r].
  StateRows of_columns(int threads, const float* values, int64_t rows, int64_t units) {
    return list(threads, values, rows, true, rows, units);
  }

 private:
  StateRows list(int threads, const float* values, int64_t stride, bool transposed, int64_t rows, int64_t units);

  int32_t* index_;
  float* value_;
  int64_t* row_start_;
};

}  // namespace gx

#endif  // GENERATRIX_KERNELS_GIBBS_NONZEROS_NONZEROS_H_
