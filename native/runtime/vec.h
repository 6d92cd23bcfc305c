// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Vectors of GX_VEC_BYTES bytes as compiler vector types: arithmetic, comparisons and ?: work on them as on scalars.
// Included only by files compiled for one instruction set, which define GX_ISA (the namespace everything lives in) and
// GX_VEC_BYTES. Intrinsics stand only where the vector types cannot say it: widening multiply, mask to bits, masked
// tails.
#ifndef GENERATRIX_RUNTIME_VEC_H_
#define GENERATRIX_RUNTIME_VEC_H_

#include <immintrin.h>
#include <stdint.h>

#if !defined(GX_ISA) || !defined(GX_VEC_BYTES)
#error "vec.h belongs in files compiled for one instruction set"
#endif

namespace gx::GX_ISA {

typedef float vf __attribute__((vector_size(GX_VEC_BYTES)));
typedef int32_t vi __attribute__((vector_size(GX_VEC_BYTES)));  // also the result of comparing vf: 0 or -1
typedef uint32_t vu __attribute__((vector_size(GX_VEC_BYTES)));
typedef double vd __attribute__((vector_size(GX_VEC_BYTES)));
typedef int64_t vl __attribute__((vector_size(GX_VEC_BYTES)));  // also the result of comparing vd
typedef uint64_t vul __attribute__((vector_size(GX_VEC_BYTES)));
typedef float vfh __attribute__((vector_size(GX_VEC_BYTES / 2)));

constexpr int kLanes = GX_VEC_BYTES / 4;   // floats in a vector
constexpr int kLanesD = GX_VEC_BYTES / 8;  // doubles in a vector

template <class V, class T>
inline V load(const T* p) {
  V v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
inline vf loadf(const float* p) { return load<vf>(p); }
inline vd loadd(const double* p) { return load<vd>(p); }
template <class V, class T>
inline void store(T* p, V v) {
  __builtin_memcpy(p, &v, sizeof v);
}

// Past the caches, to an address on the vectors' grid.
#if GX_VEC_BYTES == 64
inline void stream(float* p, vf v) { _mm512_stream_ps(p, (__m512)v); }
#elif GX_VEC_BYTES == 32
inline void stream(float* p, vf v) { _mm256_stream_ps(p, (__m256)v); }
#else
inline void stream(float* p, vf v) { _mm_stream_ps(p, (__m128)v); }
#endif

inline vf splat(float x) { return x - vf{}; }
inline vd splat(double x) { return x - vd{}; }
inline vi splat(int32_t x) { return x - vi{}; }
inline vu splat(uint32_t x) { return x - vu{}; }

// b where either is NaN. GCC 12 makes a compare and a blend of a < b ? a : b; the instruction does the same at once.
#if GX_VEC_BYTES == 64
inline vf min(vf a, vf b) { return (vf)_mm512_min_ps((__m512)a, (__m512)b); }
inline vf max(vf a, vf b) { return (vf)_mm512_max_ps((__m512)a, (__m512)b); }
inline vf sqrt(vf x) { return (vf)_mm512_maskz_sqrt_ps(0xFFFF, (__m512)x); }
#elif GX_VEC_BYTES == 32
inline vf min(vf a, vf b) { return (vf)_mm256_min_ps((__m256)a, (__m256)b); }
inline vf max(vf a, vf b) { return (vf)_mm256_max_ps((__m256)a, (__m256)b); }
inline vf sqrt(vf x) { return (vf)_mm256_sqrt_ps((__m256)x); }
#else
inline vf min(vf a, vf b) { return (vf)_mm_min_ps((__m128)a, (__m128)b); }
inline vf max(vf a, vf b) { return (vf)_mm_max_ps((__m128)a, (__m128)b); }
inline vf sqrt(vf x) { return (vf)_mm_sqrt_ps((__m128)x); }
#endif
template <class T>
inline T lesser(T a, T b) {  // std::min would be an inline function shared with other instruction sets
  return a < b ? a : b;
}

// 0, 1, 2, ..
inline vu lane_index() {
  vu v;
  for (int i = 0; i < kLanes; ++i) v[i] = uint32_t(i);
  return v;
}

// By instructions: GCC 12 takes halves of vectors through memory.
#if GX_VEC_BYTES == 64
inline vd lower_half(vf v) { return (vd)_mm512_cvtps_pd(_mm512_castps512_ps256((__m512)v)); }
inline vd upper_half(vf v) { return (vd)_mm512_cvtps_pd(_mm512_extractf32x8_ps((__m512)v, 1)); }
#elif GX_VEC_BYTES == 32
inline vd lower_half(vf v) { return (vd)_mm256_cvtps_pd(_mm256_castps256_ps128((__m256)v)); }
inline vd upper_half(vf v) { return (vd)_mm256_cvtps_pd(_mm256_extractf128_ps((__m256)v, 1)); }
#else
inline vd lower_half(vf v) { return (vd)_mm_cvtps_pd((__m128)v); }
inline vd upper_half(vf v) { return (vd)_mm_cvtps_pd(_mm_movehl_ps((__m128)v, (__m128)v)); }
#endif
inline double sum(vd v) {
  double s = 0;
  for (int i = 0; i < kLanesD; ++i) s += v[i];
  return s;
}

// The first n lanes from or to memory, n in [0, kLanes]; other lanes read as 0. Nothing outside is touched.
#if GX_VEC_BYTES == 64
inline vf load_first(const float* p, int n) { return (vf)_mm512_maskz_loadu_ps(__mmask16((1u << n) - 1), p); }
inline void store_first(float* p, vf v, int n) { _mm512_mask_storeu_ps(p, __mmask16((1u << n) - 1), (__m512)v); }
#elif GX_VEC_BYTES == 32
inline __m256i first_lanes(int n) { return (__m256i)((vi)lane_index() < splat(int32_t(n))); }
inline vf load_first(const float* p, int n) { return (vf)_mm256_maskload_ps(p, first_lanes(n)); }
inline void store_first(float* p, vf v, int n) { _mm256_maskstore_ps(p, first_lanes(n), (__m256)v); }
#else
inline vf load_first(const float* p, int n) {
  vf v = {};
  for (int i = 0; i < n; ++i) v[i] = p[i];
  return v;
}
inline void store_first(float* p, vf v, int n) {
  for (int i = 0; i < n; ++i) p[i] = v[i];
}
#endif

// Bit i of the result is lane i of a comparison's result.
#if GX_VEC_BYTES == 64
inline uint32_t mask_bits(vi m) { return _mm512_movepi32_mask((__m512i)m); }
#elif GX_VEC_BYTES == 32
inline uint32_t mask_bits(vi m) { return uint32_t(_mm256_movemask_ps((__m256)m)); }
#else
inline uint32_t mask_bits(vi m) { return uint32_t(_mm_movemask_ps((__m128)m)); }
#endif

// -1 in the lanes whose bit is set, the inverse of mask_bits.
inline vi bits_mask(uint32_t bits) {
  const vu one_bit = splat(uint32_t(1)) << lane_index();
  return (vi)((splat(bits) & one_bit) != splat(uint32_t(0)));
}

// The 64-bit products of the low words of 64-bit lanes with m; the high words are not looked at.
inline vul mul_low_words(vul a, uint32_t m) {
#if GX_VEC_BYTES == 64
  return (vul)_mm512_mul_epu32((__m512i)a, _mm512_set1_epi64(int64_t(m)));
#elif GX_VEC_BYTES == 32
  return (vul)_mm256_mul_epu32((__m256i)a, _mm256_set1_epi64x(int64_t(m)));
#else
  return (vul)_mm_mul_epu32((__m128i)a, _mm_set1_epi64x(int64_t(m)));
#endif
}

// The low words of two vectors of 64-bit lanes, `even` in the even and `odd` in the odd 32-bit lanes.
inline vu interleave_low_words(vul even, vul odd) {
#if GX_VEC_BYTES == 64
  return (vu)_mm512_mask_blend_epi32(0xAAAA, (__m512i)even, (__m512i)(odd << 32));
#elif GX_VEC_BYTES == 32
  return (vu)_mm256_blend_epi32((__m256i)even, (__m256i)(odd << 32), 0xAA);
#else
  return (vu)_mm_blend_epi16((__m128i)even, (__m128i)(odd << 32), 0xCC);
#endif
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_RUNTIME_VEC_H_
