// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// s0 += g^2, p -= rate g / (sqrt(s0) + epsilon).
// Where g is prepared and the average follows: optim/step.h. The equation's home: generatrix/optim.h.
#ifndef GENERATRIX_KERNELS_OPTIM_ADAGRAD_ADAGRAD_H_
#define GENERATRIX_KERNELS_OPTIM_ADAGRAD_ADAGRAD_H_

#include "kernels/optim/step.h"

namespace gx {

struct AdagradRule {
  StepFrame frame;
  double rate, epsilon;
};

static inline AdagradRule adagrad_rule(const gx_adagrad_params& p) {
  return {step_frame(p.step), p.step.rate, p.epsilon};
}

using AdagradKernel = void (*)(const AdagradRule&, const StepPart<float>&);

struct AdagradVariant {
  KernelLine line;
  AdagradKernel run;
};
const AdagradVariant* adagrad_variants(int* count);

namespace reference {
template <class T>
void adagrad(const AdagradRule& rule, const StepPart<T>& a);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_OPTIM_ADAGRAD_ADAGRAD_H_
