// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Kernels on a machine without a GPU: the CUDA language of runtime/cuda.h as C++, threads of a block being fibers that
// take turns wherever they wait for each other. It is slow, and there to prove indexing, sums, barriers and shuffles:
//
// - Memory of the device is closed to the host and opened for kernels and copies alone, so that a host that looks into
//   it crashes here too; a kernel's argument that points to host memory is refused. Blocks of memory have guards.
// - Threads run in ascending order at one launch and in descending order at the next: where a barrier is missing, some
//   thread reads what is not written yet.
// - Threads that wait for something that cannot come make the launch fail with a sentence.
//
// What it does not know: time, races within a warp between two turns, and the memory model.
#ifndef GENERATRIX_CUDA_EMULATOR_EMULATOR_H_
#define GENERATRIX_CUDA_EMULATOR_EMULATOR_H_

#include <math.h>  // also puts the overloads for float into the global namespace

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#define __global__
#define __device__
#define __host__
#define __constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __cluster_dims__(...)
#define __grid_constant__
#define __align__(n) __attribute__((aligned(n)))

// --- Types
// --------------------------------------------------------------------------------------------------------

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};
#define GX_VECTOR_TYPES(type, name, size)                          \
  struct __attribute__((aligned(2 * sizeof(type)))) name##2 {      \
    type x, y;                                                     \
  };                                                               \
  struct __attribute__((aligned(size))) name##4 {                  \
    type x, y, z, w;                                               \
  };                                                               \
  inline name##2 make_##name##2(type x, type y) { return {x, y}; } \
  inline name##4 make_##name##4(type x, type y, type z, type w) { return {x, y, z, w}; }
GX_VECTOR_TYPES(float, float, 16)
GX_VECTOR_TYPES(int, int, 16)
GX_VECTOR_TYPES(unsigned, uint, 16)
#undef GX_VECTOR_TYPES
struct __attribute__((aligned(16))) double2 {
  double x, y;
};
struct __attribute__((aligned(16))) ulonglong2 {
  unsigned long long x, y;
};
inline double2 make_double2(double x, double y) { return {x, y}; }
inline ulonglong2 make_ulonglong2(unsigned long long x, unsigned long long y) { return {x, y}; }

// --- The machine
// ----------------------------------------------------------------------------------------------------

namespace gx::emulator {

struct Place {  // of the thread that runs
  uint3 thread, block;
  dim3 threads, blocks;
  unsigned rank;  // of the thread in its block
  int cluster_rank, cluster_size;
};
extern Place place;

struct Launch {
  dim3 blocks, threads;
  int64_t shared;
  int cluster;
  bool cooperative;
};

void run(const Launch& launch, void (*body)(const void*), const void* context);
template <class F>
void run(const Launch& launch, const F& body) {
  run(
      launch, [](const void* f) { (*static_cast<const F*>(f))(); }, &body);
}

// Looks at every word of an argument: whatever is an address must be one of the device's memory.
void check_bytes(const void* argument, size_t bytes);
template <class T>
void check_argument(const T& argument) {
  if constexpr (sizeof(T) >= sizeof(void*)) check_bytes(&argument, sizeof argument);
}

void* shared(const void* key, size_t bytes, size_t align);  // of the block; the same for the same key
void* dynamic_shared();
void* shared_of(int cluster_rank, void* mine);  // the same place in another block of the cluster

void block_barrier();
int block_vote(int predicate);            // a barrier; how many threads said yes
void named_barrier(int id, int threads);  // bar.sync id, threads
void warp_barrier(unsigned mask);
void cluster_barrier();
void grid_barrier();
uint64_t exchange(unsigned mask, uint64_t value, int lane);  // the value that a lane of the warp gave
void give_way();                                             // in a loop that waits for another thread's word

}  // namespace gx::emulator

#define threadIdx (::gx::emulator::place.thread)
#define blockIdx (::gx::emulator::place.block)
#define blockDim (::gx::emulator::place.threads)
#define gridDim (::gx::emulator::place.blocks)

#define GX_SHARED(type, name, count) \
  static const char name##_key = 0;  \
  type* const name = static_cast<type*>(::gx::emulator::shared(&name##_key, sizeof(type) * (count), 128))
#define GX_DYNAMIC_SHARED(type, name) type* const name = static_cast<type*>(::gx::emulator::dynamic_shared())

// --- Waiting and exchanging
// -----------------------------------------------------------------------------------------

inline void __syncthreads() { gx::emulator::block_barrier(); }
inline int __syncthreads_count(int predicate) { return gx::emulator::block_vote(predicate); }
inline int __syncthreads_or(int predicate) { return gx::emulator::block_vote(predicate) > 0; }
inline void __syncwarp(unsigned mask = 0xFFFFFFFFu) { gx::emulator::warp_barrier(mask); }
inline void __threadfence() {}
inline void __threadfence_block() {}

namespace gx::emulator {
inline int lane() { return int(place.rank % 32); }
template <class T>
T shuffle(unsigned mask, T value, int from) {
  static_assert(sizeof(T) <= 8);
  uint64_t word = 0;
  std::memcpy(&word, &value, sizeof value);
  word = exchange(mask, word, from);
  std::memcpy(&value, &word, sizeof value);
  return value;
}
}  // namespace gx::emulator

template <class T>
T __shfl_sync(unsigned mask, T value, int from, int width = 32) {
  const int lane = gx::emulator::lane();
  return gx::emulator::shuffle(mask, value, (lane & ~(width - 1)) | (from & (width - 1)));
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32) {
  const int lane = gx::emulator::lane(), from = lane ^ bits;
  return gx::emulator::shuffle(mask, value, from / width > lane / width ? lane : from);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, int by, int width = 32) {
  const int lane = gx::emulator::lane();
  return gx::emulator::shuffle(mask, value, lane % width + by < width ? lane + by : lane);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, int by, int width = 32) {
  const int lane = gx::emulator::lane();
  return gx::emulator::shuffle(mask, value, lane % width >= by ? lane - by : lane);
}
inline unsigned __ballot_sync(unsigned mask, int predicate) {
  unsigned votes = 0;
  for (int from = 0; from < 32; ++from) {
    if (mask >> from & 1) votes |= unsigned(gx::emulator::shuffle(mask, predicate != 0, from)) << from;
  }
  return votes;
}
inline int __any_sync(unsigned mask, int predicate) { return __ballot_sync(mask, predicate) != 0; }
inline int __all_sync(unsigned mask, int predicate) { return __ballot_sync(mask, predicate) == mask; }

// --- Atomics: one thread runs at a time
// -----------------------------------------------------------------------------

template <class T, class V>
T atomicAdd(T* to, V value) {
  const T old = *to;
  *to = T(old + T(value));
  return old;
}
template <class T, class V>
T atomicMax(T* to, V value) {
  const T old = *to;
  *to = std::max(old, T(value));
  return old;
}
template <class T, class V>
T atomicMin(T* to, V value) {
  const T old = *to;
  *to = std::min(old, T(value));
  return old;
}
template <class T, class V>
T atomicOr(T* to, V value) {
  const T old = *to;
  *to = T(old | T(value));
  return old;
}
template <class T, class V>
T atomicExch(T* to, V value) {
  const T old = *to;
  *to = T(value);
  return old;
}
template <class T, class C, class V>
T atomicCAS(T* to, C compare, V value) {
  const T old = *to;
  if (old == T(compare)) *to = T(value);
  return old;
}

// --- Functions
// ----------------------------------------------------------------------------------------------------

using std::max;
using std::min;

template <class T>
T __ldg(const T* p) {
  return *p;
}
template <class T>
T __ldcs(const T* p) {
  return *p;
}
template <class T>
void __stcs(T* p, T value) {
  *p = value;
}
inline float __fadd_rn(float a, float b) {
  const volatile float sum = a + b;
  return sum;
}
inline float __fmul_rn(float a, float b) {
  const volatile float product = a * b;
  return product;
}
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fsqrt_rn(float a) { return std::sqrt(a); }
inline double __dadd_rn(double a, double b) {
  const volatile double sum = a + b;
  return sum;
}
inline double __dmul_rn(double a, double b) {
  const volatile double product = a * b;
  return product;
}
inline double __fma_rn(double a, double b, double c) { return std::fma(a, b, c); }
inline float rsqrtf(float x) { return 1 / std::sqrt(x); }
inline double rsqrt(double x) { return 1 / std::sqrt(x); }
inline unsigned __float_as_uint(float x) {
  unsigned bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}
inline int __float_as_int(float x) { return int(__float_as_uint(x)); }
inline float __uint_as_float(unsigned bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}
inline float __int_as_float(int bits) { return __uint_as_float(unsigned(bits)); }
inline long long __double_as_longlong(double x) {
  long long bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}
inline double __longlong_as_double(long long bits) {
  double x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(unsigned(x)); }
inline unsigned __umulhi(unsigned a, unsigned b) { return unsigned(uint64_t(a) * b >> 32); }

#endif  // GENERATRIX_CUDA_EMULATOR_EMULATOR_H_
