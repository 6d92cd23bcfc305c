// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/loss/parzen_log_likelihood/parzen_log_likelihood.h"

namespace gx::reference {

template <class T>
void parzen_log_likelihood(const Parzen<T>& a) {
  const double two_pi = 8 * std::atan(1.0);
  std::vector<double> e(size_t(a.n));
  for (int64_t r = 0; r < a.rows; ++r) {
    for (int64_t j = 0; j < a.n; ++j) {
      double square = 0;
      for (int64_t i = 0; i < a.units; ++i) {
        const double z = (double(a.x[r * a.units + i]) - double(a.samples[j * a.units + i])) / a.sigma;
        square += z * z;
      }
      e[size_t(j)] = -0.5 * square;
    }
    const double most = *std::max_element(e.begin(), e.end()), shift = most == -INFINITY ? 0 : most;
    double sum = 0;
    for (double v : e) sum += std::exp(v - shift);
    a.out[r] = T(shift + std::log(sum / double(a.n)) - double(a.units) * std::log(a.sigma * std::sqrt(two_pi)));
  }
}

template void parzen_log_likelihood<float>(const Parzen<float>&);
template void parzen_log_likelihood<double>(const Parzen<double>&);

}  // namespace gx::reference
