// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a coupling changes, by rule: nothing is made or read for a pattern but the bits that are given.
#ifndef GENERATRIX_CUDA_KERNELS_COUPLING_CHANGES_H_
#define GENERATRIX_CUDA_KERNELS_COUPLING_CHANGES_H_

#include "generatrix/coupling.h"
#include "kernels/coupling/rows.h"

namespace gx::cuda::coupling {

struct Changes {
  int32_t pattern, parity;
  int64_t begin, end;  // all that is changed lies in [begin, end), and parameters have numbers for these elements
  Divider width, height;
  const uint32_t* kept;  // of BITS

  __device__ bool whole() const { return pattern == GX_COUPLING_SPAN; }

  // Bit k: element e + k of an example is changed, for N elements of it; e is a multiple of N.
  template <int N>
  __device__ unsigned of(int64_t e) const {
    constexpr unsigned kAll = (1u << N) - 1;
    if (pattern == GX_COUPLING_SPAN) {
      const int64_t before = begin - e, until = end - e;
      if (before >= N || until <= 0) return 0;
      const unsigned from = before > 0 ? kAll << before : kAll;
      return until < N ? from & ((1u << until) - 1) : from & kAll;
    }
    if (pattern == GX_COUPLING_BITS) return ~(kept[e / 32] >> (e % 32)) & kAll;
    const int64_t row = width.quotient(e);
    int64_t j = e - row * width.divisor, i = row - height.quotient(row) * height.divisor;
    if (j + N <= width.divisor) return (((i + j) & 1) == parity ? 0x55555555u : 0xAAAAAAAAu) & kAll;
    unsigned changed = 0;
    for (int k = 0; k < N; ++k) {
      changed |= unsigned(((i + j) & 1) == parity) << k;
      if (++j == width.divisor) j = 0, i = i + 1 == height.divisor ? 0 : i + 1;
    }
    return changed;
  }

  // N numbers of an example, from that of element e on, where `changed` are; others may be no numbers at all.
  template <int N, class T>
  __device__ Pack<T, N> numbers(const T* of_example, int64_t e, unsigned changed) const {
    const T* const from = of_example + (e - begin);
    if (N == 1 || !whole() || changed == (1u << N) - 1) return load_pack<N>(from);
    Pack<T, N> p = {};
#pragma unroll
    for (int k = 0; k < N; ++k) {
      if (changed >> k & 1) p.v[k] = from[k];
    }
    return p;
  }
  // The same as results: elements that are kept but have numbers get those of `p`.
  template <int N, class T>
  __device__ void put_numbers(T* of_example, int64_t e, unsigned changed, const Pack<T, N>& p) const {
    T* const to = of_example + (e - begin);
    if (!whole() || changed == (1u << N) - 1) return store_pack(to, p);
#pragma unroll
    for (int k = 0; k < N; ++k) {
      if (changed >> k & 1) to[k] = p.v[k];
    }
  }
};

inline Changes changes_of(const gx_coupling& c, const gx_states* kept) {
  Changes r = {int32_t(c.pattern),
               c.parity,
               0,
               c.channels * c.height * c.width,
               Divider::by(c.width),
               Divider::by(c.height),
               kept ? static_cast<const uint32_t*>(kept->data) : nullptr};
  if (c.pattern == GX_COUPLING_SPAN) r.begin = c.begin, r.end = c.end;
  return r;
}

inline int64_t size_of(const gx_coupling& c) { return c.channels * c.height * c.width; }

}  // namespace gx::cuda::coupling

#endif  // GENERATRIX_CUDA_KERNELS_COUPLING_CHANGES_H_
