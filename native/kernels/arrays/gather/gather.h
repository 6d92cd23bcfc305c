// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Rows at given indices, and the adjoint. Copies of rows have nothing for wide instructions that memcpy does not
// already do; the adjoint adds rows that were grouped by their target with a stable counting sort, so that each target
// is owned by one work item and summed in the order of k. Contract: arrays.h.
#ifndef GENERATRIX_KERNELS_ARRAYS_GATHER_GATHER_H_
#define GENERATRIX_KERNELS_ARRAYS_GATHER_GATHER_H_

#include <cstdint>

namespace gx::reference {

template <class T>
void gather(int64_t outer, int64_t size, int64_t inner, int64_t count, const T* x, const int64_t* index, T* y);
template <class T>
void gather_backward(int64_t outer, int64_t size, int64_t inner, int64_t count, const T* dy, const int64_t* index,
                     T* dx);

}  // namespace gx::reference

#endif  // GENERATRIX_KERNELS_ARRAYS_GATHER_GATHER_H_
