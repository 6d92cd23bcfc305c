// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The functions over vectors of floats: forward(x, p), and derivative(given, p) with given = x or y as unary.h lists.
#ifndef GENERATRIX_KERNELS_ELEMENTWISE_UNARY_FUNCTIONS_H_
#define GENERATRIX_KERNELS_ELEMENTWISE_UNARY_FUNCTIONS_H_

#include "runtime/vmath.h"

namespace gx::GX_ISA {

struct Exp {
  static vf forward(vf x, float) { return exp(x); }
  static vf derivative(vf y, float) { return y; }
};

struct Sigmoid {
  static vf forward(vf x, float) { return sigmoid(x); }
  static vf derivative(vf y, float) { return y * (1.0f - y); }
};

struct Tanh {
  static vf forward(vf x, float) { return tanh(x); }
  static vf derivative(vf y, float) { return 1.0f - y * y; }
};

struct Relu {
  static vf forward(vf x, float) { return max(splat(0.0f), x); }  // NaN stays: max gives its second operand
  static vf derivative(vf y, float) { return y > 0.0f ? splat(1.0f) : 0.0f * y; }
};

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_ELEMENTWISE_UNARY_FUNCTIONS_H_
