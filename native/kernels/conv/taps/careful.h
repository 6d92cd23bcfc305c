// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The same sums one by one, for weights that are not all finite: there the zeros that stand for what lies outside x
// would make NaN.
#ifndef GENERATRIX_KERNELS_CONV_TAPS_CAREFUL_H_
#define GENERATRIX_KERNELS_CONV_TAPS_CAREFUL_H_

#include "kernels/conv/taps/engine.h"

namespace gx::GX_ISA {

inline float careful_sum(const TapsProduct& p, const float* x, const float* weights, int64_t weights_step,
                         const int64_t* at) {
  float z = 0;
  for (int64_t block = 0; block < p.blocks; ++block, weights += weights_step) {
    const int64_t from = part(p.k, p.blocks, block), to = part(p.k, p.blocks, block + 1);
    float sum = 0;
    for (int64_t k = from; k < to; ++k) {
      bool seen = true;
      for (int a = 0; a < 3; ++a) {
        const TapsPlace place = p.axis[a].places[p.taps[p.tap[k]][a]];
        const int64_t i = at[a] + place.shift;
        seen = seen && i >= 0 && i < place.length;
      }
      if (seen) sum += weights[k - from] * x[p.source[k]];
    }
    z = block == 0 ? sum : z + sum;
  }
  return z;
}

inline void run_careful(const ConvShape& s, const TapsPlan& plan, const float* x, const float* packed, const float* b,
                        float* y, Team& team) {
  const TapsFinish finish = finish_of(s.p);
  if (plan.gaps()) fill_y(s, finish, b, y, team);
  const TapsSource& source = plan.source();
  x = split_source(s, source, x, team);
  const int64_t row_pixels = source.length[2], plane_pixels = source.length[1] * row_pixels;
  auto work = [&](int64_t item, float*) {
    const int64_t channel = item % s.p.out_channels, group = channel / s.out_channels, row = channel % s.out_channels;
    const float* const own = x + (item / s.p.out_channels * s.p.in_channels + group * s.in_channels) * source.channel;
    for (int64_t j = 0; j < plan.count(); ++j) {
      const TapsProduct& p = plan.products()[j];
      if (row < p.row || row >= p.row + p.rows) continue;
      const float* const weights = packed + p.packed + (group * p.blocks * p.rows + row - p.row) * p.stride;
      int64_t at[3];
      for (at[0] = 0; at[0] < p.axis[0].size; ++at[0]) {
        for (at[1] = 0; at[1] < p.axis[1].size; ++at[1]) {
          for (at[2] = 0; at[2] < p.axis[2].size; ++at[2]) {
            const float z =
                careful_sum(p, own + at[0] * plane_pixels + at[1] * row_pixels + at[2], weights, p.rows * p.stride, at);
            int64_t to = item;
            for (int a = 0; a < 3; ++a) to = to * s.out_size[a] + p.axis[a].from + at[a] * plan.out_step(a);
            y[to] = finish.value(splat(b ? z + b[channel] : z), finish.p)[0];
          }
        }
      }
    }
  };
  run_items(team, s.p.batch * s.p.out_channels, 0, work);
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_CONV_TAPS_CAREFUL_H_
