// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What tests of invertible maps hold them against: the map's matrix of slopes by central differences, and the logarithm
// of a determinant by elimination.
#ifndef GENERATRIX_TESTS_NATIVE_JACOBIAN_H_
#define GENERATRIX_TESTS_NATIVE_JACOBIAN_H_

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace gx::test {

// J[i][j] = dy_i / dx_j of y = map(x), both of n numbers.
template <class Map>
std::vector<double> jacobian(std::vector<double> x, Map&& map, double step = 1e-5) {
  const size_t n = x.size();
  std::vector<double> slopes(n * n);
  for (size_t j = 0; j < n; ++j) {
    const double at = x[j];
    x[j] = at + step;
    const std::vector<double> above = map(x);
    x[j] = at - step;
    const std::vector<double> below = map(x);
    x[j] = at;
    for (size_t i = 0; i < n; ++i) slopes[i * n + j] = (above[i] - below[i]) / (2 * step);
  }
  return slopes;
}

// log |det m|, by elimination with row pivots.
inline double log_abs_det(std::vector<double> m, size_t n) {
  double sum = 0;
  for (size_t k = 0; k < n; ++k) {
    size_t pivot = k;
    for (size_t i = k + 1; i < n; ++i) {
      if (std::fabs(m[i * n + k]) > std::fabs(m[pivot * n + k])) pivot = i;
    }
    for (size_t j = 0; j < n; ++j) std::swap(m[k * n + j], m[pivot * n + j]);
    sum += std::log(std::fabs(m[k * n + k]));
    for (size_t i = k + 1; i < n; ++i) {
      const double factor = m[i * n + k] / m[k * n + k];
      for (size_t j = k; j < n; ++j) m[i * n + j] -= factor * m[k * n + j];
    }
  }
  return sum;
}

// The slopes of value() by each number of x, which it reads.
template <class Value>
std::vector<double> slopes_of(std::vector<double>& x, Value&& value, double step = 1e-5) {
  std::vector<double> slopes;
  for (double& v : x) {
    const double at = v;
    v = at + step;
    const double above = value();
    v = at - step;
    slopes.push_back((above - value()) / (2 * step));
    v = at;
  }
  return slopes;
}

}  // namespace gx::test

#endif  // GENERATRIX_TESTS_NATIVE_JACOBIAN_H_
