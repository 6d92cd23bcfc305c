// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A vector of units at a time, component by component; what a component's terms were is kept in scratch for the second
// look. Contract: gaussian_mixture_log_density.h.

#include "kernels/loss/gaussian_mixture_log_density/gaussian_mixture_log_density.h"
#include "kernels/loss/lanes.h"

namespace gx::GX_ISA {
namespace {

constexpr float kHalfLogTwoPi = 0x1.d67f1cp-1f;

// In scratch: [K] joint terms l_k + log N_k, [K] the z_k. The logits are read where they are.
struct MixtureSums {
  vf most, sum;              // of the joint terms: greatest, and sum of e^(term - greatest)
  vf most_logit, logit_sum;  // of the logits
};

inline MixtureSums mixture_sums(const GaussianMixture<float>& a, int64_t row, int64_t i, int n, float* joint,
                                float* z_of) {
  const vf x = load_some(a.x + row * a.units + i, n), least = splat(-__builtin_inff());
  MixtureSums s = {least, {}, least, {}};
  for (int64_t k = 0; k < a.components; ++k) {
    const int64_t at = (row * a.components + k) * a.units + i;
    const vf l = load_some(a.logits + at, n), ls = load_some(a.log_sigma + at, n);
    const vf z = (x - load_some(a.mean + at, n)) * exp(-ls);
    const vf term = l - (0.5f * z * z + (ls + kHalfLogTwoPi));
    store(joint + k * kLanes, term);
    store(z_of + k * kLanes, z);
    s.most = max(term, s.most);
    s.most_logit = max(l, s.most_logit);
  }
  s.most = s.most == least ? vf{} : s.most;  // no component reaches x: the sum is 0 and its log -inf
  for (int64_t k = 0; k < a.components; ++k) {
    s.sum += exp_of_nonpositive(loadf(joint + k * kLanes) - s.most);
    s.logit_sum += exp_of_nonpositive(load_some(a.logits + (row * a.components + k) * a.units + i, n) - s.most_logit);
  }
  return s;
}

}  // namespace

double gaussian_mixture_log_density_vectors(const GaussianMixture<float>& a, int64_t row, int64_t first, int64_t count,
                                            float* scratch) {
  Total total;
  each_vector(count, [&](int64_t i, int n) {
    const MixtureSums s = mixture_sums(a, row, first + i, n, scratch, scratch + a.components * kLanes);
    total.add((s.most - s.most_logit) + (log(s.sum) - log(s.logit_sum)), n);
  });
  return total.value();
}

void gaussian_mixture_log_density_backward_vectors(const GaussianMixture<float>& a, int64_t row, int64_t first,
                                                   int64_t count, float* scratch) {
  float *joint = scratch, *z_of = scratch + a.components * kLanes;
  const vf dy = splat(a.dy[row]);
  each_vector(count, [&](int64_t unit, int n) {
    const int64_t i = first + unit;
    const MixtureSums s = mixture_sums(a, row, i, n, joint, z_of);
    const vf scale = dy / s.sum, logit_scale = dy / s.logit_sum;
    vf dx = {};
    for (int64_t k = 0; k < a.components; ++k) {
      const int64_t at = (row * a.components + k) * a.units + i;
      const vf g = scale * exp_of_nonpositive(loadf(joint + k * kLanes) - s.most), z = loadf(z_of + k * kLanes);
      const vf slope = g * z * exp(-load_some(a.log_sigma + at, n));
      dx -= slope;
      if (a.dlogits) {
        const vf l = load_some(a.logits + at, n);
        store_some(a.dlogits + at, g - logit_scale * exp_of_nonpositive(l - s.most_logit), n);
      }
      if (a.dmean) store_some(a.dmean + at, a.pseudo_gradient ? g * z : slope, n);
      if (a.dlog_sigma) store_some(a.dlog_sigma + at, g * (z * z - 1.0f), n);
    }
    if (a.dx) store_some(a.dx + row * a.units + i, dx, n);
  });
}

}  // namespace gx::GX_ISA
