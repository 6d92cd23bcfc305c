// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// One temperature of annealed importance sampling in two fused passes:
//
//   hidden:   x = c' + v W;   ratio = sum_j softplus(beta x_j) - softplus(beta_before x_j);   h_j ~
//   Bernoulli(sigmoid(beta x_j)) visible:  y = b' + h W^T;  v_i ~ Bernoulli(sigmoid(beta y_i + (1 - beta) a_i)); dot =
//   sum_i v_i (b'_i - a_i)
//
// so that each temperature costs two products and  log w += ratio + (beta - beta_before) dot  needs no third one.
// Neighbouring temperatures differ by 1e-4, so ratio is not computed as a difference: with lo, hi the two temperatures
// in order,
//   softplus(hi x) - softplus(lo x) = (hi - lo) max(x, 0) + log1p(sigmoid(-lo |x|) expm1(-(hi - lo) |x|)),
// which keeps full relative precision in float32; the sums are in double.
#ifndef GENERATRIX_KERNELS_GIBBS_AIS_AIS_H_
#define GENERATRIX_KERNELS_GIBBS_AIS_AIS_H_

#include "kernels/gibbs/layer_sample/layer_sample.h"

namespace gx {

struct AisPass {
  LayerSample layer;  // beta is 1; no output but sample_bits, which may be null in the hidden pass
  Walk walk;
  double beta, beta_before;
  const float* base;      // visible pass: a
  const float* dot_with;  // visible pass: b' - a
  double* partial;        // [tiles][rows]: ratio or dot of each tile
};
using AisKernel = void (*)(const AisPass&, int64_t tile, int64_t m0, int64_t m1, const ProductScratch&, float* sums);

struct AisVariant {
  KernelLine line;
  AisKernel hidden, visible;
};
const AisVariant* ais_variants(int* count);

}  // namespace gx

#endif  // GENERATRIX_KERNELS_GIBBS_AIS_AIS_H_
