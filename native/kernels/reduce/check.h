// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What every reduction asks of its axes.
#ifndef GENERATRIX_KERNELS_REDUCE_CHECK_H_
#define GENERATRIX_KERNELS_REDUCE_CHECK_H_

#include "runtime/check.h"

namespace gx::check {

// Bits below the rank; gives the number of outputs.
inline int64_t axes(const gx_shape& shape, uint32_t bits) {
  if (bits >> shape.rank != 0) {
    fail(GX_INVALID_ARGUMENT, "axes must be bits below the rank %d, got %#x", shape.rank, bits);
  }
  int64_t outputs = 1;
  for (int axis = 0; axis < shape.rank; ++axis) outputs *= bits >> axis & 1 ? 1 : shape.dims[axis];
  return outputs;
}

}  // namespace gx::check

#endif  // GENERATRIX_KERNELS_REDUCE_CHECK_H_
