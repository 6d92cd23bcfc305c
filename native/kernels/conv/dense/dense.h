// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Convolutions whose rows' side is one pixel and whose kernel covers the columns' side exactly, such as a generator's
// first layer and a discriminator's last: every weight meets one element of each side, so that they are products of
// matrices as they lie.
//   plain         y[n, o] = x[n, (c, tap)] W[o, (c, tap)]^T
//   transposed    y[n, (o, tap)] = x[n, c] W[c, (o, tap)]
// For 100 -> 256 channels, k4 on one pixel, batch 64, 15 times as fast as `taps`, which sees one tap of 16 a pixel.

#include "kernels/conv/conv/conv.h"
#include "kernels/conv/conv_weight_gradient/conv_weight_gradient.h"
#include "kernels/linear/activation.h"
#include "kernels/linear/product/run.h"

namespace gx::GX_ISA {
namespace {

bool suits_dense(const ConvShape& s) {
  if (s.p.groups > 1 || s.p.colours > 1 || s.live_taps < s.kernel_taps) return false;
  for (uint64_t word : s.p.live_taps) {
    if (word != 0) return false;  // masks promise the sums of `taps`
  }
  for (int a = 0; a < 3; ++a) {
    const int64_t rows = s.p.transposed ? s.p.in_size[a] : s.out_size[a];
    const int64_t columns = s.p.transposed ? s.out_size[a] : s.p.in_size[a];
    const bool covers = columns == s.p.kernel[a] && (s.p.dilation[a] == 1 || s.p.kernel[a] == 1);
    if (rows != 1 || !covers || s.p.padding[a] != 0) return false;
  }
  return true;
}

// Bias of the column's channel and activation.
template <class F>
void finish_dense(float* y, int64_t y_stride, int64_t rows, int64_t column, int64_t columns, const float* bias,
                  int64_t taps, float p) {
  for (int64_t j = 0; j < columns; j += kLanes) {
    const int width = int(lesser<int64_t>(kLanes, columns - j));
    vf b = {};
    for (int l = 0; bias && l < width; ++l) b[l] = bias[(column + j + l) / taps];
    float* to = y + j;
    for (int64_t i = 0; i < rows; ++i, to += y_stride) store_first(to, F::value(load_first(to, width) + b, p), width);
  }
}

struct DenseFinish {
  void (*apply)(float*, int64_t, int64_t, int64_t, int64_t, const float*, int64_t, float);  // null: nothing to do
  const float* bias;
  int64_t taps;
  float p;

  void operator()(float* y, int64_t y_stride, int64_t, int64_t rows, int64_t column, int64_t columns) const {
    if (apply) apply(y, y_stride, rows, column, columns, bias, taps, p);
  }
};

}  // namespace

bool conv_suits_dense(const ConvShape& s) { return suits_dense(s); }
int64_t conv_packed_dense(const ConvShape&) { return 0; }
void conv_pack_dense(const ConvShape&, const float*, float*, Team&) {}

void conv_dense(const ConvShape& s, const float* x, const float* W, const float*, const float* b, float* y,
                Team& team) {
  const int64_t in = s.in_channels * s.in_pixels, out = s.out_channels * s.out_pixels;
  DenseFinish finish = {nullptr, b, s.out_pixels, float(s.p.activation_p)};
  if (b || s.p.activation != GX_ACTIVATION_NONE) {
    activation::with(s.p.activation, [&](auto f) { finish.apply = finish_dense<decltype(f)>; });
  }
  const DenseColumns weights = {W, s.p.transposed ? out : in, s.p.transposed == 0};
  run_product(team, Product<DenseRows, DenseColumns, DenseFinish>({x, in, false}, weights, s.p.batch, out, in, y, out,
                                                                  false, team.threads(), finish));
}

bool conv_weight_gradient_suits_dense(const ConvShape& s) { return suits_dense(s); }

void conv_weight_gradient_dense(const ConvShape& s, const float* x, const float* dz, float* dW, Team& team) {
  const float *const rows_side = s.p.transposed ? x : dz, *const columns_side = s.p.transposed ? dz : x;
  const int64_t rows = s.rows(), columns = s.columns() * s.kernel_taps;
  run_product(team, Product<DenseRows, DenseColumns>({rows_side, rows, true}, {columns_side, columns, false}, rows,
                                                     columns, s.p.batch, dW, columns, false, team.threads()));
}

}  // namespace gx::GX_ISA
