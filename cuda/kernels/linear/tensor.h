// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The product of tile.h by tensor cores (mma.sync), for compute capability 8.0 and above: factors rounded to TF32 or
// BF16 when they leave shared memory, sums in float32. A block of four warps makes kRows x kColumns outputs, a warp a
// quarter of them. Steps of kTerms terms travel asynchronously into a ring of four slots of shared memory, where an
// operand keeps the order it has in memory: rows of terms, or terms of rows; both strides make a fragment's 32 words
// lie in 32 banks.
//
// A thread reads terms c, c + 4, c + 8, c + 12 of a step (c its place in a group of four lanes). For TF32 these are the
// fragments of two instructions of 8 terms. For BF16 they are those of one of 16 terms that are numbered otherwise, the
// same way in both factors, which a sum does not see.
//
// Registers (nvcc 13.0, dense operands): 90 to 96 for 64 x 64, 198 to 231 for 128 x 128 (sm_80), no spills. Not yet run
// on a GPU.
#ifndef GENERATRIX_CUDA_KERNELS_LINEAR_TENSOR_H_
#define GENERATRIX_CUDA_KERNELS_LINEAR_TENSOR_H_

#include "kernels/linear/mma.h"
#include "kernels/linear/work.h"

// Machine code for Hopper alone leaves the large tiles out, which warpgroup.h makes there.
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define GX_TENSOR_TILES_ALL 0
#else
#define GX_TENSOR_TILES_ALL 1
#endif

namespace gx::cuda::tile {

constexpr int kSlots = 4;

template <int kWidth>
__device__ inline void copy(const Piece<float>& piece, float* to, AsyncCopies& copies) {
  copies.template copy<kWidth>(to, piece.from, piece.valid);
}
template <int kWidth>
__device__ inline void copy(const LoosePiece<float>& piece, float* to, AsyncCopies& copies) {
  if (on_grid(piece.from)) return copies.template copy<kWidth>(to, piece.from, piece.valid);
#pragma unroll
  for (int n = 0; n < kWidth; ++n)
    copies.template copy<1>(to + n, piece.from + (n < piece.valid ? n : 0), n < piece.valid);
}

// An operand's step in shared memory.
template <class Operand, int kRows, int kThreads>
class Slot {
 public:
  using P = Pieces<Operand, kRows, kThreads>;
  static constexpr int kStride = P::kAlongTerms ? kTerms + 4 : kRows + 8;
  static constexpr int kFloats = (P::kAlongTerms ? kRows : kTerms) * kStride;

  __device__ static int place(int row, int term) {
    return P::kAlongTerms ? row * kStride + term : term * kStride + row;
  }
  __device__ static void fetch(const P& pieces, int64_t k, float* slot, AsyncCopies& copies) {
#pragma unroll
    for (int p = 0; p < P::kCount; ++p) {
      copy<P::kWidth>(pieces.at(p, k), slot + place(pieces.row(p), pieces.term(p)), copies);
    }
  }
};

template <int kRows, int kColumns, class A, class B>
constexpr int64_t tensor_shared() {
  return int64_t(sizeof(float)) * kSlots * (Slot<A, kRows, 128>::kFloats + Slot<B, kColumns, 128>::kFloats);
}

template <class Rounding, int kRows, int kColumns, class A, class B, class Finish>
__global__ void __launch_bounds__(128) tensor(Work w, A a, B b, Finish finish) {
#if !GX_TENSOR_TILES_ALL
  if constexpr (kRows == 128) return;  // warpgroup.h has these
#endif
  using SlotA = Slot<A, kRows, 128>;
  using SlotB = Slot<B, kColumns, 128>;
  constexpr int kHigh = kRows / 2 / 16, kWide = kColumns / 2 / 8;  // fragments of a warp's quarter
  GX_DYNAMIC_SHARED(float, shared);
  float* const shared_a = shared;
  float* const shared_b = shared + kSlots * SlotA::kFloats;

  const Place place = place_of<kRows, kColumns>(w, w.first + blockIdx.x);
  a.select(place.item);
  b.select(place.item);
  finish.select(place.item);
  const typename SlotA::P pieces_a(a, place.row);
  const typename SlotB::P pieces_b(b, place.column);

  const int warp = int(threadIdx.x) / kWarp, lane = int(threadIdx.x) % kWarp, g = lane / 4, c = lane % 4;
  const int top = warp / 2 * (kRows / 2), left = warp % 2 * (kColumns / 2);
  float sum[kHigh][kWide][4] = {};

  AsyncCopies copies;
  const int64_t steps = (place.to - place.from + kTerms - 1) / kTerms;
  const auto fetch = [&](int64_t step) {
    if (step < steps) {
      const int slot = int(step % kSlots);
      SlotA::fetch(pieces_a, place.from + step * kTerms, shared_a + slot * SlotA::kFloats, copies);
      SlotB::fetch(pieces_b, place.from + step * kTerms, shared_b + slot * SlotB::kFloats, copies);
    }
    copies.commit();  // also what is empty, so that the groups count the steps
  };
#pragma unroll
  for (int s = 0; s < kSlots - 1; ++s) fetch(s);
  for (int64_t step = 0; step < steps; ++step) {
    copies.template wait<kSlots - 2>();
    __syncthreads();  // the step is there for all, and the slot before it is free
    fetch(step + kSlots - 1);
    const float* const step_a = shared_a + step % kSlots * SlotA::kFloats;
    const float* const step_b = shared_b + step % kSlots * SlotB::kFloats;
    constexpr int kPart = Rounding::kTerms;  // of an instruction
#pragma unroll
    for (int k = 0; k < kTerms; k += kPart) {
      typename Rounding::A x[kHigh];
      typename Rounding::B y[kWide];
#pragma unroll
      for (int i = 0; i < kHigh; ++i) {
        const int row = top + i * 16 + g;
        float above[kPart / 4], below[kPart / 4];
#pragma unroll
        for (int q = 0; q < kPart / 4; ++q) {
          above[q] = step_a[SlotA::place(row, k + c + 4 * q)];
          below[q] = step_a[SlotA::place(row + 8, k + c + 4 * q)];
        }
        x[i] = Rounding::a(above, below);
      }
#pragma unroll
      for (int j = 0; j < kWide; ++j) {
        float terms[kPart / 4];
#pragma unroll
        for (int q = 0; q < kPart / 4; ++q) terms[q] = step_b[SlotB::place(left + j * 8 + g, k + c + 4 * q)];
        y[j] = Rounding::b(terms);
      }
#pragma unroll
      for (int i = 0; i < kHigh; ++i) {
#pragma unroll
        for (int j = 0; j < kWide; ++j) Rounding::multiply(sum[i][j], x[i], y[j]);
      }
    }
  }
  copies.template wait<0>();

  const Sums<float, Finish> sums(w, place, finish);
#pragma unroll
  for (int j = 0; j < kWide; ++j) {
    sums.template put<2, 2 * kHigh>(
        place.column + left + j * 8 + 2 * c, [&](int r) { return place.row + top + r * 8 + g; },
        [&](int r) {
          return Pack<float, 2>{{sum[r / 2][j][r % 2 * 2], sum[r / 2][j][r % 2 * 2 + 1]}};
        });
  }
}

}  // namespace gx::cuda::tile

#endif  // GENERATRIX_CUDA_KERNELS_LINEAR_TENSOR_H_
