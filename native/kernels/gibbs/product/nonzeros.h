// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Float states as lists of nonzeros for Walk::kSparse, and whether that pays.
#ifndef GENERATRIX_KERNELS_GIBBS_PRODUCT_NONZEROS_H_
#define GENERATRIX_KERNELS_GIBBS_PRODUCT_NONZEROS_H_

#include <cstdint>

#include "kernels/gibbs/product/operands.h"
#include "runtime/device.h"

namespace gx {

// A listed nonzero costs one load and one multiply-add per vector, a dense element one multiply-add at twice the rate or better: lists pay
// below this share of nonzeros.
constexpr double kSparseDensity = 0.4;

// The share of nonzeros in up to 16 rows spread over values[rows][units].
double sampled_density(const float* values, int64_t rows, int64_t units);

// Room for the lists of up to `rows` rows of `units` elements: 8 bytes per element.
class NonzeroLists {
 public:
  NonzeroLists(Workspace& workspace, int64_t rows, int64_t units);

  // Lists values[rows][units] (row-major). Valid until the next call.
  StateRows of_rows(int threads, const float* values, int64_t rows, int64_t units);

  // The same for values[units][rows] taken by columns: row r of the result is values[0 .. units - 1][r].
  StateRows of_columns(int threads, const float* values, int64_t rows, int64_t units);

 private:
  Entry* entries_;
  int64_t* row_start_;
};

}  // namespace gx

#endif  // GENERATRIX_KERNELS_GIBBS_PRODUCT_NONZEROS_H_
