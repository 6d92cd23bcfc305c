// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/norm/batch_renorm/batch_renorm.h"
#include "kernels/norm/operand.h"

namespace gx::reference {
namespace {

template <class Body>
void each(const gx_batch_renorm_params& p, int64_t c, Body&& body) {
  for (int64_t n = 0; n < p.examples; ++n) {
    for (int64_t s = 0; s < p.spatial; ++s) body((n * p.channels + c) * p.spatial + s);
  }
}

}  // namespace

template <class T>
void batch_renorm(const gx_batch_renorm_params& p, const T* x, const T* gamma, const T* beta, T* running_mean,
                  T* running_var, T* y, double* statistics) {
  const double count = double(p.examples * p.spatial);
  for (int64_t c = 0; c < p.channels; ++c) {
    double mean = 0, var = 0;
    each(p, c, [&](int64_t i) { mean += double(x[i]) / count; });
    each(p, c, [&](int64_t i) { var += (double(x[i]) - mean) * (double(x[i]) - mean) / count; });
    const double rstd = rstd_of(var, p.epsilon), running_rstd = rstd_of(double(running_var[c]), p.epsilon);
    const double r = std::clamp(running_rstd / rstd, 1 / p.r_max, p.r_max);
    const double d = std::clamp((mean - double(running_mean[c])) * running_rstd, -p.d_max, p.d_max);
    const double saved[] = {mean, rstd, r, d};
    for (int64_t i = 0; i < 4; ++i) statistics[i * p.channels + c] = saved[i];
    running_mean[c] = T(running_mean[c] + p.momentum * (mean - running_mean[c]));
    running_var[c] = T(running_var[c] + p.momentum * (var - running_var[c]));
    each(p, c,
         [&](int64_t i) { y[i] = T(factor(gamma, c) * ((double(x[i]) - mean) * rstd * r + d) + offset(beta, c)); });
  }
}

template <class T>
void batch_renorm_backward(const gx_batch_renorm_params& p, const T* x, const T* gamma, const double* statistics,
                           const T* dy, T* dx, T* dgamma, T* dbeta) {
  const double count = double(p.examples * p.spatial);
  for (int64_t c = 0; c < p.channels; ++c) {
    const double mean = statistics[c], rstd = statistics[p.channels + c];
    const double r = statistics[2 * p.channels + c], d = statistics[3 * p.channels + c];
    const auto standard = [&](int64_t i) { return (double(x[i]) - mean) * rstd; };
    double s = 0, q = 0;
    each(p, c, [&](int64_t i) {
      s += double(dy[i]);
      q += double(dy[i]) * standard(i);
    });
    put(dgamma, c, q * r + s * d);
    put(dbeta, c, s);
    if (!dx) continue;
    each(p, c, [&](int64_t i) {
      dx[i] = T(factor(gamma, c) * r * rstd * (double(dy[i]) - s / count - standard(i) * q / count));
    });
  }
}

#define GX_INSTANTIATE(T)                                                                                             \
  template void batch_renorm(const gx_batch_renorm_params&, const T*, const T*, const T*, T*, T*, T*, double*);       \
  template void batch_renorm_backward(const gx_batch_renorm_params&, const T*, const T*, const double*, const T*, T*, \
                                      T*, T*);
GX_INSTANTIATE(float)
GX_INSTANTIATE(double)
#undef GX_INSTANTIATE

}  // namespace gx::reference
