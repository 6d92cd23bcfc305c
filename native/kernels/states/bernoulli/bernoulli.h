// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// to[i] = 1 if uniform(row, i) < p[i], else 0 (also where p is NaN), as floats or as bits; see states.h and random.h.
#ifndef GENERATRIX_KERNELS_STATES_BERNOULLI_BERNOULLI_H_
#define GENERATRIX_KERNELS_STATES_BERNOULLI_BERNOULLI_H_

#include "runtime/isa.h"
#include "runtime/philox.h"

namespace gx {

// Units [first, first + count) of one row; p, and values or bits, point at unit `first`, a multiple of 64. Exactly one
// of values and bits is given; values may be p. Bits past the last unit in the last word written are 0.
using BernoulliKernel = void (*)(const PhiloxStream& stream, uint32_t row, int64_t first, int64_t count, const float* p,
                                 float* values, uint32_t* bits);

struct BernoulliVariant {
  KernelLine line;
  BernoulliKernel run;
};
const BernoulliVariant* bernoulli_variants(int* count);

namespace reference {
void bernoulli(const gx::PhiloxStream& stream, uint32_t row, int64_t first, int64_t count, const float* p,
               float* values, uint32_t* bits);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_STATES_BERNOULLI_BERNOULLI_H_
