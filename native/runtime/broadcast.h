// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// NumPy's rule: shapes are aligned at their last axes, a missing axis counts as 1, and an axis of size 1 is repeated.
#ifndef GENERATRIX_RUNTIME_BROADCAST_H_
#define GENERATRIX_RUNTIME_BROADCAST_H_

#include "runtime/check.h"
#include "runtime/walk.h"

namespace gx {

// The size of axis `axis` of a shape seen with `rank` axes.
inline int64_t broadcast_dim(const gx_shape& s, int rank, int axis) {
  const int own = axis - (rank - s.rank);
  return own < 0 ? 1 : s.dims[own];
}

// The shape two arrays make together; refuses axes that do not fit.
inline gx_shape broadcast(const gx_shape& a, const gx_shape& b, const char* name_a, const char* name_b) {
  gx_shape y = {};
  y.rank = a.rank > b.rank ? a.rank : b.rank;
  for (int axis = 0; axis < y.rank; ++axis) {
    const int64_t da = broadcast_dim(a, y.rank, axis), db = broadcast_dim(b, y.rank, axis);
    if (da != db && da != 1 && db != 1) {
      fail(GX_INVALID_ARGUMENT,
           "the shapes of %s and %s must be equal or 1 along each axis, got %lld and %lld along %d", name_a, name_b,
           (long long)da, (long long)db, axis);
    }
    y.dims[axis] = da == 1 ? db : da;
  }
  return y;
}

// The walk over y's shape that reads each of the shapes, which fit it.
template <int K>
Walk<K> broadcast_walk(const gx_shape& y, const gx_shape* const (&shapes)[K]) {
  int64_t strides[GX_MAX_RANK][K];
  int64_t stride[K];
  for (int k = 0; k < K; ++k) stride[k] = 1;
  for (int axis = y.rank - 1; axis >= 0; --axis) {
    for (int k = 0; k < K; ++k) {
      const int64_t dim = broadcast_dim(*shapes[k], y.rank, axis);
      strides[axis][k] = dim == 1 ? 0 : stride[k];
      stride[k] *= dim;
    }
  }
  Walk<K> walk;
  for (int axis = 0; axis < y.rank; ++axis) add_axis(walk, y.dims[axis], strides[axis]);
  finish(walk);
  return walk;
}

}  // namespace gx

#endif  // GENERATRIX_RUNTIME_BROADCAST_H_
