// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Block Gibbs sampling of restricted Boltzmann machines, and what their training and evaluation need around it.
//
//   -E(v, h) = b'.v + c'.h + v' W h      with   b' = b - W lambda,   c' = c - W^T mu
//
// mu and lambda are centering offsets (Melchior, Fischer, Wiskott, "How to center deep Boltzmann machines", JMLR 2016,
// eq. 9; Montavon and Mueller 2012). NULL offsets are zero. The constant that centering adds to the energy is dropped,
// so energies, free energies and log Z are those of the standard machine (W, b', c') on every path.
//
// Layout: W is row-major [visible][hidden]; batches are rows. Both directions go through this one W. All float sums are
// float32 in a fixed order, whatever the thread count; energies, free energies, log-weights and log Z accumulate in
// double.
//
// On a GPU arrays are in its memory, but for what is said to be in host memory. Elements of the former are not looked
// at beforehand there: a factor that is not finite gives NaN. Bits go through tensor cores, a weight being two float16
// of one scale per target unit: within 2^-22 of itself, or 2^-39 of the unit's largest weight.
#ifndef GENERATRIX_GIBBS_H_
#define GENERATRIX_GIBBS_H_

#include "generatrix/core.h"
#include "generatrix/random.h"
#include "generatrix/states.h"

#ifdef __cplusplus
extern "C" {
#endif

// The parameters of one machine; a view that owns nothing. Both sizes are at least 1.
typedef struct gx_rbm {
  int64_t visible;
  int64_t hidden;
  const float* W;       // [visible][hidden]
  const float* b;       // [visible]
  const float* c;       // [hidden]
  const float* mu;      // [visible] or NULL
  const float* lambda;  // [hidden] or NULL
} gx_rbm;

typedef enum gx_layer { GX_VISIBLE = 0, GX_HIDDEN = 1 } gx_layer;

// --- Sampling one layer given the other
// -------------------------------------------------------------------------------
//
//   target hidden:   x = beta (c' + given W),       p = sigmoid(x),   sample ~ Bernoulli(p)
//   target visible:  x = beta (b' + given W^T)                           (Smolensky 1986; Hinton 2002)
//
// given: [rows][units of the other layer], float or bits. x, p: float [rows][target units], or NULL. sample: either
// format, or NULL. At least one output. row_beta: [rows] factors used in place of beta, or NULL. Draws use purpose
// GX_PURPOSE_HIDDEN or GX_PURPOSE_VISIBLE at rng.step. Outputs may not overlap inputs or each other.
typedef struct gx_layer_sample_params {
  gx_layer target;
  const gx_states* given;
  float beta;
  const float* row_beta;
  gx_rng rng;
  float* x;
  float* p;
  const gx_states* sample;
} gx_layer_sample_params;
GX_API gx_status gx_rbm_layer_sample(gx_device* device, const gx_rbm* rbm, const gx_layer_sample_params* params);

// --- A chain of block Gibbs steps
// -------------------------------------------------------------------------------------
//
//   for s in 0 .. steps - 1:   h ~ p_beta(h | v),   v ~ p_beta(v | h)          at rng.step + s
//
// v: in the start, out the end, either format (float starts may be intensities). observed: visibles that keep their
// start value: bits, [1][visible] for all rows or [rows][visible], or NULL. h: the last hidden sample (bits or float),
// or NULL. p_v: float [rows][visible], the probabilities of the last visible sample (observed units show their kept
// value), or NULL. p_h: float [rows][hidden], P(h | v) at the end, or NULL. steps >= 0; with steps = 0 h and p_v must
// be NULL.
typedef struct gx_chain_params {
  int64_t steps;
  float beta;
  const float* row_beta;
  gx_rng rng;
  const gx_states* v;
  const gx_states* observed;
  const gx_states* h;
  float* p_v;
  float* p_h;
} gx_chain_params;
GX_API gx_status gx_rbm_chain(gx_device* device, const gx_rbm* rbm, const gx_chain_params* params);

// --- Contrastive divergence statistics
// --------------------------------------------------------------------------------
//
//   dW = <(v - mu)(h - lambda)^T>_data - <(v - mu)(h - lambda)^T>_model,   db = <v>_data - <v>_model,   dc = <h>_data -
//   <h>_model
//
// the gradient of the log-likelihood when the model states come from the machine (Hinton 2002; Tieleman 2008; centered:
// Melchior et al. 2016, eq. 12-14). h are probabilities or samples, float [rows][hidden]; v are float or bits. The two
// batches may differ in size; each average is over its own. mean_v [visible] and mean_h [hidden] receive the data
// means, or are NULL.
typedef struct gx_gradient_params {
  const gx_states* data_v;
  const float* data_h;
  const gx_states* model_v;
  const float* model_h;
  float* dW;      // [visible][hidden]
  float* db;      // [visible]
  float* dc;      // [hidden]
  float* mean_v;  // [visible] or NULL
  float* mean_h;  // [hidden] or NULL
} gx_gradient_params;
GX_API gx_status gx_rbm_gradient(gx_device* device, const gx_rbm* rbm, const gx_gradient_params* params);

// --- The update
// -------------------------------------------------------------------------------------------------------
//
//   sW = momentum sW + rate (dW - weight_decay W),   W += sW        and the same for b and c without decay;
//   dc_j is dc_j + sparsity_cost (sparsity_target - mean_h_j) when sparsity_cost > 0 (Lee, Ekanadham, Ng 2007);
//   then, where mu or lambda is given, the offsets move without moving the distribution (Melchior et al. 2016, eq.
//   16-17): lambda += offset_rate (mean_h - lambda), b += W (change of lambda);  mu likewise with mean_v and c += W^T
//   (change of mu).
//
// W, b, c, sW, sb, sc, mu, lambda change in place. mean_v and mean_h are needed by the terms that name them, otherwise
// NULL.
typedef struct gx_update_params {
  int64_t visible;
  int64_t hidden;
  float* W;
  float* b;
  float* c;
  float* sW;  // velocities, shaped as W, b, c
  float* sb;
  float* sc;
  const float* dW;
  const float* db;
  const float* dc;
  float* mu;      // or NULL
  float* lambda;  // or NULL
  const float* mean_v;
  const float* mean_h;
  float rate;
  float momentum;
  float weight_decay;
  float sparsity_target;
  float sparsity_cost;
  float offset_rate;
} gx_update_params;
GX_API gx_status gx_rbm_update(gx_device* device, const gx_update_params* params);

// --- Energies
// ---------------------------------------------------------------------------------------------------------

// energy[r] = E(v[r], h[r]), double [rows] in host memory. v and h in either format.
GX_API gx_status gx_rbm_energy(gx_device* device, const gx_rbm* rbm, const gx_states* v, const gx_states* h,
                               double* energy);

// F_beta(v) = -beta b'.v - sum_j softplus(beta (c'_j + (v W)_j)) = -log sum_h exp(-beta E(v, h)), double [rows] in
// host memory.
// row_beta: [rows] in place of beta, or NULL.
GX_API gx_status gx_rbm_free_energy(gx_device* device, const gx_rbm* rbm, const gx_states* v, float beta,
                                    const float* row_beta, double* free_energy);

// log PL(v) = sum_i log p(v_i | v without i) = sum_i log sigmoid(F(v with i flipped) - F(v)), all units, double [rows]
// in host memory (Besag 1975). v in either format; float states must be 0 or 1.
GX_API gx_status gx_rbm_log_pseudo_likelihood(gx_device* device, const gx_rbm* rbm, const gx_states* v, double* log_pl);

// log Z, exact, by enumerating the smaller layer in Gray code order: min(visible, hidden) <= 25. log_z is in
// host memory.
GX_API gx_status gx_rbm_log_partition(gx_device* device, const gx_rbm* rbm, double* log_z);

// --- Annealed importance sampling
// -------------------------------------------------------------------------------------
//
// Along log p*_k(v) = (1 - beta_k) a.v + beta_k b'.v + sum_j softplus(beta_k (c'_j + (v W)_j)), between the base
// machine (W = 0, visible biases a; its log Z is sum_i softplus(a_i) + hidden log 2) at beta 0 and the machine at beta
// 1 (Neal 2001; Salakhutdinov and Murray 2008, eq. 13-18):
//
//   for k in 1 .. count - 1:   log w += log p*_k(v) - log p*_{k-1}(v),   then if k < count - 1  v ~ a Gibbs step at
//   beta_k
//
// betas: double [count] in host memory, count >= 2, each in [0, 1], never decreasing (forward) or never increasing
// (reverse). v: out the last states, either format. start_from_base = 1 draws v from the base at rng.step (betas[0]
// must then be 0), purpose GX_PURPOSE_BASE; 0 takes the given states, which should be samples at betas[0]. Step k draws
// at rng.step
// + k. log_weights: double [rows] in host memory; E[exp(log w)] = Z_{betas[count-1]} / Z_{betas[0]}.
typedef struct gx_ais_params {
  const double* betas;
  int64_t count;
  const float* base_b;  // [visible], a
  int32_t start_from_base;
  gx_rng rng;
  const gx_states* v;
  double* log_weights;
} gx_ais_params;
GX_API gx_status gx_rbm_ais(gx_device* device, const gx_rbm* rbm, const gx_ais_params* params);

// --- Parallel tempering
// -----------------------------------------------------------------------------------------------
//
// Rows r chains .. (r + 1) chains - 1 of v are the chains at betas[r]. Neighbouring replicas (r, r + 1), r = parity,
// parity + 2, .., exchange their states with probability min(1, exp(F_r(v_r) + F_{r+1}(v_{r+1}) - F_r(v_{r+1}) -
// F_{r+1}(v_r))), F_r the free energy at betas[r] (Desjardins et al. 2010, with h summed out). v: bits or float,
// changed in place. betas and accepted are in host memory. accepted: int64 [replicas - 1], the number of swaps of each
// pair is added, or NULL. Draws: purpose GX_PURPOSE_SWAP at rng.step, row = chain, unit = r.
typedef struct gx_tempering_params {
  const float* betas;  // [replicas], v.rows = replicas * chains
  int64_t replicas;
  int32_t parity;  // 0 or 1
  gx_rng rng;
  const gx_states* v;
  int64_t* accepted;
} gx_tempering_params;
GX_API gx_status gx_rbm_tempering_swap(gx_device* device, const gx_rbm* rbm, const gx_tempering_params* params);

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_GIBBS_H_
