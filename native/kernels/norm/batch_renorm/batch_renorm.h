// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Batch renormalisation in double, in the order of the equations of norm.h. In float it is batch norm with the factor
// gamma r and the offset gamma d + beta.
#ifndef GENERATRIX_KERNELS_NORM_BATCH_RENORM_BATCH_RENORM_H_
#define GENERATRIX_KERNELS_NORM_BATCH_RENORM_BATCH_RENORM_H_

#include "generatrix/norm.h"

namespace gx::reference {

template <class T>
void batch_renorm(const gx_batch_renorm_params& p, const T* x, const T* gamma, const T* beta, T* running_mean,
                  T* running_var, T* y, double* statistics);
template <class T>
void batch_renorm_backward(const gx_batch_renorm_params& p, const T* x, const T* gamma, const double* statistics,
                           const T* dy, T* dx, T* dgamma, T* dbeta);

}  // namespace gx::reference

#endif  // GENERATRIX_KERNELS_NORM_BATCH_RENORM_BATCH_RENORM_H_
