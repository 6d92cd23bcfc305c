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

template <bool kGamma, bool kSums>
void backward(int64_t units, const float* x, double mean, double rstd, const float* gamma, const float* dy, float* dx,
              float* sum_dy, float* sum_dy_x) {
  const Standardise standard(mean, rstd);
  float mean_g = 0, mean_gx = 0;
  if (dx) {
    vd s[2] = {}, q[2] = {};
    across(units, [&](int64_t i, int n) {
      const vf v = standard(part(x + i, n)), d = part(dy + i, n), g = kGamma ? d * part(gamma + i, n) : d;
      const vd low = lower_half(g), high = upper_half(g);
      s[0] += low;
      q[0] += low * lower_half(v);
      s[1] += high;
      q[1] += high * upper_half(v);
    });
    mean_g = float(sum(s[0] + s[1]) / double(units));
    mean_gx = float(sum(q[0] + q[1]) / double(units));
  }
  across(units, [&](int64_t i, int n) {
    const vf v = standard(part(x + i, n)), d = part(dy + i, n), g = kGamma ? d * part(gamma + i, n) : d;
    if (dx) put(dx + i, (g - (mean_g + v * mean_gx)) * standard.rstd, n);
    if (kSums) {
      put(sum_dy + i, part(sum_dy + i, n) + d, n);
      put(sum_dy_x + i, part(sum_dy_x + i, n) + d * v, n);
    }
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

void layer_norm_backward(int64_t units, const float* x, double mean, double rstd, const float* gamma, const float* dy,
                         float* dx, float* sum_dy, float* sum_dy_x) {
  const auto run = gamma ? (sum_dy ? backward<true, true> : backward<true, false>)
                         : (sum_dy ? backward<false, true> : backward<false, false>);
  run(units, x, mean, rstd, gamma, dy, dx, sum_dy, sum_dy_x);
}

void layer_norm_flush(int64_t units, float* from, double* to) {
  for (int64_t i = 0; i < units; ++i) {
    to[i] += double(from[i]);
    from[i] = 0;
  }
}

}  // namespace gx::GX_ISA
