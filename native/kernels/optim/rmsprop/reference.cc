// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/optim/rmsprop/rmsprop.h"

namespace gx::reference {

template <class T>
void rmsprop(const RmspropRule& rule, const StepPart<T>& a) {
  for (int64_t i = 0; i < a.count; ++i) {
    const double g = prepared_gradient(rule.frame, a, i);
    double s = double(a.s0[i]) + rule.share * (g * g - double(a.s0[i]));
    a.s0[i] = T(s);
    if (rule.centered) {
      const double mean = double(a.s2[i]) + rule.share * (g - double(a.s2[i]));
      a.s2[i] = T(mean);
      s -= mean * mean;
      if (s < 0) s = 0;
    }
    double d = g / (std::sqrt(s) + rule.epsilon);
    if (rule.momentum > 0) {
      d += rule.momentum * double(a.s1[i]);
      a.s1[i] = T(d);
    }
    put_parameter(rule.frame, a, i, double(a.p[i]) - rule.rate * d);
  }
}

template void rmsprop(const RmspropRule&, const StepPart<float>&);
template void rmsprop(const RmspropRule&, const StepPart<double>&);

}  // namespace gx::reference
