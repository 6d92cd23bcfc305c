// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/optim/adam/adam.h"

namespace gx::reference {

template <class T>
void adam(const AdamRule& rule, const StepPart<T>& a) {
  for (int64_t i = 0; i < a.count; ++i) {
    const double g = prepared_gradient(rule.frame, a, i);
    const double s0 = double(a.s0[i]) + rule.share1 * (g - double(a.s0[i]));
    double s1 = double(a.s1[i]) + rule.share2 * (g * g - double(a.s1[i]));
    a.s0[i] = T(s0);
    a.s1[i] = T(s1);
    if (rule.amsgrad) {
      s1 = s1 > double(a.s2[i]) || std::isnan(s1) ? s1 : double(a.s2[i]);
      a.s2[i] = T(s1);
    }
    const double p = rule.keep * double(a.p[i]);
    put_parameter(rule.frame, a, i, p - rule.rate * s0 / (rule.root_scale * std::sqrt(s1) + rule.epsilon));
  }
}

template void adam(const AdamRule&, const StepPart<float>&);
template void adam(const AdamRule&, const StepPart<double>&);

}  // namespace gx::reference
