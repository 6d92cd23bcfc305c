// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <vector>

#include "kernels/norm/layer_norm/layer_norm.h"
#include "kernels/norm/operand.h"

namespace gx::reference {

template <class T>
void layer_norm(int64_t rows, int64_t units, double epsilon, const T* x, const T* gamma, const T* beta, T* y,
                double* statistics) {
  for (int64_t r = 0; r < rows; ++r) {
    const T* row = x + r * units;
    double mean = 0, var = 0;
    for (int64_t i = 0; i < units; ++i) mean += double(row[i]) / double(units);
    for (int64_t i = 0; i < units; ++i) var += (double(row[i]) - mean) * (double(row[i]) - mean) / double(units);
    const double rstd = rstd_of(var, epsilon);
    statistics[r] = mean;
    statistics[rows + r] = rstd;
    for (int64_t i = 0; i < units; ++i) {
      y[r * units + i] = T(factor(gamma, i) * (double(row[i]) - mean) * rstd + offset(beta, i));
    }
  }
}

template <class T>
void layer_norm_backward(int64_t rows, int64_t units, const T* x, const T* gamma, const double* statistics, const T* dy,
                         T* dx, T* dgamma, T* dbeta) {
  std::vector<double> of_gamma(size_t(units), 0), of_beta(size_t(units), 0);
  for (int64_t r = 0; r < rows; ++r) {
    const double mean = statistics[r], rstd = statistics[rows + r];
    const auto standard = [&](int64_t i) { return (double(x[r * units + i]) - mean) * rstd; };
    double s = 0, q = 0;
    for (int64_t i = 0; i < units; ++i) {
      const double d = double(dy[r * units + i]), g = factor(gamma, i) * d;
      of_beta[size_t(i)] += d;
      of_gamma[size_t(i)] += d * standard(i);
      s += g;
      q += g * standard(i);
    }
    for (int64_t i = 0; dx && i < units; ++i) {
      const double g = factor(gamma, i) * double(dy[r * units + i]);
      dx[r * units + i] = T(rstd * (g - s / double(units) - standard(i) * q / double(units)));
    }
  }
  for (int64_t i = 0; i < units; ++i) {
    put(dgamma, i, of_gamma[size_t(i)]);
    put(dbeta, i, of_beta[size_t(i)]);
  }
}

#define GX_INSTANTIATE(T)                                                                        \
  template void layer_norm(int64_t, int64_t, double, const T*, const T*, const T*, T*, double*); \
  template void layer_norm_backward(int64_t, int64_t, const T*, const T*, const double*, const T*, T*, T*, T*);
GX_INSTANTIATE(float)
GX_INSTANTIATE(double)
#undef GX_INSTANTIATE

}  // namespace gx::reference
