// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// out[r] = sum over pixels of log sum_k pi_k prod_c P_kc(x_c). Equation, layout and gradients: loss.h.
#ifndef GENERATRIX_KERNELS_LOSS_DISCRETISED_LOGISTIC_MIXTURE_H_
#define GENERATRIX_KERNELS_LOSS_DISCRETISED_LOGISTIC_MIXTURE_H_

#include "generatrix/loss.h"
#include "runtime/isa.h"

namespace gx {

template <class T>
struct LogisticMixture {
  int64_t rows, channels, pixels, components, levels;
  double min_log_scale;
  const T *x, *parameters;
  T* out;
  const T* dy;
  T* dparameters;
};

// What a component has for one channel, in the order of the parameters.
enum LogisticParameter { kMean, kLogScale, kCoefficient };

inline int64_t logistic_planes(int64_t channels, int64_t components) {
  return components * (channels == 1 ? 3 : 1 + 3 * channels);
}
// The plane of a parameter of component k and channel c; the logit of k is plane k.
inline int64_t logistic_plane(int64_t channels, int64_t components, int64_t c, LogisticParameter which, int64_t k) {
  return components + (c * (channels == 1 ? 2 : 3) + which) * components + k;
}

constexpr int64_t kLogisticLanes = 16;  // floats in the widest vector
// Floats of scratch a thread needs: a component's joint term, and its derivative by each of its planes.
inline int64_t logistic_scratch(int64_t channels, int64_t components) {
  return logistic_planes(channels, components) * kLogisticLanes;
}

struct LogisticMixtureVariant {
  KernelLine line;
  double (*forward)(const LogisticMixture<float>& args, int64_t row, int64_t first, int64_t count, float* scratch);
  void (*backward)(const LogisticMixture<float>& args, int64_t row, int64_t first, int64_t count, float* scratch);
};
const LogisticMixtureVariant* discretised_logistic_mixture_variants(int* count);

void discretised_logistic_mixture(const LogisticMixtureVariant&, gx_device&, const LogisticMixture<float>&);
void discretised_logistic_mixture_backward(const LogisticMixtureVariant&, gx_device&, const LogisticMixture<float>&);

namespace reference {
template <class T>
void discretised_logistic_mixture(const LogisticMixture<T>&);
template <class T>
void discretised_logistic_mixture_backward(const LogisticMixture<T>&);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_LOSS_DISCRETISED_LOGISTIC_MIXTURE_H_
