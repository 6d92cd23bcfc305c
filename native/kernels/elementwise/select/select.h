// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// y = mask ? a : b. Equations: elementwise.h.
#ifndef GENERATRIX_KERNELS_ELEMENTWISE_SELECT_SELECT_H_
#define GENERATRIX_KERNELS_ELEMENTWISE_SELECT_SELECT_H_

#include "generatrix/elementwise.h"
#include "runtime/isa.h"

namespace gx {

// a or b may be null: zeros.
using SelectKernel = void (*)(const float* mask, const float* a, const float* b, float* y, int64_t count);

struct SelectVariant {
  KernelLine line;
  SelectKernel run;
};
const SelectVariant* select_variants(int* count);

namespace reference {
template <class T>
void select(const T* mask, const T* a, const T* b, T* y, int64_t count);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_ELEMENTWISE_SELECT_SELECT_H_
