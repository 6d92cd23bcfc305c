// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>

#include "kernels/loss/wasserstein1/wasserstein1.h"

namespace gx::reference {
namespace {

// Both quantile functions are steps: between neighbouring multiples of 1/n and 1/m, which are counted in units of 1/nm,
// they are constant. Calls body(i, j, length) for each such piece of (0, 1), i and j the ranks.
template <class Body>
void each_piece(int64_t n, int64_t m, Body&& body) {
  int64_t i = 0, j = 0, from = 0;
  while (i < n) {
    const int64_t x_end = (i + 1) * m, y_end = (j + 1) * n, to = std::min(x_end, y_end);
    body(i, j, double(to - from) / double(n) / double(m));
    i += to == x_end;
    j += to == y_end;
    from = to;
  }
}

}  // namespace

template <class T>
bool ascending(const T* x, int64_t n, int64_t* order) {
  for (int64_t i = 0; i < n; ++i) {
    if (std::isnan(x[i])) return false;
    order[i] = i;
  }
  std::sort(order, order + n, [x](int64_t a, int64_t b) { return x[a] < x[b] || (x[a] == x[b] && a < b); });
  return true;
}

template <class T>
double wasserstein1(const T* x, int64_t n, const int64_t* x_order, const T* y, int64_t m, const int64_t* y_order) {
  double sum = 0;
  each_piece(n, m, [&](int64_t i, int64_t j, double length) {
    sum += length * std::fabs(double(x[x_order[i]]) - double(y[y_order[j]]));
  });
  return sum;
}

template <class T>
void wasserstein1_backward(const T* x, int64_t n, const int64_t* x_order, const T* y, int64_t m, const int64_t* y_order,
                           double dout, T* dx, T* dy) {
  double x_slope = 0, y_slope = 0;  // of the ranks i and j, whose pieces are neighbours
  int64_t x_rank = 0, y_rank = 0;
  each_piece(n, m, [&](int64_t i, int64_t j, double length) {
    if (i != x_rank) x_rank = i, x_slope = 0;
    if (j != y_rank) y_rank = j, y_slope = 0;
    const T a = x[x_order[i]], b = y[y_order[j]];
    const double slope = a > b ? length : a < b ? -length : 0;
    x_slope += slope;
    y_slope -= slope;
    if (dx) dx[x_order[i]] = T(dout * x_slope);
    if (dy) dy[y_order[j]] = T(dout * y_slope);
  });
}

template bool ascending<float>(const float*, int64_t, int64_t*);
template bool ascending<double>(const double*, int64_t, int64_t*);
template double wasserstein1<float>(const float*, int64_t, const int64_t*, const float*, int64_t, const int64_t*);
template double wasserstein1<double>(const double*, int64_t, const int64_t*, const double*, int64_t, const int64_t*);
template void wasserstein1_backward<float>(const float*, int64_t, const int64_t*, const float*, int64_t, const int64_t*,
                                           double, float*, float*);
template void wasserstein1_backward<double>(const double*, int64_t, const int64_t*, const double*, int64_t,
                                            const int64_t*, double, double*, double*);

}  // namespace gx::reference
