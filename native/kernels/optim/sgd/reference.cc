// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/optim/sgd/sgd.h"

namespace gx::reference {

template <class T>
void sgd(const SgdRule& rule, const StepPart<T>& a) {
  for (int64_t i = 0; i < a.count; ++i) {
    const double g = prepared_gradient(rule.frame, a, i);
    double d = g;
    if (rule.momentum > 0) {
      const double s = rule.momentum * double(a.s0[i]) + g;
      a.s0[i] = T(s);
      d = rule.nesterov ? g + rule.momentum * s : s;
    }
    put_parameter(rule.frame, a, i, double(a.p[i]) - rule.rate * d);
  }
}

template void sgd(const SgdRule&, const StepPart<float>&);
template void sgd(const SgdRule&, const StepPart<double>&);

}  // namespace gx::reference
