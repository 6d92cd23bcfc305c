// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The block over vectors of any width. Contract: log_partition.h.

#include "kernels/gibbs/log_partition/log_partition.h"
#include "runtime/vec.h"
#include "runtime/vmath.h"

namespace gx::GX_ISA {

// sum_n softplus(x_n) over a padded row.
inline double softplus_total(const double* x, int64_t stride) {
  constexpr int64_t kFactors = 512;  // per lane: 2^512 is far below DBL_MAX
  vd positive = {};
  double logs = 0;
  for (int64_t n0 = 0; n0 < stride; n0 += kFactors * kLanesD) {
    vd product = splat(1.0);
    for (int64_t n = n0; n < lesser(stride, n0 + kFactors * kLanesD); n += kLanesD) {
      const vd v = loadd(x + n);
      const vd magnitude = v > 0.0 ? v : -v;
      positive += v > 0.0 ? v : vd{};
      product *= 1.0 + exp(-magnitude);
    }
    logs += sum(log(product));
  }
  return sum(positive) + logs;
}

double log_partition_gray(const LogPartitionBlock& a) {
  uint64_t code = a.first ^ (a.first >> 1);
  double bias = 0;
  for (int64_t n = 0; n < a.stride; ++n) a.x[n] = a.large_bias[n];
  for (int64_t s = 0; s < a.small; ++s) {
    if (!(code >> s & 1)) continue;
    bias += a.small_bias[s];
    for (int64_t n = 0; n < a.stride; ++n) a.x[n] += a.W[s * a.stride + n];
  }
  // The running log-sum-exp: total = exp(largest) * scaled.
  double largest = bias + softplus_total(a.x, a.stride), scaled = 1;
  for (uint64_t i = 1; i < uint64_t(1) << a.block_bits; ++i) {
    const int s = __builtin_ctzll(a.first + i);  // the unit in which code i differs from code i - 1
    code ^= uint64_t(1) << s;
    const double sign = code >> s & 1 ? 1 : -1;
    bias += sign * a.small_bias[s];
    const double* row = a.W + s * a.stride;
    for (int64_t n = 0; n < a.stride; n += kLanesD) store(a.x + n, loadd(a.x + n) + sign * loadd(row + n));
    const double term = bias + softplus_total(a.x, a.stride);
    if (term > largest) {
      scaled = scaled * __builtin_exp(largest - term) + 1;
      largest = term;
    } else {
      scaled += __builtin_exp(term - largest);
    }
  }
  return largest + __builtin_log(scaled);
}

}  // namespace gx::GX_ISA
