// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/norm/adaptive_instance_norm/adaptive_instance_norm.h"
#include "kernels/norm/operand.h"

namespace gx::reference {
namespace {

// The mean and sqrt(var + epsilon) of n numbers.
template <class T>
void moments(const T* x, int64_t n, double epsilon, double* mean, double* sigma) {
  double var = 0;
  *mean = 0;
  for (int64_t i = 0; i < n; ++i) *mean += double(x[i]) / double(n);
  for (int64_t i = 0; i < n; ++i) var += (double(x[i]) - *mean) * (double(x[i]) - *mean) / double(n);
  *sigma = std::sqrt(var + epsilon);
}

}  // namespace

template <class T>
void adaptive_instance_norm(const gx_adaptive_instance_norm_params& p, const T* content, const T* style, T* y,
                            double* statistics) {
  const int64_t sets = p.examples * p.channels;
  for (int64_t j = 0; j < sets; ++j) {
    double mean, sigma, style_mean, style_sigma;
    moments(content + j * p.spatial, p.spatial, p.epsilon, &mean, &sigma);
    moments(style + j * p.style_spatial, p.style_spatial, p.epsilon, &style_mean, &style_sigma);
    const double saved[] = {mean, 1 / sigma, style_mean, style_sigma};
    for (int64_t i = 0; i < 4; ++i) statistics[i * sets + j] = saved[i];
    for (int64_t i = j * p.spatial; i < (j + 1) * p.spatial; ++i) {
      y[i] = T(style_sigma * (double(content[i]) - mean) / sigma + style_mean);
    }
  }
}

template <class T>
void adaptive_instance_norm_backward(const gx_adaptive_instance_norm_params& p, const T* content, const T* style,
                                     const double* statistics, const T* dy, T* dcontent, T* dstyle) {
  const int64_t sets = p.examples * p.channels;
  const double count = double(p.spatial), style_count = double(p.style_spatial);
  for (int64_t j = 0; j < sets; ++j) {
    const double mean = statistics[j], rstd = statistics[sets + j];
    const double style_mean = statistics[2 * sets + j], style_sigma = statistics[3 * sets + j];
    const auto standard = [&](int64_t i) { return (double(content[i]) - mean) * rstd; };
    double of_mean = 0, of_sigma = 0;
    for (int64_t i = j * p.spatial; i < (j + 1) * p.spatial; ++i) {
      of_mean += double(dy[i]);
      of_sigma += double(dy[i]) * standard(i);
    }
    for (int64_t i = j * p.spatial; dcontent && i < (j + 1) * p.spatial; ++i) {
      dcontent[i] = T(style_sigma * rstd * (double(dy[i]) - of_mean / count - standard(i) * of_sigma / count));
    }
    for (int64_t i = j * p.style_spatial; dstyle && i < (j + 1) * p.style_spatial; ++i) {
      dstyle[i] = T(of_mean / style_count + of_sigma * (double(style[i]) - style_mean) / (style_sigma * style_count));
    }
  }
}

#define GX_INSTANTIATE(T)                                                                                         \
  template void adaptive_instance_norm(const gx_adaptive_instance_norm_params&, const T*, const T*, T*, double*); \
  template void adaptive_instance_norm_backward(const gx_adaptive_instance_norm_params&, const T*, const T*,      \
                                                const double*, const T*, T*, T*);
GX_INSTANTIATE(float)
GX_INSTANTIATE(double)
#undef GX_INSTANTIATE

}  // namespace gx::reference
