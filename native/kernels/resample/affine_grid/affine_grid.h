// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Grids of affine maps: generatrix/resample.h. Plain C++, and the same code in both formats: a grid is small beside the
// pictures that are sampled along it.
#ifndef GENERATRIX_KERNELS_RESAMPLE_AFFINE_GRID_AFFINE_GRID_H_
#define GENERATRIX_KERNELS_RESAMPLE_AFFINE_GRID_AFFINE_GRID_H_

#include "generatrix/resample.h"
#include "runtime/host_device.h"

namespace gx::reference {

// Where pixel j of n stands.
inline GX_HOST_DEVICE double grid_position(bool align_corners, int64_t j, int64_t n) {
  if (align_corners) return n == 1 ? 0 : 2 * double(j) / double(n - 1) - 1;
  return (2 * double(j) + 1) / double(n) - 1;
}

// One example.
template <class T>
void affine_grid(const gx_affine_grid_params& p, const T* from, T* to);

}  // namespace gx::reference

#endif  // GENERATRIX_KERNELS_RESAMPLE_AFFINE_GRID_AFFINE_GRID_H_
