// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/resample/meetings.h"
#include "kernels/resample/pad/pad.h"

namespace gx::reference {
namespace {

// Which of n elements stands at position i, or -1.
int64_t source(gx_padding kind, int64_t i, int64_t n) {
  if (i >= 0 && i < n) return i;
  return kind == GX_PAD_ZERO ? -1 : i < 0 ? -i : 2 * (n - 1) - i;
}

}  // namespace

template <class T>
void pad(const gx_pad_params& p, const T* from, T* to) {
  const int64_t height = p.top + p.height + p.bottom, width = p.left + p.width + p.right;
  const int64_t in = p.height * p.width, out = height * width;
  meet_all(p.adjoint, from, to, p.planes * (p.adjoint ? in : out), [&](auto meet) {
    for (int64_t plane = 0; plane < p.planes; ++plane) {
      for (int64_t r = 0; r < height; ++r) {
        for (int64_t c = 0; c < width; ++c) {
          const int64_t i = source(p.kind, r - p.top, p.height), j = source(p.kind, c - p.left, p.width);
          if (i >= 0 && j >= 0) meet(plane * in + i * p.width + j, plane * out + r * width + c, 1);
        }
      }
    }
  });
}

template void pad<float>(const gx_pad_params&, const float*, float*);
template void pad<double>(const gx_pad_params&, const double*, double*);

}  // namespace gx::reference
