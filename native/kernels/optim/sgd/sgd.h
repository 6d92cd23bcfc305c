// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// p -= rate d with d = g, the velocity s0 = momentum s0 + g, or g + momentum s0 (Nesterov).
// Where g is prepared and the average follows: optim/step.h. The equation's home: generatrix/optim.h.
#ifndef GENERATRIX_KERNELS_OPTIM_SGD_SGD_H_
#define GENERATRIX_KERNELS_OPTIM_SGD_SGD_H_

#include "kernels/optim/step.h"

namespace gx {

struct SgdRule {
  StepFrame frame;
  double rate, momentum;
  bool nesterov;
};

static inline SgdRule sgd_rule(const gx_sgd_params& p) {
  return {step_frame(p.step), p.step.rate, p.momentum, p.nesterov != 0};
}

using SgdKernel = void (*)(const SgdRule&, const StepPart<float>&);

struct SgdVariant {
  KernelLine line;
  SgdKernel run;
};
const SgdVariant* sgd_variants(int* count);

namespace reference {
template <class T>
void sgd(const SgdRule& rule, const StepPart<T>& a);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_OPTIM_SGD_SGD_H_
