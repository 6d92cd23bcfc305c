// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Arrays as such: copies along strides (permutation, slices, broadcasting), gathering, conversion, values.
// Formats are FLOAT32 and FLOAT64 throughout. All of it is deterministic, and the same for any number of threads.
#ifndef GENERATRIX_ARRAYS_H_
#define GENERATRIX_ARRAYS_H_

#include "generatrix/core.h"

#ifdef __cplusplus
extern "C" {
#endif

// Two walks over the same indices. Offsets and strides are in elements.
typedef struct gx_copy_strided_params {
  int64_t rank;                       // 0 (a single element) to GX_MAX_RANK
  int64_t shape[GX_MAX_RANK];         // >= 0
  int64_t from_offset;                // of index (0, .., 0)
  int64_t from_strides[GX_MAX_RANK];  // any; 0 repeats an element, negative runs backwards
  int64_t to_offset;
  int64_t to_strides[GX_MAX_RANK];  // > 0, and such that no two indices name the same element
} gx_copy_strided_params;

// to[to_offset + sum_d i_d to_strides[d]] = from[from_offset + sum_d i_d from_strides[d]] for all 0 <= i_d < shape[d].
// A transposition, a slice, a place in a concatenation, a broadcast, a reversal. from[from_count] and to[to_count] are
// what may be touched; what is touched on one side may not overlap what is touched on the other. Other elements of
// `to` stay as they are. Bits are copied as they are, also those of a NaN.
GX_API gx_status gx_copy_strided(gx_device* device, gx_format format, const gx_copy_strided_params* params,
                                 int64_t from_count, const void* from, int64_t to_count, void* to);

// y[o][k][i] = x[o][index[k]][i]; x [outer][size][inner], y [outer][count][inner], index [count] in host memory, each
// in [0, size), repeats allowed. No overlap.
GX_API gx_status gx_gather(gx_device* device, gx_format format, int64_t outer, int64_t size, int64_t inner,
                           int64_t count, const void* x, const int64_t* index, void* y);

// The adjoint of gx_gather: dx[o][r][i] = sum of dy[o][k][i] over the k with index[k] = r, summed in double in the
// order of k; 0 where there are none. index [count] in host memory. No overlap.
GX_API gx_status gx_gather_backward(gx_device* device, gx_format format, int64_t outer, int64_t size, int64_t inner,
                                    int64_t count, const void* dy, const int64_t* index, void* dx);

// y[k][c] = 1 if index[k] = c, else 0; y [count][classes], index [count] in host memory, each in [0, classes).
GX_API gx_status gx_one_hot(gx_device* device, gx_format format, int64_t count, int64_t classes, const int64_t* index,
                            void* y);

// to[i] = from[i] for i < n, from one format to the other or the same; to FLOAT32 rounds to nearest. No overlap.
GX_API gx_status gx_convert(gx_device* device, int64_t n, gx_format from_format, const void* from, gx_format to_format,
                            void* to);

// y[i] = value for i < n; for FLOAT32 the nearest float.
GX_API gx_status gx_fill(gx_device* device, gx_format format, double value, int64_t n, void* y);

// y[i] = start + i step for i < n, computed in double.
GX_API gx_status gx_arange(gx_device* device, gx_format format, double start, double step, int64_t n, void* y);

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_ARRAYS_H_
