// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Pooling: generatrix/resample.h. Sums and averages run as maps of rows and columns, see separable/; the registry's
// kernel is the greatest element.
#ifndef GENERATRIX_KERNELS_RESAMPLE_POOL_POOL_H_
#define GENERATRIX_KERNELS_RESAMPLE_POOL_POOL_H_

#include "generatrix/resample.h"
#include "runtime/isa.h"

namespace gx {

struct PoolShape {
  gx_pool_params p;
  int64_t out_size[2];
};

// Rows [first, end) of one plane: x of in_size, y and index (may be null) of out_size.
using MaxPoolKernel = void (*)(const PoolShape& s, const float* x, int64_t first, int64_t end, float* y, float* index);

struct MaxPoolVariant {
  KernelLine line;
  MaxPoolKernel run;
};
const MaxPoolVariant* max_pool_variants(int* count);

namespace reference {
template <class T>
void pool(const PoolShape& s, const T* from, T* to, T* index);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_RESAMPLE_POOL_POOL_H_
