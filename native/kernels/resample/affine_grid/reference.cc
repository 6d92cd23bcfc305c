// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/resample/affine_grid/affine_grid.h"

namespace gx::reference {

template <class T>
void affine_grid(const gx_affine_grid_params& p, const T* from, T* to) {
  double sums[6] = {};
  for (int64_t i = 0; i < p.height; ++i) {
    const double y = grid_position(p.align_corners, i, p.height);
    for (int64_t j = 0; j < p.width; ++j) {
      const double at[3] = {grid_position(p.align_corners, j, p.width), y, 1};
      const int64_t pixel = 2 * (i * p.width + j);
      for (int row = 0; row < 2; ++row) {
        if (p.adjoint) {
          for (int k = 0; k < 3; ++k) sums[3 * row + k] += double(from[pixel + row]) * at[k];
        } else {
          const T* const theta = from + 3 * row;
          to[pixel + row] = T(double(theta[0]) * at[0] + double(theta[1]) * at[1] + double(theta[2]));
        }
      }
    }
  }
  for (int k = 0; p.adjoint && k < 6; ++k) to[k] = T(sums[k]);
}

template void affine_grid<float>(const gx_affine_grid_params&, const float*, float*);
template void affine_grid<double>(const gx_affine_grid_params&, const double*, double*);

}  // namespace gx::reference
