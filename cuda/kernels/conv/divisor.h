// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Division by a number that a launch fixes: n / d = (high(n m) + n) >> s, with s the bits of d - 1 and
// m = floor(2^32 (2^s - d) / d) + 1, for 0 <= n < 2^31 (Granlund & Montgomery 1994, figure 4.1).
#ifndef GENERATRIX_CUDA_KERNELS_CONV_DIVISOR_H_
#define GENERATRIX_CUDA_KERNELS_CONV_DIVISOR_H_

#include "runtime/cuda.h"

namespace gx::cuda {

struct Divisor {
  int64_t by = 1, multiplier = 1, shift = 0;

  Divisor() = default;
  explicit Divisor(int64_t d) : by(d) {
    while ((int64_t(1) << shift) < d) ++shift;
    multiplier = int64_t((uint64_t((int64_t(1) << shift) - d) << 32) / uint64_t(d)) + 1;
  }
  __device__ int quotient(int n) const {
    return int((__umulhi(unsigned(n), unsigned(multiplier)) + unsigned(n)) >> int(shift));
  }
  // n becomes the remainder.
  __device__ int divide(int& n) const {
    const int q = quotient(n);
    n -= q * int(by);
    return q;
  }
};

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_CONV_DIVISOR_H_
