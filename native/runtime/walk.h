// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Arrays read together in the order of one shape, each along its own strides: broadcasting (stride 0), kept and reduced
// axes. Axes of size 1 go, neighbours that all arrays step through alike become one, and the innermost is set apart, so
// that a kernel sees rows. Functions of this header are static, so that every instruction set keeps its own copy.
#ifndef GENERATRIX_RUNTIME_WALK_H_
#define GENERATRIX_RUNTIME_WALK_H_

#include <stdint.h>

#include "generatrix/core.h"

namespace gx {

// K arrays. Element i of row r of array k is at its row's offset + i * inner[k].
template <int K>
struct Walk {
  int rank = 0;  // of the axes over rows
  int64_t dims[GX_MAX_RANK] = {};
  int64_t strides[K][GX_MAX_RANK] = {};
  int64_t rows = 1;  // product of dims
  int64_t n = 1;     // elements of a row
  int64_t inner[K] = {};
};

// Adds an axis inside those added so far; a stride of an axis of size 1 is not looked at. finish() sets the row apart.
template <int K>
static inline void add_axis(Walk<K>& walk, int64_t dim, const int64_t (&strides)[K]) {
  if (dim == 1) return;
  const int last = walk.rank - 1;
  bool merges = last >= 0;
  for (int k = 0; k < K && merges; ++k) merges = walk.strides[k][last] == strides[k] * dim;
  const int at = merges ? last : walk.rank++;
  walk.dims[at] = merges ? walk.dims[at] * dim : dim;
  for (int k = 0; k < K; ++k) walk.strides[k][at] = strides[k];
}
template <int K>
static inline void finish(Walk<K>& walk) {
  if (walk.rank > 0) {
    --walk.rank;
    walk.n = walk.dims[walk.rank];
    for (int k = 0; k < K; ++k) walk.inner[k] = walk.strides[k][walk.rank];
  } else {
    for (int k = 0; k < K; ++k) walk.inner[k] = 1;
  }
  for (int axis = 0; axis < walk.rank; ++axis) walk.rows *= walk.dims[axis];
}

// Where a row begins in each array; next() goes on by one row.
template <int K>
struct Row {
  int64_t at[GX_MAX_RANK];
  int64_t offset[K];
};
template <int K>
static inline Row<K> row_at(const Walk<K>& walk, int64_t row) {
  Row<K> r;
  for (int k = 0; k < K; ++k) r.offset[k] = 0;
  for (int axis = walk.rank - 1; axis >= 0; --axis) {
    r.at[axis] = row == 0 ? 0 : row % walk.dims[axis];  // an axis may have size 0
    row = row == 0 ? 0 : row / walk.dims[axis];
    for (int k = 0; k < K; ++k) r.offset[k] += r.at[axis] * walk.strides[k][axis];
  }
  return r;
}
template <int K>
static inline void next(const Walk<K>& walk, Row<K>& r) {
  for (int axis = walk.rank - 1; axis >= 0; --axis) {
    for (int k = 0; k < K; ++k) r.offset[k] += walk.strides[k][axis];
    if (++r.at[axis] < walk.dims[axis]) return;
    r.at[axis] = 0;
    for (int k = 0; k < K; ++k) r.offset[k] -= walk.dims[axis] * walk.strides[k][axis];
  }
}

}  // namespace gx

#endif  // GENERATRIX_RUNTIME_WALK_H_
