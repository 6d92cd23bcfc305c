// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/gibbs/gradient/reference.h"

#include "kernels/gibbs/layer_sample/reference.h"

namespace gx::reference {

GradientResult gradient(const gx_rbm& rbm, const gx_gradient_params& a) {
  GradientResult g;
  g.dW.assign(rbm.visible * rbm.hidden, 0);
  g.db.assign(rbm.visible, 0);
  g.dc.assign(rbm.hidden, 0);
  g.mean_v.assign(rbm.visible, 0);
  g.mean_h.assign(rbm.hidden, 0);
  const auto add = [&](const gx_states& v, const float* h, double sign, bool means) {
    const double share = sign / double(v.rows);
    for (int64_t r = 0; r < v.rows; ++r) {
      for (int64_t i = 0; i < rbm.visible; ++i) {
        const double vi = state(v, r, i);
        for (int64_t j = 0; j < rbm.hidden; ++j) {
          const double hj = h[r * rbm.hidden + j];
          g.dW[i * rbm.hidden + j] += share * (vi - (rbm.mu ? rbm.mu[i] : 0)) * (hj - (rbm.lambda ? rbm.lambda[j] : 0));
        }
        g.db[i] += share * vi;
        if (means) g.mean_v[i] += share * vi;
      }
      for (int64_t j = 0; j < rbm.hidden; ++j) {
        g.dc[j] += share * h[r * rbm.hidden + j];
        if (means) g.mean_h[j] += share * h[r * rbm.hidden + j];
      }
    }
  };
  add(*a.data_v, a.data_h, 1, true);
  add(*a.model_v, a.model_h, -1, false);
  return g;
}

}  // namespace gx::reference
