// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <stddef.h>

#include <vector>

#include "kernels/reduce/extreme/extreme.h"

namespace gx::reference {

template <class T>
void reduce_extreme(gx_reduction reduction, const gx_shape& shape, uint32_t axes, const T* x, const T* dy, T* index,
                    T* dx) {
  int64_t outputs = 1, elements = 1;
  for (int axis = 0; axis < shape.rank; ++axis) {
    elements *= shape.dims[axis];
    if (!(axes >> axis & 1)) outputs *= shape.dims[axis];
  }
  std::vector<int64_t> best(size_t(outputs), -1), reduced_index(size_t(outputs), 0);
  for (int64_t i = 0; i < elements; ++i) {
    int64_t rest = i, k = 0, r = 0, stride = 1, reduced_stride = 1;
    for (int axis = shape.rank - 1; axis >= 0; --axis) {
      const int64_t at = rest % shape.dims[axis];
      rest /= shape.dims[axis];
      int64_t& s = axes >> axis & 1 ? reduced_stride : stride;
      (axes >> axis & 1 ? r : k) += at * s;
      s *= shape.dims[axis];
    }
    if (dx) dx[i] = 0;
    int64_t& b = best[size_t(k)];
    const bool first = b < 0, stays = !first && x[b] != x[b];
    if (first || (!stays && (x[i] != x[i] || (reduction == GX_MAX ? x[i] > x[b] : x[i] < x[b])))) {
      b = i;
      reduced_index[size_t(k)] = r;
    }
  }
  for (int64_t k = 0; k < outputs; ++k) {
    if (index) index[k] = T(reduced_index[size_t(k)]);
    if (dx && best[size_t(k)] >= 0) dx[best[size_t(k)]] = dy[k];
  }
}

template void reduce_extreme<float>(gx_reduction, const gx_shape&, uint32_t, const float*, const float*, float*,
                                    float*);
template void reduce_extreme<double>(gx_reduction, const gx_shape&, uint32_t, const double*, const double*, double*,
                                     double*);

}  // namespace gx::reference
