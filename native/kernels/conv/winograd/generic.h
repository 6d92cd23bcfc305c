// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Lines of conv.conv and conv.conv_weight_gradient: the convolutions that have a form (forms.h), where it pays.

#include "kernels/conv/winograd/forward.h"
#include "kernels/conv/winograd/gradient.h"

namespace gx::GX_ISA {
namespace {

// Two-dimensional, every number of the height and the width these.
bool square(const ConvShape& s, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation) {
  const gx_conv_params& p = s.p;
  for (int a = 1; a < 3; ++a) {
    if (p.kernel[a] != kernel || p.stride[a] != stride || p.padding[a] != padding || p.dilation[a] != dilation ||
        p.output_padding[a] != 0) {
      return false;
    }
  }
  return p.in_size[0] == 1 && p.kernel[0] == 1 && p.stride[0] == 1 && p.padding[0] == 0 && p.output_padding[0] == 0 &&
         p.groups == 1 && p.colours < 2 && (p.live_taps[0] | p.live_taps[1] | p.live_taps[2] | p.live_taps[3]) == 0;
}

// Of a dilated convolution: the lines of its phases are whole vectors, and its tiles have at most so many times the
// pixels there are. Lines that are gathered pixel by pixel, as with dilation 3, have 0.6 to 0.8 times the speed of
// `taps`.
bool fills_tiles(const ConvShape& s, double most) {
  const int64_t dilation = s.p.dilation[1], height = s.out_size[1], width = s.out_size[2];
  if (dilation == 1) return true;
  const int64_t tiles = winograd::tile_grid(1, height, width, 2, dilation).tiles();
  return winograd::DilatedLine(width, dilation).vectors != 0 && 4 * double(tiles) <= most * double(s.out_pixels);
}

// f(Form()) of a convolution that has one.
template <class F>
bool with_form(const ConvShape& s, F&& f) {
  const int64_t dilation = s.p.dilation[1];
  if (square(s, 3, 1, dilation, dilation)) return f(winograd::Three()), true;
  if (!square(s, 4, 2, 1, 1)) return false;
  if (s.p.transposed) return f(winograd::Up()), true;
  return f(winograd::Down()), true;
}

}  // namespace

bool conv_suits_winograd(const ConvShape& s) {
  // Against `taps` on one thread of a Zen 5 (CPU time, interleaved), weights packed anew each time: 1.3 times its speed
  // at 16 channels on both sides, 1.6 to 2.1 from 32 on with 512 tiles or more. With 64 tiles it is 1.0 to 1.4 (1.5
  // to 2.1 with kept weights), with 32 tiles 0.7 to 1.0, as the transformed weights are then most of the work. Dilated
  // by 2, 4, 8, of 64x64 to 32x32 pixels, it is 1.6 to 1.8, with tiles of 1.31 times the pixels (28x28 by 4) 1.2.
  if (s.in_channels < 16 || s.out_channels < 16) return false;
  bool enough = false;
  with_form(s, [&](auto form) {
    constexpr int64_t kOut = decltype(form)::kOut;
    enough = winograd::tile_grid(s.p.batch, s.out_size[1], s.out_size[2], kOut, s.p.dilation[1]).tiles() >= 64;
  });
  return enough && fills_tiles(s, 1.4);
}

int64_t conv_packed_winograd(const ConvShape& s) {
  int64_t floats = 0;
  with_form(s, [&](auto form) { floats = winograd::packed_floats<decltype(form)>(s); });
  return floats;
}

void conv_pack_winograd(const ConvShape& s, const float* W, float* packed, Team& team) {
  with_form(s, [&](auto form) { winograd::pack<decltype(form)>(s, W, packed, team); });
}

void conv_winograd(const ConvShape& s, const float* x, const float*, const float* packed, const float* b, float* y,
                   Team& team) {
  with_form(s, [&](auto form) { winograd::Forward<decltype(form)>(s, x, packed, b, y, team.threads()).run(team); });
}

bool conv_weight_gradient_suits_winograd(const ConvShape& s) {
  // Against `taps` as above: kernel 4 has 1.3 times its speed at 16 channels on a side, 1.8 to 2.1 at 32 and more, 2 to
  // 5 times with 4 to 64 tiles. Kernel 3 has 0.6 times its speed at 16 x 16 channels, 1.0 at 32 x 32, 1.3 at 32 x
  // 64, 1.9 at 256 x 256: its tiles give 16 values on both sides. Dilated it is 1.4 at 64 x 64, and 0.9 with tiles of
  // 1.31 times the pixels.
  const int64_t rows = s.rows(), columns = s.columns();
  if (rows < 16 || columns < 16 || (s.p.kernel[1] == 3 && (rows < 32 || columns < 32 || rows * columns < 2048))) {
    return false;
  }
  return s.p.batch * (s.p.transposed ? s.in_pixels : s.out_pixels) >= 16 && with_form(s, [](auto) {}) &&
         fills_tiles(s, 1.25);
}

void conv_weight_gradient_winograd(const ConvShape& s, const float* x, const float* dz, float* dW, Team& team) {
  if (s.p.kernel[1] == 3) return winograd::Gradient<winograd::Three>(s, x, dz, dW, team.threads()).run(team);
  winograd::Gradient<winograd::Down>(s, x, dz, dW, team.threads()).run(team);
}

}  // namespace gx::GX_ISA
