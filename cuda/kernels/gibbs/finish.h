// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a layer's sums: x = beta sum, p = sigmoid(x), a sample. Contract: kernels/gibbs/layer_sample.
#ifndef GENERATRIX_CUDA_KERNELS_GIBBS_FINISH_H_
#define GENERATRIX_CUDA_KERNELS_GIBBS_FINISH_H_

#include "runtime/cuda.h"
#include "runtime/philox.h"

namespace gx::cuda::gibbs {

struct Finish {
  int64_t rows, units, words;  // words of a row of bits
  const float* bias;           // [units], effective; or null for none
  float beta;                  // where row_beta is null
  const float* row_beta;       // [rows]
  PhiloxStream stream;
  // Outputs, each may be null.
  float* x;
  float* p;
  float* values;   // the sample as floats
  uint32_t* bits;  // and as bits
  // Units under a set bit keep the value that the sample holds (values, else bits), and show it as their p.
  const uint32_t* observed;  // [words] per row, or null
  int64_t observed_stride;   // words from row to row: 0 if all rows share it
  // Statistics: x is the sum less row[0] unit[0] + row[1] unit[1]; all null otherwise.
  const float* of_row[2];
  const float* of_unit[2];
};

// exp(-x) as the CPU bounds it: finite, so that a word of zero always fires.
__device__ inline float exp_of_negative(float x) { return expf(fminf(-x, 88.0f)); }
__device__ inline float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }
__device__ inline float softplus(float x) { return fmaxf(x, 0.0f) + log1pf(expf(-fabsf(x))); }

// uniform < sigmoid(x), without a division.
__device__ inline bool fires(uint32_t word, float x) {
  return float(int32_t(word >> 8)) * (1.0f + exp_of_negative(x)) < 0x1p24f;
}

__device__ inline bool bit_of(const uint32_t* words, int64_t unit) { return words[unit / 32] >> (unit % 32) & 1u; }

// One element, everything but its bit, which is returned as drawn: words of bits are put together by their owners.
// Several threads may look at one word of old bits; it is written after all of them have.
__device__ inline bool finish_element(const Finish& f, int64_t row, int64_t unit, float beta, float sum, bool draws,
                                      uint32_t word) {
#pragma unroll
  for (int i = 0; i < 2; ++i) {
    if (f.of_row[i]) sum -= f.of_row[i][row] * f.of_unit[i][unit];
  }
  const float x = beta * sum;
  const int64_t at = row * f.units + unit;
  const bool kept = f.observed && bit_of(f.observed + row * f.observed_stride, unit);
  const bool drawn = draws && fires(word, x);
  if (f.x) f.x[at] = x;
  if (f.p) {
    f.p[at] = !kept ? sigmoid(x) : f.values ? f.values[at] : float(bit_of(f.bits + row * f.words, unit));
  }
  if (f.values && !kept) f.values[at] = drawn ? 1.0f : 0.0f;
  return drawn;
}

// A word of drawn bits goes out; observed ones keep theirs.
__device__ inline void put_bits(const Finish& f, int64_t row, int64_t word, uint32_t drawn) {
  uint32_t* to = f.bits + row * f.words + word;
  const uint32_t kept = f.observed ? f.observed[row * f.observed_stride + word] : 0;
  *to = kept ? (drawn & ~kept) | (*to & kept) : drawn;
}

}  // namespace gx::cuda::gibbs

#endif  // GENERATRIX_CUDA_KERNELS_GIBBS_FINISH_H_
