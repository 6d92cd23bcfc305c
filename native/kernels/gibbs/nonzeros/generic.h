// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The lists over vectors of any width. Contract: nonzeros.h.

#include "kernels/gibbs/nonzeros/nonzeros.h"
#include "kernels/gibbs/product/factor_block.h"
#include "runtime/vec.h"

namespace gx::GX_ISA {

// Writes the nonzero lanes of v and their indices first, first + 1, .. to the front of a vector at either place; how
// many.
inline int64_t append(vf v, int64_t first, int32_t* index, float* value) {
#if GX_VEC_BYTES == 64  // moves lanes together in one instruction, which no other instruction set can
  const __mmask16 set = __mmask16(mask_bits(v != vf{}));
  store(value, (vf)_mm512_maskz_compress_ps(set, (__m512)v));
  store(index, (vi)_mm512_maskz_compress_epi32(set, (__m512i)(lane_index() + splat(uint32_t(first)))));
  return __builtin_popcount(set);
#else
  int64_t count = 0;
  for (uint32_t set = mask_bits(v != vf{}); set != 0; set &= set - 1) {
    const int lane = __builtin_ctz(set);
    index[count] = int32_t(first + lane);
    value[count++] = v[lane];
  }
  return count;
#endif
}

inline void list_row(const NonzeroRows& a, int64_t r) {
  const int64_t blocks = (a.units + kSparseBlock - 1) / kSparseBlock;
  const float* row = a.values + r * a.stride;
  int64_t* start = a.row_start + r * (blocks + 1);
  int64_t end = r * a.capacity;
  for (int64_t k = 0; k < a.units; k += kLanes) {
    if (k % kSparseBlock == 0) start[k / kSparseBlock] = end;
    const vf v = a.units - k >= kLanes ? loadf(row + k) : load_first(row + k, int(a.units - k));
    end += append(v, k, a.index + end, a.value + end);
  }
  start[blocks] = end;
}

// kLanes columns of values at once, turned into rows in registers.
inline void list_columns(const NonzeroRows& a, int64_t r0, int count) {
  const int64_t blocks = (a.units + kSparseBlock - 1) / kSparseBlock;
  int64_t end[kLanes];
  for (int i = 0; i < count; ++i) end[i] = (r0 + i) * a.capacity;
  for (int64_t k = 0; k < a.units; k += kLanes) {
    if (k % kSparseBlock == 0) {
      for (int i = 0; i < count; ++i) a.row_start[(r0 + i) * (blocks + 1) + k / kSparseBlock] = end[i];
    }
    vf square[kLanes];
    for (int i = 0; i < kLanes; ++i)
      square[i] = k + i < a.units ? load_first(a.values + (k + i) * a.stride + r0, count) : vf{};
    transpose(square);
    for (int i = 0; i < count; ++i) end[i] += append(square[i], k, a.index + end[i], a.value + end[i]);
  }
  for (int i = 0; i < count; ++i) a.row_start[(r0 + i) * (blocks + 1) + blocks] = end[i];
}

void nonzeros_append(const NonzeroRows& a, int64_t r0, int64_t r1) {
  if (a.transposed) {
    for (int64_t r = r0; r < r1; r += kLanes) list_columns(a, r, int(lesser<int64_t>(kLanes, r1 - r)));
  } else {
    for (int64_t r = r0; r < r1; ++r) list_row(a, r);
  }
}

}  // namespace gx::GX_ISA
