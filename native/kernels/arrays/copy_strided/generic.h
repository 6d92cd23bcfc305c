// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Transposition by square blocks in registers: lanes x lanes elements are loaded by rows, pass through log2(lanes)
// rounds of interleaving vector k with vector k + lanes / 2, and are stored as columns. A round rotates the bits of an
// element's index (vector, lane) by one. Edges go element by element. Contract: copy_strided.h.

#include "kernels/arrays/copy_strided/copy_strided.h"
#include "runtime/vec.h"

namespace gx::GX_ISA {
namespace {

#define GX_PAIR(i, n) (i), (n) + (i)
#define GX_PAIRS2(i, n) GX_PAIR(i, n), GX_PAIR((i) + 1, n)
#define GX_PAIRS4(i, n) GX_PAIRS2(i, n), GX_PAIRS2((i) + 2, n)
#define GX_PAIRS8(i, n) GX_PAIRS4(i, n), GX_PAIRS4((i) + 4, n)

// lo: a[0], b[0], a[1], b[1], .. of the lower halves; hi: of the upper halves.
#if GX_VEC_BYTES == 64
inline vu lo(vu a, vu b) { return __builtin_shufflevector(a, b, GX_PAIRS8(0, 16)); }
inline vu hi(vu a, vu b) { return __builtin_shufflevector(a, b, GX_PAIRS8(8, 16)); }
inline vul lo(vul a, vul b) { return __builtin_shufflevector(a, b, GX_PAIRS4(0, 8)); }
inline vul hi(vul a, vul b) { return __builtin_shufflevector(a, b, GX_PAIRS4(4, 8)); }
#elif GX_VEC_BYTES == 32
inline vu lo(vu a, vu b) { return __builtin_shufflevector(a, b, GX_PAIRS4(0, 8)); }
inline vu hi(vu a, vu b) { return __builtin_shufflevector(a, b, GX_PAIRS4(4, 8)); }
inline vul lo(vul a, vul b) { return __builtin_shufflevector(a, b, GX_PAIRS2(0, 4)); }
inline vul hi(vul a, vul b) { return __builtin_shufflevector(a, b, GX_PAIRS2(2, 4)); }
#else
inline vu lo(vu a, vu b) { return __builtin_shufflevector(a, b, GX_PAIRS2(0, 4)); }
inline vu hi(vu a, vu b) { return __builtin_shufflevector(a, b, GX_PAIRS2(2, 4)); }
inline vul lo(vul a, vul b) { return __builtin_shufflevector(a, b, GX_PAIR(0, 2)); }
inline vul hi(vul a, vul b) { return __builtin_shufflevector(a, b, GX_PAIR(1, 2)); }
#endif

template <class V, class T>
inline void block(const T* from, int64_t from_stride, T* to, int64_t to_stride) {
  constexpr int n = int(sizeof(V) / sizeof(T));
  V a[n], b[n];
  for (int c = 0; c < n; ++c) a[c] = load<V>(from + c * from_stride);
  for (int round = 1; round < n; round *= 2) {
    for (int k = 0; k < n / 2; ++k) {
      b[2 * k] = lo(a[k], a[k + n / 2]);
      b[2 * k + 1] = hi(a[k], a[k + n / 2]);
    }
    for (int k = 0; k < n; ++k) a[k] = b[k];
  }
  for (int r = 0; r < n; ++r) store(to + r * to_stride, a[r]);
}

template <class V, class T>
inline void transpose(const T* from, int64_t from_stride, T* to, int64_t to_stride, int64_t rows, int64_t columns) {
  constexpr int n = int(sizeof(V) / sizeof(T));
  const int64_t whole_rows = rows / n * n, whole_columns = columns / n * n;
  for (int64_t r = 0; r < whole_rows; r += n) {
    for (int64_t c = 0; c < whole_columns; c += n) {
      block<V>(from + c * from_stride + r, from_stride, to + r * to_stride + c, to_stride);
    }
  }
  for (int64_t r = 0; r < whole_rows; ++r) {
    for (int64_t c = whole_columns; c < columns; ++c) to[r * to_stride + c] = from[c * from_stride + r];
  }
  for (int64_t r = whole_rows; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) to[r * to_stride + c] = from[c * from_stride + r];
  }
}

}  // namespace

void copy_strided_blocks_32(const uint32_t* from, int64_t from_stride, uint32_t* to, int64_t to_stride, int64_t rows,
                            int64_t columns) {
  transpose<vu>(from, from_stride, to, to_stride, rows, columns);
}

void copy_strided_blocks_64(const uint64_t* from, int64_t from_stride, uint64_t* to, int64_t to_stride, int64_t rows,
                            int64_t columns) {
  transpose<vul>(from, from_stride, to, to_stride, rows, columns);
}

}  // namespace gx::GX_ISA
