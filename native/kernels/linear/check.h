// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the entries of a layer check, and the activations in double.
#ifndef GENERATRIX_KERNELS_LINEAR_CHECK_H_
#define GENERATRIX_KERNELS_LINEAR_CHECK_H_

#include "generatrix/linear.h"

namespace gx {
namespace check {
// Sizes and activation of a layer.
void layer(const gx_linear_params* p);
}  // namespace check

namespace reference {
double activation(gx_activation f, double p, double z);
double activation_derivative(gx_activation f, double p, double y);
}  // namespace reference
}  // namespace gx

#endif  // GENERATRIX_KERNELS_LINEAR_CHECK_H_
