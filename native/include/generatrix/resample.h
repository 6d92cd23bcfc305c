// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Pictures of other sizes: up-sampling, sub-pixel rearrangement, pooling and its inverses, padding, and sampling along
// a grid. Arrays are contiguous, [batch, channels, height, width]; what has one axis only has height 1. Formats FLOAT32
// and FLOAT64. No overlap. A batch or channels of 0 are allowed, other sizes are at least 1 and at most 2^30.
//
// Most of these are linear maps. Such a function has `adjoint` in its params: then it goes back, `from` is shaped like
// the result and `to` like the operand, and what it computes is the gradient with respect to the operand. Every element
// is a sum in an order that the params fix: results never depend on threads. A neighbour of weight 0 is not read, so
// that NaN and infinities reach only what they are a part of.
#ifndef GENERATRIX_RESAMPLE_H_
#define GENERATRIX_RESAMPLE_H_

#include "generatrix/core.h"

#ifdef __cplusplus
extern "C" {
#endif

// Along an axis from n to m elements, element o of the result being
typedef enum gx_resize_kind {
  GX_RESIZE_NEAREST = 0,     // in[o / f] with m = f n; the adjoint adds up f elements
  GX_RESIZE_UPPER_LEFT = 1,  // in[o / f] where f divides o, else 0: the un-pooling of Dosovitskiy et al., "Learning to
                             // generate chairs" (2014), which puts each value in the upper left corner of its block
  GX_RESIZE_LINEAR = 2,      // in at (o + 1/2) n / m - 1/2, moved into [0, n - 1], by the weights of the two next to it
  GX_RESIZE_LINEAR_ALIGNED = 3  // in at o (n - 1) / (m - 1), at 0 if m = 1: the corners stay where they are
} gx_resize_kind;

typedef struct gx_resize_params {
  int64_t batch, channels;  // of the result
  int64_t in_size[2];       // height, width
  int64_t out_size[2];
  // Channel c of the result is the sum of channels summed c .. summed (c + 1) - 1 of x, which has summed times as many.
  // With 4, LINEAR and twice the size: bilinear additive up-sampling (Wojna et al., "The devil is in the decoder",
  // 2017).
  int64_t summed;
  gx_resize_kind kind;
  int32_t adjoint;
} gx_resize_params;
GX_API gx_status gx_resize(gx_device* device, gx_format format, const gx_resize_params* params, const void* from,
                           void* to);

// Which channel of the small picture pixel (i, j) of a block of channel c becomes, of b x b pixels and C channels.
typedef enum gx_block_order {
  GX_BLOCK_BY_CHANNEL = 0,  // (c b + i) b + j: torch's pixel_unshuffle, and the squeezing of RealNVP (Dinh et al.
                            // 2017, section 3.6, b = 2), whose subsquares keep the four pixels of a channel together
  GX_BLOCK_BY_PIXEL = 1,    // (i b + j) C + c
  // q C + c, b = 2, with q = 0, 1, 2, 3 for (0, 0), (1, 1), (0, 1), (1, 0): where RealNVP factors half of the channels
  // out, its authors' code takes them in this order, so that either half is a checkerboard of the picture.
  GX_BLOCK_BY_CHECKERBOARD = 2
} gx_block_order;

// [batch, channels, height, width] to [batch, b b channels, height / b, width / b]; b divides height and width. The
// adjoint is the inverse: depth to space, torch's pixel_shuffle.
typedef struct gx_space_to_depth_params {
  int64_t batch, channels, height, width;  // of the large picture
  int64_t block;
  gx_block_order order;
  int32_t adjoint;
} gx_space_to_depth_params;
GX_API gx_status gx_space_to_depth(gx_device* device, gx_format format, const gx_space_to_depth_params* params,
                                   const void* from, void* to);

// What a window of k x l elements becomes; elements in the padding are not there.
typedef enum gx_pooling {
  GX_POOL_MAX = 0,
  GX_POOL_SUM = 1,
  GX_POOL_AVERAGE = 2,        // the sum over k l
  GX_POOL_AVERAGE_INSIDE = 3  // the sum over the number of elements that are there
} gx_pooling;

// On each axis out = floor((in + 2 padding - dilation (kernel - 1) - 1) / stride) + 1, as in torch.nn.MaxPool2d;
// element t of window o is o stride + t dilation - padding.
typedef struct gx_pool_params {
  int64_t batch, channels;
  int64_t in_size[2];                         // height, width
  int64_t kernel[2], stride[2], dilation[2];  // at least 1
  int64_t padding[2];                         // at least 0, at most half of what a window reaches over
  gx_pooling kind;
  int32_t adjoint;  // not of MAX, whose gradient is gx_unpool
} gx_pool_params;

// index: for MAX and optional, else NULL: shaped like the result, where the greatest element stands in its picture, row
// by row, as a number of the format (FLOAT32: pictures of at most 2^24 pixels). The first of equal ones; a NaN is
// greater than all. A window with no element gives -infinity and -1, or 0 in sums and averages.
GX_API gx_status gx_pool(gx_device* device, gx_format format, const gx_pool_params* params, const void* from, void* to,
                         void* index);

// For each of the planes y[index[i]] is the sum of x[i], i in order, elsewhere 0: the un-pooling by the indices of a
// max pooling, and its gradient. An index that names no pixel, also NaN, is passed over. Adjoint: x[i] = y[index[i]],
// or 0.
typedef struct gx_unpool_params {
  int64_t planes;      // batch times channels
  int64_t in_pixels;   // of a plane of x and index
  int64_t out_pixels;  // of a plane of y
  int32_t adjoint;
} gx_unpool_params;
GX_API gx_status gx_unpool(gx_device* device, gx_format format, const gx_unpool_params* params, const void* from,
                           const void* index, void* to);

typedef enum gx_padding {
  GX_PAD_ZERO = 0,
  GX_PAD_REFLECT = 1  // the picture mirrored about its outermost rows and columns, which are not repeated
} gx_padding;

typedef struct gx_pad_params {
  int64_t planes, height, width;
  int64_t top, bottom, left, right;  // at least 0; REFLECT: below the height and the width
  gx_padding kind;
  int32_t adjoint;
} gx_pad_params;
GX_API gx_status gx_pad(gx_device* device, gx_format format, const gx_pad_params* params, const void* from, void* to);

// Spatial transformers (Jaderberg et al. 2015). Coordinates are those of torch: x to the right, y downwards, from -1 to
// 1, which are the centres of the outermost pixels if align_corners, else their outer edges.

// grid[n, i, j] = theta[n] (x_j, y_i, 1)', with theta[batch, 2, 3], grid[batch, height, width, 2] of x and y, and pixel
// j of a row of w at x_j = 2 j / (w - 1) - 1 (0 if w = 1) if align_corners, else (2 j + 1) / w - 1.
typedef struct gx_affine_grid_params {
  int64_t batch, height, width;
  int32_t align_corners;
  int32_t adjoint;
} gx_affine_grid_params;
GX_API gx_status gx_affine_grid(gx_device* device, gx_format format, const gx_affine_grid_params* params,
                                const void* from, void* to);

// y[n, c, i, j] = x[n, c] at grid[n, i, j], bilinear, with zeros outside; a coordinate that is NaN is outside. x[batch,
// channels, in_size], grid[batch, out_size, 2], y[batch, channels, out_size].
typedef struct gx_grid_sample_params {
  int64_t batch, channels;
  int64_t in_size[2], out_size[2];  // height, width
  int32_t align_corners;
} gx_grid_sample_params;
GX_API gx_status gx_grid_sample(gx_device* device, gx_format format, const gx_grid_sample_params* params, const void* x,
                                const void* grid, void* y);
// dx or dgrid may be NULL: not wanted. Where a coordinate is exactly that of a pixel, dgrid is the slope to its right
// or below.
GX_API gx_status gx_grid_sample_backward(gx_device* device, gx_format format, const gx_grid_sample_params* params,
                                         const void* x, const void* grid, const void* dy, void* dx, void* dgrid);

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_RESAMPLE_H_
