// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// How the parameter s becomes a log-scale and a factor, over vectors. Included only by files compiled for one
// instruction set.
#ifndef GENERATRIX_KERNELS_COUPLING_AFFINE_COUPLING_SCALES_H_
#define GENERATRIX_KERNELS_COUPLING_AFFINE_COUPLING_SCALES_H_

#include "kernels/coupling/affine_coupling/affine_coupling.h"
#include "kernels/loss/lanes.h"

namespace gx::GX_ISA {

// The log-scale l, the factor e^l (or e^-l), the derivative of l by s, and tanh s. What is not used costs nothing.
struct Scaled {
  vf l, factor, slope, tanh;
};

// NaN unless e^l and e^-l are normal numbers.
inline vf if_normal(vf l, vf factor) {
  return magnitude(l) <= float(kMostLogScale<float>) ? factor : splat(__builtin_nanf(""));
}
// |l| is below 88 where the result counts.
template <bool kInverse>
inline __attribute__((always_inline)) vf factor_of(vf l) {
  return if_normal(l, exp_flushed(kInverse ? -l : l));
}

// Each scale: of(s, a), with a the amplitude or clamp. kThere: s is read. kEach: a is another one for each element.
// kPacks: it takes so long that lanes which are not changed should not go through it.
struct NoScale {
  static constexpr bool kThere = false, kEach = false, kPacks = false;
  template <bool kInverse>
  static inline __attribute__((always_inline)) Scaled of(vf, vf) {
    return {vf{}, splat(1.0f), vf{}, vf{}};
  }
};

struct ExpScale {
  static constexpr bool kThere = true, kEach = false, kPacks = false;
  template <bool kInverse>
  static inline __attribute__((always_inline)) Scaled of(vf s, vf) {
    return {s, factor_of<kInverse>(s), splat(1.0f), vf{}};
  }
};

// tanh x as x P(x^2) / Q(x^2), fitted for least maximal relative error on |x| <= 9.02: 0.36 in units of 2^-24. Promise:
// 7 such units relative to the result, also near 0, measured 5.93; at most 1. The one of vmath.h is closer to the truth
// but has a chain of twice as many instructions, more than the CPU overlaps: with it forward took 1.5 times as long on
// operands in the caches, and 1.35 times on those of 64x196608.
inline __attribute__((always_inline)) vf quick_tanh(vf x) {
  x = clamp(x, -9.02f, 9.02f);
  const vf u = x * x;
  const vf p = horner(u, 1.0f, 0x1.12043ap-3f, 0x1.c9f81cp-9f, 0x1.5954dap-16f, 0x1.c9a232p-27f);
  const vf q = horner(u, 1.0f, 0x1.de5766p-2f, 0x1.a7df0ap-6f, 0x1.58418ap-12f, 0x1.a0b766p-21f);
  return clamp(x * p / q, -1.0f, 1.0f);
}

template <bool kEachElement>
struct TanhScale {
  static constexpr bool kThere = true, kEach = kEachElement, kPacks = !kEach;
  template <bool kInverse>
  static inline __attribute__((always_inline)) Scaled of(vf s, vf a) {
    const vf h = quick_tanh(s), l = a * h;
    return {l, factor_of<kInverse>(l), a * (1.0f - h * h), h};
  }
};

// Not by e^l: the rounding of a large l would be many units of the factor.
struct SigmoidScale {
  static constexpr bool kThere = true, kEach = false, kPacks = true;
  template <bool kInverse>
  static inline __attribute__((always_inline)) Scaled of(vf s, vf a) {
    const vf z = s + a, l = -softplus(-z);
    return {l, if_normal(l, kInverse ? 1.0f + exp_of_negative(z) : sigmoid(z)), sigmoid(-z), vf{}};
  }
};

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_COUPLING_AFFINE_COUPLING_SCALES_H_
