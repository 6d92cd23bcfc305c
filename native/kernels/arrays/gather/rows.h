// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What gathers of rows share, whatever a row is made of.
#ifndef GENERATRIX_KERNELS_ARRAYS_GATHER_ROWS_H_
#define GENERATRIX_KERNELS_ARRAYS_GATHER_ROWS_H_

#include <cstdint>

namespace gx {

// Every index in [0, size), which `of` names: "the rows of from".
void check_index(const int64_t* index, int64_t count, int64_t size, const char* of);

// to[o][k] = from[o][index[k]], rows of `row_bytes` bytes; from [outer][size], to [outer][count].
void gather_rows(int threads, int64_t outer, int64_t size, int64_t row_bytes, int64_t count, const void* from,
                 const int64_t* index, void* to);

}  // namespace gx

#endif  // GENERATRIX_KERNELS_ARRAYS_GATHER_ROWS_H_
