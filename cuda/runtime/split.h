// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A place as row and column. Divisions of 64 bits cost a GPU five times those of 32, which nearly all places need.
#ifndef GENERATRIX_CUDA_RUNTIME_SPLIT_H_
#define GENERATRIX_CUDA_RUNTIME_SPLIT_H_

#include "runtime/cuda.h"

namespace gx::cuda {

struct Split {
  int64_t quotient, rest;
};
// at >= 0, by > 0
__host__ __device__ inline Split split(int64_t at, int64_t by) {
  if (uint64_t(at | by) >> 32 == 0) {
    const uint32_t quotient = uint32_t(at) / uint32_t(by);
    return {int64_t(quotient), int64_t(uint32_t(at) - quotient * uint32_t(by))};
  }
  return {at / by, at % by};
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_RUNTIME_SPLIT_H_
