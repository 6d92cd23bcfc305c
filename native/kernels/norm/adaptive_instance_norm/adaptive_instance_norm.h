// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Adaptive instance norm in double, in the order of the equations of norm.h; the fast path is groups.h over slices/.
#ifndef GENERATRIX_KERNELS_NORM_ADAPTIVE_INSTANCE_NORM_ADAPTIVE_INSTANCE_NORM_H_
#define GENERATRIX_KERNELS_NORM_ADAPTIVE_INSTANCE_NORM_ADAPTIVE_INSTANCE_NORM_H_

#include "generatrix/norm.h"

namespace gx::reference {

template <class T>
void adaptive_instance_norm(const gx_adaptive_instance_norm_params& p, const T* content, const T* style, T* y,
                            double* statistics);
template <class T>
void adaptive_instance_norm_backward(const gx_adaptive_instance_norm_params& p, const T* content, const T* style,
                                     const double* statistics, const T* dy, T* dcontent, T* dstyle);

}  // namespace gx::reference

#endif  // GENERATRIX_KERNELS_NORM_ADAPTIVE_INSTANCE_NORM_ADAPTIVE_INSTANCE_NORM_H_
