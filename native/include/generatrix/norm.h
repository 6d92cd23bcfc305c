// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Normalisation: batch, instance, layer and weight norm and their kin, and their gradients.
//
// Images and their like are [examples][channels][spatial], spatial the product of the trailing axes (1 for plain
// vectors). Where a mean and a variance are taken of a set of M elements,
//
//   mean = (1/M) sum x,   var = (1/M) sum (x - mean)^2,   rstd = 1 / sqrt(var + epsilon),   x^ = (x - mean) rstd
//
// and all their sums, forward and backward, are double in a fixed order, whatever the thread count. What a forward call
// saves for its backward call ("statistics") is double in either format. Formats FLOAT32 and FLOAT64. gamma and beta
// are a factor and an offset; NULL is 1 and 0. Gradients are overwritten; one that is NULL is not wanted. Outputs may
// not overlap inputs or each other. A NaN or an infinity spoils the set it is in, and gradients of factors and offsets
// that sum over it, and nothing else. Constant sets are legal: var = 0, y = beta; epsilon > 0 keeps them finite.
#ifndef GENERATRIX_NORM_H_
#define GENERATRIX_NORM_H_

#include "generatrix/core.h"

#ifdef __cplusplus
extern "C" {
#endif

// What follows a normalisation in the same pass.
typedef enum gx_norm_activation {
  GX_NORM_LINEAR = 0,
  GX_NORM_RELU = 1  // y = max(y, 0); the derivative at 0 is 0
} gx_norm_activation;

// --- Batch norm
// -------------------------------------------------------------------------------------------------------
//
//   y = f(gamma_c x^ + beta_c),  the set of channel c: all examples and positions, M = examples spatial
//
// (Ioffe and Szegedy 2015, algorithm 1). Training also moves the running statistics, as PyTorch does with the unbiased
// variance:
//
//   running_mean += momentum (mean - running_mean),   running_var += momentum (M / (M - 1) var - running_var)
typedef struct gx_batch_norm_params {
  int64_t examples;
  int64_t channels;
  int64_t spatial;
  double epsilon;                 // > 0
  double momentum;                // in [0, 1]; of running statistics
  gx_norm_activation activation;  // f
} gx_batch_norm_params;

// x, y: [examples][channels][spatial]; gamma, beta: [channels] or NULL; running_mean, running_var: [channels], changed
// in place, both or neither NULL; statistics: double [2][channels], out: mean, rstd. M at least 1, with running_var at
// least 2.
GX_API gx_status gx_batch_norm(gx_device* device, gx_format format, const gx_batch_norm_params* params, const void* x,
                               const void* gamma, const void* beta, void* running_mean, void* running_var, void* y,
                               void* statistics);

// Given dy and what gx_batch_norm took and saved. With the dy that f lets through:
//   dbeta = sum dy,   dgamma = sum dy x^,   dx = gamma rstd (dy - dbeta / M - x^ dgamma / M)
// beta is read for a relu only.
GX_API gx_status gx_batch_norm_backward(gx_device* device, gx_format format, const gx_batch_norm_params* params,
                                        const void* x, const void* gamma, const void* beta, const void* statistics,
                                        const void* dy, void* dx, void* dgamma, void* dbeta);

// Evaluation: the same with mean = running_mean and var = running_var, which are constants: an affine map of each
// element. Writes nothing but y; examples and spatial may be 0.
GX_API gx_status gx_batch_norm_evaluate(gx_device* device, gx_format format, const gx_batch_norm_params* params,
                                        const void* x, const void* gamma, const void* beta, const void* running_mean,
                                        const void* running_var, void* y);

// dx = gamma rstd dy; dgamma and dbeta as above.
GX_API gx_status gx_batch_norm_evaluate_backward(gx_device* device, gx_format format,
                                                 const gx_batch_norm_params* params, const void* x, const void* gamma,
                                                 const void* beta, const void* running_mean, const void* running_var,
                                                 const void* dy, void* dx, void* dgamma, void* dbeta);

// --- Batch renormalisation
// --------------------------------------------------------------------------------------------
//
//   y = gamma_c (x^ r + d) + beta_c,   r = clip(s / S, 1 / r_max, r_max),   d = clip((mean - running_mean) / S, -d_max,
//   d_max)
//
// with s = sqrt(var + epsilon) and S = sqrt(running_var + epsilon), the running statistics before this call moves them
// (Ioffe 2017, algorithm 1). r and d are constants in the gradient. The running variance averages the batch variances
// as they are (M, not M - 1), so that r is 1 where they agree; the paper averages standard deviations. Evaluation is
// that of batch norm. r_max = 1 and d_max = 0 make it batch norm.
typedef struct gx_batch_renorm_params {
  int64_t examples;
  int64_t channels;
  int64_t spatial;
  double epsilon;   // > 0
  double momentum;  // in [0, 1]
  double r_max;     // >= 1
  double d_max;     // >= 0
} gx_batch_renorm_params;

// As gx_batch_norm; running_mean and running_var are needed; statistics: double [4][channels], out: mean, rstd, r, d.
GX_API gx_status gx_batch_renorm(gx_device* device, gx_format format, const gx_batch_renorm_params* params,
                                 const void* x, const void* gamma, const void* beta, void* running_mean,
                                 void* running_var, void* y, void* statistics);

// dbeta = sum dy,   dgamma = sum dy (x^ r + d),   dx = gamma r rstd (dy - sum dy / M - x^ sum dy x^ / M)
GX_API gx_status gx_batch_renorm_backward(gx_device* device, gx_format format, const gx_batch_renorm_params* params,
                                          const void* x, const void* gamma, const void* statistics, const void* dy,
                                          void* dx, void* dgamma, void* dbeta);

// --- Reference batch norm ("virtual" batch norm)
// ----------------------------------------------------------------------
//
// The first `references` examples are a reference batch of R examples, chosen once and passed along with every batch.
// They are normalised by their own mean m and variance v, per channel. Each other example n is normalised by the
// statistics of the reference batch with the example added, so that no example of a batch depends on another:
//
//   mean = w m_n + (1 - w) m,   var = w v_n + (1 - w) v + w (1 - w) (m_n - m)^2,   w = 1 / (R + 1)
//
// with m_n and v_n those of the example alone (Salimans et al. 2016, "Improved techniques for training GANs", section
// 3.4). Then y = gamma_c x^ + beta_c. Gradients flow through all statistics, also into the reference batch.
typedef struct gx_reference_batch_norm_params {
  int64_t references;  // R, at least 1
  int64_t examples;    // R and the others together
  int64_t channels;
  int64_t spatial;  // at least 1
  double epsilon;   // > 0
} gx_reference_batch_norm_params;

// statistics: double [2][1 + examples - references][channels], out: mean and rstd, of the reference batch and of each
// other example.
GX_API gx_status gx_reference_batch_norm(gx_device* device, gx_format format,
                                         const gx_reference_batch_norm_params* params, const void* x, const void* gamma,
                                         const void* beta, void* y, void* statistics);

GX_API gx_status gx_reference_batch_norm_backward(gx_device* device, gx_format format,
                                                  const gx_reference_batch_norm_params* params, const void* x,
                                                  const void* gamma, const void* statistics, const void* dy, void* dx,
                                                  void* dgamma, void* dbeta);

// --- Group and instance norm
// ------------------------------------------------------------------------------------------
//
//   y = f(gamma_c x^ + beta_c),  a set: channels / groups neighbouring channels of one example
//
// (Wu and He 2018). groups = channels is instance norm (Ulyanov, Vedaldi, Lempitsky 2016): batch norm over each (n, c).
typedef struct gx_group_norm_params {
  int64_t examples;
  int64_t channels;
  int64_t spatial;  // at least 1
  int64_t groups;   // divides channels
  double epsilon;   // > 0
  gx_norm_activation activation;
} gx_group_norm_params;

// statistics: double [2][examples][groups], out: mean, rstd.
GX_API gx_status gx_group_norm(gx_device* device, gx_format format, const gx_group_norm_params* params, const void* x,
                               const void* gamma, const void* beta, void* y, void* statistics);

// beta is read for a relu only.
GX_API gx_status gx_group_norm_backward(gx_device* device, gx_format format, const gx_group_norm_params* params,
                                        const void* x, const void* gamma, const void* beta, const void* statistics,
                                        const void* dy, void* dx, void* dgamma, void* dbeta);

// --- Adaptive instance norm
// -------------------------------------------------------------------------------------------
//
//   y = sigma(style) x^ + mu(style),   sigma = sqrt(var + epsilon),  per example and channel
//
// x^ of the content, mu and sigma of the style (Huang and Belongie 2017, eq. 8, with the statistics of eq. 5-6).
// Gradients go to both.
typedef struct gx_adaptive_instance_norm_params {
  int64_t examples;
  int64_t channels;
  int64_t spatial;        // of the content, at least 1
  int64_t style_spatial;  // at least 1
  double epsilon;         // > 0
} gx_adaptive_instance_norm_params;

// content, y: [examples][channels][spatial]; style: [examples][channels][style_spatial]; statistics: double
// [4][examples][channels], out: mean and rstd of the content, mu and sigma of the style.
GX_API gx_status gx_adaptive_instance_norm(gx_device* device, gx_format format,
                                           const gx_adaptive_instance_norm_params* params, const void* content,
                                           const void* style, void* y, void* statistics);

GX_API gx_status gx_adaptive_instance_norm_backward(gx_device* device, gx_format format,
                                                    const gx_adaptive_instance_norm_params* params, const void* content,
                                                    const void* style, const void* statistics, const void* dy,
                                                    void* dcontent, void* dstyle);

// --- Layer norm
// -------------------------------------------------------------------------------------------------------
//
//   y = gamma_i x^ + beta_i,  a set: a row
//
// (Ba, Kiros, Hinton 2016). Rows are the leading axes, units the trailing ones; gamma, beta: [units] or NULL.
// statistics: double [2][rows], out: mean, rstd. rows may be 0, units at least 1; epsilon > 0.
GX_API gx_status gx_layer_norm(gx_device* device, gx_format format, int64_t rows, int64_t units, double epsilon,
                               const void* x, const void* gamma, const void* beta, void* y, void* statistics);

// dbeta = sum_r dy,   dgamma = sum_r dy x^,   dx = rstd (g - mean(g) - x^ mean(g x^)) with g = gamma dy
GX_API gx_status gx_layer_norm_backward(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* x,
                                        const void* gamma, const void* statistics, const void* dy, void* dx,
                                        void* dgamma, void* dbeta);

// --- Weight norm
// ------------------------------------------------------------------------------------------------------
//
//   w_r = g_r v_r / ||v_r||,  r a row
//
// (Salimans and Kingma 2016, eq. 2-3). v, w: [rows][units]; g: [rows]; norms: double [rows], out: ||v_r||. A row of
// zeros has no direction: NaN. units at least 1.
GX_API gx_status gx_weight_norm(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* v,
                                const void* g, void* w, void* norms);

// dg = dw . v / ||v||,   dv = g / ||v|| (dw - (dw . v) v / ||v||^2)
GX_API gx_status gx_weight_norm_backward(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                         const void* v, const void* g, const void* norms, const void* dw, void* dv,
                                         void* dg);

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_NORM_H_
