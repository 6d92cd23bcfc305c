// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Patterns of couplings as their tests see them, by the header's words alone, and log |det| of a numeric Jacobian.
#ifndef GENERATRIX_TESTS_NATIVE_COUPLING_CASE_H_
#define GENERATRIX_TESTS_NATIVE_COUPLING_CASE_H_

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "support.h"

namespace gx::test {

struct CouplingCase {
  gx_coupling shape;
  std::vector<uint32_t> kept;  // of BITS

  int64_t size() const { return shape.channels * shape.height * shape.width; }
  int64_t numbers() const { return shape.pattern == GX_COUPLING_SPAN ? shape.end - shape.begin : size(); }
  int64_t number_of(int64_t e) const { return shape.pattern == GX_COUPLING_SPAN ? e - shape.begin : e; }
  bool changes(int64_t e) const {
    if (shape.pattern == GX_COUPLING_SPAN) return e >= shape.begin && e < shape.end;
    if (shape.pattern == GX_COUPLING_BITS) return (kept[size_t(e / 32)] >> (e % 32) & 1) == 0;
    const int64_t i = e / shape.width % shape.height, j = e % shape.width;
    return (i + j) % 2 == shape.parity;
  }
  // Points into this case; NULL unless the pattern has bits.
  const gx_states* states(gx_states* view) const {
    *view = {const_cast<uint32_t*>(kept.data()), 1, size(), GX_BITS};
    return shape.pattern == GX_COUPLING_BITS ? view : nullptr;
  }
  std::string name() const {
    const char* names[] = {"span ", "checkerboard ", "bits "};
    return names[shape.pattern] + std::to_string(shape.examples) + "x" + std::to_string(shape.channels) + "x" +
           std::to_string(shape.height) + "x" + std::to_string(shape.width) + " from " + std::to_string(shape.begin) +
           " to " + std::to_string(shape.end) + " parity " + std::to_string(shape.parity);
  }
};

inline CouplingCase span_case(int64_t n, int64_t c, int64_t h, int64_t w, int64_t begin, int64_t end) {
  return {{n, c, h, w, GX_COUPLING_SPAN, 0, begin, end}, {}};
}
inline CouplingCase checkerboard_case(int64_t n, int64_t c, int64_t h, int64_t w, int32_t parity) {
  return {{n, c, h, w, GX_COUPLING_CHECKERBOARD, parity, 0, 0}, {}};
}
inline CouplingCase bits_case(int64_t n, int64_t c, int64_t h, int64_t w, double chance) {
  return {{n, c, h, w, GX_COUPLING_BITS, 0, 0, 0}, packed(1, c * h * w, chance, 17)};
}

// Words of which all, none and some are kept, one after the other.
inline CouplingCase block_bits_case(int64_t n, int64_t size) {
  CouplingCase c = bits_case(n, size, 1, 1, 0.5);
  for (int64_t i = 0; i < size; ++i) {
    if (i / 64 % 3 == 2) continue;
    uint32_t& word = c.kept[size_t(i / 32)];
    word = i / 64 % 3 == 0 ? word | 1u << (i % 32) : word & ~(1u << (i % 32));
  }
  return c;
}

// log |det| of a dense matrix, by elimination with pivots; the matrix is used up.
inline double log_abs_det(std::vector<std::vector<double>> m) {
  double sum = 0;
  for (size_t k = 0; k < m.size(); ++k) {
    size_t pivot = k;
    for (size_t i = k; i < m.size(); ++i) {
      if (std::fabs(m[i][k]) > std::fabs(m[pivot][k])) pivot = i;
    }
    std::swap(m[k], m[pivot]);
    sum += std::log(std::fabs(m[k][k]));
    for (size_t i = k + 1; i < m.size(); ++i) {
      const double f = m[i][k] / m[k][k];
      for (size_t j = k; j < m.size(); ++j) m[i][j] -= f * m[k][j];
    }
  }
  return sum;
}

// That of f at x, f taking a vector to one of the same size; by central differences, good to about 1e-9.
template <class F>
double numeric_log_det(const std::vector<double>& x, F&& f) {
  constexpr double kStep = 1e-5;
  std::vector<std::vector<double>> jacobian(x.size(), std::vector<double>(x.size()));
  std::vector<double> at = x;
  for (size_t j = 0; j < x.size(); ++j) {
    at[j] = x[j] + kStep;
    const std::vector<double> above = f(at);
    at[j] = x[j] - kStep;
    const std::vector<double> below = f(at);
    at[j] = x[j];
    for (size_t i = 0; i < x.size(); ++i) jacobian[i][j] = (above[i] - below[i]) / (2 * kStep);
  }
  return log_abs_det(std::move(jacobian));
}

}  // namespace gx::test

#endif  // GENERATRIX_TESTS_NATIVE_COUPLING_CASE_H_
