// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The instructions under the products of the family, each in a function with its stand-in for the emulator: float16
// numbers, matrix multiply-adds of a warp, asynchronous copies to shared memory, barriers of part of a block, and words
// that other blocks wrote.
#ifndef GENERATRIX_CUDA_KERNELS_GIBBS_TENSOR_H_
#define GENERATRIX_CUDA_KERNELS_GIBBS_TENSOR_H_

#include "runtime/cuda.h"

namespace gx::cuda::gibbs {

// --- float16, rounded to nearest even
// ---------------------------------------------------------------------------------------

#if GX_ON_DEVICE
__device__ inline uint32_t half_of(float x) {
  unsigned short h;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(h) : "f"(x));
  return h;
}
__device__ inline float float_of_half(uint32_t h) {
  float x;
  asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"((unsigned short)h));
  return x;
}
#elif !defined(__CUDACC__)
inline uint32_t half_of(float x) {
  const uint32_t bits = __float_as_uint(x), sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7FFFFFFFu;
  if (magnitude > 0x7F800000u) return sign | 0x7E00u;  // NaN
  if (magnitude < 0x38800000u) {                       // below 2^-14: a multiple of 2^-24
    return sign | uint32_t(std::nearbyint(__uint_as_float(magnitude) * 0x1p24f));
  }
  const uint32_t rounded = magnitude + 0xFFFu + (magnitude >> 13 & 1u);
  return sign | (rounded >= 0x47800000u ? 0x7C00u : (rounded - 0x38000000u) >> 13);
}
inline float float_of_half(uint32_t h) {
  const int exponent = int(h >> 10 & 31u);
  const float fraction = float(h & 1023u);
  const float magnitude = exponent == 0    ? fraction * 0x1p-24f
                          : exponent == 31 ? (fraction == 0 ? INFINITY : NAN)
                                           : std::ldexp(1024.0f + fraction, exponent - 25);
  return h & 0x8000u ? -magnitude : magnitude;
}
#else
__device__ inline uint32_t half_of(float) { return 0; }
__device__ inline float float_of_half(uint32_t) { return 0; }
#endif

// --- d += A B for a warp: A 16 x 16, B 16 x 8 in float16, d 16 x 8 in float
// ---------------------------------------------------------------------------------------
//
// With g = lane / 4, c = lane % 4, and in each register two neighbouring k, the lower half first:
//   a[0] = A[g][2c, 2c+1]   a[1] = A[g+8][2c, 2c+1]   a[2] = A[g][2c+8, 2c+9]   a[3] = A[g+8][2c+8, 2c+9]
//   b0 = B[2c, 2c+1][g]     b1 = B[2c+8, 2c+9][g]
//   d[0], d[1] = D[g][2c, 2c+1]      d[2], d[3] = D[g+8][2c, 2c+1]
__device__ inline void multiply(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
#if GX_ON_DEVICE
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, "
      "%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#elif !defined(__CUDACC__)
  struct Fragments {
    float a[8], b[4];
  };
  GX_SHARED(Fragments, all, 1024);
  const int lane = emulator::lane();
  Fragments* warp = all + emulator::place.rank / 32 * 32;
  for (int i = 0; i < 8; ++i) warp[lane].a[i] = float_of_half(a[i / 2] >> 16 * (i % 2) & 0xFFFFu);
  for (int i = 0; i < 4; ++i) warp[lane].b[i] = float_of_half((i < 2 ? b0 : b1) >> 16 * (i % 2) & 0xFFFFu);
  __syncwarp();
  for (int e = 0; e < 4; ++e) {
    const int row = lane / 4 + 8 * (e / 2), column = 2 * (lane % 4) + e % 2;
    for (int k = 0; k < 16; ++k) {
      const int c = k % 8 / 2, upper = k / 8;
      const float x = warp[row % 8 * 4 + c].a[2 * (2 * upper + row / 8) + k % 2];
      d[e] += x * warp[column * 4 + c].b[2 * upper + k % 2];
    }
  }
  __syncwarp();
#else
  (void)d, (void)a, (void)b0, (void)b1;
#endif
}

// --- Copies to shared memory that run beside the arithmetic. Groups complete in the order of their commits.
// ---------------------------------------------------------------------------------------

__device__ inline void copy_16_bytes(void* shared, const void* global) {
#if GX_ON_DEVICE
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(unsigned(__cvta_generic_to_shared(shared))),
               "l"(global));
#else
  *static_cast<uint4*>(shared) = *static_cast<const uint4*>(global);
#endif
}
// A word, or 0 where there is none.
__device__ inline void copy_word(uint32_t* shared, const uint32_t* global, bool there) {
#if GX_ON_DEVICE
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(unsigned(__cvta_generic_to_shared(shared))),
               "l"(global), "r"(there ? 4 : 0));
#else
  *shared = there ? *global : 0;
#endif
}
__device__ inline void commit_copies() {
#if GX_ON_DEVICE
  asm volatile("cp.async.commit_group;");
#endif
}
template <int kPending>
__device__ inline void wait_for_copies() {
#if GX_ON_DEVICE
  asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
#endif
}

// --- Waiting
// ---------------------------------------------------------------------------------------

// A barrier of `threads` threads of the block; id 1 to 15.
__device__ inline void team_barrier(int id, int threads) {
#if GX_ON_DEVICE
  asm volatile("bar.sync %0, %1;" ::"r"(id), "r"(threads) : "memory");
#elif !defined(__CUDACC__)
  emulator::named_barrier(id, threads);
#endif
}

// Until a counter that other blocks add to has reached a number; both may have gone round.
__device__ inline void wait_for(const unsigned* counter, unsigned least) {
#if GX_ON_DEVICE
  unsigned now;
  do {
    asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(now) : "l"(counter) : "memory");
  } while (int(now - least) < 0);
#elif !defined(__CUDACC__)
  while (int(*static_cast<const volatile unsigned*>(counter) - least) < 0) emulator::give_way();
#endif
}
// A word that another block may have written since this one last looked: past the first cache.
__device__ inline uint32_t fresh(const uint32_t* p) {
#if GX_ON_DEVICE
  uint32_t word;
  asm volatile("ld.global.cg.u32 %0, [%1];" : "=r"(word) : "l"(p) : "memory");
  return word;
#else
  return *p;
#endif
}

}  // namespace gx::cuda::gibbs

#endif  // GENERATRIX_CUDA_KERNELS_GIBBS_TENSOR_H_
