// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The copy of x whose planes are the phases of the stride: TapsSource. What no tap reads is not copied.
#ifndef GENERATRIX_KERNELS_CONV_TAPS_SPLIT_H_
#define GENERATRIX_KERNELS_CONV_TAPS_SPLIT_H_

#include "kernels/conv/taps/plan.h"
#include "kernels/linear/product/run.h"

namespace gx::GX_ISA {

// to[i] = from[i * step] for i < n.
inline void take_every(const float* from, int64_t step, int64_t n, float* to) {
  int64_t i = 0;
  if (step == 2) {
    vi even;
    for (int l = 0; l < kLanes; ++l) even[l] = 2 * l;
    for (; i + kLanes < n; i += kLanes) {  // one more follows, so that both vectors are there
      store(to + i, __builtin_shuffle(loadf(from + 2 * i), loadf(from + 2 * i + kLanes), even));
    }
  } else if (step == 1) {
    for (; i + kLanes <= n; i += kLanes) store(to + i, loadf(from + i));
  }
  for (; i < n; ++i) to[i] = from[i * step];
}

inline void split_channel(const ConvShape& s, const TapsSource& source, const float* x, float* to) {
  const int64_t* const step = s.p.stride;
  const int64_t* const size = s.p.in_size;
  const int64_t row = source.length[2], plane = source.length[1] * row;
  for (int64_t i = 0; i < source.planes[0]; ++i) {
    for (int64_t j = 0; j < source.planes[1]; ++j) {
      for (int64_t k = 0; k < source.planes[2]; ++k, to += source.length[0] * plane) {
        const int64_t width = (size[2] - source.residue[2][k] + step[2] - 1) / step[2];
        for (int64_t d = 0, z = source.residue[0][i]; z < size[0]; ++d, z += step[0]) {
          for (int64_t h = 0, at = source.residue[1][j]; at < size[1]; ++h, at += step[1]) {
            take_every(x + (z * size[1] + at) * size[2] + source.residue[2][k], step[2], width,
                       to + d * plane + h * row);
          }
        }
      }
    }
  }
}

// x itself where nothing is to be split.
inline const float* split_source(const ConvShape& s, const TapsSource& source, const float* x, Team& team) {
  if (!source.copied) return x;
  const int64_t channels = s.p.batch * s.p.in_channels;
  const int64_t most = 16 * team.threads(), items = lesser(most, channels * s.in_pixels / 4096 + 1);
  float* const copy = team.scratch(channels * source.channel);
  auto work = [&](int64_t item, float*) {
    for (int64_t c = part(channels, items, item), end = part(channels, items, item + 1); c < end; ++c) {
      split_channel(s, source, x + c * s.in_pixels, copy + c * source.channel);
    }
  };
  run_items(team, items, 0, work);
  return copy;
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_CONV_TAPS_SPLIT_H_
