// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// One vector of columns at a time goes down the rows, its sums in registers. Contract: columns.h.

#include "kernels/norm/columns/columns.h"
#include "runtime/vec.h"

namespace gx::GX_ISA {
namespace {

constexpr int64_t kFetchRows = 8;  // rows between the sums and the prefetch

// A vector of the first n columns from p, n <= kLanes.
inline vf part(const float* p, int n) { return n == kLanes ? loadf(p) : load_first(p, n); }
inline void put(float* p, vf v, int n) { n == kLanes ? store(p, v) : store_first(p, v, n); }

// body(first column, columns) for every vector of columns.
template <class Body>
inline void across(const Columns& block, Body&& body) {
  for (int64_t j = 0; j < block.columns; j += kLanes) body(j, int(lesser(int64_t(kLanes), block.columns - j)));
}

// The sums of a vector of columns, by halves.
struct Sums {
  vd s[2] = {}, q[2] = {};
  void store_first(double* to_s, double* to_q, int n) const {
    for (int i = 0; i < n; ++i) {
      to_s[i] = s[i / kLanesD][i % kLanesD];
      to_q[i] = q[i / kLanesD][i % kLanesD];
    }
  }
};

struct Factors {
  vf mean, a, b;
};
inline Factors factors(const ColumnAffine& f, int64_t j, int n) {
  return {part(f.mean + j, n), part(f.a + j, n), part(f.b + j, n)};
}
inline vf apply(const Factors& f, vf x) { return (x - f.mean) * f.a + f.b; }
inline vf gated(const Factors& gate, vf x, vf dy) {
  const vf y = apply(gate, x);
  return y > 0.0f ? dy : 0.0f * y;
}

}  // namespace

void columns_moments(const Columns& block, const float* x, const float* shift, double* s, double* q) {
  across(block, [&](int64_t j, int n) {
    const vf shifts = part(shift + j, n);
    const vd low_shift = lower_half(shifts), high_shift = upper_half(shifts);
    Sums sums;
    const float* p = x + j;
    for (int64_t r = 0; r < block.rows; ++r, p += block.stride) {
      __builtin_prefetch(p + kFetchRows * block.stride);
      const vf v = part(p, n);
      const vd low = lower_half(v) - low_shift, high = upper_half(v) - high_shift;
      sums.s[0] += low;
      sums.q[0] += low * low;
      sums.s[1] += high;
      sums.q[1] += high * high;
    }
    sums.store_first(s + j, q + j, n);
  });
}

void columns_affine(const Columns& block, const float* x, const ColumnAffine& f, float* y) {
  across(block, [&](int64_t j, int n) {
    const Factors factor = factors(f, j, n);
    const vf zero = {};
    for (int64_t r = 0; r < block.rows; ++r) {
      const int64_t at = r * block.stride + j;
      const vf value = apply(factor, part(x + at, n));
      put(y + at, f.relu ? max(zero, value) : value, n);
    }
  });
}

void columns_gradient_sums(const Columns& block, const float* x, const float* dy, const float* mean,
                           const ColumnAffine* gate, double* s, double* q) {
  across(block, [&](int64_t j, int n) {
    const vf means = part(mean + j, n);
    const vd low_mean = lower_half(means), high_mean = upper_half(means);
    const Factors factor = gate ? factors(*gate, j, n) : Factors{};
    Sums sums;
    for (int64_t r = 0; r < block.rows; ++r) {
      const int64_t at = r * block.stride + j;
      __builtin_prefetch(x + at + kFetchRows * block.stride);
      __builtin_prefetch(dy + at + kFetchRows * block.stride);
      const vf v = part(x + at, n), d = part(dy + at, n), g = gate ? gated(factor, v, d) : d;
      const vd low = lower_half(g), high = upper_half(g);
      sums.s[0] += low;
      sums.q[0] += low * (lower_half(v) - low_mean);
      sums.s[1] += high;
      sums.q[1] += high * (upper_half(v) - high_mean);
    }
    sums.store_first(s + j, q + j, n);
  });
}

void columns_pullback(const Columns& block, const float* x, const float* dy, const ColumnAffine* gate,
                      const ColumnPullback& f, float* dx) {
  across(block, [&](int64_t j, int n) {
    const vf mean = part(f.mean + j, n), k1 = part(f.k1 + j, n), k2 = part(f.k2 + j, n), k3 = part(f.k3 + j, n);
    const Factors factor = gate ? factors(*gate, j, n) : Factors{};
    for (int64_t r = 0; r < block.rows; ++r) {
      const int64_t at = r * block.stride + j;
      const vf v = part(x + at, n), d = part(dy + at, n), g = gate ? gated(factor, v, d) : d;
      put(dx + at, k1 * g + (k2 * (v - mean) + k3), n);
    }
  });
}

}  // namespace gx::GX_ISA
