// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// out[r] = sum_i x l - softplus(l). Equation and gradients: loss.h.
#ifndef GENERATRIX_KERNELS_LOSS_BERNOULLI_LOG_LIKELIHOOD_H_
#define GENERATRIX_KERNELS_LOSS_BERNOULLI_LOG_LIKELIHOOD_H_

#include "generatrix/loss.h"
#include "kernels/loss/variant.h"

namespace gx {

template <class T>
struct BernoulliLogLikelihood {
  int64_t rows, units;
  const T *logits, *x;
  T* out;
  const T* dy;
  T *dlogits, *dx;
  const uint32_t* bits;  // in place of x, rows of (units + 31) / 32 words, or null
};

using BernoulliLogLikelihoodVariant = LossVariant<BernoulliLogLikelihood<float>>;
const BernoulliLogLikelihoodVariant* bernoulli_log_likelihood_variants(int* count);

// One variant over all rows; the tests call each.
void bernoulli_log_likelihood(const BernoulliLogLikelihoodVariant&, gx_device&, const BernoulliLogLikelihood<float>&);
void bernoulli_log_likelihood_backward(const BernoulliLogLikelihoodVariant&, gx_device&,
                                       const BernoulliLogLikelihood<float>&);

namespace reference {
template <class T>
void bernoulli_log_likelihood(const BernoulliLogLikelihood<T>&);
template <class T>
void bernoulli_log_likelihood_backward(const BernoulliLogLikelihood<T>&);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_LOSS_BERNOULLI_LOG_LIKELIHOOD_H_
