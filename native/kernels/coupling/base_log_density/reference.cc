// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/coupling/base_in_double.h"
#include "kernels/coupling/base_log_density/base_log_density.h"

namespace gx::reference {

template <class T>
void base_log_density(const BaseLogDensity<T>& a) {
  for (int64_t r = 0; r < a.rows; ++r) {
    double sum = a.in ? a.in[r] : 0;
    for (int64_t i = 0; i < a.units; ++i) sum += base_log_density(a.base, double(a.z[r * a.stride + i]));
    a.out[r] = sum;
  }
}

template <class T>
void base_log_density_backward(const BaseLogDensity<T>& a) {
  for (int64_t r = 0; r < a.rows; ++r) {
    for (int64_t i = 0; i < a.units; ++i) {
      a.dz[r * a.units + i] = T(a.dout[r] * base_slope(a.base, double(a.z[r * a.stride + i])));
    }
  }
}

template void base_log_density<float>(const BaseLogDensity<float>&);
template void base_log_density<double>(const BaseLogDensity<double>&);
template void base_log_density_backward<float>(const BaseLogDensity<float>&);
template void base_log_density_backward<double>(const BaseLogDensity<double>&);

}  // namespace gx::reference
