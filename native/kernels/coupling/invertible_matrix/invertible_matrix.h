// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// W = P L (U + diag(sign e^l)), its inverse, and the gradients of its parts, in double and serial. Equation:
// coupling.h.
#ifndef GENERATRIX_KERNELS_COUPLING_INVERTIBLE_MATRIX_INVERTIBLE_MATRIX_H_
#define GENERATRIX_KERNELS_COUPLING_INVERTIBLE_MATRIX_INVERTIBLE_MATRIX_H_

#include <cstdint>

namespace gx {

template <class T>
struct InvertibleMatrix {
  int64_t n;
  bool inverse;
  const int64_t* permutation;
  const T *lower, *upper, *sign, *log_scale;
};

namespace reference {
template <class T>
void invertible_matrix(const InvertibleMatrix<T>&, T* W);
// Gradients may be null.
template <class T>
void invertible_matrix_backward(const InvertibleMatrix<T>&, const T* dW, T* dlower, T* dupper, T* dlog_scale);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_COUPLING_INVERTIBLE_MATRIX_INVERTIBLE_MATRIX_H_
