// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Batch norm in double, in the order of the equations of norm.h; the fast path is groups.h over slices/ and columns/.
#ifndef GENERATRIX_KERNELS_NORM_BATCH_NORM_BATCH_NORM_H_
#define GENERATRIX_KERNELS_NORM_BATCH_NORM_BATCH_NORM_H_

#include "generatrix/norm.h"

namespace gx::reference {

template <class T>
void batch_norm(const gx_batch_norm_params& p, const T* x, const T* gamma, const T* beta, T* running_mean,
                T* running_var, T* y, double* statistics);
template <class T>
void batch_norm_backward(const gx_batch_norm_params& p, const T* x, const T* gamma, const T* beta,
                         const double* statistics, const T* dy, T* dx, T* dgamma, T* dbeta);
template <class T>
void batch_norm_evaluate(const gx_batch_norm_params& p, const T* x, const T* gamma, const T* beta,
                         const T* running_mean, const T* running_var, T* y);
template <class T>
void batch_norm_evaluate_backward(const gx_batch_norm_params& p, const T* x, const T* gamma, const T* beta,
                                  const T* running_mean, const T* running_var, const T* dy, T* dx, T* dgamma, T* dbeta);

}  // namespace gx::reference

#endif  // GENERATRIX_KERNELS_NORM_BATCH_NORM_BATCH_NORM_H_
