// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The activations of linear.h over vectors: value(z, p), and derivative(y, p) from the value.
#ifndef GENERATRIX_KERNELS_LINEAR_ACTIVATION_H_
#define GENERATRIX_KERNELS_LINEAR_ACTIVATION_H_

#include "generatrix/linear.h"
#include "runtime/vmath.h"

namespace gx::GX_ISA {
namespace activation {

struct None {
  static vf value(vf z, float) { return z; }
  static vf derivative(vf, float) { return splat(1.0f); }
};
struct Relu {
  static vf value(vf z, float) { return max(splat(0.0f), z); }  // NaN stays: max gives its second operand
  static vf derivative(vf y, float) { return y > 0.0f ? splat(1.0f) : 0.0f * y; }
};
struct LeakyRelu {
  static vf value(vf z, float p) { return z > 0.0f ? z : p * z; }
  static vf derivative(vf y, float p) { return y > 0.0f ? splat(1.0f) : splat(p) + 0.0f * y; }
};
struct Elu {
  static vf value(vf z, float p) { return z > 0.0f ? z : p * expm1(z); }
  static vf derivative(vf y, float p) { return y > 0.0f ? splat(1.0f) : y + p; }
};
struct Tanh {
  static vf value(vf z, float) { return tanh(z); }
  static vf derivative(vf y, float) { return 1.0f - y * y; }
};
struct Sigmoid {
  static vf value(vf z, float) { return sigmoid(z); }
  static vf derivative(vf y, float) { return y * (1.0f - y); }
};
struct Softplus {
  static vf value(vf z, float) { return softplus(z); }
  static vf derivative(vf y, float) { return -expm1(-y); }
};

// Calls f with a value of the type that stands for an activation, which has been checked.
template <class F>
void with(gx_activation a, F&& f) {
  switch (a) {
    case GX_ACTIVATION_NONE:
      return f(None());
    case GX_ACTIVATION_RELU:
      return f(Relu());
    case GX_ACTIVATION_LEAKY_RELU:
      return f(LeakyRelu());
    case GX_ACTIVATION_ELU:
      return f(Elu());
    case GX_ACTIVATION_TANH:
      return f(Tanh());
    case GX_ACTIVATION_SIGMOID:
      return f(Sigmoid());
    case GX_ACTIVATION_SOFTPLUS:
      return f(Softplus());
  }
}

}  // namespace activation
}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_LINEAR_ACTIVATION_H_
