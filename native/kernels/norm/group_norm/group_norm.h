// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Group norm in double, in the order of the equations of norm.h; the fast path is groups.h over slices/.
#ifndef GENERATRIX_KERNELS_NORM_GROUP_NORM_GROUP_NORM_H_
#define GENERATRIX_KERNELS_NORM_GROUP_NORM_GROUP_NORM_H_

#include "generatrix/norm.h"

namespace gx::reference {

template <class T>
void group_norm(const gx_group_norm_params& p, const T* x, const T* gamma, const T* beta, T* y, double* statistics);
template <class T>
void group_norm_backward(const gx_group_norm_params& p, const T* x, const T* gamma, const T* beta,
                         const double* statistics, const T* dy, T* dx, T* dgamma, T* dbeta);

}  // namespace gx::reference

#endif  // GENERATRIX_KERNELS_NORM_GROUP_NORM_GROUP_NORM_H_
