// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Up-sampling: generatrix/resample.h. It runs as maps of rows and columns, see separable/.
#ifndef GENERATRIX_KERNELS_RESAMPLE_RESIZE_RESIZE_H_
#define GENERATRIX_KERNELS_RESAMPLE_RESIZE_RESIZE_H_

#include "generatrix/resample.h"

namespace gx::reference {
template <class T>
void resize(const gx_resize_params& p, const T* from, T* to);
}

#endif  // GENERATRIX_KERNELS_RESAMPLE_RESIZE_RESIZE_H_
