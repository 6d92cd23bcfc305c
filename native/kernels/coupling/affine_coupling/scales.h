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

template <bool kEachElement>
struct TanhScale {
  static constexpr bool kThere = true, kEach = kEachElement, kPacks = !kEach;
  template <bool kInverse>
  static inline __attribute__((always_inline)) Scaled of(vf s, vf a) {
    const vf h = gx::GX_ISA::tanh(s), l = a * h;
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
