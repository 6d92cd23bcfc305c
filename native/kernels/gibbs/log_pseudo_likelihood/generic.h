// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// One row over vectors of any width. Contract: log_pseudo_likelihood.h.

#include "kernels/gibbs/log_pseudo_likelihood/log_pseudo_likelihood.h"
#include "runtime/vec.h"
#include "runtime/vmath.h"

namespace gx::GX_ISA {

double log_pseudo_likelihood_flips(const LogPseudoLikelihood& a) {
  const int64_t whole = a.hidden / kLanes * kLanes;
  const int tail = int(a.hidden - whole);
  const vi in_tail = (vi)lane_index() < splat(int32_t(tail));
  for (int64_t j = 0; j < whole; j += kLanes) store(a.softplus_x + j, softplus(loadf(a.x + j)));
  if (tail) store_first(a.softplus_x + whole, softplus(load_first(a.x + whole, tail)), tail);

  double log_pl = 0;
  for (int64_t i = 0; i < a.visible; ++i) {
    const float* W = a.W + i * a.hidden;
    const vf s = splat(a.sign[i]);
    vd change = {};
    for (int64_t j = 0; j < whole; j += kLanes) {
      const vf d = softplus(loadf(a.x + j) + s * loadf(W + j)) - loadf(a.softplus_x + j);
      change += lower_half(d) + upper_half(d);
    }
    if (tail) {
      const vf d = softplus(load_first(a.x + whole, tail) + s * load_first(W + whole, tail)) -
                   load_first(a.softplus_x + whole, tail);
      const vf kept = in_tail ? d : vf{};
      change += lower_half(kept) + upper_half(kept);
    }
    // F(v) - F(flipped) = s b + the change; its softplus in double, without overflow.
    const double gain = double(a.sign[i]) * a.b[i] + sum(change);
    log_pl -= (gain > 0 ? gain : 0) + __builtin_log1p(__builtin_exp(gain > 0 ? -gain : gain));
  }
  return log_pl;
}

}  // namespace gx::GX_ISA
