// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/recurrent/lstm/lstm.h"

namespace gx::reference {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

template <class T>
double at(const T* p, int64_t i) {
  return p ? double(p[i]) : 0;
}

}  // namespace

template <class T>
void lstm(const LstmStep<T>& s, int64_t units) {
  const auto a = [&](int gate, int64_t i) {
    return double(s.x_gates[gate * units + i]) + double(s.h_gates[gate * units + i]);
  };
  for (int64_t j = 0; j < units; ++j) {
    const double i = sigmoid(a(0, j)), f = sigmoid(a(1, j)), g = std::tanh(a(2, j)), o = sigmoid(a(3, j));
    const double c = f * double(s.c[j]) + i * g;
    s.gates[j] = T(i), s.gates[units + j] = T(f), s.gates[2 * units + j] = T(g), s.gates[3 * units + j] = T(o);
    s.c_out[j] = T(c);
    s.h_out[j] = T(o * std::tanh(c));
  }
}

template <class T>
void lstm_backward(const LstmGradient<T>& s, int64_t units) {
  for (int64_t j = 0; j < units; ++j) {
    const double i = double(s.gates[j]), f = double(s.gates[units + j]);
    const double g = double(s.gates[2 * units + j]), o = double(s.gates[3 * units + j]);
    const double t = std::tanh(double(s.c_out[j])), dh = at(s.dh, j) + at(s.dh_next, j);
    const double dc = at(s.dc_out, j) + dh * o * (1 - t * t);
    s.dgates[j] = T(dc * g * i * (1 - i));
    s.dgates[units + j] = T(dc * double(s.c[j]) * f * (1 - f));
    s.dgates[2 * units + j] = T(dc * i * (1 - g * g));
    s.dgates[3 * units + j] = T(dh * t * o * (1 - o));
    s.dc[j] = T(dc * f);
  }
}

template void lstm<float>(const LstmStep<float>&, int64_t);
template void lstm<double>(const LstmStep<double>&, int64_t);
template void lstm_backward<float>(const LstmGradient<float>&, int64_t);
template void lstm_backward<double>(const LstmGradient<double>&, int64_t);

}  // namespace gx::reference
