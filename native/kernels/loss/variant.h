// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The shape of a log-likelihood's variants: forward gives the sum over units [first, first + count) of one row,
// backward writes the gradients there.
#ifndef GENERATRIX_KERNELS_LOSS_VARIANT_H_
#define GENERATRIX_KERNELS_LOSS_VARIANT_H_

#include <cstdint>

#include "runtime/isa.h"

namespace gx {

template <class Args>
struct LossVariant {
  KernelLine line;
  double (*forward)(const Args& args, int64_t row, int64_t first, int64_t count);
  void (*backward)(const Args& args, int64_t row, int64_t first, int64_t count);
};

constexpr int64_t kLossSpan = 1 << 13;  // units of a work item

}  // namespace gx

#endif  // GENERATRIX_KERNELS_LOSS_VARIANT_H_
