// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// An index as (run, place in the run), for runs of one length, without a division for every element.
#ifndef GENERATRIX_CUDA_RUNTIME_RUNS_H_
#define GENERATRIX_CUDA_RUNTIME_RUNS_H_

#include "runtime/cuda.h"

namespace gx::cuda {

// n / by for n below 2^31, by a constant of the launch from 1 to 2^31: a product and a shift. With 2^l >= by > 2^(l-1)
// and m = floor(2^32 (2^l - by) / by) + 1, n / by = (n + floor(m n / 2^32)) / 2^l (Granlund and Montgomery 1994, with
// the carry left out, which such n do not have).
class Divide {
 public:
  Divide() = default;
  explicit Divide(uint32_t by) {
    while ((uint64_t(1) << shift_) < by) ++shift_;
    factor_ = uint32_t((((uint64_t(1) << shift_) - by) << 32) / by + 1);
  }
  __device__ uint32_t operator()(uint32_t n) const { return (__umulhi(n, factor_) + n) >> shift_; }

 private:
  uint32_t factor_ = 1;
  uint32_t shift_ = 0;
};

// Indices from a beginning, which costs a division, and up to kMost steps beyond it, which do not.
struct Runs {
  static constexpr int kMost = 1 << 15;

  Runs() = default;
  explicit Runs(int64_t run) : length(run), divide(run < kMost ? uint32_t(run < 1 ? 1 : run) : 1) {}

  struct Place {
    int64_t run, rest;
  };
  __device__ Place from(int64_t begin) const { return {begin / length, begin % length}; }
  __device__ Place at(const Place& from, int steps) const {
    const int64_t ahead = from.rest + steps;
    if (length >= kMost) {  // at most one end is passed
      return ahead >= length ? Place{from.run + 1, ahead - length} : Place{from.run, ahead};
    }
    const uint32_t run = divide(uint32_t(ahead));
    return {from.run + run, ahead - int64_t(run) * length};
  }

  int64_t length = 1;
  Divide divide;
};

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_RUNTIME_RUNS_H_
