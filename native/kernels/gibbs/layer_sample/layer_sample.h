// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// x[m][n] = beta_m (bias[n] + sum_k given[m][k] F[k][n]),   p = sigmoid(x),   sample ~ Bernoulli(p)
//
// One work item is a tile of 64 target units for some rows; the product, the sigmoid, the random numbers and the
// packing of bits happen while the tile's sums are in cache.
#ifndef GENERATRIX_KERNELS_GIBBS_LAYER_SAMPLE_LAYER_SAMPLE_H_
#define GENERATRIX_KERNELS_GIBBS_LAYER_SAMPLE_LAYER_SAMPLE_H_

#include <cstdint>

#include "kernels/gibbs/product/operands.h"
#include "runtime/isa.h"
#include "runtime/philox.h"

namespace gx {

// Checked arguments. Outputs may be null.
struct LayerSample {
  StateRows given;
  int64_t given_first;  // the row that is row 0 of `given`
  int64_t rows, in_units, out_units;
  Factor factor;
  const float* bias;      // [out_units], effective
  float beta;             // used where row_beta is null
  const float* row_beta;  // [rows]
  PhiloxStream stream;
  float* x;               // [rows][out_units]
  float* p;               // [rows][out_units]
  float* sample_values;   // [rows][out_units]
  uint32_t* sample_bits;  // [rows][words(out_units)]
  // Units under a set bit keep the value that the sample buffer holds, and show it as their p.
  const uint32_t* observed;  // [words(out_units)] per row, or null
  int64_t observed_stride;   // words from row to row: 0 if all rows share it
};

// sums: room for (m1 - m0) x 64 floats.
using LayerSampleKernel = void (*)(const LayerSample&, int64_t tile, int64_t m0, int64_t m1, const ProductScratch&,
                                   float* sums);

struct LayerSampleVariant {
  KernelLine line;
  Walk walk;
  bool (*suits)(const LayerSample&);
  LayerSampleKernel run;
};

// Every variant, best first; for tests and benchmarks. `count` receives how many.
const LayerSampleVariant* layer_sample_variants(int* count);

// The variant for these arguments. Float states are looked at for their density.
const LayerSampleVariant& choose_layer_sample(const LayerSample&);

}  // namespace gx

#endif  // GENERATRIX_KERNELS_GIBBS_LAYER_SAMPLE_LAYER_SAMPLE_H_
