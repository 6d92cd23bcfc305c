// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A vector of units at a time, everything in registers. Contract: gru.h.

#include "kernels/recurrent/gru/gru.h"
#include "kernels/recurrent/vectors.h"

namespace gx::GX_ISA {
namespace {

// The units at n.
template <class Where>
inline void step(const GruStep<float>& s, int64_t units, Where n) {
  const vf r = sigmoid(get(s.x_gates, n) + get(s.h_gates, n));
  const vf z = sigmoid(get(s.x_gates + units, n) + get(s.h_gates + units, n));
  const vf t = tanh(get(s.x_gates + 2 * units, n) + r * get(s.h_gates + 2 * units, n));
  put(s.gates, r, n);
  put(s.gates + units, z, n);
  put(s.gates + 2 * units, t, n);
  put(s.h_out, (1.0f - z) * t + z * get(s.h, n), n);
}

template <class Where>
inline void backward(const GruGradient<float>& s, int64_t units, Where n) {
  const vf r = get(s.gates, n), z = get(s.gates + units, n), t = get(s.gates + 2 * units, n);
  const vf d = get_or_zero(s.dh_out, n) + get_or_zero(s.dh_next, n);
  const vf dn = d * (1.0f - z) * (1.0f - t * t), dz = d * (get(s.h, n) - t) * z * (1.0f - z);
  const vf dr = dn * get(s.h_gates + 2 * units, n) * r * (1.0f - r);
  put(s.dx_gates, dr, n);
  put(s.dx_gates + units, dz, n);
  put(s.dx_gates + 2 * units, dn, n);
  put(s.dh_gates, dr, n);
  put(s.dh_gates + units, dz, n);
  put(s.dh_gates + 2 * units, dn * r, n);
  put(s.dh, d * z, n);
}

}  // namespace

void gru_vectors(const GruStep<float>& s, int64_t units, int64_t count) {
  each_vector(count, [&](auto n) { step(s, units, n); });
}

void gru_backward_vectors(const GruGradient<float>& s, int64_t units, int64_t count) {
  each_vector(count, [&](auto n) { backward(s, units, n); });
}

}  // namespace gx::GX_ISA
