// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The vector functions of native/runtime/vmath.h over arrays, compiled once per instruction set. Sizes are multiples
// of 16.
#ifndef GENERATRIX_TESTS_NATIVE_VMATH_ARRAYS_H_
#define GENERATRIX_TESTS_NATIVE_VMATH_ARRAYS_H_

#include <stdint.h>

namespace gx::test {

struct VmathArrays {
  void (*exp)(const float* x, float* y, int64_t n);
  void (*log)(const float* x, float* y, int64_t n);
  void (*sigmoid)(const float* x, float* y, int64_t n);
  void (*softplus)(const float* x, float* y, int64_t n);
  void (*log1p)(const float* x, float* y, int64_t n);
  void (*expm1)(const float* x, float* y, int64_t n);
  void (*tanh)(const float* x, float* y, int64_t n);
  void (*erf)(const float* x, float* y, int64_t n);
  void (*exp_double)(const double* x, double* y, int64_t n);
  void (*log_double)(const double* x, double* y, int64_t n);
};

extern const VmathArrays vmath_baseline, vmath_x86_v3, vmath_x86_v4;

}  // namespace gx::test

#endif  // GENERATRIX_TESTS_NATIVE_VMATH_ARRAYS_H_
