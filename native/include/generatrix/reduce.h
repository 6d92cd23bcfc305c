// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Sums, means and extremes over axes. Sums accumulate in double in an order fixed by the shape: results do not depend
// on threads, and differ between instruction sets only within double precision. NaN gives NaN, also for the extremes.
#ifndef GENERATRIX_REDUCE_H_
#define GENERATRIX_REDUCE_H_

#include "generatrix/core.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum gx_reduction {
  GX_SUM = 0,
  GX_MEAN = 1,
  GX_SUM_OF_SQUARES = 2,
  GX_SUM_OF_SIZES = 3,  // |x|
  GX_NORM = 4,          // the root of the sum of squares
  GX_MAX = 5,
  GX_MIN = 6
} gx_reduction;

// y = the reduction of x over the axes whose bits are set in `axes` (bit 0 is the outermost), in one pass. y holds the
// other axes in their order, contiguous; whether its shape keeps the reduced axes with size 1 makes no difference. Over
// no elements a sum or norm is 0, a mean or an extreme refused. Formats FLOAT32 and FLOAT64. No overlap.
GX_API gx_status gx_reduce(gx_device* device, gx_format format, gx_reduction reduction, const gx_shape* shape,
                           uint32_t axes, const void* x, void* y);

// y = the sum of a * b over the axes, both of the given shape: gx_reduce of a product that is not stored.
GX_API gx_status gx_reduce_dot(gx_device* device, gx_format format, const gx_shape* shape, uint32_t axes, const void* a,
                               const void* b, void* y);

// Where the GX_MAX or GX_MIN stands: the index of the first such element among the reduced ones in row-major order, as
// a number of the format (FLOAT32: at most 2^24 elements reduced into one). A NaN counts as the extreme.
GX_API gx_status gx_reduce_arg(gx_device* device, gx_format format, gx_reduction reduction, const gx_shape* shape,
                               uint32_t axes, const void* x, void* index);

// The gradient of GX_MAX or GX_MIN: dx is dy where gx_reduce_arg points, elsewhere 0. No overlap.
GX_API gx_status gx_reduce_extreme_backward(gx_device* device, gx_format format, gx_reduction reduction,
                                            const gx_shape* shape, uint32_t axes, const void* x, const void* dy,
                                            void* dx);

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_REDUCE_H_
