// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Copies along strides; the equation stands in arrays.h.
//
// Axes are sorted by the target's strides and merged where both sides allow it, which leaves few shapes of loops: runs
// (contiguous on both sides), fills (one element repeated), single elements, and transpositions, where another axis
// than the target's innermost is contiguous in the source. Only the last gains from wide vectors: it is the registry's
// kernel.
#ifndef GENERATRIX_KERNELS_ARRAYS_COPY_STRIDED_COPY_STRIDED_H_
#define GENERATRIX_KERNELS_ARRAYS_COPY_STRIDED_COPY_STRIDED_H_

#include "generatrix/arrays.h"
#include "runtime/isa.h"

namespace gx {

// to[r to_stride + c] = from[c from_stride + r] for r < rows, c < columns.
template <class T>
using TransposeKernel = void (*)(const T* from, int64_t from_stride, T* to, int64_t to_stride, int64_t rows,
                                 int64_t columns);

struct CopyStridedVariant {
  KernelLine line;
  TransposeKernel<uint32_t> transpose32;
  TransposeKernel<uint64_t> transpose64;
};
const CopyStridedVariant* copy_strided_variants(int* count);

namespace reference {
template <class T>
void copy_strided(const gx_copy_strided_params& p, const T* from, T* to);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_ARRAYS_COPY_STRIDED_COPY_STRIDED_H_
