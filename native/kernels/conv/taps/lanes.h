// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Some lanes of a vector from and to memory. Lane i of a pointer p is p[i]; where the lane is not chosen p[i] need not
// exist.
#ifndef GENERATRIX_KERNELS_CONV_TAPS_LANES_H_
#define GENERATRIX_KERNELS_CONV_TAPS_LANES_H_

#include "runtime/vec.h"

namespace gx::GX_ISA {

// A choice of lanes, as the instruction set wants it.
#if GX_VEC_BYTES == 64
using Lanes = uint32_t;
inline Lanes lanes_where(vi m) { return mask_bits(m); }
#else
using Lanes = vi;
inline Lanes lanes_where(vi m) { return m; }
#endif

// The chosen lanes of p, and those of `rest` elsewhere, which are 0 in the chosen ones. `all_there`: the other lanes of
// p can be read too. Then they are, and dropped in a register: Zen 5 takes five times as long for a load under a mask
// that is no constant.
template <bool all_there>
inline vf load_lanes(vf rest, const float* p, Lanes m) {
#if GX_VEC_BYTES == 64
  if (!all_there) return (vf)_mm512_mask_loadu_ps((__m512)rest, __mmask16(m), p);
  vf v = loadf(p);
  asm("" : "+v"(v));  // or the compiler makes one masked load of it
  return (vf)_mm512_mask_mov_ps((__m512)rest, __mmask16(m), (__m512)v);
#else
  if (all_there) return (vf)(((vi)loadf(p) & m) | (vi)rest);
#if GX_VEC_BYTES == 32
  return (vf)((vi)_mm256_maskload_ps(p, (__m256i)m) | (vi)rest);
#else
  for (int i = 0; i < kLanes; ++i) {
    if (m[i]) rest[i] = p[i];
  }
  return rest;
#endif
#endif
}

inline void store_lanes(float* p, vf v, Lanes m) {
#if GX_VEC_BYTES == 64
  _mm512_mask_storeu_ps(p, __mmask16(m), (__m512)v);
#elif GX_VEC_BYTES == 32
  _mm256_maskstore_ps(p, (__m256i)m, (__m256)v);
#else
  for (int i = 0; i < kLanes; ++i) {
    if (m[i]) p[i] = v[i];
  }
#endif
}

// Lanes [from, to).
inline Lanes lanes_between(int from, int to) {
  const vi at = (vi)lane_index();
  return lanes_where((at >= splat(int32_t(from))) & (at < splat(int32_t(to))));
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_CONV_TAPS_LANES_H_
