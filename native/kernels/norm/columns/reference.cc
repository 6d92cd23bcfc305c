// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/norm/columns/columns.h"

namespace gx::reference {
namespace {

template <class Body>
void each(const Columns& block, Body&& body) {
  for (int64_t j = 0; j < block.columns; ++j) {
    for (int64_t r = 0; r < block.rows; ++r) body(j, r * block.stride + j);
  }
}

double value(const ColumnAffine& f, int64_t j, double x) { return (x - f.mean[j]) * f.a[j] + f.b[j]; }

double gated(const ColumnAffine* gate, int64_t j, double x, double dy) {
  if (!gate) return dy;
  const double y = value(*gate, j, x);
  return std::isnan(y) ? y : y > 0 ? dy : 0;
}

}  // namespace

void column_moments(const Columns& block, const float* x, const float* shift, double* s, double* q) {
  for (int64_t j = 0; j < block.columns; ++j) s[j] = q[j] = 0;
  each(block, [&](int64_t j, int64_t at) {
    const double d = double(x[at]) - shift[j];
    s[j] += d;
    q[j] += d * d;
  });
}

void column_affine(const Columns& block, const float* x, const ColumnAffine& f, float* y) {
  each(block, [&](int64_t j, int64_t at) {
    const double v = value(f, j, x[at]);
    y[at] = float(f.relu && v < 0 ? 0 : v);
  });
}

void column_gradient_sums(const Columns& block, const float* x, const float* dy, const float* mean,
                          const ColumnAffine* gate, double* s, double* q) {
  for (int64_t j = 0; j < block.columns; ++j) s[j] = q[j] = 0;
  each(block, [&](int64_t j, int64_t at) {
    const double g = gated(gate, j, x[at], dy[at]);
    s[j] += g;
    q[j] += g * (double(x[at]) - mean[j]);
  });
}

void column_pullback(const Columns& block, const float* x, const float* dy, const ColumnAffine* gate,
                     const ColumnPullback& f, float* dx) {
  each(block, [&](int64_t j, int64_t at) {
    const double g = gated(gate, j, x[at], dy[at]);
    dx[at] = float(f.k1[j] * g + f.k2[j] * (double(x[at]) - f.mean[j]) + f.k3[j]);
  });
}

}  // namespace gx::reference
