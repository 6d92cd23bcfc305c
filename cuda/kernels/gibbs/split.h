// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Weights as operands of tensor cores for states of bits:
//
//   F[k][n] 2^s_n = hi + lo,   hi = float16(F 2^s_n),   lo = float16(F 2^s_n - hi),   max_k |F[k][n]| 2^s_n in [2^14,
//   2^15)
//
// so that sum_k bit_k F[k][n] = 2^-s_n (sum bit hi + sum bit lo), each sum in an accumulator of its own.
//
// Error. hi + lo is within 2^-22 |F| of F, and within 2^-25 2^-s_n <= 2^-39 max |F| where lo is subnormal. A bit is
// exactly 1 in float16, so products are exact. hi has 11 bits: a sum of hi's is a multiple of the smallest one's last
// place and hence exact in 24 bits as long as the sum is less than 2^13 of the smallest weight; what a tensor core
// cuts off when it aligns terms (truncating, not rounding) is then nothing, and for lo it is 2^-11 of what it would be
// for hi. Plain fma: 2^-24 of every partial sum, K times. So for K > 4 the bound is no worse, and typical errors of
// 784 terms are some times smaller.
//
// Why this and not:  bf16 in three parts is exact to the last bit without scales but has half as many products again
// and 6 bytes a weight (a machine of 784 x 500 would not stay in 16 multiprocessors' shared memory);  tf32 in two
// parts, 2^-22 without scales, has half the rate: four float16 products' worth;  three int8 digits, exact sums and
// twice the rate, are accurate for the largest weight of a unit but not for each weight.  FP32 units: 2 K FLOP a
// unit at 67 TFLOP/s against 4 K at 990 (wgmma) or about 600 (mma.sync).
//
// Layout. Bits of a state's word w enter two 16-deep products, j = 0 and 1: lane c = lane % 4 takes bits c + 8 j and
// c + 8 j + 16 for one register and c + 8 j + 4 and c + 8 j + 20 for the other, so that one shift and one mask bring a
// pair into place, (word >> (c + 8 j)) & 0x00010001. The order of k within a product is free as long as F follows it.
// Units come in blocks of 64, and in a block in tiles of 8 in the order 0 2 4 6 1 3 5 7: four neighbouring slots are
// units 16 apart, which share Philox counters.
//
//   fragments[slot][k16][lane] = {hi, hi, lo, lo}: the lane's registers b0, b1 of tile tile_of(slot): 16 bytes a lane,
//   free of bank conflicts
#ifndef GENERATRIX_CUDA_KERNELS_GIBBS_SPLIT_H_
#define GENERATRIX_CUDA_KERNELS_GIBBS_SPLIT_H_

#include "generatrix/gibbs.h"
#include "kernels/gibbs/tensor.h"
#include "runtime/gpu.h"

namespace gx::cuda::gibbs {

struct Split {
  const uint4* fragments;  // [slots][steps][32]
  const float* scale;      // [units], 2^-s_n
  int64_t in, units;
  int steps;  // of k16: two for each word of the states
  int slots;  // 8 for each block of 64 units
};

// The tile of 8 units at a slot. (Of host and GPU: the tests look at it.)
__host__ __device__ inline int tile_of(int slot) {
  const int i = slot % 8;
  return slot - i + (i < 4 ? 2 * i : 2 * i - 7);
}

// The weights towards one layer, in the workspace: one launch, which reads W twice, the second time from the first
// cache.
Split split(Gpu& gpu, Workspace& workspace, const gx_rbm& rbm, gx_layer target);
void split_both(Gpu& gpu, Workspace& workspace, const gx_rbm& rbm, Split& to_hidden, Split& to_visible);

// The same for statistics of two batches as one product over samples (gradient.cu): F[k][n] is data_h[k][n] / rows for
// the samples of the data, which begin at 0, and -model_h[..][n] / rows for those of the model, which begin at the next
// multiple of 32.
Split split_statistics(Gpu& gpu, Workspace& workspace, const float* data_h, int64_t data_rows, const float* model_h,
                       int64_t model_rows, int64_t hidden);

// The registers of A of 16 states at 16 units: words of the rows g and g + 8, shifted right by c.
__device__ inline void expand(uint32_t low, uint32_t high, int shift, uint32_t (&a)[4]) {
  constexpr uint32_t kPair = 0x00010001u, kOne = 0x3C00u;
  a[0] = (low >> shift & kPair) * kOne;
  a[1] = (high >> shift & kPair) * kOne;
  a[2] = (low >> (shift + 4) & kPair) * kOne;
  a[3] = (high >> (shift + 4) & kPair) * kOne;
}

}  // namespace gx::cuda::gibbs

#endif  // GENERATRIX_CUDA_KERNELS_GIBBS_SPLIT_H_
