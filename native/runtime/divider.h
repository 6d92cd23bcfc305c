// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Division by a number that is known before a kernel runs: a product and a shift instead of the forty instructions that
// a GPU has for a 64-bit quotient. Exact for dividends of 0 to 2^63 - 1: with 2^(b-1) < d <= 2^b and m the integer
// after 2^(63+b) / d, n m / 2^(63+b) exceeds n / d by less than 1 / d (Granlund and Montgomery, PLDI 1994,
// theorem 4.2).
#ifndef GENERATRIX_RUNTIME_DIVIDER_H_
#define GENERATRIX_RUNTIME_DIVIDER_H_

#include <stdint.h>

namespace gx {

struct Divider {
  int64_t divisor;
  uint64_t factor;  // m
  int64_t shift;    // b - 1; -1 for a divisor of 1

  static Divider by(int64_t d) {  // d = 0: for no dividends at all
    if (d <= 1) return {1, 0, -1};
    int64_t bits = 1;
    while (bits < 63 && (int64_t(1) << bits) < d) ++bits;
    __extension__ using Wide = unsigned __int128;
    return {d, uint64_t((Wide(1) << (63 + bits)) / Wide(d)) + 1, bits - 1};
  }

#if defined(__CUDACC__)
  __host__ __device__
#endif
      int64_t
      quotient(int64_t n) const {
    if (shift < 0) return n;
#if defined(__CUDA_ARCH__)
    return int64_t(__umul64hi(uint64_t(n), factor) >> shift);
#else
    __extension__ using Wide = unsigned __int128;
    return int64_t(uint64_t(Wide(uint64_t(n)) * factor >> 64) >> shift);
#endif
  }
};

}  // namespace gx

#endif  // GENERATRIX_RUNTIME_DIVIDER_H_
