// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A convolution as dense products. A product makes the outputs of some channels at some pixels:
//   y[row][pixel] = sum_k weight[row][k] x[base(pixel) + source[k]],   k = (input channel, live tap) in that order
// so that masks, dilation, further axes and groups only make other tables. A plain convolution is one product over x,
// which is first split by the phases of its stride, so that the pixels a tap reads lie side by side. A transposed one
// is a product for each phase of its stride: output pixels r, r + s, r + 2s, .. read x through the same few taps, at
// neighbouring pixels. Channels of different colours are products of their own if the middle tap is among their taps.
//
// What lies outside x is not there: a tap of a product comes with the interval of pixels in which it reads something.
#ifndef GENERATRIX_KERNELS_CONV_TAPS_PLAN_H_
#define GENERATRIX_KERNELS_CONV_TAPS_PLAN_H_

#include "kernels/conv/shape.h"

namespace gx {

// One place of the kernel along an axis, for pixel q of the product: reads pixel q + shift of a plane of the source if
// that is in [0, length).
struct TapsPlace {
  int32_t shift, length;
};

struct TapsAxis {
  int64_t size, from;  // pixel q of [0, size) is pixel from + q * TapsPlan::out_step of y
  const TapsPlace* places;
  int64_t count;
};

struct TapsProduct {
  TapsAxis axis[3];
  int64_t pixels;  // of an example; 0 if y is too small to have this phase
  // Its taps: three places each.
  const int32_t (*taps)[3];
  int64_t tap_count;
  int64_t row, rows;  // output channels of a group
  // The terms of its sums.
  int64_t k;
  const int64_t* source;  // x of the term, from the pixel's base
  int64_t least, most;    // of those
  const int32_t* tap;
  const int64_t* weight;        // of the group's W, from the row's
  const int64_t* channel_from;  // [in_channels + 1]: its first term
  // Packed weights: [group][block][rows][stride].
  int64_t blocks, stride;
  int64_t packed;  // where they begin
};

// What the products read: x itself, or its split copy [batch, in_channels, planes of the phases, length].
struct TapsSource {
  bool copied;
  int64_t planes[3];          // phases of the stride that a tap is in
  const int64_t* residue[3];  // which: pixel v of plane i is pixel v * stride + residue[i] of x
  int64_t length[3];
  int64_t channel;  // elements of a channel
};

class TapsPlan {
 public:
  // Weights only: what packing needs. Nothing then depends on batch, sizes and padding.
  enum Extent { kPacking, kRunning };
  TapsPlan(const ConvShape& s, Extent extent);
  ~TapsPlan();
  TapsPlan(const TapsPlan&) = delete;
  TapsPlan& operator=(const TapsPlan&) = delete;

  const TapsProduct* products() const;
  int64_t count() const;
  int64_t most_taps() const;  // of a product
  int64_t packed_floats() const;
  int64_t row_step() const;  // from a row of W to the next
  const TapsSource& source() const;
  int64_t out_step(int axis) const;
  bool gaps() const;  // some pixels of y meet no tap

 private:
  struct Parts;
  Parts* parts_;
};

// Packed weights begin with a line that says whether there are some that are not finite.
constexpr int64_t kTapsHeader = 16;
// The longest sum, as everywhere in linear/product; a row of packed weights is an odd number of cache lines.
constexpr int64_t kTapsDepth = 512;

}  // namespace gx

#endif  // GENERATRIX_KERNELS_CONV_TAPS_PLAN_H_
