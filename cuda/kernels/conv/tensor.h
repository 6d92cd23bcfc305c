// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A convolution's products by tensor cores: the engine's own choice among its kernels, of which those for large tiles
// are other ones on Hopper.
#ifndef GENERATRIX_CUDA_KERNELS_CONV_TENSOR_H_
#define GENERATRIX_CUDA_KERNELS_CONV_TENSOR_H_

#include "kernels/linear/tile.h"

namespace gx::cuda {

template <class Rounding, bool kLarge, class A, class B, class Finish>
void tensor_product(gx_device& device, Workspace& workspace, const ProductSizes& sizes, const A& a, const B& b,
                    const Finish& finish) {
  if constexpr (kLarge) {
    if (tile::takes_large_tiles(device, sizes)) {
      if (tile::has_warpgroups(device)) {
        return tile::run_warpgroup<Rounding>(device, workspace, sizes, a, b, finish);
      }
      return tile::run_tensor<Rounding, 128, 128>(device, workspace, sizes, a, b, finish);
    }
  }
  tile::run_tensor<Rounding, 64, 64>(device, workspace, sizes, a, b, finish);
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_CONV_TENSOR_H_
