// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>
#include <vector>

#include "kernels/loss/mmd/mmd.h"

namespace gx::reference {
namespace {

template <class T>
double squared_distance(const T* a, const T* b, int64_t units) {
  double sum = 0;
  for (int64_t i = 0; i < units; ++i) sum += (double(a[i]) - b[i]) * (double(a[i]) - b[i]);
  return sum;
}

// sum_ij k(a_i, b_j), without i = j where `skip_equal`.
template <class T>
double kernel_sum(const Mmd<T>& m, const T* a, int64_t na, const T* b, int64_t nb, bool skip_equal) {
  double sum = 0;
  for (int64_t i = 0; i < na; ++i) {
    for (int64_t j = 0; j < nb; ++j) {
      if (skip_equal && i == j) continue;
      const double d = squared_distance(a + i * m.units, b + j * m.units, m.units);
      for (int64_t w = 0; w < m.bandwidth_count; ++w) sum += std::exp(-d / (2 * m.bandwidths[w] * m.bandwidths[w]));
    }
  }
  return sum;
}

double pairs(int64_t n, bool unbiased) { return double(n) * double(unbiased ? n - 1 : n); }

// gradient[i] += scale sum_j (d/da_i) k(a_i, b_j)
template <class T>
void add_slopes(const Mmd<T>& m, double scale, const T* a, int64_t na, const T* b, int64_t nb, double* gradient) {
  for (int64_t i = 0; i < na; ++i) {
    for (int64_t j = 0; j < nb; ++j) {
      const double d = squared_distance(a + i * m.units, b + j * m.units, m.units);
      double g = 0;
      for (int64_t w = 0; w < m.bandwidth_count; ++w) {
        const double square = m.bandwidths[w] * m.bandwidths[w];
        g += std::exp(-d / (2 * square)) / square;
      }
      for (int64_t u = 0; u < m.units; ++u) {
        gradient[i * m.units + u] -= scale * g * (double(a[i * m.units + u]) - b[j * m.units + u]);
      }
    }
  }
}

template <class T>
void gradient_by(const Mmd<T>& m, const T* a, int64_t na, const T* b, int64_t nb, T* out) {
  if (!out) return;
  std::vector<double> sum(size_t(na * m.units), 0);
  add_slopes(m, 2 * double(m.dout[0]) / pairs(na, m.unbiased), a, na, a, na, sum.data());
  add_slopes(m, -2 * double(m.dout[0]) / (double(na) * double(nb)), a, na, b, nb, sum.data());
  for (size_t i = 0; i < sum.size(); ++i) out[i] = T(sum[i]);
}

}  // namespace

template <class T>
void mmd(const Mmd<T>& m) {
  m.out[0] = T(kernel_sum(m, m.x, m.rows, m.x, m.rows, m.unbiased) / pairs(m.rows, m.unbiased) +
               kernel_sum(m, m.y, m.n, m.y, m.n, m.unbiased) / pairs(m.n, m.unbiased) -
               2 * kernel_sum(m, m.x, m.rows, m.y, m.n, false) / (double(m.rows) * double(m.n)));
}

template <class T>
void mmd_backward(const Mmd<T>& m) {
  gradient_by(m, m.x, m.rows, m.y, m.n, m.dx);
  gradient_by(m, m.y, m.n, m.x, m.rows, m.dy);
}

template void mmd<float>(const Mmd<float>&);
template void mmd<double>(const Mmd<double>&);
template void mmd_backward<float>(const Mmd<float>&);
template void mmd_backward<double>(const Mmd<double>&);

}  // namespace gx::reference
