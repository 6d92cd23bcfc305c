// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Optimiser steps, each one call and one pass over all parameters of a model.
//
// A model's parameters are a list of segments. The work is cut over their concatenation, so that a hundred biases cost
// no more than one array. The formulas are PyTorch's. Every step sees the gradient as
//
//   g' = clamp(gradient_scale g, -clip_value, clip_value)
//
// and, once a parameter p has moved, moves its average: ema += (1 - ema_decay)(p - ema).
//
// Each element is computed alone, so that results do not depend on threads or on how the segments are cut. FLOAT32
// computes in float and holds its state in float; FLOAT64 runs the reference in double. NaN and infinite gradients
// reach the parameter as NaN (gx_all_finite finds it); so does a gradient whose square overflows, at the second step at
// the latest.
#ifndef GENERATRIX_OPTIM_H_
#define GENERATRIX_OPTIM_H_

#include "generatrix/core.h"

#ifdef __cplusplus
extern "C" {
#endif

// One parameter tensor with what belongs to it: arrays of `count` elements of the call's format. s0, s1, s2: the state,
// zeros before the first step; what each means, and which must be there, stands beside each rule. The others are NULL.
typedef struct gx_segment {
  int64_t count;
  void* p;        // changed
  const void* g;  // not changed; may be shared by segments
  void* s0;       // changed
  void* s1;
  void* s2;
  void* ema;  // changed; NULL: no average. It begins as a copy of p
} gx_segment;

// What every rule's step takes besides.
typedef struct gx_step {
  double rate;            // the learning rate, at least 0
  double gradient_scale;  // finite; 1 leaves the gradient
  double clip_value;      // above 0; infinity leaves the gradient
  double weight_decay;    // at least 0: g' + weight_decay p stands for g' (AdamW: see there)
  double ema_decay;       // in [0, 1]
} gx_step;

// All outputs of a call (p, s0, s1, s2, ema) must be disjoint from each other and from every g.

// Stochastic gradient descent, with momentum if momentum > 0, then s0 = velocity:
//   s0 = momentum s0 + g,   d = nesterov ? g + momentum s0 : s0   (without momentum d = g),   p -= rate d
// Nesterov's needs momentum > 0 (Sutskever, Martens, Dahl, Hinton 2013, as PyTorch writes it; no dampening).
typedef struct gx_sgd_params {
  gx_step step;
  double momentum;   // in [0, 1)
  int32_t nesterov;  // 0 or 1
} gx_sgd_params;
GX_API gx_status gx_sgd(gx_device* device, gx_format format, const gx_sgd_params* params, int64_t segments,
                        const gx_segment* segment);

// Adagrad (Duchi, Hazan, Singer 2011). s0 = sum of squares:
//   s0 += g^2,   p -= rate g / (sqrt(s0) + epsilon)
typedef struct gx_adagrad_params {
  gx_step step;
  double epsilon;  // at least 0
} gx_adagrad_params;
GX_API gx_status gx_adagrad(gx_device* device, gx_format format, const gx_adagrad_params* params, int64_t segments,
                            const gx_segment* segment);

// Adadelta (Zeiler 2012). s0 = mean of squared gradients, s1 = mean of squared moves:
//   s0 = rho s0 + (1 - rho) g^2,   d = g sqrt(s1 + epsilon) / sqrt(s0 + epsilon),   s1 = rho s1 + (1 - rho) d^2,
//   p -= rate d
typedef struct gx_adadelta_params {
  gx_step step;
  double rho;      // in [0, 1)
  double epsilon;  // above 0
} gx_adadelta_params;
GX_API gx_status gx_adadelta(gx_device* device, gx_format format, const gx_adadelta_params* params, int64_t segments,
                             const gx_segment* segment);

// RMSProp (Tieleman, Hinton 2012; centered: Graves 2013). s0 = mean of squares, s1 = velocity if momentum > 0,
// s2 = mean of gradients if centered:
//   s0 = alpha s0 + (1 - alpha) g^2,   s2 = alpha s2 + (1 - alpha) g,
//   d = g / (sqrt(centered ? max(s0 - s2^2, 0) : s0) + epsilon),
//   s1 = momentum s1 + d,   p -= rate (momentum > 0 ? s1 : d)
// The maximum is ours: rounding may leave the difference just below 0, where PyTorch's root is NaN.
typedef struct gx_rmsprop_params {
  gx_step step;
  double alpha;      // in [0, 1)
  double epsilon;    // at least 0
  double momentum;   // in [0, 1)
  int32_t centered;  // 0 or 1
} gx_rmsprop_params;
GX_API gx_status gx_rmsprop(gx_device* device, gx_format format, const gx_rmsprop_params* params, int64_t segments,
                            const gx_segment* segment);

// Adam (Kingma, Ba 2015, algorithm 1 with eps outside the corrected root). s0 = first moment, s1 = second,
// s2 = the greatest second moment so far if amsgrad (Reddi, Kale, Kumar 2018). At step t = 1, 2, ..:
//   s0 = beta1 s0 + (1 - beta1) g,   s1 = beta2 s1 + (1 - beta2) g^2,   s2 = max(s2, s1),   w = amsgrad ? s2 : s1,
//   p -= rate (s0 / (1 - beta1^t)) / (sqrt(w / (1 - beta2^t)) + epsilon)
// decoupled = 1 is AdamW (Loshchilov, Hutter 2019): the decay is no part of g, but p *= 1 - rate weight_decay first.
typedef struct gx_adam_params {
  gx_step step;
  double beta1, beta2;  // in [0, 1)
  double epsilon;       // at least 0
  int64_t t;            // at least 1
  int32_t decoupled;    // 0 or 1
  int32_t amsgrad;      // 0 or 1
} gx_adam_params;
GX_API gx_status gx_adam(gx_device* device, gx_format format, const gx_adam_params* params, int64_t segments,
                         const gx_segment* segment);

// Muon (Jordan et al. 2024): a step for weights that are matrices [rows, columns], between units or channels, in which
// all directions of the momentum count alike. s0 = momentum:
//   s0 = momentum s0 + g,   d = nesterov ? g + momentum s0 : s0,   X = d / |d|,  |.| being the root of the sum of
//   squares `iterations` times:     X = 3.4445 X - 4.7750 (X X^T) X + 2.0315 (X X^T)^2 X p = (1 - rate weight_decay) p
//   - rate 0.2 sqrt(max(rows, columns)) X
// The polynomial takes the singular values of X towards 1, to about [0.7, 1.2] in 5 iterations where they are above
// 1/1000 of the sum's root; a d of zeros stays 0. The factor of the last line (Liu et al., "Muon is scalable for LLM
// training", 2025, eq. 4) makes the step as long as one of Adam's at the same rate. FLOAT32 products are gx_matmul's.
// Matrices of one shape go through them together.
typedef struct gx_muon_params {
  gx_step step;
  double momentum;     // in [0, 1)
  int32_t nesterov;    // 0 or 1
  int32_t iterations;  // 1 to 100
} gx_muon_params;
// rows: [segments] in host memory, each at least 1 and a divisor of its segment's count.
GX_API gx_status gx_muon(gx_device* device, gx_format format, const gx_muon_params* params, int64_t segments,
                         const gx_segment* segment, const int64_t* rows);

// --- Looking at all arrays of a model
// ---------------------------------------------------------------------------------

// An array that is only read.
typedef struct gx_read_segment {
  int64_t count;
  const void* data;
} gx_read_segment;

// norm = sqrt(sum of the squares of all elements), summed in double in an order that the segments' sizes fix.
// 0 of no elements; NaN if any is NaN, else infinity if any is infinite. norm is in host memory.
GX_API gx_status gx_global_norm(gx_device* device, gx_format format, int64_t segments, const gx_read_segment* segment,
                                double* norm);

// Where the first element stands that is NaN or infinite, in the order of the segments: found[0] its segment, found[1]
// its place there; both -1 if all are finite. found is in host memory.
GX_API gx_status gx_all_finite(gx_device* device, gx_format format, int64_t segments, const gx_read_segment* segment,
                               int64_t* found);

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_OPTIM_H_
