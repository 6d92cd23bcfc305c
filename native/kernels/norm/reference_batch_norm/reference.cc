// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/norm/operand.h"
#include "kernels/norm/reference_batch_norm/reference_batch_norm.h"

namespace gx::reference {
namespace {

// body(element) for channel c of examples [from, to).
template <class Body>
void each(const gx_reference_batch_norm_params& p, int64_t c, int64_t from, int64_t to, Body&& body) {
  for (int64_t n = from; n < to; ++n) {
    for (int64_t s = 0; s < p.spatial; ++s) body((n * p.channels + c) * p.spatial + s);
  }
}

}  // namespace

template <class T>
void reference_batch_norm(const gx_reference_batch_norm_params& p, const T* x, const T* gamma, const T* beta, T* y,
                          double* statistics) {
  const int64_t R = p.references, sets = (1 + p.examples - R) * p.channels;
  const double w = 1 / double(R + 1);
  for (int64_t c = 0; c < p.channels; ++c) {
    const auto moments = [&](int64_t from, int64_t to, double* mean, double* var) {
      const double count = double((to - from) * p.spatial);
      *mean = *var = 0;
      each(p, c, from, to, [&](int64_t i) { *mean += double(x[i]) / count; });
      each(p, c, from, to, [&](int64_t i) { *var += (double(x[i]) - *mean) * (double(x[i]) - *mean) / count; });
    };
    const auto normalise = [&](int64_t set, int64_t from, int64_t to, double mean, double var) {
      const double rstd = rstd_of(var, p.epsilon);
      statistics[set * p.channels + c] = mean;
      statistics[sets + set * p.channels + c] = rstd;
      each(p, c, from, to,
           [&](int64_t i) { y[i] = T(factor(gamma, c) * (double(x[i]) - mean) * rstd + offset(beta, c)); });
    };
    double m, v;
    moments(0, R, &m, &v);
    normalise(0, 0, R, m, v);
    for (int64_t n = R; n < p.examples; ++n) {
      double m_n, v_n;
      moments(n, n + 1, &m_n, &v_n);
      normalise(1 + n - R, n, n + 1, w * m_n + (1 - w) * m,
                w * v_n + (1 - w) * v + w * (1 - w) * (m_n - m) * (m_n - m));
    }
  }
}

template <class T>
void reference_batch_norm_backward(const gx_reference_batch_norm_params& p, const T* x, const T* gamma,
                                   const double* statistics, const T* dy, T* dx, T* dgamma, T* dbeta) {
  const int64_t R = p.references, sets = (1 + p.examples - R) * p.channels;
  const double w = 1 / double(R + 1);
  for (int64_t c = 0; c < p.channels; ++c) {
    double of_beta = 0, of_gamma = 0;
    // Through y = gamma (x - mean) rstd + beta of a set to its mean m and its mean square e, with var = e - m^2.
    struct Of {
      double m, e;
    };
    const auto through = [&](int64_t set, int64_t from, int64_t to) -> Of {
      const double mean = statistics[set * p.channels + c], rstd = statistics[sets + set * p.channels + c];
      double s = 0, q = 0;
      each(p, c, from, to, [&](int64_t i) {
        s += double(dy[i]);
        q += double(dy[i]) * (double(x[i]) - mean);
      });
      of_beta += s;
      of_gamma += q * rstd;
      const double of_var = -0.5 * factor(gamma, c) * rstd * rstd * rstd * q;
      return {-factor(gamma, c) * rstd * s - 2 * mean * of_var, of_var};
    };
    const auto to_x = [&](int64_t set, int64_t from, int64_t to, const Of& of, double share) {
      const double rstd = statistics[sets + set * p.channels + c];
      each(p, c, from, to, [&](int64_t i) {
        if (dx) dx[i] = T(factor(gamma, c) * rstd * double(dy[i]) + share * (of.m + 2 * double(x[i]) * of.e));
      });
    };
    Of reference = through(0, 0, R);
    for (int64_t n = R; n < p.examples; ++n) {
      const Of of = through(1 + n - R, n, n + 1);
      to_x(1 + n - R, n, n + 1, of, w / double(p.spatial));
      reference.m += (1 - w) * of.m;
      reference.e += (1 - w) * of.e;
    }
    to_x(0, 0, R, reference, 1 / double(R * p.spatial));
    put(dgamma, c, of_gamma);
    put(dbeta, c, of_beta);
  }
}

#define GX_INSTANTIATE(T)                                                                                     \
  template void reference_batch_norm(const gx_reference_batch_norm_params&, const T*, const T*, const T*, T*, \
                                     double*);                                                                \
  template void reference_batch_norm_backward(const gx_reference_batch_norm_params&, const T*, const T*,      \
                                              const double*, const T*, T*, T*, T*);
GX_INSTANTIATE(float)
GX_INSTANTIATE(double)
#undef GX_INSTANTIATE

}  // namespace gx::reference
