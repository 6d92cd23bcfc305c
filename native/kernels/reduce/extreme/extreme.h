// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// index[k] = the first r where x[k, r] is the extreme or NaN; dx[k, r] = dy[k] there, else 0. One variant in plain C++:
// the scan compares and moves on.
#ifndef GENERATRIX_KERNELS_REDUCE_EXTREME_EXTREME_H_
#define GENERATRIX_KERNELS_REDUCE_EXTREME_EXTREME_H_

#include "generatrix/reduce.h"

namespace gx::reference {

// One of index and dx is null.
template <class T>
void reduce_extreme(gx_reduction reduction, const gx_shape& shape, uint32_t axes, const T* x, const T* dy, T* index,
                    T* dx);

}  // namespace gx::reference

#endif  // GENERATRIX_KERNELS_REDUCE_EXTREME_EXTREME_H_
