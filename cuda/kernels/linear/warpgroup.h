// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The product of tile.h by Hopper's warpgroup instructions (wgmma, sm_90a), for TF32 and BF16. A block of two
// warpgroups makes 128 x 128 outputs, a warpgroup 64 of the rows. Steps of 32 terms go through registers, where factors
// are rounded (wgmma itself would cut them off), into one of two slots of shared memory, while the tensor cores work on
// the other. So operands need no layout of their own, as they would for the bulk copy engine, and implicit products run
// here too.
//
// A slot has 128 rows of 32 terms, 128 bytes (TF32) or 64 bytes (BF16) each, in the layout that the instruction reads
// without bank conflicts: groups of 8 rows one after the other, and within a row the chunks of 16 bytes exchanged by
// three (two) bits of the row. PTX ISA 8, section 9.7.15.5 (layouts, descriptors, fragments).
//
// Registers (nvcc 13.0, dense operands): 128, the cap of two blocks; 0 to 88 bytes spilled. Not yet run on a GPU.
#ifndef GENERATRIX_CUDA_KERNELS_LINEAR_WARPGROUP_H_
#define GENERATRIX_CUDA_KERNELS_LINEAR_WARPGROUP_H_

#include <type_traits>

#include "kernels/linear/mma.h"
#include "kernels/linear/simt.h"

// The instructions are there for sm_90a alone, and in the emulator.
#if !defined(__CUDACC__) || defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define GX_WARPGROUPS 1
#else
#define GX_WARPGROUPS 0
#endif

namespace gx::cuda::tile {

constexpr int kWarpgroup = 128;
constexpr int kGroupStep = 32;  // terms

// Where things are in a slot, and what the instruction is told of it.
template <class Rounding>
struct Swizzle {
  static constexpr int kRowBytes = kGroupStep * Rounding::kBytes;  // 128 or 64
  static constexpr int kMode = kRowBytes == 128 ? 1 : 2;
  static constexpr int kChunks = kRowBytes / 16;

  // The byte of a row's byte, before the slot's chunks are exchanged the row's own.
  __host__ __device__ static constexpr int place(int row, int byte) {
    return row * kRowBytes + (byte ^ row * kRowBytes / 128 % kChunks * 16);
  }
  // Of 8 rows after 8 rows, from an address in shared memory on; the second number is not used in these layouts.
  __host__ __device__ static constexpr uint64_t descriptor(uint32_t address) {
    return uint64_t((address & 0x3FFFF) >> 4) | uint64_t(1) << 16 | uint64_t(8 * kRowBytes >> 4) << 32 |
           uint64_t(kMode) << 62;
  }
};

template <class Rounding>
constexpr int64_t warpgroup_shared() {
  return 2 * 2 * 128 * Swizzle<Rounding>::kRowBytes + 1024;  // slots, operands, rows; and to get on the grid
}

#if GX_WARPGROUPS
#if defined(__CUDACC__)

__device__ inline uint32_t shared_address(const void* p) { return uint32_t(__cvta_generic_to_shared(p)); }
// What this thread stored in shared memory may be read by tensor cores after the next barrier.
__device__ inline void show_to_tensor_cores() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }
__device__ inline void begin_group() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
__device__ inline void end_group() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
__device__ inline void wait_for_groups() { asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory"); }

// Keeps the compiler from moving the sums over the instructions that begin and end their change.
__device__ inline void hold(float (&d)[64]) {
#pragma unroll
  for (int i = 0; i < 64; ++i) asm volatile("" : "+f"(d[i])::"memory");
}

#define GX_SUMS                                                                                          \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, " \
  "%22, %23, %24, %25, %26, %27, %28, %29, %30, %31, %32, %33, %34, %35, %36, %37, %38, %39, %40, %41, " \
  "%42, %43, %44, %45, %46, %47, %48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, " \
  "%62, %63"
#define GX_SUMS_4(i) "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3])
#define GX_SUMS_16(i) GX_SUMS_4(i), GX_SUMS_4(i + 4), GX_SUMS_4(i + 8), GX_SUMS_4(i + 12)
#define GX_SUMS_64 GX_SUMS_16(0), GX_SUMS_16(16), GX_SUMS_16(32), GX_SUMS_16(48)

// d += a b^T for 64 rows of a, 128 of b and as many terms as an instruction has.
template <class Rounding>
__device__ inline void multiply_group(float (&d)[64], uint64_t a, uint64_t b) {
  if constexpr (Rounding::kBytes == 4) {
    asm volatile("wgmma.mma_async.sync.aligned.m64n128k8.f32.tf32.tf32 {" GX_SUMS "}, %64, %65, 1, 1, 1;"
                 : GX_SUMS_64
                 : "l"(a), "l"(b));
  } else {
    asm volatile("wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {" GX_SUMS "}, %64, %65, 1, 1, 1, 0, 0;"
                 : GX_SUMS_64
                 : "l"(a), "l"(b));
  }
}

#undef GX_SUMS
#undef GX_SUMS_4
#undef GX_SUMS_16
#undef GX_SUMS_64

#else

inline uint32_t shared_address(const void* p) {
  return uint32_t(static_cast<const char*>(p) - static_cast<const char*>(emulator::dynamic_shared()));
}
inline void show_to_tensor_cores() {}
inline void begin_group() {}
inline void end_group() {}
inline void wait_for_groups() {}
inline void hold(float (&)[64]) {}

// The factor that the instruction finds by a descriptor: the address of row and term, with bits 4 to 6 (or 5) exchanged
// by bits 7 to 9 (or 8), as the mode says.
template <class Rounding>
float described(uint64_t descriptor, int row, int term) {
  const uint32_t start = uint32_t(descriptor & 0x3FFF) << 4, stride = uint32_t(descriptor >> 32 & 0x3FFF) << 4;
  const uint32_t row_bytes = descriptor >> 62 == 1 ? 128 : 64;
  uint32_t at = start + uint32_t(row / 8) * stride + uint32_t(row % 8) * row_bytes + uint32_t(term * Rounding::kBytes);
  at ^= (at >> 7 & (row_bytes / 16 - 1)) << 4;
  uint32_t word = 0;
  std::memcpy(&word, static_cast<const char*>(emulator::dynamic_shared()) + at, size_t(Rounding::kBytes));
  return __uint_as_float(Rounding::kBytes == 4 ? word : word << 16);
}

template <class Rounding>
void multiply_group(float (&d)[64], uint64_t a, uint64_t b) {
  const int thread = int(threadIdx.x) % kWarpgroup, g = thread % kWarp / 4, c = thread % 4;
  for (int i = 0; i < 64; ++i) {
    const int row = thread / kWarp * 16 + g + i % 4 / 2 * 8, column = i / 4 * 8 + 2 * c + i % 2;
    for (int k = 0; k < Rounding::kTerms; ++k) {
      d[i] += described<Rounding>(a, row, k) * described<Rounding>(b, column, k);
    }
  }
}

#endif

// An operand's step on its way from memory over registers, where it is rounded, into a slot.
template <class Rounding, class Operand>
class Rounded {
 public:
  __device__ Rounded(const Operand& operand, int64_t first) : pieces_(operand, first) {}

  __device__ void fetch(int64_t k) {
#pragma unroll
    for (int p = 0; p < P::kCount; ++p) held_[p] = load<P::kWidth>(pieces_.at(p, k));
  }
  __device__ void put(char* slot) const {
    if constexpr (P::kAlongTerms) {
#pragma unroll
      for (int p = 0; p < P::kCount; ++p) store(slot, pieces_.row(p), pieces_.term(p), held_[p]);
    } else {
      constexpr int kTogether = P::kCount < 16 / Rounding::kBytes ? P::kCount : 16 / Rounding::kBytes;  // of a chunk
      static_assert(P::kCount % kTogether == 0);
#pragma unroll
      for (int p = 0; p < P::kCount; p += kTogether) {
#pragma unroll
        for (int n = 0; n < P::kWidth; ++n) {
          Pack<float, kTogether> terms;
#pragma unroll
          for (int q = 0; q < kTogether; ++q) terms.v[q] = held_[p + q].v[n];
          store(slot, pieces_.row(p) + n, pieces_.term(p), terms);
        }
      }
    }
  }

 private:
  using P = Pieces<Operand, 128, 2 * kWarpgroup, kGroupStep>;
  template <int N>
  __device__ static void store(char* slot, int row, int term, const Pack<float, N>& terms) {
    const auto words = Rounding::packed(terms);
    *reinterpret_cast<std::remove_const_t<decltype(words)>*>(
        slot + Swizzle<Rounding>::place(row, term * Rounding::kBytes)) = words;
  }
  P pieces_;
  Pack<float, P::kWidth> held_[P::kCount];
};
#endif  // GX_WARPGROUPS

template <class Rounding, class A, class B, class Finish>
__global__ void __launch_bounds__(2 * kWarpgroup, 2) warpgroup(Work w, A a, B b, Finish finish) {
#if GX_WARPGROUPS
  using Layout = Swizzle<Rounding>;
  constexpr int kSlot = 128 * Layout::kRowBytes;
  GX_DYNAMIC_SHARED(char, unaligned);
  char* const shared = unaligned + (1024 - shared_address(unaligned) % 1024) % 1024;
  char* const slots_a = shared;
  char* const slots_b = shared + 2 * kSlot;

  const Place place = place_of<128, 128>(w, w.first + blockIdx.x);
  a.select(place.item);
  b.select(place.item);
  finish.select(place.item);
  Rounded<Rounding, A> from_a(a, place.row);
  Rounded<Rounding, B> from_b(b, place.column);

  const int group = int(threadIdx.x) / kWarpgroup;
  float sum[64];
#pragma unroll
  for (int i = 0; i < 64; ++i) sum[i] = 0;

  if (place.from < place.to) {
    from_a.fetch(place.from);
    from_b.fetch(place.from);
    from_a.put(slots_a);
    from_b.put(slots_b);
  }
  show_to_tensor_cores();
  __syncthreads();
  int slot = 0;
  for (int64_t k = place.from; k < place.to; k += kGroupStep) {
    const bool more = k + kGroupStep < place.to;
    if (more) {
      from_a.fetch(k + kGroupStep);
      from_b.fetch(k + kGroupStep);
    }
    const uint32_t rows = shared_address(slots_a + slot * kSlot + group * 64 * Layout::kRowBytes);
    const uint32_t columns = shared_address(slots_b + slot * kSlot);
    hold(sum);
    begin_group();
#pragma unroll
    for (int part = 0; part < kGroupStep / Rounding::kTerms; ++part) {
      multiply_group<Rounding>(sum, Layout::descriptor(rows + uint32_t(part) * 32),
                               Layout::descriptor(columns + uint32_t(part) * 32));
    }
    end_group();
    slot ^= 1;
    if (more) {  // nobody reads this slot: all groups before this one are done
      from_a.put(slots_a + slot * kSlot);
      from_b.put(slots_b + slot * kSlot);
    }
    show_to_tensor_cores();
    wait_for_groups();
    hold(sum);
    __syncthreads();
  }

  const int thread = int(threadIdx.x) % kWarpgroup, g = thread % kWarp / 4, c = thread % 4;
  const int64_t top = place.row + group * 64 + thread / kWarp * 16 + g;
  const Sums<float, Finish> sums(w, place, finish);
#pragma unroll
  for (int j = 0; j < 16; ++j) {
    sums.template put<2, 2>(
        place.column + j * 8 + 2 * c, [&](int r) { return top + r * 8; },
        [&](int r) {
          return Pack<float, 2>{{sum[4 * j + 2 * r], sum[4 * j + 2 * r + 1]}};
        });
  }
#endif
}

}  // namespace gx::cuda::tile

#endif  // GENERATRIX_CUDA_KERNELS_LINEAR_WARPGROUP_H_
