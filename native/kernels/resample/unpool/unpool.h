// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Sums at indices within planes: generatrix/resample.h. One variant in plain C++: a work item owns planes, and memory
// is slower than its additions.
#ifndef GENERATRIX_KERNELS_RESAMPLE_UNPOOL_UNPOOL_H_
#define GENERATRIX_KERNELS_RESAMPLE_UNPOOL_UNPOOL_H_

#include "generatrix/resample.h"

namespace gx::reference {
template <class T>
void unpool(const gx_unpool_params& p, const T* from, const T* index, T* to);
}

#endif  // GENERATRIX_KERNELS_RESAMPLE_UNPOOL_UNPOOL_H_
