// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The rule over vectors of any width. Contract: adam.h.

#include "kernels/optim/adam/adam.h"
#include "kernels/optim/step_vec.h"

namespace gx::GX_ISA {

namespace {
template <int states>
inline void pass(const AdamRule& rule, const StepPart<float>& a) {
  const float keep = float(rule.keep), share1 = float(rule.share1), share2 = float(rule.share2),
              rate = float(rule.rate), root_scale = float(rule.root_scale), epsilon = float(rule.epsilon);
  step_through<states>(rule.frame, a, [=](vf& p, vf g, vf* s) {
    s[0] = towards(s[0], g, share1);
    s[1] = towards(s[1], g * g, share2);
    if (states & optim::kS2) s[2] = max(s[2], s[1]);  // a NaN of s[1] comes through
    const vf w = states & optim::kS2 ? s[2] : s[1];
    p = keep * p - rate * s[0] / (root_scale * root(w) + epsilon);
  });
}
}  // namespace

void adam_pass(const AdamRule& rule, const StepPart<float>& a) {
  rule.amsgrad ? pass<optim::kS0 | optim::kS1 | optim::kS2>(rule, a) : pass<optim::kS0 | optim::kS1>(rule, a);
}

}  // namespace gx::GX_ISA
