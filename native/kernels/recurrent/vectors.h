// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A loop over the vectors of a row whose body is written once: the place in the row says whether a vector is whole.
#ifndef GENERATRIX_KERNELS_RECURRENT_VECTORS_H_
#define GENERATRIX_KERNELS_RECURRENT_VECTORS_H_

#include "runtime/vmath.h"

namespace gx::GX_ISA {

struct Whole {
  int64_t at;
};
struct First {
  int64_t at;
  int lanes;
};

inline vf get(const float* p, Whole w) { return loadf(p + w.at); }
inline vf get(const float* p, First w) { return load_first(p + w.at, w.lanes); }
inline void put(float* p, vf v, Whole w) { store(p + w.at, v); }
inline void put(float* p, vf v, First w) { store_first(p + w.at, v, w.lanes); }
template <class Where>
inline vf get_or_zero(const float* p, Where w) {
  return p ? get(p, w) : vf{};
}

template <class Body>
inline void each_vector(int64_t count, Body body) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) body(Whole{i});
  if (i < count) body(First{i, int(count - i)});
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_RECURRENT_VECTORS_H_
