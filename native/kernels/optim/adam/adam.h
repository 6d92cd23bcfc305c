// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// p *= keep, s0 += share1 (g - s0), s1 += share2 (g^2 - s1), s2 = max(s2, s1), p -= rate s0 / (root_scale sqrt(w) +
// epsilon) with w = s2 if amsgrad, else s1; both corrections of the bias are in rate and root_scale. Where g is
// prepared and the average follows: optim/step.h. The equation's home: generatrix/optim.h.
#ifndef GENERATRIX_KERNELS_OPTIM_ADAM_ADAM_H_
#define GENERATRIX_KERNELS_OPTIM_ADAM_ADAM_H_

#include <math.h>

#include "kernels/optim/step.h"

namespace gx {

struct AdamRule {
  StepFrame frame;
  double keep;            // 1 - rate weight_decay of AdamW, else 1
  double share1, share2;  // 1 - beta
  double rate;            // rate / (1 - beta1^t)
  double root_scale;      // 1 / sqrt(1 - beta2^t)
  double epsilon;
  bool amsgrad;
};

static inline AdamRule adam_rule(const gx_adam_params& p) {
  StepFrame frame = step_frame(p.step);
  double keep = 1;
  if (p.decoupled) {
    keep = 1 - p.step.rate * p.step.weight_decay;
    frame.weight_decay = 0;
  }
  const double t = double(p.t);
  return {frame,
          keep,
          1 - p.beta1,
          1 - p.beta2,
          p.step.rate / (1 - ::pow(p.beta1, t)),
          1 / ::sqrt(1 - ::pow(p.beta2, t)),
          p.epsilon,
          p.amsgrad != 0};
}

using AdamKernel = void (*)(const AdamRule&, const StepPart<float>&);

struct AdamVariant {
  KernelLine line;
  AdamKernel run;
};
const AdamVariant* adam_variants(int* count);

namespace reference {
template <class T>
void adam(const AdamRule& rule, const StepPart<T>& a);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_OPTIM_ADAM_ADAM_H_
