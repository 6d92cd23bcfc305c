// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>

#include "kernels/resample/meetings.h"
#include "kernels/resample/resize/resize.h"

namespace gx::reference {
namespace {

// tap(i, weight) for the one or two elements that output o of an axis is made of.
template <class Tap>
void axis(gx_resize_kind kind, int64_t in, int64_t out, int64_t o, Tap tap) {
  if (kind == GX_RESIZE_NEAREST || kind == GX_RESIZE_UPPER_LEFT) {
    const int64_t factor = out / in;
    if (kind == GX_RESIZE_NEAREST || o % factor == 0) tap(o / factor, 1.0);
    return;
  }
  const double n = double(in), m = double(out);
  const double raw = kind == GX_RESIZE_LINEAR ? (double(o) + 0.5) * n / m - 0.5
                     : out == 1               ? 0
                                              : double(o) * (n - 1) / (m - 1);
  const double at = std::min(std::max(raw, 0.0), n - 1);
  const int64_t low = int64_t(std::floor(at));
  const double part = at - double(low);
  if (part != 1) tap(low, 1 - part);
  if (part != 0) tap(low + 1, part);
}

}  // namespace

template <class T>
void resize(const gx_resize_params& p, const T* from, T* to) {
  const int64_t in = p.in_size[0] * p.in_size[1], out = p.out_size[0] * p.out_size[1];
  const int64_t planes = p.batch * p.channels;
  meet_all(p.adjoint, from, to, planes * (p.adjoint ? p.summed * in : out), [&](auto meet) {
    for (int64_t plane = 0; plane < planes * p.summed; ++plane) {
      for (int64_t r = 0; r < p.out_size[0]; ++r) {
        for (int64_t c = 0; c < p.out_size[1]; ++c) {
          axis(p.kind, p.in_size[0], p.out_size[0], r, [&](int64_t i, double of_row) {
            axis(p.kind, p.in_size[1], p.out_size[1], c, [&](int64_t j, double of_column) {
              meet(plane * in + i * p.in_size[1] + j, plane / p.summed * out + r * p.out_size[1] + c,
                   of_row * of_column);
            });
          });
        }
      }
    }
  });
}

template void resize<float>(const gx_resize_params&, const float*, float*);
template void resize<double>(const gx_resize_params&, const double*, double*);

}  // namespace gx::reference
