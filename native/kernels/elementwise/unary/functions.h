// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The functions over vectors of floats: forward(x, p), and derivative(given, p) with given = x or y as unary.h lists.
#ifndef GENERATRIX_KERNELS_ELEMENTWISE_UNARY_FUNCTIONS_H_
#define GENERATRIX_KERNELS_ELEMENTWISE_UNARY_FUNCTIONS_H_

#include "kernels/elementwise/unary/unary.h"
#include "runtime/vmath.h"

namespace gx::GX_ISA {
namespace {

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

struct LeakyRelu {
  static vf forward(vf x, float p) { return x > 0.0f ? x : x * p; }
  static vf derivative(vf x, float p) { return x > 0.0f ? splat(1.0f) : x <= 0.0f ? splat(p) : x; }
};

struct AtLeast {
  static vf forward(vf x, float p) { return max(splat(p), x); }
  static vf derivative(vf y, float p) { return y > p ? splat(1.0f) : y <= p ? splat(0.0f) : y; }
};

struct AtMost {
  static vf forward(vf x, float p) { return min(splat(p), x); }
  static vf derivative(vf y, float p) { return y < p ? splat(1.0f) : y >= p ? splat(0.0f) : y; }
};

struct Elu {
  static vf forward(vf x, float p) { return x > 0.0f ? x : p * expm1(x); }
  static vf derivative(vf y, float p) { return y > 0.0f ? splat(1.0f) : y + p; }
};

struct Selu {
  static constexpr float kLambda = float(kSeluLambda), kLeft = float(kSeluLambda * kSeluAlpha);
  static vf forward(vf x, float) { return x > 0.0f ? x * kLambda : expm1(x) * kLeft; }
  static vf derivative(vf y, float) { return y > 0.0f ? splat(kLambda) : y + kLeft; }
};

struct Softplus {
  static vf forward(vf x, float) { return softplus(x); }
  static vf derivative(vf y, float) { return -expm1(-y); }
};

struct Softsign {
  static vf size(vf x) { return x < 0.0f ? -x : x; }
  static vf forward(vf x, float) {
    x = clamp(x, -FLT_MAX, FLT_MAX);
    return x / (1.0f + size(x));
  }
  static vf derivative(vf x, float) {
    const vf r = 1.0f / (1.0f + size(x));
    return r * r;
  }
};

struct Log {
  static vf forward(vf x, float) { return log(x); }
  static vf derivative(vf x, float) { return 1.0f / x; }
};

// Beyond +-20 Phi is 0 or 1 in float; the clamps keep infinities from meeting zeros.
struct Gelu {
  static vf cdf(vf x) { return 0.5f + 0.5f * erf(x * 0x1.6a09e6p-1f /* sqrt(1 / 2) */); }
  static vf forward(vf x, float) {
    x = max(splat(-20.0f), x);
    return x * cdf(x);
  }
  static vf derivative(vf x, float) {
    x = clamp(x, -20.0f, 20.0f);
    return cdf(x) + x * exp(-0.5f * x * x) * 0x1.988454p-2f /* 1 / sqrt(2 pi) */;
  }
};

struct GeluTanh {
  static constexpr float kScale = 0x1.988454p+0f /* 2 sqrt(2 / pi) */, kCube = 0.044715f;
  static vf gate(vf x) { return sigmoid(kScale * x * (1.0f + kCube * x * x)); }
  static vf forward(vf x, float) {
    x = max(splat(-20.0f), x);
    return x * gate(x);
  }
  static vf derivative(vf x, float) {
    x = clamp(x, -20.0f, 20.0f);
    const vf s = gate(x);
    return s + x * s * (1.0f - s) * kScale * (1.0f + 3.0f * kCube * x * x);
  }
};

struct Silu {
  static vf forward(vf x, float) {
    x = max(splat(-100.0f), x);
    return x * sigmoid(x);
  }
  static vf derivative(vf x, float) {
    x = clamp(x, -100.0f, 100.0f);
    const vf s = sigmoid(x);
    return s + x * s * (1.0f - s);
  }
};

struct Sqrt {
  static vf forward(vf x, float) { return sqrt(x); }
  static vf derivative(vf y, float) { return 0.5f / y; }
};

struct Square {
  static vf forward(vf x, float) { return x * x; }
  static vf derivative(vf x, float) { return x + x; }
};

struct Reciprocal {
  static vf forward(vf x, float) { return 1.0f / x; }
  static vf derivative(vf y, float) { return -y * y; }
};

struct Abs {
  static vf forward(vf x, float) { return (vf)((vu)x & 0x7FFFFFFFu); }
  static vf derivative(vf x, float) {
    return x > 0.0f ? splat(1.0f) : x < 0.0f ? splat(-1.0f) : x == 0.0f ? splat(0.0f) : x;
  }
};

struct LogSigmoid {
  static vf forward(vf x, float) { return -softplus(-x); }
  static vf derivative(vf y, float) { return -expm1(y); }
};

struct Log1p {
  static vf forward(vf x, float) { return log1p(x); }
  static vf derivative(vf x, float) { return 1.0f / (1.0f + x); }
};

struct Expm1 {
  static vf forward(vf x, float) { return expm1(x); }
  static vf derivative(vf y, float) { return y + 1.0f; }
};

}  // namespace
}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_ELEMENTWISE_UNARY_FUNCTIONS_H_
