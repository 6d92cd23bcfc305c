// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A row is read twice, the second time from the nearest cache. Contract: layer_norm.h.

#include "kernels/norm/layer_norm/layer_norm.h"
#include "runtime/vec.h"

namespace gx::GX_ISA {
namespace {

inline vf part(const float* p, int n) { return n == kLanes ? loadf(p) : load_first(p, n); }
inline void put(float* p, vf v, int n) { n == kLanes ? store(p, v) : store_first(p, v, n); }

template <class Body>
inline void across(int64_t units, Body&& body) {
  int64_t i = 0;
  for (; i + kLanes <= units; i += kLanes) body(i, kLanes);
  if (i < units) body(i, int(units - i));
}

// x^ = x rstd + offset would cancel where the mean is far from 0: (x - mean) rstd + rest, rest for the mean's rounding.
struct Standardise {
  Standardise() = default;
  Standardise(double exact_mean, double exact_rstd)
      : mean(float(exact_mean)), rstd(float(exact_rstd)), rest(float((mean - exact_mean) * exact_rstd)) {}
  vf operator()(vf x) const { return (x - mean) * rstd + rest; }
  float mean, rstd, rest;
};

inline void add_to(double* sums, vf v, int n) {
  if (n == kLanes) {
    store(sums, loadd(sums) + lower_half(v));
    store(sums + kLanesD, loadd(sums + kLanesD) + upper_half(v));
  } else {
    for (int i = 0; i < n; ++i) sums[i] += double(v[i]);
  }
}

template <bool kGamma>
void backward(int64_t rows, int64_t units, const float* x, const double* mean, const double* rstd, const float* gamma,
              const float* dy, float* dx, double* sum_dy, double* sum_dy_x) {
  Standardise standard[kLayerNormBlock];
  float mean_g[kLayerNormBlock], mean_gx[kLayerNormBlock];
  for (int64_t r = 0; r < rows; ++r) {
    standard[r] = Standardise(mean[r], rstd[r]);
    if (!dx) continue;
    const float *row_x = x + r * units, *row_dy = dy + r * units;
    vd s[2] = {}, q[2] = {};
    across(units, [&](int64_t i, int n) {
      const vf v = standard[r](part(row_x + i, n)), d = part(row_dy + i, n), g = kGamma ? d * part(gamma + i, n) : d;
      const vd low = lower_half(g), high = upper_half(g);
      s[0] += low;
      q[0] += low * lower_half(v);
      s[1] += high;
      q[1] += high * upper_half(v);
    });
    mean_g[r] = float(sum(s[0] + s[1]) / double(units));
    mean_gx[r] = float(sum(q[0] + q[1]) / double(units));
  }
  across(units, [&](int64_t i, int n) {
    const vf factor = kGamma ? part(gamma + i, n) : splat(1.0f);
    vf block_dy = {}, block_dy_x = {};
    for (int64_t r = 0; r < rows; ++r) {
      const vf v = standard[r](part(x + r * units + i, n)), d = part(dy + r * units + i, n);
      block_dy += d;
      block_dy_x += d * v;
      if (dx) put(dx + r * units + i, (d * factor - (mean_g[r] + v * mean_gx[r])) * standard[r].rstd, n);
    }
    if (sum_dy) add_to(sum_dy + i, block_dy, n);
    if (sum_dy_x) add_to(sum_dy_x + i, block_dy_x, n);
  });
}

template <bool kGamma, bool kBeta>
void forward(int64_t units, const float* x, double mean, double rstd, const float* gamma, const float* beta, float* y) {
  const Standardise standard(mean, rstd);
  across(units, [&](int64_t i, int n) {
    vf v = standard(part(x + i, n));
    if (kGamma) v *= part(gamma + i, n);
    if (kBeta) v += part(beta + i, n);
    put(y + i, v, n);
  });
}

}  // namespace

void layer_norm_forward(int64_t units, const float* x, double mean, double rstd, const float* gamma, const float* beta,
                        float* y) {
  const auto run = gamma ? (beta ? forward<true, true> : forward<true, false>)
                         : (beta ? forward<false, true> : forward<false, false>);
  run(units, x, mean, rstd, gamma, beta, y);
}

void layer_norm_backward(int64_t rows, int64_t units, const float* x, const double* mean, const double* rstd,
                         const float* gamma, const float* dy, float* dx, double* sum_dy, double* sum_dy_x) {
  const auto run = gamma ? backward<true> : backward<false>;
  run(rows, units, x, mean, rstd, gamma, dy, dx, sum_dy, sum_dy_x);
}

}  // namespace gx::GX_ISA
