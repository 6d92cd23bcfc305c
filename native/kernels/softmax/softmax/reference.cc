// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/softmax/softmax/softmax.h"

namespace gx::reference {
namespace {

// log sum e^x over n elements.
template <class T>
double log_sum_exp(const T* x, int64_t n, int64_t stride) {
  double most = -INFINITY, sum = 0;
  for (int64_t i = 0; i < n; ++i) {
    const double v = double(x[i * stride]);
    if (std::isnan(v)) return v;
    most = v > most ? v : most;
  }
  if (std::isinf(most)) return most;
  for (int64_t i = 0; i < n; ++i) sum += std::exp(double(x[i * stride]) - most);
  return most + std::log(sum);
}

// body(offset of the first element, index of the result)
template <class Body>
void each(int64_t outer, int64_t n, int64_t inner, Body&& body) {
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < inner; ++i) body(o * n * inner + i, o * inner + i);
  }
}

}  // namespace

template <class T>
void softmax(gx_softmax_function f, int64_t outer, int64_t n, int64_t inner, const T* x, T* y) {
  each(outer, n, inner, [&](int64_t at, int64_t) {
    const double sum = log_sum_exp(x + at, n, inner), lse = std::isinf(sum) ? NAN : sum;  // no distribution
    for (int64_t k = at; k < at + n * inner; k += inner) {
      const double log_y = double(x[k]) - lse;
      y[k] = T(f == GX_SOFTMAX ? std::exp(log_y) : log_y);
    }
  });
}

template <class T>
void softmax_backward(gx_softmax_function f, int64_t outer, int64_t n, int64_t inner, const T* y, const T* dy, T* dx) {
  each(outer, n, inner, [&](int64_t at, int64_t) {
    double sum = 0;
    for (int64_t k = at; k < at + n * inner; k += inner) sum += double(dy[k]) * (f == GX_SOFTMAX ? double(y[k]) : 1);
    for (int64_t k = at; k < at + n * inner; k += inner) {
      dx[k] = T(f == GX_SOFTMAX ? double(y[k]) * (double(dy[k]) - sum) : double(dy[k]) - std::exp(double(y[k])) * sum);
    }
  });
}

template <class T>
void logsumexp(int64_t outer, int64_t n, int64_t inner, const T* x, T* y) {
  each(outer, n, inner, [&](int64_t at, int64_t k) { y[k] = T(log_sum_exp(x + at, n, inner)); });
}

template <class T>
void logsumexp_backward(int64_t outer, int64_t n, int64_t inner, const T* x, const T* y, const T* dy, T* dx) {
  each(outer, n, inner, [&](int64_t at, int64_t k) {
    for (int64_t i = at; i < at + n * inner; i += inner) {
      dx[i] = T(double(dy[k]) * std::exp(double(x[i]) - double(y[k])));
    }
  });
}

#define GX_INSTANTIATE(T)                                                                                    \
  template void softmax<T>(gx_softmax_function, int64_t, int64_t, int64_t, const T*, T*);                    \
  template void softmax_backward<T>(gx_softmax_function, int64_t, int64_t, int64_t, const T*, const T*, T*); \
  template void logsumexp<T>(int64_t, int64_t, int64_t, const T*, T*);                                       \
  template void logsumexp_backward<T>(int64_t, int64_t, int64_t, const T*, const T*, const T*, T*);
GX_INSTANTIATE(float)
GX_INSTANTIATE(double)
#undef GX_INSTANTIATE

}  // namespace gx::reference
