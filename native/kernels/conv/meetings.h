// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The definition of a convolution that the references share: which element of x meets which of y through which weight.
#ifndef GENERATRIX_KERNELS_CONV_MEETINGS_H_
#define GENERATRIX_KERNELS_CONV_MEETINGS_H_

#include "kernels/conv/shape.h"

namespace gx::reference {

// Calls f(index in x, index in W, index in y) for every pair that a live weight joins.
template <class F>
void each_meeting(const ConvShape& s, F f) {
  const bool transposed = s.p.transposed;
  const int64_t* const row_size = transposed ? s.p.in_size : s.out_size;
  const int64_t* const column_size = transposed ? s.out_size : s.p.in_size;
  const int64_t row_pixels = transposed ? s.in_pixels : s.out_pixels;
  const int64_t column_pixels = transposed ? s.out_pixels : s.in_pixels;
  for (int64_t n = 0; n < s.p.batch; ++n) {
    for (int64_t g = 0; g < s.p.groups; ++g) {
      for (int64_t row = 0; row < s.rows(); ++row) {
        const int64_t row_plane = (n * s.p.groups + g) * s.rows() + row;
        for (int64_t pixel = 0; pixel < row_pixels; ++pixel) {
          const int64_t at[3] = {pixel / (row_size[1] * row_size[2]), pixel / row_size[2] % row_size[1],
                                 pixel % row_size[2]};
          for (int64_t t = 0; t < s.live_taps; ++t) {
            const ConvTap& tap = s.taps[t];
            int64_t other = 0;
            bool inside = true;
            for (int a = 0; a < 3; ++a) {
              const int64_t i = at[a] * s.p.stride[a] + tap.at[a];
              inside = inside && i >= 0 && i < column_size[a];
              other = other * column_size[a] + i;
            }
            if (!inside) continue;
            const int64_t live = s.live_columns(tap, row);
            for (int64_t column = 0; column < live; ++column) {
              const int64_t column_plane = (n * s.p.groups + g) * s.columns() + column;
              const int64_t weight = ((g * s.rows() + row) * s.columns() + column) * s.kernel_taps + tap.index;
              const int64_t of_row = row_plane * row_pixels + pixel;
              const int64_t of_column = column_plane * column_pixels + other;
              f(transposed ? of_row : of_column, weight, transposed ? of_column : of_row);
            }
          }
        }
      }
    }
  }
}

}  // namespace gx::reference

#endif  // GENERATRIX_KERNELS_CONV_MEETINGS_H_
