// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// sW = momentum sW + rate (dW - weight_decay W),   W += sW,   and of the new W   b_shift_i = sum_j W_ij dlambda_j,
// c_shift_j = sum_i W_ij dmu_i
//
// The one pass over the matrices: five streams of memory. A work item is a strip of columns, so that it owns its part
// of c_shift; its share of b_shift goes into an array of its own, added up strip by strip afterwards.
#ifndef GENERATRIX_KERNELS_GIBBS_UPDATE_UPDATE_H_
#define GENERATRIX_KERNELS_GIBBS_UPDATE_UPDATE_H_

#include <cstdint>

#include "runtime/isa.h"

namespace gx {

struct UpdateStrip {
  int64_t visible, hidden;
  int64_t n0, n1;  // the strip's columns
  float* W;
  float* sW;
  const float* dW;
  float rate, momentum, weight_decay;
  const float* dmu;      // [visible] or null: no shift of c
  const float* dlambda;  // [hidden] or null: no shift of b
  float* b_shift;        // [visible], this strip's share, if dlambda
  float* c_shift;        // [hidden], if dmu
};
using UpdateKernel = void (*)(const UpdateStrip&);

struct UpdateVariant {
  KernelLine line;
  UpdateKernel run;
};
const UpdateVariant* update_variants(int* count);

}  // namespace gx

#endif  // GENERATRIX_KERNELS_GIBBS_UPDATE_UPDATE_H_
