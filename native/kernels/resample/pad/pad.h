// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Padding: generatrix/resample.h. It runs as maps of rows and columns, see separable/.
#ifndef GENERATRIX_KERNELS_RESAMPLE_PAD_PAD_H_
#define GENERATRIX_KERNELS_RESAMPLE_PAD_PAD_H_

#include "generatrix/resample.h"

namespace gx::reference {
template <class T>
void pad(const gx_pad_params& p, const T* from, T* to);
}

#endif  // GENERATRIX_KERNELS_RESAMPLE_PAD_PAD_H_
