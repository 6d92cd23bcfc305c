// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// out[r] = sum_i log sum_k pi_ki N(x_i; m_ki, s_ki^2). Equation, layout and gradients: loss.h.
#ifndef GENERATRIX_KERNELS_LOSS_GAUSSIAN_MIXTURE_LOG_DENSITY_H_
#define GENERATRIX_KERNELS_LOSS_GAUSSIAN_MIXTURE_LOG_DENSITY_H_

#include "generatrix/loss.h"
#include "runtime/isa.h"

namespace gx {

template <class T>
struct GaussianMixture {
  int64_t rows, units, components;
  bool pseudo_gradient;
  const T *x, *logits, *mean, *log_sigma;
  T* out;
  const T* dy;
  T *dx, *dlogits, *dmean, *dlog_sigma;
};

constexpr int64_t kMixtureLanes = 16;  // floats in the widest vector
// Floats of scratch a thread needs.
inline int64_t gaussian_mixture_scratch(int64_t components) { return 2 * components * kMixtureLanes; }

struct GaussianMixtureVariant {
  KernelLine line;
  double (*forward)(const GaussianMixture<float>& args, int64_t row, int64_t first, int64_t count, float* scratch);
  void (*backward)(const GaussianMixture<float>& args, int64_t row, int64_t first, int64_t count, float* scratch);
};
const GaussianMixtureVariant* gaussian_mixture_log_density_variants(int* count);

void gaussian_mixture_log_density(const GaussianMixtureVariant&, gx_device&, const GaussianMixture<float>&);
void gaussian_mixture_log_density_backward(const GaussianMixtureVariant&, gx_device&, const GaussianMixture<float>&);

namespace reference {
template <class T>
void gaussian_mixture_log_density(const GaussianMixture<T>&);
template <class T>
void gaussian_mixture_log_density_backward(const GaussianMixture<T>&);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_LOSS_GAUSSIAN_MIXTURE_LOG_DENSITY_H_
