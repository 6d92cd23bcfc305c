// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// out[r][i] = -log(-log((word + 1/2) 2^-32)) in double, of the word of (row r, unit i) for purpose GX_PURPOSE_GUMBEL.
#ifndef GENERATRIX_KERNELS_RANDOM_GUMBEL_GUMBEL_H_
#define GENERATRIX_KERNELS_RANDOM_GUMBEL_GUMBEL_H_

#include "runtime/isa.h"
#include "runtime/philox.h"

namespace gx {

// Units [first, first + count) of one row into out[0 .. count), doubles if wide, else floats; first a multiple of 64.
using GumbelKernel = void (*)(const PhiloxStream& stream, uint32_t row, int64_t first, int64_t count, void* out,
                              bool wide);

struct GumbelVariant {
  KernelLine line;
  GumbelKernel run;
};
const GumbelVariant* gumbel_variants(int* count);

namespace reference {
void gumbel(const gx::PhiloxStream& stream, uint32_t row, int64_t first, int64_t count, double* out);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_RANDOM_GUMBEL_GUMBEL_H_
