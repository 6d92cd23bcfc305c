// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/elementwise/affine/affine.h"

namespace gx::reference {

template <class T>
void affine(double alpha, double beta, const Walk<1>& walk, const T* x, T* y) {
  for (int64_t row = 0; row < walk.rows; ++row) {
    const T* const from = x + row_at(walk, row).offset[0];
    for (int64_t i = 0; i < walk.n; ++i) y[row * walk.n + i] = T(alpha * double(from[i * walk.inner[0]]) + beta);
  }
}

template <class T>
void add_scaled(double alpha, const T* x, T* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = T(double(y[i]) + alpha * double(x[i]));
}

template void affine<float>(double, double, const Walk<1>&, const float*, float*);
template void affine<double>(double, double, const Walk<1>&, const double*, double*);
template void add_scaled<float>(double, const float*, float*, int64_t);
template void add_scaled<double>(double, const double*, double*, int64_t);

}  // namespace gx::reference
