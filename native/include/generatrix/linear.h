// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Dense matrix products and layers. Arrays are row-major and contiguous. Formats FLOAT32 and FLOAT64. FLOAT32 sums are
// float32, fused multiply-adds where the CPU has them, in blocks of at most 512 terms that are added up in order: the
// blocking depends on k alone. Products A B^T of up to 4 rows are summed along vectors instead. So results never depend
// on threads, and where there are more than 4 rows, a row's not on the others. NaN and infinities travel as IEEE
// arithmetic says.
//
// On a GPU all arrays are device memory. FLOAT32 sums are float32 too, in an order that depends on the sizes and on
// whether addresses are on a grid of 16 bytes: one chain of fused multiply-adds, or up to 256 of them, of 256 terms or
// more each, added up in order; products A B^T with up to 8 rows or columns are summed by the lanes of a warp. The
// device's precision applies to products with more than 8 of both.
#ifndef GENERATRIX_LINEAR_H_
#define GENERATRIX_LINEAR_H_

#include "generatrix/core.h"

#ifdef __cplusplus
extern "C" {
#endif

// C_i = op(A_i) op(B_i) + (accumulate ? C_i : 0) for i < batch, op(X) = X or its transpose.
typedef struct gx_matmul_params {
  int64_t batch;        // matrices of each operand; 1 for one product
  int64_t m, n, k;      // op(A) is [m, k], op(B) is [k, n], C is [m, n]; 0 is allowed
  int64_t a_step;       // elements from A_i to A_(i+1): 0 (the same for all) or at least m k; likewise b_step
  int64_t b_step;       //
  int64_t c_step;       // at least m n; the steps are not looked at where batch is 1
  int32_t transpose_a;  // A is stored as [k, m]
  int32_t transpose_b;  // B is stored as [n, k]
  int32_t accumulate;   // C is read as well
} gx_matmul_params;

// C overlaps neither A nor B, which may be the same. If k is 0 the product is 0.
GX_API gx_status gx_matmul(gx_device* device, gx_format format, const gx_matmul_params* params, const void* a,
                           const void* b, void* c);

// Activations whose derivative follows from their value y; p is the parameter of those that have one.
typedef enum gx_activation {
  GX_ACTIVATION_NONE = 0,        // z
  GX_ACTIVATION_RELU = 1,        // max(z, 0)              y > 0 ? 1 : 0
  GX_ACTIVATION_LEAKY_RELU = 2,  // z > 0 ? z : p z        y > 0 ? 1 : p           p >= 0
  GX_ACTIVATION_ELU = 3,         // z > 0 ? z : p(e^z - 1) y > 0 ? 1 : y + p       p >= 0
  GX_ACTIVATION_TANH = 4,        // tanh z                 1 - y^2
  GX_ACTIVATION_SIGMOID = 5,     // 1 / (1 + e^-z)         y (1 - y)
  GX_ACTIVATION_SOFTPLUS = 6     // log(1 + e^z)           1 - e^-y
} gx_activation;

// A layer of `inputs` to `outputs` units over a batch of `rows`.
typedef struct gx_linear_params {
  int64_t rows, inputs, outputs;  // 0 is allowed
  gx_activation activation;
  double activation_p;
} gx_linear_params;

// y = f(x W^T + b), with x[rows, inputs], W[outputs, inputs], b[outputs] or NULL, y[rows, outputs]. y overlaps nothing.
GX_API gx_status gx_linear(gx_device* device, gx_format format, const gx_linear_params* params, const void* x,
                           const void* W, const void* b, void* y);

// Given dy and y of gx_linear, with dz = dy f'(z):
//   dx = dz W     dW = dz^T x     db = sum of the rows of dz, added up in double
// Any of dx, dW, db may be NULL: not wanted. y may be NULL if the activation is NONE, x if dW is, W if dx is. The
// results overlap nothing.
GX_API gx_status gx_linear_backward(gx_device* device, gx_format format, const gx_linear_params* params, const void* dy,
                                    const void* y, const void* x, const void* W, void* dx, void* dW, void* db);

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_LINEAR_H_
