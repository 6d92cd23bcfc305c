// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/resample/space_to_depth/space_to_depth.h"

namespace gx::reference {

template <class T>
void space_to_depth(const gx_space_to_depth_params& p, const T* from, T* to) {
  const int64_t b = p.block, small_height = p.height / b, small_width = p.width / b;
  for (int64_t n = 0; n < p.batch; ++n) {
    for (int64_t c = 0; c < p.channels; ++c) {
      for (int64_t h = 0; h < p.height; ++h) {
        for (int64_t w = 0; w < p.width; ++w) {
          const int64_t large = ((n * p.channels + c) * p.height + h) * p.width + w;
          const int64_t channel = n * p.channels * b * b + block_channel(p, c, h % b, w % b);
          const int64_t small = (channel * small_height + h / b) * small_width + w / b;
          to[p.adjoint ? large : small] = from[p.adjoint ? small : large];
        }
      }
    }
  }
}

template void space_to_depth<float>(const gx_space_to_depth_params&, const float*, float*);
template void space_to_depth<double>(const gx_space_to_depth_params&, const double*, double*);

}  // namespace gx::reference
