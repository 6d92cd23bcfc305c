// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// s0 += share (g^2 - s0), d = g sqrt(s1 + epsilon) / sqrt(s0 + epsilon), s1 += share (d^2 - s1), p -= rate d,
// with share = 1 - rho.
// Where g is prepared and the average follows: optim/step.h. The equation's home: generatrix/optim.h.
#ifndef GENERATRIX_KERNELS_OPTIM_ADADELTA_ADADELTA_H_
#define GENERATRIX_KERNELS_OPTIM_ADADELTA_ADADELTA_H_

#include "kernels/optim/step.h"

namespace gx {

struct AdadeltaRule {
  StepFrame frame;
  double rate, share, epsilon;
};

static inline AdadeltaRule adadelta_rule(const gx_adadelta_params& p) {
  return {step_frame(p.step), p.step.rate, 1 - p.rho, p.epsilon};
}

using AdadeltaKernel = void (*)(const AdadeltaRule&, const StepPart<float>&);

struct AdadeltaVariant {
  KernelLine line;
  AdadeltaKernel run;
};
const AdadeltaVariant* adadelta_variants(int* count);

namespace reference {
template <class T>
void adadelta(const AdadeltaRule& rule, const StepPart<T>& a);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_OPTIM_ADADELTA_ADADELTA_H_
