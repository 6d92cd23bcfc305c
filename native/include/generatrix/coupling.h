// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Invertible maps with their Jacobians: coupling transforms, scalings, invertible matrices, dequantisation and logit,
// and the base densities at the end of a flow.
//
// An example is [channels][height][width], row-major; a plain vector has height = width = 1. Formats FLOAT32 and
// FLOAT64. Log-determinants are natural logarithms of |det dy/dx|, one per example, and are double in either format:
//
//   log_det_out[n] = log_det_in[n] + log |det dy/dx| of example n,   log_det_in NULL being 0,
//
// so that a stack of transforms gathers its own; log_det_out may be log_det_in. They are summed in double in an order
// that the params fix: results never depend on threads. y may be x (then what a coupling keeps is not touched);
// otherwise nothing overlaps. `inverse` in the params computes x from y: the operand called x below is then y, the
// result x, and the log-determinant added that of the inverse. A backward call takes what its forward call took, dy
// and dlog_det [examples] (double, or NULL: zeros), and recomputes what it needs from x; the gradient of log_det_in is
// dlog_det itself. Gradients are overwritten; one that is NULL is not wanted. examples may be 0.
//
// No silent garbage: where a scale or its reciprocal is no normal number of the format (and where an operand is NaN)
// the element cannot be taken back, and both the element and the log-determinant of its example are NaN. Infinite x
// gives infinite y. What a coupling keeps counts for its log-determinant only under a base. To a backward call such a
// scale is NaN.
#ifndef GENERATRIX_COUPLING_H_
#define GENERATRIX_COUPLING_H_

#include "generatrix/random.h"
#include "generatrix/states.h"

#ifdef __cplusplus
extern "C" {
#endif

// --- What a coupling changes
// -------------------------------------------------------------------------------------------

// A coupling keeps some elements of an example (b = 1 in Dinh et al. 2017, eq. 9) and changes the others, by parameters
// that a network made of those kept. The pattern is known by rule, not by an array, and parameters of kept elements
// are not read.
typedef enum gx_coupling_pattern {
  GX_COUPLING_SPAN = 0,          // elements begin .. end - 1 of an example are changed: channel halves, vector halves
  GX_COUPLING_CHECKERBOARD = 1,  // pixels (i, j) with (i + j) mod 2 = parity are changed
  GX_COUPLING_BITS = 2           // elements are kept whose bit is set in `kept`, [1][channels height width]
} gx_coupling_pattern;

typedef struct gx_coupling {
  int64_t examples, channels, height, width;
  gx_coupling_pattern pattern;
  int32_t parity;      // CHECKERBOARD: 0 or 1
  int64_t begin, end;  // SPAN: 0 <= begin <= end <= channels height width
} gx_coupling;

// What is added to log_det_out besides the log-determinant: log p(y) under a base density of independent elements.
typedef enum gx_base {
  GX_BASE_NONE = 0,
  GX_BASE_GAUSSIAN = 1,  // log N(y; 0, 1) = -(y^2 + log 2 pi) / 2
  GX_BASE_LOGISTIC = 2   // -|y| - 2 log(1 + e^-|y|)
} gx_base;

// --- Affine and additive coupling
// --------------------------------------------------------------------------------------

// How the log-scale l of an element comes from what the network gave, s.
typedef enum gx_coupling_scale {
  GX_SCALE_NONE = 0,    // l = 0: additive coupling (NICE: Dinh, Krueger, Bengio 2015, eq. 9); s is NULL
  GX_SCALE_EXP = 1,     // l = s
  GX_SCALE_TANH = 2,    // l = a tanh(s), a = amplitude[channel], or the params' clamp if amplitude is NULL
  GX_SCALE_SIGMOID = 3  // l = log sigmoid(s + clamp): a scale below 1 (Glow's code has clamp = 2)
} gx_coupling_scale;

// Forward, on the elements that are changed:  y = x e^l + t,     log det = sum l
// Inverse:                                    y = (x - t) e^-l,  log det = -sum l
// and y = x on those that are kept (Dinh et al. 2017, eq. 4-9).
//
// s and t hold, for each example, numbers for the elements of the pattern: SPAN has end - begin of them, the others
// channels height width, laid out as x. Example n's begin at s + n parameter_stride and t + n parameter_stride, so that
// s and t may be two arrays or the two halves of one.
typedef struct gx_affine_coupling_params {
  gx_coupling coupling;
  gx_coupling_scale scale;
  double clamp;              // finite
  int64_t parameter_stride;  // at least the numbers of one example
  int32_t inverse;
  gx_base base;  // of the forward direction only
} gx_affine_coupling_params;

// x, y: [examples][channels][height][width]; kept: packed bits [1][channels height width] for BITS, else NULL;
// amplitude: [channels], for TANH only and optional.
GX_API gx_status gx_affine_coupling(gx_device* device, gx_format format, const gx_affine_coupling_params* params,
                                    const gx_states* kept, const void* x, const void* s, const void* t,
                                    const void* amplitude, const double* log_det_in, void* y, double* log_det_out);

// With g = dy (plus dlog_det times the derivative of log p(y) if there is a base) and c = dlog_det, on changed elements
//   forward:  dx = g e^l,   dl = g x e^l + c,             dt = g
//   inverse:  dx = g e^-l,  dl = -(g (x - t) e^-l + c),   dt = -g e^-l
// and ds = dl l'(s), damplitude = sum dl tanh(s); kept elements have dx = g and ds = dt = 0. ds and dt are laid out as
// s and t, with the same parameter_stride; dx may be dy.
GX_API gx_status gx_affine_coupling_backward(gx_device* device, gx_format format,
                                             const gx_affine_coupling_params* params, const gx_states* kept,
                                             const void* x, const void* s, const void* t, const void* amplitude,
                                             const void* dy, const double* dlog_det, void* dx, void* ds, void* dt,
                                             void* damplitude);

// --- Rational-quadratic spline coupling
// ----------------------------------------------------------------------------------

// Each changed element goes through a monotone spline from [-bound, bound] onto itself; outside of it y = x. The spline
// has `bins` pieces, quotients of quadratics (Durkan, Bekasov, Murray, Papamakarios, "Neural spline flows", NeurIPS
// 2019, section 3.1, eq. 4-8), between knots that follow from 3 bins - 1 numbers of an element, q:
//
//   widths   2 bound (min_width + (1 - bins min_width) softmax(q_0 .. q_bins-1)),   heights from the next bins likewise
//   slopes   min_slope + softplus(q_j + offset) at the inner knots, the offset such that q_j = 0 gives slope 1;
//            1 at the outer ones
//
// so q = 0 is the identity. Widths and heights are summed from the left, the last knot is bound itself. The bin of an
// element is found first and its place in it is clamped to [0, 1]; the inverse takes the root of the quadratic in a
// form without cancellation, its discriminant being a sum of squares (kernels/coupling/spline_coupling).
//
// Outside of the bound an element's numbers are not looked at. Inside, a NaN or +inf among its widths and heights, or
// such a slope at its bin, makes the element and the log-determinant NaN, as NaN x does; so do slopes so steep that
// dy/dx is no normal number; -inf is a share of zero. In float the knots carry a rounding of some eps bound, so the
// result is within 4 eps bound (1 + dy/dx) of the equation's, and the size of a bin within eps / min_width of itself.
//
// theta holds number j of element i of example n at theta[n parameter_stride + j number_stride + i unit_stride], with i
// counted as in affine coupling. number_stride = units, unit_stride = 1 is what a convolution gives.
typedef struct gx_spline_coupling_params {
  gx_coupling coupling;
  int64_t bins;                                          // 2 to 64
  double bound;                                          // 1e-6 to 1e6
  double min_width;                                      // at least 1e-6, also of heights; bins min_width < 1
  double min_slope;                                      // at least 1e-6, < 1
  int64_t parameter_stride, number_stride, unit_stride;  // at least 1 each; no two numbers share a place
  int32_t inverse;
} gx_spline_coupling_params;

GX_API gx_status gx_spline_coupling(gx_device* device, gx_format format, const gx_spline_coupling_params* params,
                                    const gx_states* kept, const void* x, const void* theta, const double* log_det_in,
                                    void* y, double* log_det_out);
// dx may be dy. dtheta is laid out as theta, with zeros for kept elements; what lies between its numbers is not
// touched.
GX_API gx_status gx_spline_coupling_backward(gx_device* device, gx_format format,
                                             const gx_spline_coupling_params* params, const gx_states* kept,
                                             const void* x, const void* theta, const void* dy, const double* dlog_det,
                                             void* dx, void* dtheta);

// --- Scaling of channels
// -----------------------------------------------------------------------------------------------

// Forward:  y = x e^l_c + b_c,     log det = height width sum_c l_c
// Inverse:  y = (x - b_c) e^-l_c,  its negative
// The diagonal scaling of NICE (section 3.3) with channels = units, actnorm (Kingma and Dhariwal, "Glow", 2018, section
// 3.1) with pictures, and what a batch norm does to a flow.
typedef struct gx_channel_affine_params {
  int64_t examples, channels, spatial;
  int32_t inverse;
  gx_base base;  // of the forward direction only
} gx_channel_affine_params;

// log_scale, shift: [channels] or NULL: zeros.
GX_API gx_status gx_channel_affine(gx_device* device, gx_format format, const gx_channel_affine_params* params,
                                   const void* x, const void* log_scale, const void* shift, const double* log_det_in,
                                   void* y, double* log_det_out);

// dx may be dy; the gradients of log_scale and shift are summed over examples in double.
GX_API gx_status gx_channel_affine_backward(gx_device* device, gx_format format, const gx_channel_affine_params* params,
                                            const void* x, const void* log_scale, const void* shift, const void* dy,
                                            const double* dlog_det, void* dx, void* dlog_scale, void* dshift);

// --- Invertible matrices
// -----------------------------------------------------------------------------------------------

// W = P L (U + diag(sign_i e^l_i)), or its inverse: the matrix of an invertible 1x1 convolution (Glow, section 3.2, eq.
// 10). P permutes: row i of P M is row permutation[i] of M. lower, upper: [n][n], of which the part strictly below, or
// above, the diagonal is read; L has a diagonal of ones. log |det W| = sum l. All is computed in double, in plain
// loops, as n is a number of channels.
//   permutation: int64 [n] in host memory, each of 0 .. n - 1 once; sign: [n], +1 or -1; log_scale: [n]; W: [n][n]
// Another sign is refused on a CPU and makes NaN on a GPU.
GX_API gx_status gx_invertible_matrix(gx_device* device, gx_format format, int64_t n, int32_t inverse,
                                      const int64_t* permutation, const void* lower, const void* upper,
                                      const void* sign, const void* log_scale, void* W);

// Given dW of what the forward call made; entries of dlower and dupper that are not read are 0.
GX_API gx_status gx_invertible_matrix_backward(gx_device* device, gx_format format, int64_t n, int32_t inverse,
                                               const int64_t* permutation, const void* lower, const void* upper,
                                               const void* sign, const void* log_scale, const void* dW, void* dlower,
                                               void* dupper, void* dlog_scale);

// --- Data in and out
// ---------------------------------------------------------------------------------------------------

// From intensities to what a flow models. Forward, with v an element of x:
//
//   u = (round((levels - 1) v) + noise) / levels   uniform noise in [0, 1) if levels > 0 (Theis et al. 2016, section
//                                                  3.1), else u = v
//   y = log p - log(1 - p),  p = low + (high - low) u       if logit (Dinh et al. 2017, section 4.1), else y = u
//   log det = sum log (high - low) - log p - log(1 - p)     of dy/du: add -log levels per element for a density of
//                                                           levels; 0 without logit
// Inverse: u = (sigmoid(x) - low) / (high - low), or x without logit; then with levels the intensity of its level,
// clamp(floor(levels u), 0, levels - 1) / (levels - 1), else u. The log-determinant is that of du/dx.
//
// Noise is a uniform of random.h, purpose GX_PURPOSE_DEQUANTISE, by row and unit. A p outside of (0, 1) is NaN.
typedef struct gx_dequantise_params {
  int64_t rows, units;
  int64_t levels;  // 0, or 2 to 65536
  int32_t logit;
  double low, high;  // with logit: 0 <= low < high <= 1
  int32_t inverse;
} gx_dequantise_params;
GX_API gx_status gx_dequantise(gx_device* device, gx_format format, const gx_dequantise_params* params, gx_rng rng,
                               const void* x, const double* log_det_in, void* y, double* log_det_out);

// With levels = 0.
GX_API gx_status gx_dequantise_backward(gx_device* device, gx_format format, const gx_dequantise_params* params,
                                        const void* x, const void* dy, const double* dlog_det, void* dx);

// --- Base densities
// ----------------------------------------------------------------------------------------------------

// out[r] = in[r] + sum_i log p(z[r][i]), in NULL being 0: where a part of a flow's latent leaves it early (Dinh et al.
// 2017, eq. 16). z: rows of `units` elements, `stride` >= units apart, so that it may be a part of longer rows.
GX_API gx_status gx_base_log_density(gx_device* device, gx_format format, int64_t rows, int64_t units, int64_t stride,
                                     gx_base base, const void* z, const double* in, double* out);

// dz [rows][units], contiguous: dout[r] d log p / dz.
GX_API gx_status gx_base_log_density_backward(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                              int64_t stride, gx_base base, const void* z, const double* dout,
                                              void* dz);

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_COUPLING_H_
