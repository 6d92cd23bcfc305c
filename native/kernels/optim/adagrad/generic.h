// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The rule over vectors of any width. Contract: adagrad.h.

#include "kernels/optim/adagrad/adagrad.h"
#include "kernels/optim/step_vec.h"

namespace gx::GX_ISA {

void adagrad_pass(const AdagradRule& rule, const StepPart<float>& a) {
  const float rate = float(rule.rate), epsilon = float(rule.epsilon);
  step_through<optim::kS0>(rule.frame, a, [=](vf& p, vf g, vf* s) {
    s[0] += g * g;
    p -= rate * g / (root(s[0]) + epsilon);
  });
}

}  // namespace gx::GX_ISA
