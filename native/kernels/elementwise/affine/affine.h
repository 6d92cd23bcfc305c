// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// y = alpha x + beta with x repeated along axes, and y += alpha x. Equations: elementwise.h.
#ifndef GENERATRIX_KERNELS_ELEMENTWISE_AFFINE_AFFINE_H_
#define GENERATRIX_KERNELS_ELEMENTWISE_AFFINE_AFFINE_H_

#include "generatrix/elementwise.h"
#include "runtime/isa.h"
#include "runtime/walk.h"

namespace gx {

// Elements first .. first + count - 1 of rows begin .. end - 1; results stand at row * n + element.
struct AffineRows {
  const Walk<1>& walk;
  int64_t begin, end, first, count;
};
using AffineKernel = void (*)(float alpha, float beta, const AffineRows& rows, const float* x, float* y);
using AddScaledKernel = void (*)(float alpha, const float* x, float* y, int64_t count);

struct AffineVariant {
  KernelLine line;
  AffineKernel affine;
  AddScaledKernel add_scaled;
};
const AffineVariant* affine_variants(int* count);

namespace reference {
template <class T>
void affine(double alpha, double beta, const Walk<1>& walk, const T* x, T* y);
template <class T>
void add_scaled(double alpha, const T* x, T* y, int64_t count);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_ELEMENTWISE_AFFINE_AFFINE_H_
