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
    case GX_POW:
      return {b == 0 ? 0 : b * std::pow(a, b - 1), a > 0                            ? std::pow(a, b) * std::log(a)
                                                   : std::isnan(a) || std::isnan(b) ? NAN
                                                                                    : 0};
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
void binary_backward(gx_binary_function f, const Walk<2>& walk, const T* a, const T* b, const T* dy, T* da, T* db) {
  for (int64_t row = 0; row < walk.rows; ++row) {
    const Row<2> at = row_at(walk, row);
    for (int64_t i = 0; i < walk.n; ++i) {
      const Slopes s =
          slopes(f, double(a[at.offset[0] + i * walk.inner[0]]), double(b[at.offset[1] + i * walk.inner[1]]));
      const int64_t k = row * walk.n + i;
      const double g = double(dy[k]);
      if (da) da[k] = T(g * s.a);
      if (db) db[k] = T(g * s.b);
    }
  }
}

template void binary<float>(gx_binary_function, const Walk<2>&, const float*, const float*, float*);
template void binary<double>(gx_binary_function, const Walk<2>&, const double*, const double*, double*);
template void binary_backward<float>(gx_binary_function, const Walk<2>&, const float*, const float*, const float*,
                                     float*, float*);
template void binary_backward<double>(gx_binary_function, const Walk<2>&, const double*, const double*, const double*,
                                      double*, double*);

}  // namespace gx::reference
