// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <vector>

#include "kernels/norm/group_norm/group_norm.h"
#include "kernels/norm/operand.h"

namespace gx::reference {
namespace {

// body(element, channel) for the elements of a group, which are neighbours.
template <class Body>
void each(const gx_group_norm_params& p, int64_t group, Body&& body) {
  const int64_t count = p.channels / p.groups * p.spatial;
  for (int64_t i = group * count; i < (group + 1) * count; ++i) body(i, i / p.spatial % p.channels);
}

double activated(gx_norm_activation f, double y) { return f == GX_NORM_RELU && y < 0 ? 0 : y; }
double passed(gx_norm_activation f, double y, double dy) {
  return f == GX_NORM_LINEAR ? dy : std::isnan(y) ? y : y > 0 ? dy : 0;
}

}  // namespace

template <class T>
void group_norm(const gx_group_norm_params& p, const T* x, const T* gamma, const T* beta, T* y, double* statistics) {
  const int64_t sets = p.examples * p.groups;
  const double count = double(p.channels / p.groups * p.spatial);
  for (int64_t set = 0; set < sets; ++set) {
    double mean = 0, var = 0;
    each(p, set, [&](int64_t i, int64_t) { mean += double(x[i]) / count; });
    each(p, set, [&](int64_t i, int64_t) { var += (double(x[i]) - mean) * (double(x[i]) - mean) / count; });
    const double rstd = rstd_of(var, p.epsilon);
    statistics[set] = mean;
    statistics[sets + set] = rstd;
    each(p, set, [&](int64_t i, int64_t c) {
      y[i] = T(activated(p.activation, factor(gamma, c) * (double(x[i]) - mean) * rstd + offset(beta, c)));
    });
  }
}

template <class T>
void group_norm_backward(const gx_group_norm_params& p, const T* x, const T* gamma, const T* beta,
                         const double* statistics, const T* dy, T* dx, T* dgamma, T* dbeta) {
  const int64_t sets = p.examples * p.groups;
  const double count = double(p.channels / p.groups * p.spatial);
  std::vector<double> of_gamma(size_t(p.channels), 0), of_beta(size_t(p.channels), 0);
  for (int64_t set = 0; set < sets; ++set) {
    const double mean = statistics[set], rstd = statistics[sets + set];
    const auto standard = [&](int64_t i) { return (double(x[i]) - mean) * rstd; };
    const auto g = [&](int64_t i, int64_t c) {
      return passed(p.activation, factor(gamma, c) * standard(i) + offset(beta, c), double(dy[i]));
    };
    double s = 0, q = 0;
    each(p, set, [&](int64_t i, int64_t c) {
      of_beta[size_t(c)] += g(i, c);
      of_gamma[size_t(c)] += g(i, c) * standard(i);
      s += factor(gamma, c) * g(i, c);
      q += factor(gamma, c) * g(i, c) * standard(i);
    });
    if (!dx) continue;
    each(p, set, [&](int64_t i, int64_t c) {
      dx[i] = T(rstd * (factor(gamma, c) * g(i, c) - s / count - standard(i) * q / count));
    });
  }
  for (int64_t c = 0; c < p.channels; ++c) {
    put(dgamma, c, of_gamma[size_t(c)]);
    put(dbeta, c, of_beta[size_t(c)]);
  }
}

#define GX_INSTANTIATE(T)                                                                                     \
  template void group_norm(const gx_group_norm_params&, const T*, const T*, const T*, T*, double*);           \
  template void group_norm_backward(const gx_group_norm_params&, const T*, const T*, const T*, const double*, \
                                    const T*, T*, T*, T*);
GX_INSTANTIATE(float)
GX_INSTANTIATE(double)
#undef GX_INSTANTIATE

}  // namespace gx::reference
