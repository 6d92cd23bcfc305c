// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Random words for threads that hold neighbouring units. A block of 64 units has 16 counters of four words each, of
// units 16 apart (random.h). Four threads share a block: thread q takes counters 4 q .. 4 q + 3, which gives it four
// neighbouring units in each quarter of the block, and so 16 bytes of floats an access.
#ifndef GENERATRIX_CUDA_RUNTIME_DRAWS_H_
#define GENERATRIX_CUDA_RUNTIME_DRAWS_H_

#include "runtime/cuda.h"
#include "runtime/map.h"
#include "runtime/philox.h"

namespace gx::cuda {

constexpr int kThreadsPerDraw = 4;  // of a block of 64 units

// word[s][j] is that of unit 64 block + 16 s + 4 q + j.
__device__ inline void draw_words(const PhiloxStream& stream, uint32_t row, uint32_t block, int q,
                                  uint32_t (&word)[4][4]) {
#pragma unroll
  for (int j = 0; j < 4; ++j) {
    uint32_t out[4];
    philox(uint32_t(kCountersPerBlock) * block + uint32_t(4 * q + j), row, stream.c2, stream.c3, stream.k0, stream.k1,
           out);
#pragma unroll
    for (int s = 0; s < 4; ++s) word[s][j] = out[s];
  }
}

// Four neighbours of an array whose elements from `end` on are not there, and read as 0. kWide: in 16-byte accesses
// where all four are.
template <bool kWide, class T>
__device__ inline void load_four(const T* x, int64_t at, int64_t end, T (&v)[4]) {
  if (kWide && at + 4 <= end) {
    constexpr int kN = kPack<T>;
#pragma unroll
    for (int k = 0; k < 4; k += kN) {
      const auto pack = *reinterpret_cast<const Pack<T, kN>*>(x + at + k);
#pragma unroll
      for (int i = 0; i < kN; ++i) v[k + i] = pack.v[i];
    }
  } else {
#pragma unroll
    for (int k = 0; k < 4; ++k) v[k] = at + k < end ? x[at + k] : T(0);
  }
}
template <bool kWide, class T>
__device__ inline void store_four(T* y, int64_t at, int64_t end, const T (&v)[4]) {
  if (kWide && at + 4 <= end) {
    constexpr int kN = kPack<T>;
#pragma unroll
    for (int k = 0; k < 4; k += kN) {
      Pack<T, kN> pack;
#pragma unroll
      for (int i = 0; i < kN; ++i) pack.v[i] = v[k + i];
      *reinterpret_cast<Pack<T, kN>*>(y + at + k) = pack;
    }
  } else {
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      if (at + k < end) y[at + k] = v[k];
    }
  }
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_RUNTIME_DRAWS_H_
