// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <limits>

#include "kernels/resample/meetings.h"
#include "kernels/resample/pool/pool.h"

namespace gx::reference {
namespace {

// element(i) for each element of the plane that is in window (r, c), row by row.
template <class Element>
void window(const gx_pool_params& p, int64_t r, int64_t c, Element element) {
  for (int64_t a = 0; a < p.kernel[0]; ++a) {
    for (int64_t b = 0; b < p.kernel[1]; ++b) {
      const int64_t i = r * p.stride[0] + a * p.dilation[0] - p.padding[0];
      const int64_t j = c * p.stride[1] + b * p.dilation[1] - p.padding[1];
      if (i >= 0 && i < p.in_size[0] && j >= 0 && j < p.in_size[1]) element(i * p.in_size[1] + j);
    }
  }
}

}  // namespace

template <class T>
void pool(const PoolShape& s, const T* from, T* to, T* index) {
  const gx_pool_params& p = s.p;
  const int64_t in = p.in_size[0] * p.in_size[1], out = s.out_size[0] * s.out_size[1];
  const auto each_window = [&](auto body) {
    for (int64_t plane = 0; plane < p.batch * p.channels; ++plane) {
      for (int64_t o = 0; o < out; ++o) body(plane, o, o / s.out_size[1], o % s.out_size[1]);
    }
  };
  if (p.kind == GX_POOL_MAX) {
    return each_window([&](int64_t plane, int64_t o, int64_t r, int64_t c) {
      int64_t best = -1;
      const T* const x = from + plane * in;
      window(p, r, c, [&](int64_t i) {
        if (best < 0 || (x[best] == x[best] && (x[i] > x[best] || x[i] != x[i]))) best = i;
      });
      to[plane * out + o] = best < 0 ? -std::numeric_limits<T>::infinity() : x[best];
      if (index) index[plane * out + o] = T(best);
    });
  }
  meet_all(p.adjoint, from, to, p.batch * p.channels * (p.adjoint ? in : out), [&](auto meet) {
    each_window([&](int64_t plane, int64_t o, int64_t r, int64_t c) {
      int64_t inside = 0;
      window(p, r, c, [&](int64_t) { ++inside; });
      const double over = p.kind == GX_POOL_SUM       ? 1
                          : p.kind == GX_POOL_AVERAGE ? double(p.kernel[0] * p.kernel[1])
                                                      : double(inside);
      window(p, r, c, [&](int64_t i) { meet(plane * in + i, plane * out + o, 1 / over); });
    });
  });
}

template void pool<float>(const PoolShape&, const float*, float*, float*);
template void pool<double>(const PoolShape&, const double*, double*, double*);

}  // namespace gx::reference
