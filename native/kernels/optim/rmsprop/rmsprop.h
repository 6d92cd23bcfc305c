// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// s0 += share (g^2 - s0), s2 += share (g - s2), d = g / (sqrt(max(s0 - s2^2, 0)) + epsilon), s1 = momentum s1 + d,
// p -= rate s1, with share = 1 - alpha; s2 only if centered, s1 only with momentum.
// Where g is prepared and the average follows: optim/step.h. The equation's home: generatrix/optim.h.
#ifndef GENERATRIX_KERNELS_OPTIM_RMSPROP_RMSPROP_H_
#define GENERATRIX_KERNELS_OPTIM_RMSPROP_RMSPROP_H_

#include "kernels/optim/step.h"

namespace gx {

struct RmspropRule {
  StepFrame frame;
  double rate, share, epsilon, momentum;
  bool centered;
};

static inline RmspropRule rmsprop_rule(const gx_rmsprop_params& p) {
  return {step_frame(p.step), p.step.rate, 1 - p.alpha, p.epsilon, p.momentum, p.centered != 0};
}

using RmspropKernel = void (*)(const RmspropRule&, const StepPart<float>&);

struct RmspropVariant {
  KernelLine line;
  RmspropKernel run;
};
const RmspropVariant* rmsprop_variants(int* count);

namespace reference {
template <class T>
void rmsprop(const RmspropRule& rule, const StepPart<T>& a);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_OPTIM_RMSPROP_RMSPROP_H_
