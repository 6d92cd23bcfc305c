// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The first element that is NaN or infinite.
#ifndef GENERATRIX_KERNELS_OPTIM_ALL_FINITE_ALL_FINITE_H_
#define GENERATRIX_KERNELS_OPTIM_ALL_FINITE_ALL_FINITE_H_

#include <cstdint>

#include "runtime/isa.h"

namespace gx {

using AllFiniteKernel = int64_t (*)(const float* x, int64_t count);  // its index, or -1

struct AllFiniteVariant {
  KernelLine line;
  AllFiniteKernel run;
};
const AllFiniteVariant* all_finite_variants(int* count);

namespace reference {
template <class T>
int64_t all_finite(const T* x, int64_t count);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_OPTIM_ALL_FINITE_ALL_FINITE_H_
