// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// out[r] = sum_k t_k (l_k - LSE(l)). Equation and gradients: loss.h.
#ifndef GENERATRIX_KERNELS_LOSS_CATEGORICAL_LOG_LIKELIHOOD_H_
#define GENERATRIX_KERNELS_LOSS_CATEGORICAL_LOG_LIKELIHOOD_H_

#include "generatrix/loss.h"
#include "kernels/loss/variant.h"

namespace gx {

template <class T>
struct CategoricalLogLikelihood {
  int64_t rows, units;  // units: the classes
  const T* logits;
  const int64_t* labels;   // or null
  const T* probabilities;  // or null
  T* out;
  const T* dy;
  T *dlogits, *dprobabilities;
};

// The variants take whole rows.
using CategoricalLogLikelihoodVariant = LossVariant<CategoricalLogLikelihood<float>>;
const CategoricalLogLikelihoodVariant* categorical_log_likelihood_variants(int* count);

void categorical_log_likelihood(const CategoricalLogLikelihoodVariant&, gx_device&,
                                const CategoricalLogLikelihood<float>&);
void categorical_log_likelihood_backward(const CategoricalLogLikelihoodVariant&, gx_device&,
                                         const CategoricalLogLikelihood<float>&);

namespace reference {
template <class T>
void categorical_log_likelihood(const CategoricalLogLikelihood<T>&);
template <class T>
void categorical_log_likelihood_backward(const CategoricalLogLikelihood<T>&);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_LOSS_CATEGORICAL_LOG_LIKELIHOOD_H_
