// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// y[k] = finish(fold over r of term(a[k, r], b[k, r])), r over the reduced axes, k over the others. Equations: reduce.h
// of the C ABI.
#ifndef GENERATRIX_KERNELS_REDUCE_REDUCE_REDUCE_H_
#define GENERATRIX_KERNELS_REDUCE_REDUCE_REDUCE_H_

#include "generatrix/reduce.h"
#include "runtime/isa.h"
#include "runtime/walk.h"

struct gx_device;

namespace gx {

// What is folded: a, a^2, |a|, a b by sums; a by extremes.
enum class Fold { kSum, kSquares, kSizes, kDot, kMax, kMin };
enum class Finish { kNone, kMean, kRoot };

struct Reduction {
  Fold fold;
  Finish finish;
  gx_shape shape;
  uint32_t axes;
};

// Folds elements of rows begin .. end - 1 of the reduced axes; b is used by the dot. FLOAT32 into double.
//   along:  acc[k] = fold of row elements 0 .. n - 1 of every row, for outputs first .. first + outputs - 1 of `kept`
//   across: acc[j] = fold over the rows of element j, j < n
struct FoldRows {
  Fold fold;
  const Walk<1>& reduced;
  int64_t begin, end;
  const float *a, *b;
  int64_t n;
  double* acc;
  const Walk<1>* kept = nullptr;
  int64_t first = 0, outputs = 1;
};
using FoldKernel = void (*)(const FoldRows& rows);

struct ReduceVariant {
  KernelLine line;
  FoldKernel along, across;
};
const ReduceVariant* reduce_variants(int* count);

// The whole reduction behind the entries, arguments checked; b may be null without a dot.
void reduce(gx_device& device, gx_format format, const Reduction& reduction, const void* a, const void* b, void* y);

namespace reference {
template <class T>
void reduce(const Reduction& reduction, const T* a, const T* b, T* y);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_REDUCE_REDUCE_REDUCE_H_
