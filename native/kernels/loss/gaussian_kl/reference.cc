// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/loss/gaussian_kl/gaussian_kl.h"

namespace gx::reference {

template <class T>
void gaussian_kl(const GaussianKl<T>& a) {
  for (int64_t r = 0; r < a.rows; ++r) {
    double sum = 0;
    for (int64_t i = r * a.units; i < (r + 1) * a.units; ++i) {
      const double v = a.logvar[i], w = a.p_logvar ? a.p_logvar[i] : 0;
      const double difference = double(a.mean[i]) - (a.p_mean ? a.p_mean[i] : 0);
      sum += 0.5 * ((std::expm1(v - w) - (v - w)) + difference * difference * std::exp(-w));
    }
    a.out[r] = T(sum);
  }
}

template <class T>
void gaussian_kl_backward(const GaussianKl<T>& a) {
  for (int64_t r = 0; r < a.rows; ++r) {
    for (int64_t i = r * a.units; i < (r + 1) * a.units; ++i) {
      const double v = a.logvar[i], w = a.p_logvar ? a.p_logvar[i] : 0, dy = a.dy[r];
      const double difference = double(a.mean[i]) - (a.p_mean ? a.p_mean[i] : 0), precision = std::exp(-w);
      if (a.dmean) a.dmean[i] = T(dy * difference * precision);
      if (a.dlogvar) a.dlogvar[i] = T(dy * 0.5 * std::expm1(v - w));
      if (a.dp_mean) a.dp_mean[i] = T(-dy * difference * precision);
      if (a.dp_logvar) a.dp_logvar[i] = T(-dy * 0.5 * (std::expm1(v - w) + difference * difference * precision));
    }
  }
}

template void gaussian_kl<float>(const GaussianKl<float>&);
template void gaussian_kl<double>(const GaussianKl<double>&);
template void gaussian_kl_backward<float>(const GaussianKl<float>&);
template void gaussian_kl_backward<double>(const GaussianKl<double>&);

}  // namespace gx::reference
