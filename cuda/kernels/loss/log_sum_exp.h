// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// log sum e^x in one look at every x: the greatest so far, and the sum of e^(x - greatest).
#ifndef GENERATRIX_CUDA_KERNELS_LOSS_LOG_SUM_EXP_H_
#define GENERATRIX_CUDA_KERNELS_LOSS_LOG_SUM_EXP_H_

#include "runtime/cuda.h"

namespace gx::cuda {

template <class T, class Sum>
struct LogSumExp {
  T most = T(-INFINITY);
  Sum sum = 0;  // NaN once a NaN or an infinity has been added

  __device__ void add(T x) {
    if (x > most) {
      sum *= Sum(exp(most - x));
      most = x;
    }
    if (!(x == T(-INFINITY))) sum += Sum(exp(x - most));
  }
  // The sum as one of e^(x - greatest), where others have met something greater.
  __device__ void merge(T greatest) {
    if (most > T(-INFINITY)) sum *= Sum(exp(most - greatest));
    most = greatest;
  }
  // What to subtract from an exponent: 0 where nothing but -inf was added, whose sum is 0.
  __device__ T shift() const { return most == T(-INFINITY) ? T(0) : most; }
};

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_LOSS_LOG_SUM_EXP_H_
