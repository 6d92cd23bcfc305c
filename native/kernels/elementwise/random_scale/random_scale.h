// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// y[i] = v[i] times a factor from the random number u_i and, for the randomised leaky ReLU, the sign of x[i].
// Equations: elementwise.h.
#ifndef GENERATRIX_KERNELS_ELEMENTWISE_RANDOM_SCALE_RANDOM_SCALE_H_
#define GENERATRIX_KERNELS_ELEMENTWISE_RANDOM_SCALE_RANDOM_SCALE_H_

#include "generatrix/elementwise.h"
#include "runtime/isa.h"
#include "runtime/philox.h"

namespace gx {

// With slopes, x[i] > 0 ? v[i] : v[i] (a + b u_i). Without: u_i >= a ? v[i] b : 0, and x is not used.
struct RandomScale {
  bool slopes;
  double a, b;
};

// Elements first .. first + count - 1, first a multiple of 64; x, v and y point at the first.
using RandomScaleKernel = void (*)(const RandomScale& scale, const PhiloxStream& stream, int64_t first, int64_t count,
                                   const float* x, const float* v, float* y);

struct RandomScaleVariant {
  KernelLine line;
  RandomScaleKernel run;
};
const RandomScaleVariant* random_scale_variants(int* count);

namespace reference {
template <class T>
void random_scale(const RandomScale& scale, const PhiloxStream& stream, int64_t first, int64_t count, const T* x,
                  const T* v, T* y);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_ELEMENTWISE_RANDOM_SCALE_RANDOM_SCALE_H_
