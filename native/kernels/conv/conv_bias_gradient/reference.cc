// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/conv/conv_bias_gradient/conv_bias_gradient.h"
#include "kernels/linear/check.h"

namespace gx::reference {

template <class T>
void conv_bias_gradient(const gx_conv_bias_params& p, const T* dy, const T* y, T* dz, T* db) {
  for (int64_t c = 0; c < p.channels; ++c) {
    double sum = 0;
    for (int64_t n = 0; n < p.batch; ++n) {
      for (int64_t i = 0; i < p.pixels; ++i) {
        const int64_t at = (n * p.channels + c) * p.pixels + i;
        const double d = double(dy[at]) * (y ? activation_derivative(p.activation, p.activation_p, double(y[at])) : 1);
        if (dz) dz[at] = T(d);
        sum += d;
      }
    }
    if (db) db[c] = T(sum);
  }
}

template void conv_bias_gradient<float>(const gx_conv_bias_params&, const float*, const float*, float*, float*);
template void conv_bias_gradient<double>(const gx_conv_bias_params&, const double*, const double*, double*, double*);

}  // namespace gx::reference
