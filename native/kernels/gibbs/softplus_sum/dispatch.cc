// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/gibbs/machine.h"
#include "kernels/gibbs/softplus_sum/softplus_sum.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                                          \
  namespace isa {                                                                                                    \
  void op##_##variant(const LayerSample&, Walk, int64_t tile, int64_t m0, int64_t m1, const ProductScratch&, float*, \
                      double*);                                                                                      \
  }
#include "kernels/gibbs/softplus_sum/kernels.inc"
#undef GX_KERNEL

namespace {
const SoftplusSumVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/gibbs/softplus_sum/kernels.inc"
#undef GX_KERNEL
};
}  // namespace

const SoftplusSumVariant* softplus_sum_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

void softplus_sums(Machine& machine, const LayerSample& layer, double* sums) {
  const SoftplusSumVariant& variant = first_usable(kVariants);
  const Walk walk = choose_layer_sample(layer).walk;
  const int64_t tiles = (layer.out_units + kTileColumns - 1) / kTileColumns;
  double* partial = machine.workspace().get<double>(tiles * layer.rows);
  machine.for_each_tile_of(
      layer, walk,
      [&](const LayerSample& a, int64_t tile, int64_t m0, int64_t m1, const ProductScratch& scratch, float* tile_sums) {
        variant.run(a, walk, tile, m0, m1, scratch, tile_sums, partial + tile * layer.rows);
      });
  for (int64_t m = 0; m < layer.rows; ++m) {
    sums[m] = 0;
    for (int64_t t = 0; t < tiles; ++t) sums[m] += partial[t * layer.rows + m];
  }
}

}  // namespace gx
