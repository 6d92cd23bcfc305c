// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// y = f(a, b), da = dy df/da, db = dy df/db with operands repeated along axes. Equations: elementwise.h; the functions
// themselves: functions.h for vectors, reference.cc in double.
#ifndef GENERATRIX_KERNELS_ELEMENTWISE_BINARY_BINARY_H_
#define GENERATRIX_KERNELS_ELEMENTWISE_BINARY_BINARY_H_

#include "generatrix/elementwise.h"
#include "runtime/isa.h"
#include "runtime/walk.h"

namespace gx {

// GX_FUNCTION(enumerator, functor): every function, in the order of the enumeration.
#define GX_BINARY_FUNCTIONS(GX_FUNCTION) \
  GX_FUNCTION(GX_ADD, Add)               \
  GX_FUNCTION(GX_SUB, Sub)               \
  GX_FUNCTION(GX_MUL, Mul)               \
  GX_FUNCTION(GX_DIV, Div)               \
  GX_FUNCTION(GX_MAXIMUM, Maximum)       \
  GX_FUNCTION(GX_MINIMUM, Minimum)       \
  GX_FUNCTION(GX_POW, Pow)               \
  GX_FUNCTION(GX_GATED, Gated)           \
  GX_FUNCTION(GX_PRELU, Prelu)

// Elements first .. first + count - 1 of rows begin .. end - 1. y and dy stand at row * n + element, da and db at row *
// slopes + element.
struct BinaryRows {
  const Walk<2>& walk;
  int64_t begin, end, first, count, slopes;
};
using BinaryKernel = void (*)(gx_binary_function f, const BinaryRows& rows, const float* a, const float* b, float* y);
// da or db may be null, or one of them dy.
using BinaryBackwardKernel = void (*)(gx_binary_function f, const BinaryRows& rows, const float* a, const float* b,
                                      const float* dy, float* da, float* db);

struct BinaryVariant {
  KernelLine line;
  BinaryKernel forward;
  BinaryBackwardKernel backward;
};
const BinaryVariant* binary_variants(int* count);

namespace reference {
template <class T>
void binary(gx_binary_function f, const Walk<2>& walk, const T* a, const T* b, T* y);
template <class T>
void binary_backward(gx_binary_function f, const Walk<2>& walk, int64_t slopes, const T* a, const T* b, const T* dy,
                     T* da, T* db);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_ELEMENTWISE_BINARY_BINARY_H_
