// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/linear/check.h"
#include "kernels/linear/linear_backward/linear_backward.h"

namespace gx::reference {

template <class T>
void linear_backward(const gx_linear_params& p, const LinearGradient<T>& g) {
  const auto dz = [&](int64_t r, int64_t o) {
    const int64_t at = r * p.outputs + o;
    if (p.activation == GX_ACTIVATION_NONE) return double(g.dy[at]);
    return double(g.dy[at]) * activation_derivative(p.activation, p.activation_p, double(g.y[at]));
  };
  for (int64_t r = 0; g.dx && r < p.rows; ++r) {
    for (int64_t i = 0; i < p.inputs; ++i) {
      double sum = 0;
      for (int64_t o = 0; o < p.outputs; ++o) sum += dz(r, o) * double(g.W[o * p.inputs + i]);
      g.dx[r * p.inputs + i] = T(sum);
    }
  }
  for (int64_t o = 0; o < p.outputs; ++o) {
    for (int64_t i = 0; g.dW && i < p.inputs; ++i) {
      double sum = 0;
      for (int64_t r = 0; r < p.rows; ++r) sum += dz(r, o) * double(g.x[r * p.inputs + i]);
      g.dW[o * p.inputs + i] = T(sum);
    }
    if (g.db) {
      double sum = 0;
      for (int64_t r = 0; r < p.rows; ++r) sum += dz(r, o);
      g.db[o] = T(sum);
    }
  }
}

template void linear_backward<float>(const gx_linear_params&, const LinearGradient<float>&);
template void linear_backward<double>(const gx_linear_params&, const LinearGradient<double>&);

}  // namespace gx::reference
