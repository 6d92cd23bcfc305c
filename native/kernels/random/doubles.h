// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Blocks of 64 draws in double. The same seed must give the same bits on every machine, so files that include this are
// compiled with -ffp-contract=off, in the namespace <instruction set>::unfused: every operation is then an IEEE one, in
// the order it is written, at any vector width. Included only by files compiled for one instruction set. The same for a
// single number: draws.h.
#ifndef GENERATRIX_KERNELS_RANDOM_DOUBLES_H_
#define GENERATRIX_KERNELS_RANDOM_DOUBLES_H_

#include "runtime/philox_vec.h"
#include "runtime/series.h"
#include "runtime/vmath.h"

namespace gx::GX_ISA {

typedef uint32_t vuh __attribute__((vector_size(GX_VEC_BYTES / 2)));

// Integers below 2^32 as doubles: the low bits of 2^52 + w. Neither SSE nor AVX2 can convert unsigned ones.
inline vd double_of(vuh words) {
  return (vd)(__builtin_convertvector(words, vul) | uint64_t(0x4330000000000000)) - 0x1p52;
}
inline vuh words_at(const uint32_t* words) { return load<vuh>(words); }

// (w + 1/2) 2^-32, in (0, 1).
inline vd open_uniform(vuh words) { return (double_of(words) + 0.5) * 0x1p-32; }

#if GX_VEC_BYTES == 64
inline vd square_root(vd x) { return (vd)_mm512_sqrt_pd((__m512d)x); }
#elif GX_VEC_BYTES == 32
inline vd square_root(vd x) { return (vd)_mm256_sqrt_pd((__m256d)x); }
#else
inline vd square_root(vd x) { return (vd)_mm_sqrt_pd((__m128d)x); }
#endif

// sqrt(-2 log((w + 1) 2^-32))
inline vd box_muller_radius(vuh words) { return square_root(-2.0 * log((double_of(words) + 1.0) * 0x1p-32)); }

// cos(2 pi w 2^-32). The nearest quarter turn comes off in integers, exactly; what is left is at most 1/8 turn.
inline vd box_muller_cosine(vuh words) {
  const vuh quarters = (words + (1u << 29)) >> 30, rest = words - (quarters << 30);
  const vul quarter = __builtin_convertvector(quarters, vul);
  const vl odd = -(vl)(quarter & 1u);
  const vul sign = ((quarter + 1u) >> 1 & 1u) << 63;  // cos, -sin, -cos, sin
  const vd t = (double_of(rest + (1u << 31)) - 0x1p31) * 0x1p-32;
  const vd z = t * t;
  return (vd)((vul)(odd ? series::sine_of_turns(t, z) : series::cosine_of_turns(z)) ^ sign);
}

// The first n doubles of a block to elements [at, at + n) of out.
inline void write_block(const double block[kUnitsPerBlock], int n, int64_t at, void* out, bool wide) {
  if (wide) {
    double* to = static_cast<double*>(out) + at;
    for (int i = 0; i < n; ++i) to[i] = block[i];
  } else if (n == kUnitsPerBlock) {
    float* to = static_cast<float*>(out) + at;
    for (int i = 0; i < kUnitsPerBlock; i += kLanesD) store(to + i, __builtin_convertvector(loadd(block + i), vfh));
  } else {
    float* to = static_cast<float*>(out) + at;
    for (int i = 0; i < n; ++i) to[i] = float(block[i]);
  }
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_RANDOM_DOUBLES_H_
