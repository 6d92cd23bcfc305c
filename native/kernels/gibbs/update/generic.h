// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The strip over vectors of any width. Contract: update.h.

#include "kernels/gibbs/update/update.h"
#include "runtime/vec.h"

namespace gx::GX_ISA {

inline vf get(const float* p, int count) { return count >= kLanes ? loadf(p) : load_first(p, count); }
inline void put_first(float* p, vf v, int count) {
  if (count >= kLanes) {
    store(p, v);
  } else {
    store_first(p, v, count);
  }
}

void update_strip(const UpdateStrip& a) {
  const vf rate = splat(a.rate), momentum = splat(a.momentum), decay = splat(a.weight_decay);
  if (a.dmu) {
    for (int64_t n = a.n0; n < a.n1; ++n) a.c_shift[n] = 0;
  }
  for (int64_t i = 0; i < a.visible; ++i) {
    float* W = a.W + i * a.hidden;
    float* sW = a.sW + i * a.hidden;
    const float* dW = a.dW + i * a.hidden;
    const vf dmu = splat(a.dmu ? a.dmu[i] : 0.0f);
    vf shift = {};
    for (int64_t n = a.n0; n < a.n1; n += kLanes) {
      const int count = int(lesser<int64_t>(kLanes, a.n1 - n));
      vf w = get(W + n, count);
      const vf s = momentum * get(sW + n, count) + rate * (get(dW + n, count) - decay * w);
      w += s;
      put_first(sW + n, s, count);
      put_first(W + n, w, count);
      if (a.dlambda) shift += w * get(a.dlambda + n, count);
      if (a.dmu) put_first(a.c_shift + n, get(a.c_shift + n, count) + w * dmu, count);
    }
    if (a.dlambda) a.b_shift[i] = float(sum(lower_half(shift) + upper_half(shift)));
  }
}

}  // namespace gx::GX_ISA
