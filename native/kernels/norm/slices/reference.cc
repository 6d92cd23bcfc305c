// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/norm/slices/slices.h"

namespace gx::reference {
namespace {

template <class Body>
void each(const Slice& slice, Body&& body) {
  for (int64_t segment = 0; segment < slice.segments; ++segment) {
    for (int64_t i = 0; i < slice.length; ++i) body(segment * slice.stride + i);
  }
}

double value(const Affine& f, double x) { return (x - f.mean) * f.a + f.b; }

double gated(const Affine* gate, double x, double dy) {
  if (!gate) return dy;
  const double y = value(*gate, x);
  return std::isnan(y) ? y : y > 0 ? dy : 0;
}

}  // namespace

void slice_moments(const Slice& slice, const float* x, double shift, double sums[2]) {
  sums[0] = sums[1] = 0;
  each(slice, [&](int64_t at) {
    sums[0] += x[at] - shift;
    sums[1] += (x[at] - shift) * (x[at] - shift);
  });
}

void slice_affine(const Slice& slice, const float* x, const Affine& f, float* y) {
  each(slice, [&](int64_t at) {
    const double v = value(f, x[at]);
    y[at] = float(f.relu && v < 0 ? 0 : v);
  });
}

void slice_gradient_sums(const Slice& slice, const float* x, const float* dy, double mean, const Affine* gate,
                         double sums[2]) {
  sums[0] = sums[1] = 0;
  each(slice, [&](int64_t at) {
    const double g = gated(gate, x[at], dy[at]);
    sums[0] += g;
    sums[1] += g * (x[at] - mean);
  });
}

void slice_pullback(const Slice& slice, const float* x, const float* dy, const Affine* gate, const Pullback& f,
                    float* dx) {
  each(slice, [&](int64_t at) {
    const double g = gated(gate, x[at], dy[at]);
    dx[at] = float(double(f.k1) * g + double(f.k2) * (double(x[at]) - f.mean) + f.k3);
  });
}

}  // namespace gx::reference
