// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/optim/adagrad/adagrad.h"

namespace gx::reference {

template <class T>
void adagrad(const AdagradRule& rule, const StepPart<T>& a) {
  for (int64_t i = 0; i < a.count; ++i) {
    const double g = prepared_gradient(rule.frame, a, i);
    const double s = double(a.s0[i]) + g * g;
    a.s0[i] = T(s);
    put_parameter(rule.frame, a, i, double(a.p[i]) - rule.rate * g / (std::sqrt(s) + rule.epsilon));
  }
}

template void adagrad(const AdagradRule&, const StepPart<float>&);
template void adagrad(const AdagradRule&, const StepPart<double>&);

}  // namespace gx::reference
