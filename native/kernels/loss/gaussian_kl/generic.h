// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Contract: gaussian_kl.h. e^(v - w) - 1 is taken in one piece, so that little is lost where q is close to p.

#include "kernels/loss/gaussian_kl/gaussian_kl.h"
#include "kernels/loss/lanes.h"

namespace gx::GX_ISA {
namespace {

struct KlTerms {
  vf log_ratio;   // v - w
  vf excess;      // e^(v - w) - 1
  vf difference;  // m - n
  vf precision;   // e^-w
};

inline KlTerms kl_terms(const GaussianKl<float>& a, int64_t at, int n) {
  const vf m = load_some(a.mean + at, n), v = load_some(a.logvar + at, n);
  if (!a.p_mean) return {v, expm1(v), m, splat(1.0f)};
  const vf w = load_some(a.p_logvar + at, n);
  return {v - w, expm1(v - w), m - load_some(a.p_mean + at, n), exp(-w)};
}

}  // namespace

double gaussian_kl_vectors(const GaussianKl<float>& a, int64_t row, int64_t first, int64_t count) {
  const int64_t at = row * a.units + first;
  Total total;
  each_vector(count, [&](int64_t i, int n) {
    const KlTerms t = kl_terms(a, at + i, n);
    total.add(0.5f * ((t.excess - t.log_ratio) + t.difference * t.difference * t.precision), n);
  });
  return total.value();
}

void gaussian_kl_backward_vectors(const GaussianKl<float>& a, int64_t row, int64_t first, int64_t count) {
  const int64_t at = row * a.units + first;
  const vf dy = splat(a.dy[row]);
  each_vector(count, [&](int64_t i, int n) {
    const KlTerms t = kl_terms(a, at + i, n);
    const vf dmean = dy * t.difference * t.precision;
    if (a.dmean) store_some(a.dmean + at + i, dmean, n);
    if (a.dlogvar) store_some(a.dlogvar + at + i, 0.5f * dy * t.excess, n);
    if (a.dp_mean) store_some(a.dp_mean + at + i, -dmean, n);
    if (a.dp_logvar) {
      store_some(a.dp_logvar + at + i, -0.5f * dy * (t.excess + t.difference * t.difference * t.precision), n);
    }
  });
}

}  // namespace gx::GX_ISA
