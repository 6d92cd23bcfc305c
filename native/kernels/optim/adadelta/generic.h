// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The rule over vectors of any width. Contract: adadelta.h.

#include "kernels/optim/adadelta/adadelta.h"
#include "kernels/optim/step_vec.h"

namespace gx::GX_ISA {

void adadelta_pass(const AdadeltaRule& rule, const StepPart<float>& a) {
  const float rate = float(rule.rate), share = float(rule.share), epsilon = float(rule.epsilon);
  step_through<optim::kS0 | optim::kS1>(rule.frame, a, [=](vf& p, vf g, vf* s) {
    s[0] = towards(s[0], g * g, share);
    const vf d = g * root((s[1] + epsilon) / (s[0] + epsilon));  // one root less
    s[1] = towards(s[1], d * d, share);
    p -= rate * d;
  });
}

}  // namespace gx::GX_ISA
