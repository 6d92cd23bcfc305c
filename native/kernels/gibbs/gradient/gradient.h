// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// dW = <v h^T>_data - <v h^T>_model - mu dc^T - db lambda^T,   dc = <h>_data - <h>_model
//
// which is the centered gradient multiplied out. Each average is a product of states on their side (a row per visible
// unit, an entry per sample) with the rows of h, so binary states go through the same tables as in sampling. A work
// item owns a tile of 64 hidden units for some visible units; both products and the corrections happen in its scratch,
// dW is written once.
#ifndef GENERATRIX_KERNELS_GIBBS_GRADIENT_GRADIENT_H_
#define GENERATRIX_KERNELS_GIBBS_GRADIENT_GRADIENT_H_

#include <cstdint>

#include "kernels/gibbs/product/operands.h"
#include "runtime/isa.h"

namespace gx {

// One side of the difference.
struct GradientSide {
  Walk walk;
  StateRows v;     // transposed: [visible] rows of `samples` entries
  const float* h;  // [samples][hidden]
  int64_t samples;
};

struct Gradient {
  int64_t visible, hidden;
  GradientSide data, model;
  const float* mu;      // [visible] or null
  const float* lambda;  // [hidden] or null
  const float* db;      // [visible], done
  float* dW;            // [visible][hidden]
  float* dc;            // [hidden]
  float* mean_h;        // [hidden] or null
};

// sums: two buffers of (m1 - m0) x 64 floats.
using GradientKernel = void (*)(const Gradient&, int64_t tile, int64_t m0, int64_t m1, const ProductScratch&,
                                float* data_sums, float* model_sums);

struct GradientVariant {
  KernelLine line;
  GradientKernel run;
};
const GradientVariant* gradient_variants(int* count);

}  // namespace gx

#endif  // GENERATRIX_KERNELS_GIBBS_GRADIENT_GRADIENT_H_
