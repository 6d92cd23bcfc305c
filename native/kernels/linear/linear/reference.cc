// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/linear/check.h"
#include "kernels/linear/linear/linear.h"

namespace gx::reference {

template <class T>
void linear(const gx_linear_params& p, const T* x, const T* W, const T* b, T* y) {
  for (int64_t r = 0; r < p.rows; ++r) {
    for (int64_t o = 0; o < p.outputs; ++o) {
      double z = b ? double(b[o]) : 0;
      for (int64_t i = 0; i < p.inputs; ++i) z += double(x[r * p.inputs + i]) * double(W[o * p.inputs + i]);
      y[r * p.outputs + o] = T(activation(p.activation, p.activation_p, z));
    }
  }
}

template void linear<float>(const gx_linear_params&, const float*, const float*, const float*, float*);
template void linear<double>(const gx_linear_params&, const double*, const double*, const double*, double*);

}  // namespace gx::reference
