// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A vector of units at a time, everything in registers. Contract: rnn.h.

#include "kernels/recurrent/rnn/rnn.h"
#include "kernels/recurrent/vectors.h"

namespace gx::GX_ISA {
namespace {

// The units at n.
template <class Where>
inline void step(const RnnStep<float>& s, int64_t, Where n) {
  put(s.h_out, tanh(get(s.x_gates, n) + get(s.h_gates, n)), n);
}

template <class Where>
inline void backward(const RnnGradient<float>& s, int64_t, Where n) {
  const vf h = get(s.h_out, n);
  put(s.dgates, (get_or_zero(s.dh, n) + get_or_zero(s.dh_next, n)) * (1.0f - h * h), n);
}

}  // namespace

void rnn_vectors(const RnnStep<float>& s, int64_t units, int64_t count) {
  each_vector(count, [&](auto n) { step(s, units, n); });
}

void rnn_backward_vectors(const RnnGradient<float>& s, int64_t units, int64_t count) {
  each_vector(count, [&](auto n) { backward(s, units, n); });
}

}  // namespace gx::GX_ISA
