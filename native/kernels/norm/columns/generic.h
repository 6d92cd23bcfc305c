// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A few vectors of columns at a time go down the rows, their sums in registers. Contract: columns.h.

#include "kernels/norm/columns/columns.h"
#include "runtime/vec.h"

namespace gx::GX_ISA {
namespace {

constexpr int64_t kFetchRows = 8;  // rows between the sums and the prefetch

// A vector of the first n columns from p, n <= kLanes.
inline vf part(const float* p, int n) { return n == kLanes ? loadf(p) : load_first(p, n); }
inline void put(float* p, vf v, int n) { n == kLanes ? store(p, v) : store_first(p, v, n); }

constexpr int kWide = GX_VEC_BYTES == 64 ? 4 : 2;  // vectors at a time, as the registers allow

// body(first column, columns of a vector, vectors as a constant) for all columns.
template <int n>
struct Vectors {
  static constexpr int count = n;
};
template <class Body>
inline void across(const Columns& block, Body&& body) {
  int64_t j = 0;
  for (; j + kWide * kLanes <= block.columns; j += kWide * kLanes) body(j, kLanes, Vectors<kWide>());
  for (; j < block.columns; j += kLanes) body(j, int(lesser(int64_t(kLanes), block.columns - j)), Vectors<1>());
}

// The sums of a vector of columns, by halves.
struct Sums {
  vd s[2] = {}, q[2] = {};
  void add(vd low, vd high, vd low_factor, vd high_factor) {
    s[0] += low;
    q[0] += low * low_factor;
    s[1] += high;
    q[1] += high * high_factor;
  }
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
  across(block, [&](int64_t j, int n, auto vectors) {
    constexpr int kVectors = decltype(vectors)::count;
    vd low_shift[kVectors], high_shift[kVectors];
    Sums sums[kVectors];
    for (int k = 0; k < kVectors; ++k) {
      const vf shifts = part(shift + j + k * kLanes, n);
      low_shift[k] = lower_half(shifts);
      high_shift[k] = upper_half(shifts);
    }
    const float* p = x + j;
    for (int64_t r = 0; r < block.rows; ++r, p += block.stride) {
#pragma GCC unroll 4
      for (int k = 0; k < kVectors; ++k) {
        __builtin_prefetch(p + kFetchRows * block.stride + k * kLanes);
        const vf v = part(p + k * kLanes, n);
        const vd low = lower_half(v) - low_shift[k], high = upper_half(v) - high_shift[k];
        sums[k].add(low, high, low, high);
      }
    }
    for (int k = 0; k < kVectors; ++k) sums[k].store_first(s + j + k * kLanes, q + j + k * kLanes, n);
  });
}

void columns_affine(const Columns& block, const float* x, const ColumnAffine& f, float* y) {
  across(block, [&](int64_t j, int n, auto vectors) {
    constexpr int kVectors = decltype(vectors)::count;
    Factors factor[kVectors];
    for (int k = 0; k < kVectors; ++k) factor[k] = factors(f, j + k * kLanes, n);
    const vf least = f.relu ? vf{} : splat(-__builtin_inff());
    for (int64_t r = 0; r < block.rows; ++r) {
#pragma GCC unroll 4
      for (int k = 0; k < kVectors; ++k) {
        const int64_t at = r * block.stride + j + k * kLanes;
        put(y + at, max(least, apply(factor[k], part(x + at, n))), n);
      }
    }
  });
}

void columns_gradient_sums(const Columns& block, const float* x, const float* dy, const float* mean,
                           const ColumnAffine* gate, double* s, double* q) {
  across(block, [&](int64_t j, int n, auto vectors) {
    constexpr int kVectors = decltype(vectors)::count;
    vf means[kVectors];
    Factors factor[kVectors] = {};
    Sums sums[kVectors];
    for (int k = 0; k < kVectors; ++k) {
      means[k] = part(mean + j + k * kLanes, n);
      if (gate) factor[k] = factors(*gate, j + k * kLanes, n);
    }
    for (int64_t r = 0; r < block.rows; ++r) {
#pragma GCC unroll 4
      for (int k = 0; k < kVectors; ++k) {
        const int64_t at = r * block.stride + j + k * kLanes;
        __builtin_prefetch(x + at + kFetchRows * block.stride);
        __builtin_prefetch(dy + at + kFetchRows * block.stride);
        const vf v = part(x + at, n), d = part(dy + at, n), g = gate ? gated(factor[k], v, d) : d;
        sums[k].add(lower_half(g), upper_half(g), lower_half(v) - lower_half(means[k]),
                    upper_half(v) - upper_half(means[k]));
      }
    }
    for (int k = 0; k < kVectors; ++k) sums[k].store_first(s + j + k * kLanes, q + j + k * kLanes, n);
  });
}

void columns_pullback(const Columns& block, const float* x, const float* dy, const ColumnAffine* gate,
                      const ColumnPullback& f, float* dx) {
  across(block, [&](int64_t j, int n, auto vectors) {
    constexpr int kVectors = decltype(vectors)::count;
    vf mean[kVectors], k1[kVectors], k2[kVectors], k3[kVectors];
    Factors factor[kVectors] = {};
    for (int k = 0; k < kVectors; ++k) {
      const int64_t at = j + k * kLanes;
      mean[k] = part(f.mean + at, n), k1[k] = part(f.k1 + at, n), k2[k] = part(f.k2 + at, n);
      k3[k] = part(f.k3 + at, n);
      if (gate) factor[k] = factors(*gate, at, n);
    }
    for (int64_t r = 0; r < block.rows; ++r) {
#pragma GCC unroll 4
      for (int k = 0; k < kVectors; ++k) {
        const int64_t at = r * block.stride + j + k * kLanes;
        const vf v = part(x + at, n), d = part(dy + at, n), g = gate ? gated(factor[k], v, d) : d;
        put(dx + at, k1[k] * g + (k2[k] * (v - mean[k]) + k3[k]), n);
      }
    }
  });
}

}  // namespace gx::GX_ISA
