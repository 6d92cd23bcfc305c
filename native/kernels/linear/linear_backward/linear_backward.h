// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// dz = dy f'(z),   dx = dz W,   dW = dz^T x,   db = 1^T dz. Shapes: linear.h of the ABI.
#ifndef GENERATRIX_KERNELS_LINEAR_LINEAR_BACKWARD_LINEAR_BACKWARD_H_
#define GENERATRIX_KERNELS_LINEAR_LINEAR_BACKWARD_LINEAR_BACKWARD_H_

#include "generatrix/linear.h"
#include "kernels/linear/product/team.h"
#include "runtime/isa.h"

namespace gx {

// What is not wanted is null, and so is what is then not needed.
template <class T>
struct LinearGradient {
  const T *dy, *y, *x, *W;
  T *dx, *dW, *db;
};

using LinearBackwardKernel = void (*)(const gx_linear_params& p, const LinearGradient<float>& g, Team& team);

struct LinearBackwardVariant {
  KernelLine line;
  LinearBackwardKernel run;
};
const LinearBackwardVariant* linear_backward_variants(int* count);

namespace reference {
template <class T>
void linear_backward(const gx_linear_params& p, const LinearGradient<T>& g);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_LINEAR_LINEAR_BACKWARD_LINEAR_BACKWARD_H_
