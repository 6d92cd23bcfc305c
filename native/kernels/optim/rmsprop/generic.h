// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The rule over vectors of any width. Contract: rmsprop.h.

#include "kernels/optim/rmsprop/rmsprop.h"
#include "kernels/optim/step_vec.h"

namespace gx::GX_ISA {

namespace {
template <int states>
inline void pass(const RmspropRule& rule, const StepPart<float>& a) {
  const float rate = float(rule.rate), share = float(rule.share), epsilon = float(rule.epsilon),
              momentum = float(rule.momentum);
  step_through<states>(rule.frame, a, [=](vf& p, vf g, vf* s) {
    s[0] = towards(s[0], g * g, share);
    vf square = s[0];
    if (states & optim::kS2) {
      s[2] = towards(s[2], g, share);
      square = max(splat(0.0f), square - s[2] * s[2]);  // NaN stays
    }
    vf d = g / (root(square) + epsilon);
    if (states & optim::kS1) d = s[1] = momentum * s[1] + d;
    p -= rate * d;
  });
}
}  // namespace

void rmsprop_pass(const RmspropRule& rule, const StepPart<float>& a) {
  if (rule.centered) {
    rule.momentum > 0 ? pass<optim::kS0 | optim::kS1 | optim::kS2>(rule, a) : pass<optim::kS0 | optim::kS2>(rule, a);
  } else {
    rule.momentum > 0 ? pass<optim::kS0 | optim::kS1>(rule, a) : pass<optim::kS0>(rule, a);
  }
}

}  // namespace gx::GX_ISA
