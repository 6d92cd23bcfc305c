// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A vector of units at a time, everything in registers. Contract: lstm.h.

#include "kernels/recurrent/lstm/lstm.h"
#include "kernels/recurrent/vectors.h"

namespace gx::GX_ISA {
namespace {

// The units at n.
template <class Where>
inline void step(const LstmStep<float>& s, int64_t units, Where n) {
  const auto a = [&](int gate) { return get(s.x_gates + gate * units, n) + get(s.h_gates + gate * units, n); };
  const vf i = sigmoid(a(0)), f = sigmoid(a(1)), g = tanh(a(2)), o = sigmoid(a(3));
  const vf c = f * get(s.c, n) + i * g;
  put(s.gates, i, n);
  put(s.gates + units, f, n);
  put(s.gates + 2 * units, g, n);
  put(s.gates + 3 * units, o, n);
  put(s.c_out, c, n);
  put(s.h_out, o * tanh(c), n);
}

template <class Where>
inline void backward(const LstmGradient<float>& s, int64_t units, Where n) {
  const vf i = get(s.gates, n), f = get(s.gates + units, n), g = get(s.gates + 2 * units, n);
  const vf o = get(s.gates + 3 * units, n), t = tanh(get(s.c_out, n));
  const vf dh = get_or_zero(s.dh, n) + get_or_zero(s.dh_next, n);
  const vf dc = get_or_zero(s.dc_out, n) + dh * o * (1.0f - t * t);
  put(s.dgates, dc * g * i * (1.0f - i), n);
  put(s.dgates + units, dc * get(s.c, n) * f * (1.0f - f), n);
  put(s.dgates + 2 * units, dc * i * (1.0f - g * g), n);
  put(s.dgates + 3 * units, dh * t * o * (1.0f - o), n);
  put(s.dc, dc * f, n);
}

}  // namespace

void lstm_vectors(const LstmStep<float>& s, int64_t units, int64_t count) {
  each_vector(count, [&](auto n) { step(s, units, n); });
}

void lstm_backward_vectors(const LstmGradient<float>& s, int64_t units, int64_t count) {
  each_vector(count, [&](auto n) { backward(s, units, n); });
}

}  // namespace gx::GX_ISA
