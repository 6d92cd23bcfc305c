// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Small things that the entries of the family share, on a CPU and on a GPU.
#ifndef GENERATRIX_KERNELS_NORM_OPERAND_H_
#define GENERATRIX_KERNELS_NORM_OPERAND_H_

#include <cmath>
#include <cstdint>

#include "generatrix/norm.h"
#include "runtime/check.h"
#include "runtime/philox.h"  // GX_HOST_DEVICE

namespace gx {

template <class T>
const T* in(const void* p) {
  return static_cast<const T*>(p);
}
template <class T>
T* out(void* p) {
  return static_cast<T*>(p);
}

// Element i of an optional factor (absent: 1) or offset (absent: 0), and where it goes.
template <class T>
GX_HOST_DEVICE double factor(const T* gamma, int64_t i) {
  return gamma ? double(gamma[i]) : 1;
}
template <class T>
GX_HOST_DEVICE double offset(const T* beta, int64_t i) {
  return beta ? double(beta[i]) : 0;
}
template <class T>
GX_HOST_DEVICE void put(T* gradient, int64_t i, double value) {
  if (gradient) gradient[i] = T(value);
}

GX_HOST_DEVICE inline double rstd_of(double variance, double epsilon) { return 1 / std::sqrt(variance + epsilon); }

// dy (x, mean) with sums s = sum dy and q = sum dy (x - mean) over M elements, through y = gamma (x - mean) rstd:
// dx = k1 dy + k2 (x - mean) + k3.
struct Coefficients {
  GX_HOST_DEVICE Coefficients(double gamma, double rstd, double s, double q, int64_t count)
      : k1(gamma * rstd), k2(-gamma * rstd * rstd * rstd * q / double(count)), k3(-gamma * rstd * s / double(count)) {}
  double k1, k2, k3;
};

namespace check {

inline void epsilon(double value) {
  finite(value, "epsilon");
  if (!(value > 0)) fail(GX_INVALID_ARGUMENT, "epsilon must be above 0, got %g", value);
}

inline void activation(const gx_norm_activation& f) { in_range(number_in(f), 0, 1, "the activation"); }

// examples channels spatial, each at least 0.
inline int64_t image_elements(int64_t examples, int64_t channels, int64_t spatial) {
  at_least(examples, 0, "examples");
  at_least(channels, 0, "channels");
  at_least(spatial, 0, "spatial");
  return product(product(examples, channels, "x"), spatial, "x");
}

// double [rows][count]
inline Range statistics(const void* p, int64_t rows, int64_t count) {
  return array(p, product(rows, count, "statistics"), GX_FLOAT64, "statistics");
}

}  // namespace check

}  // namespace gx

#endif  // GENERATRIX_KERNELS_NORM_OPERAND_H_
