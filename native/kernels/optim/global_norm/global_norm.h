// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// norm = sqrt(sum_i x_i^2) over the elements of all segments: a double sum per part of a segment within a work item,
// added up in their order.
#ifndef GENERATRIX_KERNELS_OPTIM_GLOBAL_NORM_GLOBAL_NORM_H_
#define GENERATRIX_KERNELS_OPTIM_GLOBAL_NORM_GLOBAL_NORM_H_

#include <cstdint>

#include "runtime/isa.h"

namespace gx {

using GlobalNormKernel = double (*)(const float* x, int64_t count);  // the sum of the squares

struct GlobalNormVariant {
  KernelLine line;
  GlobalNormKernel run;
};
const GlobalNormVariant* global_norm_variants(int* count);

namespace reference {
template <class T>
double global_norm(const T* x, int64_t count);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_OPTIM_GLOBAL_NORM_GLOBAL_NORM_H_
