// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// y = f(x W^T + b). Shapes: linear.h of the ABI.
#ifndef GENERATRIX_KERNELS_LINEAR_LINEAR_LINEAR_H_
#define GENERATRIX_KERNELS_LINEAR_LINEAR_LINEAR_H_

#include "generatrix/linear.h"
#include "kernels/linear/product/team.h"
#include "runtime/isa.h"

namespace gx {

using LinearKernel = void (*)(const gx_linear_params& p, const float* x, const float* W, const float* b, float* y,
                              Team& team);

struct LinearVariant {
  KernelLine line;
  LinearKernel run;
};
const LinearVariant* linear_variants(int* count);

namespace reference {
template <class T>
void linear(const gx_linear_params& p, const T* x, const T* W, const T* b, T* y);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_LINEAR_LINEAR_LINEAR_H_
