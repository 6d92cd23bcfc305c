// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/elementwise/unary/unary.h"

namespace gx::reference {
namespace {

double value(gx_unary_function f, double, double x) {
  switch (f) {
    case GX_EXP:
      return std::exp(x);
    case GX_SIGMOID:
      return 1 / (1 + std::exp(-x));
    case GX_TANH:
      return std::tanh(x);
    case GX_RELU:
      return x < 0 ? 0 : x;
  }
  return NAN;
}

// f'(x), given x or y.
double derivative(gx_unary_function f, double, double given) {
  switch (f) {
    case GX_EXP:
      return given;
    case GX_SIGMOID:
      return given * (1 - given);
    case GX_TANH:
      return 1 - given * given;
    case GX_RELU:
      return std::isnan(given) ? given : given > 0;
  }
  return NAN;
}

}  // namespace

template <class T>
void unary(gx_unary_function f, double p, const T* x, T* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = T(value(f, p, double(x[i])));
}

template <class T>
void unary_backward(gx_unary_function f, double p, const T* given, const T* dy, T* dx, int64_t count) {
  for (int64_t i = 0; i < count; ++i) dx[i] = T(double(dy[i]) * derivative(f, p, double(given[i])));
}

template void unary<float>(gx_unary_function, double, const float*, float*, int64_t);
template void unary<double>(gx_unary_function, double, const double*, double*, int64_t);
template void unary_backward<float>(gx_unary_function, double, const float*, const float*, float*, int64_t);
template void unary_backward<double>(gx_unary_function, double, const double*, const double*, double*, int64_t);

}  // namespace gx::reference
