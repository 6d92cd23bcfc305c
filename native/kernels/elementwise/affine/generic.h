// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// One pass over memory. Contract: affine.h.

#include "kernels/elementwise/affine/affine.h"
#include "runtime/vec.h"

namespace gx::GX_ISA {

void affine_vectors(float alpha, float beta, const AffineRows& r, const float* x, float* y) {
  Row<1> row = row_at(r.walk, r.begin);
  for (int64_t k = r.begin; k < r.end; ++k, next(r.walk, row)) {
    const float* from = x + row.offset[0];
    float* const to = y + k * r.walk.n + r.first;
    int64_t i = 0;
    if (r.walk.inner[0] == 0) {
      const vf value = splat(*from) * alpha + beta;
      for (; i + kLanes <= r.count; i += kLanes) store(to + i, value);
      if (i < r.count) store_first(to + i, value, int(r.count - i));
    } else {
      from += r.first;
      for (; i + kLanes <= r.count; i += kLanes) store(to + i, loadf(from + i) * alpha + beta);
      if (i < r.count) {
        const int rest = int(r.count - i);
        store_first(to + i, load_first(from + i, rest) * alpha + beta, rest);
      }
    }
  }
}

void add_scaled_vectors(float alpha, const float* x, float* y, int64_t count) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) store(y + i, loadf(y + i) + loadf(x + i) * alpha);
  if (i < count) {
    const int rest = int(count - i);
    store_first(y + i, load_first(y + i, rest) + load_first(x + i, rest) * alpha, rest);
  }
}

}  // namespace gx::GX_ISA
