// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/optim/adadelta/adadelta.h"

namespace gx::reference {

template <class T>
void adadelta(const AdadeltaRule& rule, const StepPart<T>& a) {
  for (int64_t i = 0; i < a.count; ++i) {
    const double g = prepared_gradient(rule.frame, a, i);
    const double s0 = double(a.s0[i]) + rule.share * (g * g - double(a.s0[i]));
    const double d = g * std::sqrt(double(a.s1[i]) + rule.epsilon) / std::sqrt(s0 + rule.epsilon);
    a.s0[i] = T(s0);
    a.s1[i] = T(double(a.s1[i]) + rule.share * (d * d - double(a.s1[i])));
    put_parameter(rule.frame, a, i, double(a.p[i]) - rule.rate * d);
  }
}

template void adadelta(const AdadeltaRule&, const StepPart<float>&);
template void adadelta(const AdadeltaRule&, const StepPart<double>&);

}  // namespace gx::reference
