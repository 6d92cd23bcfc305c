// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/norm/batch_norm/batch_norm.h"
#include "kernels/norm/operand.h"

namespace gx::reference {
namespace {

// body(element) for the elements of channel c.
template <class Body>
void each(const gx_batch_norm_params& p, int64_t c, Body&& body) {
  for (int64_t n = 0; n < p.examples; ++n) {
    for (int64_t s = 0; s < p.spatial; ++s) body((n * p.channels + c) * p.spatial + s);
  }
}

double activated(gx_norm_activation f, double y) { return f == GX_NORM_RELU && y < 0 ? 0 : y; }
double passed(gx_norm_activation f, double y, double dy) {
  return f == GX_NORM_LINEAR ? dy : std::isnan(y) ? y : y > 0 ? dy : 0;
}

}  // namespace

template <class T>
void batch_norm(const gx_batch_norm_params& p, const T* x, const T* gamma, const T* beta, T* running_mean,
                T* running_var, T* y, double* statistics) {
  const double count = double(p.examples * p.spatial);
  for (int64_t c = 0; c < p.channels; ++c) {
    double mean = 0, var = 0;
    each(p, c, [&](int64_t i) { mean += double(x[i]) / count; });
    each(p, c, [&](int64_t i) { var += (double(x[i]) - mean) * (double(x[i]) - mean) / count; });
    const double rstd = rstd_of(var, p.epsilon);
    statistics[c] = mean;
    statistics[p.channels + c] = rstd;
    if (running_mean) running_mean[c] = T(running_mean[c] + p.momentum * (mean - running_mean[c]));
    if (running_var) running_var[c] = T(running_var[c] + p.momentum * (count / (count - 1) * var - running_var[c]));
    each(p, c, [&](int64_t i) {
      y[i] = T(activated(p.activation, factor(gamma, c) * (double(x[i]) - mean) * rstd + offset(beta, c)));
    });
  }
}

template <class T>
void batch_norm_backward(const gx_batch_norm_params& p, const T* x, const T* gamma, const T* beta,
                         const double* statistics, const T* dy, T* dx, T* dgamma, T* dbeta) {
  const double count = double(p.examples * p.spatial);
  for (int64_t c = 0; c < p.channels; ++c) {
    const double mean = statistics[c], rstd = statistics[p.channels + c];
    const auto standard = [&](int64_t i) { return (double(x[i]) - mean) * rstd; };
    const auto g = [&](int64_t i) {
      return passed(p.activation, factor(gamma, c) * standard(i) + offset(beta, c), double(dy[i]));
    };
    double of_beta = 0, of_gamma = 0;
    each(p, c, [&](int64_t i) {
      of_beta += g(i);
      of_gamma += g(i) * standard(i);
    });
    put(dgamma, c, of_gamma);
    put(dbeta, c, of_beta);
    if (!dx) continue;
    each(p, c, [&](int64_t i) {
      dx[i] = T(factor(gamma, c) * rstd * (g(i) - of_beta / count - standard(i) * of_gamma / count));
    });
  }
}

template <class T>
void batch_norm_evaluate(const gx_batch_norm_params& p, const T* x, const T* gamma, const T* beta,
                         const T* running_mean, const T* running_var, T* y) {
  for (int64_t c = 0; c < p.channels; ++c) {
    const double rstd = rstd_of(double(running_var[c]), p.epsilon);
    each(p, c, [&](int64_t i) {
      y[i] = T(activated(p.activation,
                         factor(gamma, c) * (double(x[i]) - double(running_mean[c])) * rstd + offset(beta, c)));
    });
  }
}

template <class T>
void batch_norm_evaluate_backward(const gx_batch_norm_params& p, const T* x, const T* gamma, const T* beta,
                                  const T* running_mean, const T* running_var, const T* dy, T* dx, T* dgamma,
                                  T* dbeta) {
  for (int64_t c = 0; c < p.channels; ++c) {
    const double rstd = rstd_of(double(running_var[c]), p.epsilon);
    double of_beta = 0, of_gamma = 0;
    each(p, c, [&](int64_t i) {
      const double standard = (double(x[i]) - double(running_mean[c])) * rstd;
      const double g = passed(p.activation, factor(gamma, c) * standard + offset(beta, c), double(dy[i]));
      of_beta += g;
      of_gamma += g * standard;
      if (dx) dx[i] = T(factor(gamma, c) * rstd * g);
    });
    put(dgamma, c, of_gamma);
    put(dbeta, c, of_beta);
  }
}

#define GX_INSTANTIATE(T)                                                                                          \
  template void batch_norm(const gx_batch_norm_params&, const T*, const T*, const T*, T*, T*, T*, double*);        \
  template void batch_norm_backward(const gx_batch_norm_params&, const T*, const T*, const T*, const double*,      \
                                    const T*, T*, T*, T*);                                                         \
  template void batch_norm_evaluate(const gx_batch_norm_params&, const T*, const T*, const T*, const T*, const T*, \
                                    T*);                                                                           \
  template void batch_norm_evaluate_backward(const gx_batch_norm_params&, const T*, const T*, const T*, const T*,  \
                                             const T*, const T*, T*, T*, T*);
GX_INSTANTIATE(float)
GX_INSTANTIATE(double)
#undef GX_INSTANTIATE

}  // namespace gx::reference
