// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Weight norm in double, in the order of the equations of norm.h; the fast path is groups.h over slices/, with 0 in the
// place of the mean.
#ifndef GENERATRIX_KERNELS_NORM_WEIGHT_NORM_WEIGHT_NORM_H_
#define GENERATRIX_KERNELS_NORM_WEIGHT_NORM_WEIGHT_NORM_H_

#include <cstdint>

namespace gx::reference {

template <class T>
void weight_norm(int64_t rows, int64_t units, const T* v, const T* g, T* w, double* norms);
template <class T>
void weight_norm_backward(int64_t rows, int64_t units, const T* v, const T* g, const double* norms, const T* dw, T* dv,
                          T* dg);

}  // namespace gx::reference

#endif  // GENERATRIX_KERNELS_NORM_WEIGHT_NORM_WEIGHT_NORM_H_
