// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Blocks of pixels to channels and back: generatrix/resample.h. A row of the large picture is the rows of `block`
// channels of the small one by turns.
#ifndef GENERATRIX_KERNELS_RESAMPLE_SPACE_TO_DEPTH_SPACE_TO_DEPTH_H_
#define GENERATRIX_KERNELS_RESAMPLE_SPACE_TO_DEPTH_SPACE_TO_DEPTH_H_

#include "generatrix/resample.h"
#include "runtime/host_device.h"
#include "runtime/isa.h"

namespace gx {

// The row `wide` of block * n elements, and channel j's row of n elements at narrow + apart[j]. back: narrow to wide.
// Elements travel as they are.
using TurnsKernel = void (*)(int64_t block, int64_t n, bool back, const int64_t* apart, float* wide, float* narrow);

struct SpaceToDepthVariant {
  KernelLine line;
  TurnsKernel run;
};
const SpaceToDepthVariant* space_to_depth_variants(int* count);

// The channel of the small picture.
inline GX_HOST_DEVICE int64_t block_channel(const gx_space_to_depth_params& p, int64_t c, int64_t i, int64_t j) {
  if (p.order == GX_BLOCK_BY_CHANNEL) return (c * p.block + i) * p.block + j;
  const int64_t pixel = p.order == GX_BLOCK_BY_PIXEL ? i * p.block + j : i == j ? i : 2 + i;
  return pixel * p.channels + c;
}

namespace reference {
template <class T>
void space_to_depth(const gx_space_to_depth_params& p, const T* from, T* to);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_RESAMPLE_SPACE_TO_DEPTH_SPACE_TO_DEPTH_H_
