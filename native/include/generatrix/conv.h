// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Convolutions over one, two or three axes and their transposes, with stride, padding, dilation, groups and masks that
// leave taps out. Arrays are contiguous: x[batch, in_channels, depth, height, width] and y likewise; an axis that a
// convolution does not have has size 1. Sizes and parameters are those of torch.nn.Conv* and ConvTranspose*. Formats
// FLOAT32 and FLOAT64. FLOAT32 sums are float32; how they are cut depends on the shapes alone, so that results never
// depend on threads. NaN and infinities travel as IEEE arithmetic says, but a tap that lies in the padding or under a
// mask multiplies nothing. Where two axes have kernel 3, stride 1, padding 1 or kernel 4, stride 2, padding 1, all taps
// are live and there are 16 channels or more on both sides, FLOAT32 sums may share products (Winograd 1980): their
// error is in proportion to the largest pixel in reach of a tile of 2 x 2 outputs (transposed: 4 x 4), and a NaN or an
// infinity there makes NaN of the tile. In the gradient of the weights it makes NaN of all taps of its channel, as one
// among the weights does of a channel of outputs.
//
// Three functions are enough for every derivative: the gradient of a convolution with respect to its input is the
// transposed convolution with the same weights and the other way round, and both share the gradient of the weights,
// which is again bilinear.
#ifndef GENERATRIX_CONV_H_
#define GENERATRIX_CONV_H_

#include "generatrix/core.h"
#include "generatrix/linear.h"

#ifdef __cplusplus
extern "C" {
#endif

// Axes are depth, height, width. On each, with d = dilation, k = kernel, s = stride, p = padding:
//   convolution               out = floor((in + 2 p - d (k - 1) - 1) / s) + 1
//   transposed convolution    out = (in - 1) s - 2 p + d (k - 1) + output_padding + 1
typedef struct gx_conv_params {
  int64_t batch, in_channels, out_channels, groups;  // groups divides both
  int64_t in_size[3];                                // at least 1, as all sizes at most 2^30
  int64_t kernel[3], stride[3], dilation[3];         // at least 1
  int64_t padding[3];                                // at least 0
  int64_t output_padding[3];  // 0 if not transposed, else at least 0 and less than stride or dilation
  int32_t transposed;  // W[in_channels, out_channels / groups, kernel], else W[out_channels, in_channels / groups,
                       // kernel]
  gx_activation activation;
  double activation_p;
  // Bit i % 64 of word i / 64: tap i of the kernel, in raster order, is live. Weights of other taps are not read, and
  // have the gradient 0. All words 0: no mask. A kernel with a mask has at most 256 taps.
  uint64_t live_taps[4];
  // Above 1: at the tap in the middle of the kernel, channels on both sides of W are cut into so many contiguous equal
  // colours, and a channel of W's first axis meets only channels of the second whose colour is not above its own (B),
  // or is below its own if centre_is_strict (A). Needs groups = 1 and an odd kernel. 0 or 1: no colours.
  int32_t colours;
  int32_t centre_is_strict;
} gx_conv_params;

// Sizes of the result: out_size[3].
GX_API gx_status gx_conv_out_size(const gx_conv_params* params, int64_t* out_size);

// y = f(conv(x, W) + b), with b[out_channels] or NULL. y overlaps nothing.
// packed: from gx_conv_pack with these weights, or NULL; then W may be NULL.
GX_API gx_status gx_conv(gx_device* device, gx_format format, const gx_conv_params* params, const void* x,
                         const void* W, const void* b, const void* packed, void* y);

// What gx_conv makes of the weights before it begins, worth keeping while they stay as they are. `form` names the
// layout: weights packed for some params can be used with other params, such as another batch, that have the same form.
typedef struct gx_conv_packing {
  int64_t bytes;  // 0: nothing is to be gained, gx_conv takes W as it is; so on every GPU
  int64_t form;
} gx_conv_packing;
GX_API gx_status gx_conv_packing_of(gx_device* device, gx_format format, const gx_conv_params* params,
                                    gx_conv_packing* packing);
// packed: of packing_of's bytes, on a grid of 64 bytes. A GPU refuses.
GX_API gx_status gx_conv_pack(gx_device* device, gx_format format, const gx_conv_params* params, const void* W,
                              void* packed);

// dW = the gradient of sum(dz conv(x, W)): the activation is not looked at. dz is shaped like y, dW like W; it overlaps
// nothing.
GX_API gx_status gx_conv_weight_gradient(gx_device* device, gx_format format, const gx_conv_params* params,
                                         const void* x, const void* dz, void* dW);

// What stands between the gradient of y = f(z + b) and the three functions above: for z[batch, channels, pixels]
//   dz = dy f'(z), from y      db[c] = the sum of dz over batch and pixels, added up in double
typedef struct gx_conv_bias_params {
  int64_t batch, channels, pixels;  // 0 is allowed
  gx_activation activation;
  double activation_p;
} gx_conv_bias_params;
// y may be NULL if the activation is NONE. dz or db may be NULL: not wanted. dz may be dy.
GX_API gx_status gx_conv_bias_gradient(gx_device* device, gx_format format, const gx_conv_bias_params* params,
                                       const void* dy, const void* y, void* dz, void* db);

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_CONV_H_
