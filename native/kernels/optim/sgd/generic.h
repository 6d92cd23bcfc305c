// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The rule over vectors of any width. Contract: sgd.h.

#include "kernels/optim/sgd/sgd.h"
#include "kernels/optim/step_vec.h"

namespace gx::GX_ISA {

void sgd_pass(const SgdRule& rule, const StepPart<float>& a) {
  const float rate = float(rule.rate), momentum = float(rule.momentum);
  if (rule.momentum == 0) {
    step_through<0>(rule.frame, a, [=](vf& p, vf g, vf*) { p -= rate * g; });
  } else if (rule.nesterov) {
    step_through<optim::kS0>(rule.frame, a, [=](vf& p, vf g, vf* s) {
      s[0] = momentum * s[0] + g;
      p -= rate * (g + momentum * s[0]);
    });
  } else {
    step_through<optim::kS0>(rule.frame, a, [=](vf& p, vf g, vf* s) {
      s[0] = momentum * s[0] + g;
      p -= rate * s[0];
    });
  }
}

}  // namespace gx::GX_ISA
