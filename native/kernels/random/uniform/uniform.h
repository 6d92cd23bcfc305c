// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// out[r][i] = uniform of (seed, step, purpose, row r, unit i), see random.h.
#ifndef GENERATRIX_KERNELS_RANDOM_UNIFORM_UNIFORM_H_
#define GENERATRIX_KERNELS_RANDOM_UNIFORM_UNIFORM_H_

#include "runtime/isa.h"
#include "runtime/philox.h"

namespace gx {

// Units [first, first + count) of one row into out[0 .. count); first a multiple of 64.
using UniformKernel = void (*)(const PhiloxStream& stream, uint32_t row, int64_t first, int64_t count, float* out);

struct UniformVariant {
  KernelLine line;
  UniformKernel run;
};
const UniformVariant* uniform_variants(int* count);

namespace reference {
template <class T>
void uniform(const gx::PhiloxStream& stream, uint32_t row, int64_t first, int64_t count, T* out);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_RANDOM_UNIFORM_UNIFORM_H_
