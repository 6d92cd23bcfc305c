// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <vector>

#include "kernels/coupling/invertible_matrix/invertible_matrix.h"
#include "kernels/coupling/scale_in_double.h"

namespace gx::reference {
namespace {

// A square matrix of zeros.
class Square {
 public:
  explicit Square(int64_t n) : n_(n), v_(size_t(n * n), 0) {}
  double* operator[](int64_t row) { return v_.data() + row * n_; }
  const double* operator[](int64_t row) const { return v_.data() + row * n_; }
  int64_t n() const { return n_; }

 private:
  int64_t n_;
  std::vector<double> v_;
};

Square transposed(const Square& a) {
  Square t(a.n());
  for (int64_t i = 0; i < a.n(); ++i) {
    for (int64_t j = 0; j < a.n(); ++j) t[j][i] = a[i][j];
  }
  return t;
}

Square product(const Square& a, const Square& b) {
  Square p(a.n());
  for (int64_t i = 0; i < a.n(); ++i) {
    for (int64_t k = 0; k < a.n(); ++k) {
      for (int64_t j = 0; j < a.n(); ++j) p[i][j] += a[i][k] * b[k][j];
    }
  }
  return p;
}

// L with its ones, U with its diagonal.
template <class T>
struct Factors {
  explicit Factors(const InvertibleMatrix<T>& m) : lower(m.n), upper(m.n) {
    for (int64_t i = 0; i < m.n; ++i) {
      for (int64_t j = 0; j < i; ++j) lower[i][j] = m.lower[i * m.n + j];
      lower[i][i] = 1;
      upper[i][i] = double(m.sign[i]) * scale_of<T>(double(m.log_scale[i]));
      for (int64_t j = i + 1; j < m.n; ++j) upper[i][j] = m.upper[i * m.n + j];
    }
  }
  Square lower, upper;
};

// U^-1 L^-1, a row after the other: first down through L, then up through U.
template <class T>
Square inverse_of(const Factors<T>& f) {
  const int64_t n = f.lower.n();
  Square a(n);
  for (int64_t i = 0; i < n; ++i) {
    a[i][i] = 1;
    for (int64_t k = 0; k < i; ++k) {
      for (int64_t j = 0; j <= k; ++j) a[i][j] -= f.lower[i][k] * a[k][j];
    }
  }
  for (int64_t i = n - 1; i >= 0; --i) {
    for (int64_t k = i + 1; k < n; ++k) {
      for (int64_t j = 0; j < n; ++j) a[i][j] -= f.upper[i][k] * a[k][j];
    }
    for (int64_t j = 0; j < n; ++j) a[i][j] /= f.upper[i][i];
  }
  return a;
}

}  // namespace

// Row i of P M is row permutation[i] of M; column j of M P^T is column permutation[j] of M.
template <class T>
void invertible_matrix(const InvertibleMatrix<T>& m, T* W) {
  const Factors<T> f(m);
  const Square M = m.inverse ? inverse_of(f) : product(f.lower, f.upper);
  for (int64_t i = 0; i < m.n; ++i) {
    for (int64_t j = 0; j < m.n; ++j) {
      W[i * m.n + j] = T(m.inverse ? M[i][m.permutation[j]] : M[m.permutation[i]][j]);
    }
  }
}

// With M = L U: dL = dM U^T and dU = L^T dM. Of V = M^-1, dM = -V^T dV V^T.
template <class T>
void invertible_matrix_backward(const InvertibleMatrix<T>& m, const T* dW, T* dlower, T* dupper, T* dlog_scale) {
  const Factors<T> f(m);
  Square dM(m.n);
  for (int64_t i = 0; i < m.n; ++i) {
    for (int64_t j = 0; j < m.n; ++j) {
      (m.inverse ? dM[i][m.permutation[j]] : dM[m.permutation[i]][j]) = dW[i * m.n + j];
    }
  }
  if (m.inverse) {
    const Square t = transposed(inverse_of(f));
    dM = product(product(t, dM), t);
  }
  const double direction = m.inverse ? -1 : 1;
  const Square dL = product(dM, transposed(f.upper)), dU = product(transposed(f.lower), dM);
  for (int64_t i = 0; i < m.n; ++i) {
    for (int64_t j = 0; j < m.n; ++j) {
      if (dlower) dlower[i * m.n + j] = j < i ? T(direction * dL[i][j]) : T(0);
      if (dupper) dupper[i * m.n + j] = j > i ? T(direction * dU[i][j]) : T(0);
    }
    if (dlog_scale) dlog_scale[i] = T(direction * dU[i][i] * f.upper[i][i]);
  }
}

template void invertible_matrix<float>(const InvertibleMatrix<float>&, float*);
template void invertible_matrix<double>(const InvertibleMatrix<double>&, double*);
template void invertible_matrix_backward<float>(const InvertibleMatrix<float>&, const float*, float*, float*, float*);
template void invertible_matrix_backward<double>(const InvertibleMatrix<double>&, const double*, double*, double*,
                                                 double*);

}  // namespace gx::reference
