// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/norm/operand.h"
#include "kernels/norm/weight_norm/weight_norm.h"

namespace gx::reference {

template <class T>
void weight_norm(int64_t rows, int64_t units, const T* v, const T* g, T* w, double* norms) {
  for (int64_t r = 0; r < rows; ++r) {
    double squares = 0;
    for (int64_t i = r * units; i < (r + 1) * units; ++i) squares += double(v[i]) * double(v[i]);
    norms[r] = std::sqrt(squares);
    for (int64_t i = r * units; i < (r + 1) * units; ++i) w[i] = T(double(g[r]) * double(v[i]) / norms[r]);
  }
}

template <class T>
void weight_norm_backward(int64_t rows, int64_t units, const T* v, const T* g, const double* norms, const T* dw, T* dv,
                          T* dg) {
  for (int64_t r = 0; r < rows; ++r) {
    double dot = 0;
    for (int64_t i = r * units; i < (r + 1) * units; ++i) dot += double(dw[i]) * double(v[i]);
    put(dg, r, dot / norms[r]);
    for (int64_t i = r * units; dv && i < (r + 1) * units; ++i) {
      dv[i] = T(double(g[r]) / norms[r] * (double(dw[i]) - dot * double(v[i]) / (norms[r] * norms[r])));
    }
  }
}

#define GX_INSTANTIATE(T)                                                       \
  template void weight_norm(int64_t, int64_t, const T*, const T*, T*, double*); \
  template void weight_norm_backward(int64_t, int64_t, const T*, const T*, const double*, const T*, T*, T*);
GX_INSTANTIATE(float)
GX_INSTANTIATE(double)
#undef GX_INSTANTIATE

}  // namespace gx::reference
