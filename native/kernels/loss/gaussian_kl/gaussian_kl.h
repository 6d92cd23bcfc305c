// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// out[r] = sum_i (w - v - 1 + (e^v + (m - n)^2) e^-w) / 2. Equation and gradients: loss.h.
#ifndef GENERATRIX_KERNELS_LOSS_GAUSSIAN_KL_H_
#define GENERATRIX_KERNELS_LOSS_GAUSSIAN_KL_H_

#include "generatrix/loss.h"
#include "kernels/loss/variant.h"

namespace gx {

template <class T>
struct GaussianKl {
  int64_t rows, units;
  const T *mean, *logvar, *p_mean, *p_logvar;  // p both null: N(0, I)
  T* out;
  const T* dy;
  T *dmean, *dlogvar, *dp_mean, *dp_logvar;
};

using GaussianKlVariant = LossVariant<GaussianKl<float>>;
const GaussianKlVariant* gaussian_kl_variants(int* count);

void gaussian_kl(const GaussianKlVariant&, gx_device&, const GaussianKl<float>&);
void gaussian_kl_backward(const GaussianKlVariant&, gx_device&, const GaussianKl<float>&);

namespace reference {
template <class T>
void gaussian_kl(const GaussianKl<T>&);
template <class T>
void gaussian_kl_backward(const GaussianKl<T>&);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_LOSS_GAUSSIAN_KL_H_
