// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/recurrent/gru/gru.h"

namespace gx::reference {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

template <class T>
double at(const T* p, int64_t i) {
  return p ? double(p[i]) : 0;
}

}  // namespace

template <class T>
void gru(const GruStep<T>& s, int64_t units) {
  for (int64_t j = 0; j < units; ++j) {
    const double r = sigmoid(double(s.x_gates[j]) + double(s.h_gates[j]));
    const double z = sigmoid(double(s.x_gates[units + j]) + double(s.h_gates[units + j]));
    const double n = std::tanh(double(s.x_gates[2 * units + j]) + r * double(s.h_gates[2 * units + j]));
    s.gates[j] = T(r), s.gates[units + j] = T(z), s.gates[2 * units + j] = T(n);
    s.h_out[j] = T((1 - z) * n + z * double(s.h[j]));
  }
}

template <class T>
void gru_backward(const GruGradient<T>& s, int64_t units) {
  for (int64_t j = 0; j < units; ++j) {
    const double r = double(s.gates[j]), z = double(s.gates[units + j]), n = double(s.gates[2 * units + j]);
    const double d = at(s.dh_out, j) + at(s.dh_next, j), h = double(s.h[j]), h_n = double(s.h_gates[2 * units + j]);
    const double dn = d * (1 - z) * (1 - n * n), dr = dn * h_n * r * (1 - r), dz = d * (h - n) * z * (1 - z);
    s.dx_gates[j] = T(dr), s.dx_gates[units + j] = T(dz), s.dx_gates[2 * units + j] = T(dn);
    s.dh_gates[j] = T(dr), s.dh_gates[units + j] = T(dz), s.dh_gates[2 * units + j] = T(dn * r);
    s.dh[j] = T(d * z);
  }
}

template void gru<float>(const GruStep<float>&, int64_t);
template void gru<double>(const GruStep<double>&, int64_t);
template void gru_backward<float>(const GruGradient<float>&, int64_t);
template void gru_backward<double>(const GruGradient<double>&, int64_t);

}  // namespace gx::reference
