// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// partial[m] = sum over a tile's units n of softplus(beta_m (bias[n] + sum_k v[m][k] W[k][n])), in double: the hidden
// part of -F(v).
#ifndef GENERATRIX_KERNELS_GIBBS_SOFTPLUS_SUM_SOFTPLUS_SUM_H_
#define GENERATRIX_KERNELS_GIBBS_SOFTPLUS_SUM_SOFTPLUS_SUM_H_

#include "kernels/gibbs/layer_sample/layer_sample.h"

namespace gx {

// `layer` says the product; its outputs are not used. partial: [rows], this tile's.
using SoftplusSumKernel = void (*)(const LayerSample& layer, Walk walk, int64_t tile, int64_t m0, int64_t m1,
                                   const ProductScratch&, float* sums, double* partial);

struct SoftplusSumVariant {
  KernelLine line;
  SoftplusSumKernel run;
};
const SoftplusSumVariant* softplus_sum_variants(int* count);

// sums[m] over all hidden units of a machine's layer; the tiles are added in order.
class Machine;
void softplus_sums(Machine& machine, const LayerSample& layer, double* sums);

}  // namespace gx

#endif  // GENERATRIX_KERNELS_GIBBS_SOFTPLUS_SUM_SOFTPLUS_SUM_H_
