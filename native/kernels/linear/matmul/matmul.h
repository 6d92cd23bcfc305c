// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// C_i = op(A_i) op(B_i) (+ C_i). Equation and layout: linear.h.
#ifndef GENERATRIX_KERNELS_LINEAR_MATMUL_MATMUL_H_
#define GENERATRIX_KERNELS_LINEAR_MATMUL_MATMUL_H_

#include "generatrix/linear.h"
#include "kernels/linear/product/team.h"
#include "runtime/isa.h"

namespace gx {

using MatmulKernel = void (*)(const gx_matmul_params& p, const float* a, const float* b, float* c, Team& team);

struct MatmulVariant {
  KernelLine line;
  MatmulKernel run;
};
const MatmulVariant* matmul_variants(int* count);

namespace reference {
template <class T>
void matmul(const gx_matmul_params& p, const T* a, const T* b, T* c);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_LINEAR_MATMUL_MATMUL_H_
