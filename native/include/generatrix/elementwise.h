// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Functions of one, two or three arrays, element by element, and their gradients.
#ifndef GENERATRIX_ELEMENTWISE_H_
#define GENERATRIX_ELEMENTWISE_H_

#include "generatrix/random.h"

#ifdef __cplusplus
extern "C" {
#endif

// Functions of one number; p is the parameter of those that have one. The gradient is dx = dy f'(x), computed from x or
// from y as the last column says; the other may be NULL in gx_unary_backward.
typedef enum gx_unary_function {
  GX_EXP = 0,           // e^x                                                                                    y
  GX_SIGMOID = 1,       // 1 / (1 + e^-x)                                                                         y
  GX_TANH = 2,          // tanh x                                                                                 y
  GX_RELU = 3,          // max(x, 0); the derivative at 0 is 0                                                    y
  GX_LEAKY_RELU = 4,    // x if x > 0, else p x; p at 0                                                           x
  GX_AT_LEAST = 5,      // max(x, p), the shifted ReLU for p = -1; 0 at p                                         y
  GX_AT_MOST = 6,       // min(x, p); 0 at p                                                                      y
  GX_ELU = 7,           // x if x > 0, else p (e^x - 1), p >= 0; p at 0 (Clevert et al. 2016)                     y
  GX_SELU = 8,          // lambda (x if x > 0, else alpha (e^x - 1)); left slope at 0 (Klambauer et al. 2017)     y
  GX_SOFTPLUS = 9,      // log(1 + e^x)                                                                           y
  GX_SOFTSIGN = 10,     // x / (1 + |x|)                                                                          x
  GX_LOG = 11,          // log x; -inf at 0, NaN below                                                            x
  GX_GELU = 12,         // x Phi(x) by erf; within 2^-22 max(|x|, 1) (Hendrycks, Gimpel 2016)                     x
  GX_GELU_TANH = 13,    // x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, the approximation; likewise         x
  GX_SILU = 14,         // x / (1 + e^-x)                                                                         x
  GX_SQRT = 15,         // sqrt x                                                                                 y
  GX_SQUARE = 16,       // x^2                                                                                    x
  GX_RECIPROCAL = 17,   // 1 / x                                                                                  y
  GX_ABS = 18,          // |x|; 0 at 0                                                                            x
  GX_LOG_SIGMOID = 19,  // -log(1 + e^-x)                                                                         y
  GX_LOG1P = 20,        // log(1 + x)                                                                             x
  GX_EXPM1 = 21         // e^x - 1                                                                                y
} gx_unary_function;

// y[i] = f(x[i]; p) for i < n. Formats FLOAT32 (error within 4 ULP unless said above) and FLOAT64. y may be x,
// otherwise no overlap. NaN gives NaN. Deterministic.
GX_API gx_status gx_unary(gx_device* device, gx_format format, gx_unary_function f, double p, int64_t n, const void* x,
                          void* y);

// dx[i] = dy[i] f'(x[i]; p) for i < n, given what the table above names. dx may be dy; otherwise no overlap.
GX_API gx_status gx_unary_backward(gx_device* device, gx_format format, gx_unary_function f, double p, int64_t n,
                                   const void* x, const void* y, const void* dy, void* dx);

// y = alpha x + beta with x repeated to y's shape by NumPy's rule (shapes aligned at their last axes, an axis of size 1
// repeated): scaling, shifting, negation, broadcasting, the gradients of sums and means. Formats FLOAT32
// (computed in float) and FLOAT64. y may be x if they have equally many elements; otherwise no overlap.
GX_API gx_status gx_affine(gx_device* device, gx_format format, double alpha, double beta, const gx_shape* x_shape,
                           const gx_shape* y_shape, const void* x, void* y);

// y[i] += alpha x[i] for i < n: gradients that meet. No overlap.
GX_API gx_status gx_add_scaled(gx_device* device, gx_format format, double alpha, int64_t n, const void* x, void* y);

// Functions of two numbers.
typedef enum gx_binary_function {
  GX_ADD = 0,
  GX_SUB = 1,
  GX_MUL = 2,
  GX_DIV = 3,
  GX_MAXIMUM = 4,  // the greater one; NaN if either is; at equality each side gets half of the gradient
  GX_MINIMUM = 5,
  GX_POW = 6,    // a^b as C's pow; the gradient for b is 0 where a <= 0
  GX_GATED = 7,  // tanh(a) sigmoid(b), the gated unit of PixelCNN (van den Oord et al. 2016)
  GX_PRELU = 8   // a if a > 0, else a b: b the slopes of a parametric ReLU (He et al. 2015); the left slope at 0
} gx_binary_function;

// y = f(a, b) by NumPy's rule; y has the shape the two make together. Formats FLOAT32 (the four operations rounded
// once, pow within 2 ULP, the gated unit within 6) and FLOAT64. y may be an operand of y's own size; otherwise no
// overlap.
GX_API gx_status gx_binary(gx_device* device, gx_format format, gx_binary_function f, const gx_shape* a_shape,
                           const gx_shape* b_shape, const void* a, const void* b, void* y);

// da = dy df/da and db = dy df/db, both of y's shape: where an operand was repeated, gx_reduce with GX_SUM brings its
// gradient to its own shape. da or db may be NULL. da or db may be dy; otherwise no overlap.
GX_API gx_status gx_binary_backward(gx_device* device, gx_format format, gx_binary_function f, const gx_shape* a_shape,
                                    const gx_shape* b_shape, const void* a, const void* b, const void* dy, void* da,
                                    void* db);

// The gated unit of one array x [rows, 2 width], whose rows hold a, then b, as channels that a convolution has made for
// both: y [rows, width] = tanh(a) sigmoid(b). No overlap.
GX_API gx_status gx_gated_unit(gx_device* device, gx_format format, int64_t rows, int64_t width, const void* x,
                               void* y);

// dx [rows, 2 width] from x and dy [rows, width]. dx may be x; otherwise no overlap.
GX_API gx_status gx_gated_unit_backward(gx_device* device, gx_format format, int64_t rows, int64_t width, const void* x,
                                        const void* dy, void* dx);

// y[i] = a[i] where mask[i] is not 0, else b[i]; the branch not taken leaves no trace, not even of a NaN. a or b may be
// NULL, which stands for zeros, so that this is also the gradient of either. y may be an operand; otherwise no overlap.
GX_API gx_status gx_select(gx_device* device, gx_format format, int64_t n, const void* mask, const void* a,
                           const void* b, void* y);

// Dropout (Srivastava et al. 2014), inverted: y[i] = x[i] / (1 - rate) where the uniform number of element i (row 0,
// unit i of GX_PURPOSE_DROPOUT) is at least rate, else 0, NaN or not. Nothing is stored: the gradient is the same
// function of dy. rate in [0, 1); n at most 2^34. y may be x; otherwise no overlap.
GX_API gx_status gx_dropout(gx_device* device, gx_format format, gx_rng rng, double rate, int64_t n, const void* x,
                            void* y);

// The randomised leaky ReLU (Xu et al. 2015): y[i] = x[i] if x[i] > 0, else s_i x[i] with the slope s_i = lower +
// (upper
// - lower) u_i, u_i uniform (row 0, unit i of GX_PURPOSE_SLOPE). n at most 2^34. y may be x; otherwise no overlap.
GX_API gx_status gx_rrelu(gx_device* device, gx_format format, gx_rng rng, double lower, double upper, int64_t n,
                          const void* x, void* y);

// dx[i] = dy[i] if x[i] > 0, else s_i dy[i], the slopes drawn again. dx may be dy; otherwise no overlap.
GX_API gx_status gx_rrelu_backward(gx_device* device, gx_format format, gx_rng rng, double lower, double upper,
                                   int64_t n, const void* x, const void* dy, void* dx);

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_ELEMENTWISE_H_
