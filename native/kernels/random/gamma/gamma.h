// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// out[r][i] ~ gamma of shape a and rate 1 by Marsaglia and Tsang's rejection. Equation and draws: random.h.
#ifndef GENERATRIX_KERNELS_RANDOM_GAMMA_GAMMA_H_
#define GENERATRIX_KERNELS_RANDOM_GAMMA_GAMMA_H_

#include "generatrix/random.h"
#include "runtime/isa.h"
#include "runtime/philox.h"

namespace gx {

constexpr uint32_t kGammaRounds = 16;
constexpr uint32_t kGammaBoost = GX_PURPOSE_GAMMA + 3 * kGammaRounds;  // the purpose of shapes below 1

// Shape of unit first + i: shapes[i], or `shape` where shapes is null.
struct GammaDraw {
  gx_rng rng;
  double shape;
  const void* shapes;
  bool wide;  // shapes and out are doubles
};

// Units [first, first + count) of one row into out[0 .. count); first a multiple of 64. shapes may be out.
using GammaKernel = void (*)(const GammaDraw& draw, uint32_t row, int64_t first, int64_t count, void* out);

struct GammaVariant {
  KernelLine line;
  GammaKernel run;
};
const GammaVariant* gamma_variants(int* count);

namespace reference {
// In double, whatever the draw's format; shapes are doubles.
void gamma(const gx::GammaDraw& draw, uint32_t row, int64_t first, int64_t count, double* out);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_RANDOM_GAMMA_GAMMA_H_
