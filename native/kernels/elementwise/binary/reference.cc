// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/elementwise/binary/binary.h"

namespace gx::reference {
namespace {

double value(gx_binary_function f, double a, double b) {
  switch (f) {
    case GX_ADD:
      return a + b;
    case GX_SUB:
      return a - b;
    case GX_MUL:
      return a * b;
    case GX_DIV:
      return a / b;
    case GX_MAXIMUM:
      return std::isnan(a) || a > b ? a : b;
    case GX_MINIMUM:
      return std::isnan(a) || a < b ? a : b;
    case GX_POW:
      return std::pow(a, b);
    case GX_GATED:
      return std::tanh(a) / (1 + std::exp(-b));
    case GX_PRELU:
      return a > 0 ? a : a * b;
  }
  return NAN;
}

struct Slopes {
  double a, b;
};
Slopes slopes(gx_binary_function f, double a, double b) {
  switch (f) {
    case GX_ADD:
      return {1, 1};
    case GX_SUB:
      return {1, -1};
    case GX_MUL:
      return {b, a};
    case GX_DIV:
      return {1 / b, -a / (b * b)};
    case GX_MAXIMUM:
    case GX_MINIMUM: {
      if (std::isnan(a) || std::isnan(b)) return {NAN, NAN};
      const double share = a == b ? 0.5 : (a > b) == (f == GX_MAXIMUM);
      return {share, 1 - share};
    }
    case GX_POW: {
      const double by_log = std::isnan(a) || std::isnan(b) ? NAN : a > 0 ? std::pow(a, b) * std::log(a) : 0;
      return {b == 0 ? 0 : b * std::pow(a, b - 1), by_log};
    }
    case GX_GATED: {
      const double t = std::tanh(a), s = 1 / (1 + std::exp(-b));
      return {(1 - t * t) * s, t * s / (1 + std::exp(b))};
    }
    case GX_PRELU:
      if (std::isnan(a)) return {a, a};
      return {a > 0 ? 1 : b, a > 0 ? 0 : a};
  }
  return {NAN, NAN};
}

}  // namespace

template <class T>
void binary(gx_binary_function f, const Walk<2>& walk, const T* a, const T* b, T* y) {
  for (int64_t row = 0; row < walk.rows; ++row) {
    const Row<2> at = row_at(walk, row);
    for (int64_t i = 0; i < walk.n; ++i) {
      y[row * walk.n + i] =
          T(value(f, double(a[at.offset[0] + i * walk.inner[0]]), double(b[at.offset[1] + i * walk.inner[1]])));
    }
  }
}

template <class T>
void binary_backward(gx_binary_function f, const Walk<2>& walk, int64_t stride, const T* a, const T* b, const T* dy,
                     T* da, T* db) {
  for (int64_t row = 0; row < walk.rows; ++row) {
    const Row<2> at = row_at(walk, row);
    for (int64_t i = 0; i < walk.n; ++i) {
      const Slopes s =
          slopes(f, double(a[at.offset[0] + i * walk.inner[0]]), double(b[at.offset[1] + i * walk.inner[1]]));
      const double g = double(dy[row * walk.n + i]);
      if (da) da[row * stride + i] = T(g * s.a);
      if (db) db[row * stride + i] = T(g * s.b);
    }
  }
}

template void binary<float>(gx_binary_function, const Walk<2>&, const float*, const float*, float*);
template void binary<double>(gx_binary_function, const Walk<2>&, const double*, const double*, double*);
template void binary_backward<float>(gx_binary_function, const Walk<2>&, int64_t, const float*, const float*,
                                     const float*, float*, float*);
template void binary_backward<double>(gx_binary_function, const Walk<2>&, int64_t, const double*, const double*,
                                      const double*, double*, double*);

}  // namespace gx::reference
