// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// out[r][i] = mean + stddev sqrt(-2 log((w0 + 1) 2^-32)) cos(2 pi w1 2^-32) in double, w0 and w1 the words of (row r,
// unit i) for purposes GX_PURPOSE_NORMAL and one above (Box and Muller, "A note on the generation of random normal
// deviates", 1958).
#ifndef GENERATRIX_KERNELS_RANDOM_NORMAL_NORMAL_H_
#define GENERATRIX_KERNELS_RANDOM_NORMAL_NORMAL_H_

#include "runtime/isa.h"
#include "runtime/philox.h"

namespace gx {

struct NormalStreams {
  PhiloxStream radius, angle;
  double mean, stddev;
};

// Units [first, first + count) of one row into out[0 .. count), doubles if wide, else floats; first a multiple of 64.
using NormalKernel = void (*)(const NormalStreams& streams, uint32_t row, int64_t first, int64_t count, void* out,
                              bool wide);

struct NormalVariant {
  KernelLine line;
  NormalKernel run;
};
const NormalVariant* normal_variants(int* count);

namespace reference {
void normal(const gx::NormalStreams& streams, uint32_t row, int64_t first, int64_t count, double* out);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_RANDOM_NORMAL_NORMAL_H_
