// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/gibbs/layer_sample/reference.h"

#include <cmath>

#include "runtime/philox.h"

namespace gx::reference {

double state(const gx_states& s, int64_t row, int64_t unit) {
  if (s.format == GX_FLOAT32) return static_cast<const float*>(s.data)[row * s.units + unit];
  const uint32_t* words = static_cast<const uint32_t*>(s.data) + row * ((s.units + 31) / 32);
  return words[unit / 32] >> (unit % 32) & 1;
}

std::vector<double> visible_bias(const gx_rbm& rbm) {
  std::vector<double> bias(rbm.b, rbm.b + rbm.visible);
  for (int64_t i = 0; rbm.lambda && i < rbm.visible; ++i) {
    for (int64_t j = 0; j < rbm.hidden; ++j) bias[i] -= double(rbm.W[i * rbm.hidden + j]) * rbm.lambda[j];
  }
  return bias;
}

std::vector<double> hidden_bias(const gx_rbm& rbm) {
  std::vector<double> bias(rbm.c, rbm.c + rbm.hidden);
  for (int64_t i = 0; rbm.mu && i < rbm.visible; ++i) {
    for (int64_t j = 0; j < rbm.hidden; ++j) bias[j] -= double(rbm.W[i * rbm.hidden + j]) * rbm.mu[i];
  }
  return bias;
}

Layer layer_sample(const gx_rbm& rbm, const gx_layer_sample_params& a) {
  const bool to_hidden = a.target == GX_HIDDEN;
  const std::vector<double> bias = to_hidden ? hidden_bias(rbm) : visible_bias(rbm);
  const int64_t units = to_hidden ? rbm.hidden : rbm.visible;
  const PhiloxStream stream = philox_stream(a.rng.seed, a.rng.step, to_hidden ? GX_PURPOSE_HIDDEN : GX_PURPOSE_VISIBLE);
  Layer out;
  for (int64_t r = 0; r < a.given->rows; ++r) {
    const double beta = a.row_beta ? a.row_beta[r] : a.beta;
    for (int64_t n = 0; n < units; ++n) {
      double x = bias[n];
      for (int64_t k = 0; k < a.given->units; ++k) {
        x += state(*a.given, r, k) * (to_hidden ? rbm.W[k * rbm.hidden + n] : rbm.W[n * rbm.hidden + k]);
      }
      x *= beta;
      out.x.push_back(x);
      out.p.push_back(1 / (1 + std::exp(-x)));
      out.uniform.push_back(uniform_of_word(philox_word(stream, r, n)));
    }
  }
  return out;
}

}  // namespace gx::reference
