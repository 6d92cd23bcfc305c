// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/recurrent/rnn/rnn.h"

namespace gx::reference {
namespace {

template <class T>
double at(const T* p, int64_t i) {
  return p ? double(p[i]) : 0;
}

}  // namespace

template <class T>
void rnn(const RnnStep<T>& s, int64_t units) {
  for (int64_t i = 0; i < units; ++i) s.h_out[i] = T(std::tanh(double(s.x_gates[i]) + double(s.h_gates[i])));
}

template <class T>
void rnn_backward(const RnnGradient<T>& s, int64_t units) {
  for (int64_t i = 0; i < units; ++i) {
    const double h = double(s.h_out[i]);
    s.dgates[i] = T((at(s.dh, i) + at(s.dh_next, i)) * (1 - h * h));
  }
}

template void rnn<float>(const RnnStep<float>&, int64_t);
template void rnn<double>(const RnnStep<double>&, int64_t);
template void rnn_backward<float>(const RnnGradient<float>&, int64_t);
template void rnn_backward<double>(const RnnGradient<double>&, int64_t);

}  // namespace gx::reference
