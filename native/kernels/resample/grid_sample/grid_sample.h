// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Sampling along a grid and its gradients: generatrix/resample.h.
//
// A kernel takes channels [first, end) of one example. It turns the channels of a vector's lanes to the inside, once:
// then a sample is four vectors times four weights, and in the gradient of x each pixel is the sum of its samples in
// their order. (Vectors of samples, by gathers, would need four lookups for every output.)
#ifndef GENERATRIX_KERNELS_RESAMPLE_GRID_SAMPLE_GRID_SAMPLE_H_
#define GENERATRIX_KERNELS_RESAMPLE_GRID_SAMPLE_GRID_SAMPLE_H_

#include "generatrix/resample.h"
#include "runtime/isa.h"

namespace gx {

// Arrays are those of the example. scratch: grid_sample_scratch(p) bytes on a grid of 64.
using GridSampleKernel = void (*)(const gx_grid_sample_params& p, int64_t first, int64_t end, const float* x,
                                  const float* grid, float* y, float* scratch);
// dx or dgrid may be null; dgrid needs all channels.
using GridSampleBackwardKernel = void (*)(const gx_grid_sample_params& p, int64_t first, int64_t end, const float* x,
                                          const float* grid, const float* dy, float* dx, float* dgrid, float* scratch);
int64_t grid_sample_scratch(const gx_grid_sample_params& p, bool backward);  // floats, a multiple of 16

struct GridSampleVariant {
  KernelLine line;
  GridSampleKernel forward;
  GridSampleBackwardKernel backward;
};
const GridSampleVariant* grid_sample_variants(int* count);

namespace reference {
template <class T>
void grid_sample(const gx_grid_sample_params& p, const T* x, const T* grid, T* y);
template <class T>
void grid_sample_backward(const gx_grid_sample_params& p, const T* x, const T* grid, const T* dy, T* dx, T* dgrid);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_RESAMPLE_GRID_SAMPLE_GRID_SAMPLE_H_
