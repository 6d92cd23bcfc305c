// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Reference batch norm in double, by the chain rule over the statistics of norm.h; the fast path is over slices/.
#ifndef GENERATRIX_KERNELS_NORM_REFERENCE_BATCH_NORM_REFERENCE_BATCH_NORM_H_
#define GENERATRIX_KERNELS_NORM_REFERENCE_BATCH_NORM_REFERENCE_BATCH_NORM_H_

#include "generatrix/norm.h"

namespace gx::reference {

template <class T>
void reference_batch_norm(const gx_reference_batch_norm_params& p, const T* x, const T* gamma, const T* beta, T* y,
                          double* statistics);
template <class T>
void reference_batch_norm_backward(const gx_reference_batch_norm_params& p, const T* x, const T* gamma,
                                   const double* statistics, const T* dy, T* dx, T* dgamma, T* dbeta);

}  // namespace gx::reference

#endif  // GENERATRIX_KERNELS_NORM_REFERENCE_BATCH_NORM_REFERENCE_BATCH_NORM_H_
