// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The product of tile.h by register tiles, in true float32 or in double. A block makes kRows x kColumns outputs, a
// thread kHigh x kWide of them, in squares of 4 x 4 that lie apart so that a warp reads shared memory 16 bytes a lane
// without conflicts. A step of kTerms terms of both operands lies in shared memory, terms outermost, while the next one
// is on its way to registers; two buffers, one barrier a step.
//
// Traffic: a step reads (kRows + kColumns) kTerms elements for kRows kColumns kTerms multiply-adds; with 128 x 128
// tiles 32 operations a byte, where an H200 in float32 asks for 14 from memory. Shared memory: 64 bytes for 64
// multiply-adds of a thread, half of what it can give.
//
// Registers (nvcc 13.0, sm_90a, dense operands): 89 to 91 for 64 x 64, 128 for 128 x 128 (the cap of two blocks; 48 to
// 84 bytes spilled) and in double. Not yet run on a GPU.
#ifndef GENERATRIX_CUDA_KERNELS_LINEAR_SIMT_H_
#define GENERATRIX_CUDA_KERNELS_LINEAR_SIMT_H_

#include "kernels/linear/work.h"

namespace gx::cuda::tile {

// The elements of a piece.
template <int kWidth, class T>
__device__ inline Pack<T, kWidth> load(const LoosePiece<T>& piece) {
  if (piece.valid == kWidth && on_grid(piece.from)) return *reinterpret_cast<const Pack<T, kWidth>*>(piece.from);
  Pack<T, kWidth> elements;
#pragma unroll
  for (int n = 0; n < kWidth; ++n) elements.v[n] = n < piece.valid ? piece.from[n] : T(0);
  return elements;
}
template <int kWidth, class T>
__device__ inline Pack<T, kWidth> load(const Piece<T>& piece) {
  if (piece.valid == kWidth) return *reinterpret_cast<const Pack<T, kWidth>*>(piece.from);
  Pack<T, kWidth> elements;
#pragma unroll
  for (int n = 0; n < kWidth; ++n) elements.v[n] = n < piece.valid ? piece.from[n] : T(0);
  return elements;
}

// An operand's step on its way from memory over registers to shared memory, as [kTerms][kStride].
template <class T, class Operand, int kRows, int kThreads>
class Staged {
 public:
  static constexpr int kStride = kRows + 4;

  __device__ Staged(const Operand& operand, int64_t first) : pieces_(operand, first) {}

  __device__ void fetch(int64_t k) {
#pragma unroll
    for (int p = 0; p < P::kCount; ++p) held_[p] = load<P::kWidth>(pieces_.at(p, k));
  }
  __device__ void put(T* shared) const {
#pragma unroll
    for (int p = 0; p < P::kCount; ++p) {
      T* const to = shared + pieces_.term(p) * kStride + pieces_.row(p);
      if constexpr (P::kAlongTerms) {
#pragma unroll
        for (int n = 0; n < P::kWidth; ++n) to[n * kStride] = held_[p].v[n];
      } else {
        *reinterpret_cast<Pack<T, P::kWidth>*>(to) = held_[p];
      }
    }
  }

 private:
  using P = Pieces<Operand, kRows, kThreads>;
  P pieces_;
  Pack<T, P::kWidth> held_[P::kCount];
};

template <class T, int kRows, int kColumns, int kHigh, int kWide, class A, class B, class Finish>
__global__ void __launch_bounds__(kRows / kHigh * (kColumns / kWide), 2) simt(Work w, A a, B b, Finish finish) {
  constexpr int kThreads = kRows / kHigh * (kColumns / kWide);
  constexpr int kDown = kHigh / 4, kRight = kWide / 4;  // squares of a thread
  constexpr int kWarpsAcross = kColumns / kWide / 8;    // a warp is 4 x 8 threads
  using StagedA = Staged<T, A, kRows, kThreads>;
  using StagedB = Staged<T, B, kColumns, kThreads>;
  constexpr int kStepA = kTerms * StagedA::kStride, kStepB = kTerms * StagedB::kStride;
  GX_SHARED(T, shared, 2 * (kStepA + kStepB));
  T* const shared_a = shared;
  T* const shared_b = shared + 2 * kStepA;

  const Place place = place_of<kRows, kColumns>(w, w.first + blockIdx.x);
  a.select(place.item);
  b.select(place.item);
  finish.select(place.item);
  StagedA from_a(a, place.row);
  StagedB from_b(b, place.column);

  const int warp = int(threadIdx.x) / kWarp, lane = int(threadIdx.x) % kWarp;
  const int top = (warp / kWarpsAcross * 4 + lane / 8) * 4, left = (warp % kWarpsAcross * 8 + lane % 8) * 4;
  T sum[kHigh][kWide] = {};

  if (place.from < place.to) {
    from_a.fetch(place.from);
    from_b.fetch(place.from);
    from_a.put(shared_a);
    from_b.put(shared_b);
    __syncthreads();
  }
  int buffer = 0;
  for (int64_t k = place.from; k < place.to; k += kTerms) {
    const bool more = k + kTerms < place.to;
    if (more) {
      from_a.fetch(k + kTerms);
      from_b.fetch(k + kTerms);
    }
    const T* const step_a = shared_a + buffer * kStepA + top;
    const T* const step_b = shared_b + buffer * kStepB + left;
#pragma unroll
    for (int t = 0; t < kTerms; ++t) {
      Pack<T, 4> x[kDown], y[kRight];
#pragma unroll
      for (int d = 0; d < kDown; ++d) {
        x[d] = *reinterpret_cast<const Pack<T, 4>*>(step_a + t * StagedA::kStride + d * (kRows / kDown));
      }
#pragma unroll
      for (int r = 0; r < kRight; ++r) {
        y[r] = *reinterpret_cast<const Pack<T, 4>*>(step_b + t * StagedB::kStride + r * (kColumns / kRight));
      }
#pragma unroll
      for (int i = 0; i < kHigh; ++i) {
#pragma unroll
        for (int j = 0; j < kWide; ++j) sum[i][j] += x[i / 4].v[i % 4] * y[j / 4].v[j % 4];
      }
    }
    if (more) {
      buffer ^= 1;
      from_a.put(shared_a + buffer * kStepA);
      from_b.put(shared_b + buffer * kStepB);
      __syncthreads();
    }
  }

  constexpr int kN = sizeof(T) == sizeof(float) ? 4 : 1;
  const Sums<T, Finish> sums(w, place, finish);
#pragma unroll
  for (int j = 0; j < kWide; j += kN) {
    sums.template put<kN, kHigh>(
        place.column + j / 4 * (kColumns / kRight) + left + j % 4,
        [&](int i) { return place.row + i / 4 * (kRows / kDown) + top + i % 4; },
        [&](int i) {
          Pack<T, kN> neighbours;
#pragma unroll
          for (int n = 0; n < kN; ++n) neighbours.v[n] = sum[i][j + n];
          return neighbours;
        });
  }
}

}  // namespace gx::cuda::tile

#endif  // GENERATRIX_CUDA_KERNELS_LINEAR_SIMT_H_
