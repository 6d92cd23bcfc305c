// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// One draw at a time in double: what doubles.h computes for vectors, for threads of a GPU and their tests. The same
// bits, where the compiler is told not to contract products and sums (-ffp-contract=off, --fmad=false).
#ifndef GENERATRIX_KERNELS_RANDOM_DRAWS_H_
#define GENERATRIX_KERNELS_RANDOM_DRAWS_H_

#include <float.h>
#include <math.h>
#include <string.h>

#include "runtime/philox.h"
#include "runtime/series.h"

namespace gx::draws {

static inline GX_HOST_DEVICE uint64_t bits_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}
static inline GX_HOST_DEVICE double of_bits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

// log x, as in vmath.h.
static inline GX_HOST_DEVICE double natural_log(double x) {
  const bool subnormal = x < DBL_MIN;
  const uint64_t bits = bits_of(subnormal ? x * 0x1p52 : x), bias = uint64_t(1024) << 52;
  const uint64_t e = (bits - 0x3FE8000000000000u /* 0.75 */ + bias) >> 52;  // k + 1024
  const double f = of_bits(bits - (e << 52) + bias) - 1.0;
  const double y = series::log_reduced(f, double(int64_t(e)) - (subnormal ? 1024.0 + 52 : 1024.0));
  return x > 0 && x < double(INFINITY) ? y : x > 0 ? x : x == 0 ? -double(INFINITY) : double(NAN);
}

// e^x, as in vmath.h.
static inline GX_HOST_DEVICE double exponential(double x) {
  constexpr double kRound = 0x1.8p52, kRoundBiased = kRound + 1023;
  x = -746.0 > x ? -746.0 : x;
  x = 710.0 < x ? 710.0 : x;
  const double n = (x * series::kLog2e + kRound) - kRound;
  const double p = series::exp_reduced(x - n * series::kLn2Hi - n * series::kLn2Lo);
  const double half = n * 0.5 + kRoundBiased, rest = (n - (half - kRoundBiased)) + kRoundBiased;
  return p * of_bits(bits_of(half) << 52) * of_bits(bits_of(rest) << 52);
}

// (w + 1/2) 2^-32, in (0, 1).
static inline GX_HOST_DEVICE double open_uniform(uint32_t word) { return (double(word) + 0.5) * 0x1p-32; }

// sqrt(-2 log((w + 1) 2^-32))
static inline GX_HOST_DEVICE double box_muller_radius(uint32_t word) {
  return sqrt(-2.0 * natural_log((double(word) + 1.0) * 0x1p-32));
}

// cos(2 pi w 2^-32). The nearest quarter turn comes off in integers, exactly.
static inline GX_HOST_DEVICE double box_muller_cosine(uint32_t word) {
  const uint32_t quarter = (word + (1u << 29)) >> 30, rest = word - (quarter << 30);
  const double t = double(int32_t(rest)) * 0x1p-32, z = t * t;
  const double y = quarter & 1 ? series::sine_of_turns(t, z) : series::cosine_of_turns(z);
  return (quarter + 1) >> 1 & 1 ? -y : y;  // cos, -sin, -cos, sin
}

static inline GX_HOST_DEVICE double standard_normal(uint32_t radius, uint32_t angle) {
  return box_muller_radius(radius) * box_muller_cosine(angle);
}

}  // namespace gx::draws

#endif  // GENERATRIX_KERNELS_RANDOM_DRAWS_H_
