// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A checked convolution. Seen from its weights W[rows, columns, taps], a convolution goes from the columns' side to the
// rows' side and a transposed one back: pixel r of the rows' side and pixel r * stride + tap * dilation - padding of
// the columns' side meet through that tap, whichever side is the input.
#ifndef GENERATRIX_KERNELS_CONV_SHAPE_H_
#define GENERATRIX_KERNELS_CONV_SHAPE_H_

#include <cstdint>
#include <memory>

#include "generatrix/conv.h"

namespace gx {

struct ConvTap {
  int64_t index;  // in the kernel, raster order
  int64_t at[3];  // times dilation, minus padding
  bool centre;    // colours are looked at
};

struct ConvShape {
  gx_conv_params p;
  int64_t out_size[3];
  int64_t in_pixels, out_pixels, kernel_taps;
  int64_t in_channels, out_channels;  // of a group
  const ConvTap* taps;                // the live ones, in raster order
  int64_t live_taps;

  // Channels of a group on the rows' and on the columns' side of W.
  int64_t rows() const { return p.transposed ? in_channels : out_channels; }
  int64_t columns() const { return p.transposed ? out_channels : in_channels; }
  // Columns [0, this) of a row's weights are live at a tap.
  int64_t live_columns(const ConvTap& tap, int64_t row) const {
    if (!tap.centre) return columns();
    const int64_t colour = row / (rows() / p.colours);
    return (colour + (p.centre_is_strict ? 0 : 1)) * (columns() / p.colours);
  }
  int64_t in_count() const { return p.batch * p.in_channels * in_pixels; }
  int64_t out_count() const { return p.batch * p.out_channels * out_pixels; }
  int64_t weight_count() const { return p.groups * rows() * columns() * kernel_taps; }
};

// Owns the taps.
struct CheckedConv {
  ConvShape shape;
  std::unique_ptr<ConvTap[]> taps;
};

namespace check {
// All sizes and products of sizes; the counts above do not overflow.
CheckedConv conv(const gx_conv_params* params);
}  // namespace check
}  // namespace gx

#endif  // GENERATRIX_KERNELS_CONV_SHAPE_H_
