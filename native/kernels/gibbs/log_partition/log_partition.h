// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// log sum over a block of states s of the smaller layer of  exp(s.bias) prod_n (1 + exp(x_n)),   x = other_bias + s W
//
// in Gray code order, where neighbours differ in one unit, so that x changes by one row of W. The blocks are
// 2^block_bits codes long; a block's first x is summed afresh, so rounding does not build up. All in double. The
// product of up to 512 factors 1 + exp(-|x|), each in (1, 2], fits a double, so there is one exp per unit but one log
// per 512 units.
#ifndef GENERATRIX_KERNELS_GIBBS_LOG_PARTITION_LOG_PARTITION_H_
#define GENERATRIX_KERNELS_GIBBS_LOG_PARTITION_LOG_PARTITION_H_

#include <cstdint>

#include "runtime/isa.h"

namespace gx {

struct LogPartitionBlock {
  int64_t small, large;      // units
  int64_t stride;            // of W and x, a multiple of 8, >= large; padding units have x = -1e300, which adds nothing
  const double* W;           // [small][stride]
  const double* small_bias;  // [small]
  const double* large_bias;  // [stride]
  uint64_t first;            // index of the first code
  int block_bits;
  double* x;  // [stride] of scratch, 64-byte aligned
};
using LogPartitionKernel = double (*)(const LogPartitionBlock&);

struct LogPartitionVariant {
  KernelLine line;
  LogPartitionKernel run;
};
const LogPartitionVariant* log_partition_variants(int* count);

}  // namespace gx

#endif  // GENERATRIX_KERNELS_GIBBS_LOG_PARTITION_LOG_PARTITION_H_
