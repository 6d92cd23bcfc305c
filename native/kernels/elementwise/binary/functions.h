// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The functions of two numbers over vectors: forward, and the two slopes.
#ifndef GENERATRIX_KERNELS_ELEMENTWISE_BINARY_FUNCTIONS_H_
#define GENERATRIX_KERNELS_ELEMENTWISE_BINARY_FUNCTIONS_H_

#include <math.h>

#include "runtime/vmath.h"

namespace gx::GX_ISA {
namespace {

struct Add {
  static vf forward(vf a, vf b) { return a + b; }
  static void slopes(vf, vf, vf* sa, vf* sb) { *sa = *sb = splat(1.0f); }
};
struct Sub {
  static vf forward(vf a, vf b) { return a - b; }
  static void slopes(vf, vf, vf* sa, vf* sb) { *sa = splat(1.0f), *sb = splat(-1.0f); }
};
struct Mul {
  static vf forward(vf a, vf b) { return a * b; }
  static void slopes(vf a, vf b, vf* sa, vf* sb) { *sa = b, *sb = a; }
};
struct Div {
  static vf forward(vf a, vf b) { return a / b; }
  static void slopes(vf a, vf b, vf* sa, vf* sb) { *sa = 1.0f / b, *sb = -(a / b) / b; }
};

// NaN if either is; half a slope each at equality.
inline vf shared_slope(vi wins, vf a, vf b) {
  const vf share = wins ? splat(1.0f) : a == b ? splat(0.5f) : splat(0.0f);
  return (a != a) | (b != b) ? a + b : share;
}
struct Maximum {
  static vf forward(vf a, vf b) { return (a > b) | (a != a) ? a : b; }
  static void slopes(vf a, vf b, vf* sa, vf* sb) { *sa = shared_slope(a > b, a, b), *sb = shared_slope(b > a, a, b); }
};
struct Minimum {
  static vf forward(vf a, vf b) { return (a < b) | (a != a) ? a : b; }
  static void slopes(vf a, vf b, vf* sa, vf* sb) { *sa = shared_slope(a < b, a, b), *sb = shared_slope(b < a, a, b); }
};

// a^b = e^(b log a) in double for finite positive a and finite b; the C library's pow for a vector with anything else.
struct Pow {
  static vd power(vd a, vd b) { return exp(b * log(a)); }
  static vf join(vd low, vd high) {
    vf y;
    const vfh halves[2] = {__builtin_convertvector(low, vfh), __builtin_convertvector(high, vfh)};
    __builtin_memcpy(&y, halves, sizeof y);
    return y;
  }
  static bool ordinary(vf a, vf b) {
    const float inf = __builtin_inff();
    return mask_bits((a > 0.0f) & (a < inf) & (b > -inf) & (b < inf)) == (uint64_t(1) << kLanes) - 1;
  }
  static vf forward(vf a, vf b) {
    if (ordinary(a, b)) {
      return join(power(lower_half(a), lower_half(b)), power(upper_half(a), upper_half(b)));
    }
    vf y;
    for (int i = 0; i < kLanes; ++i) y[i] = float(pow(double(a[i]), double(b[i])));
    return y;
  }
  static void slopes(vf a, vf b, vf* sa, vf* sb) {
    const vf y = forward(a, b), lower = forward(a, b - 1.0f);
    *sa = b == 0.0f ? splat(0.0f) : b * lower;
    const vf by_log = y * log(a);
    *sb = a > 0.0f ? by_log : (a != a) | (b != b) ? a + b : splat(0.0f);
  }
};

// With m = e^-2|a| - 1 and e = e^-b: tanh |a| = -m / (2 + m) and sigmoid(b) = 1 / (1 + e), by one division.
struct Gated {
  static vf forward(vf a, vf b) {
    const vf m = expm1(-2.0f * (a < 0.0f ? -a : a));
    const vf y = -m / ((2.0f + m) * (1.0f + exp_of_negative(b)));
    return (vf)(((vu)y & 0x7FFFFFFFu) | ((vu)a & 0x80000000u));
  }
  // 1 - tanh^2 = 4 (1 + m) / (2 + m)^2, within 2^-22 absolute. e^80 is large enough, and small enough to be divided by.
  static void slopes(vf a, vf b, vf* sa, vf* sb) {
    const vf m = expm1(-2.0f * (a < 0.0f ? -a : a)), e = exp_flushed(-clamp(b, -80.0f, 88.0f));
    const vf p = 2.0f + m, q = 1.0f + e, r = 1.0f / (p * q);
    const vf s = p * r, t = -m * (q * r);
    *sa = 4.0f * (1.0f + m) * (q * r) * (q * r) * s;
    *sb = (vf)((vu)(t * s * (e * s)) ^ ((vu)a & 0x80000000u));
  }
};

struct Prelu {
  static vf forward(vf a, vf b) { return a > 0.0f ? a : a * b; }
  static void slopes(vf a, vf b, vf* sa, vf* sb) {
    *sa = a > 0.0f ? splat(1.0f) : a <= 0.0f ? b : a;
    *sb = a > 0.0f ? splat(0.0f) : a;
  }
};

}  // namespace
}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_ELEMENTWISE_BINARY_FUNCTIONS_H_
