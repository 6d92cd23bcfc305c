// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Every second float, and two vectors by turns, in registers. Counts n are those of the vectors that rows end with.
#ifndef GENERATRIX_KERNELS_RESAMPLE_LANES_H_
#define GENERATRIX_KERNELS_RESAMPLE_LANES_H_

#include "runtime/vec.h"

namespace gx::GX_ISA {

inline vf load_part(const float* p, int n) {
  if (n == kLanes) return loadf(p);
  return n > 0 ? load_first(p, n) : vf{};
}
inline void store_part(float* p, vf v, int n) {
  if (n == kLanes) {
    store(p, v);
  } else if (n > 0) {
    store_first(p, v, n);
  }
}

// Elements first, first + 2, .. of a, then of b from `second` on.
template <int first, int second>
inline vf halves(vf a, vf b) {
  vi at;
#pragma GCC unroll 16
  for (int l = 0; l < kLanes; ++l) at[l] = l < kLanes / 2 ? 2 * l + first : kLanes + 2 * (l - kLanes / 2) + second;
  return __builtin_shuffle(a, b, at);
}
// a[0], b[0], a[1], b[1], .. of the lower or the upper halves.
template <bool upper>
inline vf zipped(vf a, vf b) {
  vi at;
#pragma GCC unroll 16
  for (int l = 0; l < kLanes; ++l) at[l] = l / 2 + (upper ? kLanes / 2 : 0) + (l % 2 ? kLanes : 0);
  return __builtin_shuffle(a, b, at);
}

// p[0], p[2], .., p[2 n - 2] and nothing else: the second load begins one element early, at an odd place of the first's
// grid.
inline vf load_evens(const float* p, int n) {
  if (n == kLanes) return halves<0, 1>(loadf(p), loadf(p + kLanes - 1));
  const int all = 2 * n - 1, front = lesser(all, kLanes);
  return halves<0, 0>(load_part(p, front), load_part(p + kLanes, all - front));
}

// p[0], p[step], ..: n of them.
inline vf load_every(const float* p, int64_t step, int n) {
  if (step == 1) return load_part(p, n);
  if (step == 2) return load_evens(p, n);
  float some[kLanes] = {};
  for (int l = 0; l < n; ++l) some[l] = p[l * step];
  return loadf(some);
}

// a[0], b[0], a[1], .. : 2 n elements.
inline void store_zipped(float* p, vf a, vf b, int n) {
  const int front = lesser(2 * n, kLanes);
  store_part(p, zipped<false>(a, b), front);
  store_part(p + kLanes, zipped<true>(a, b), 2 * n - front);
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_RESAMPLE_LANES_H_
