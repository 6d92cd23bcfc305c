// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Log-likelihoods and distances, each fused into one pass, and their gradients.
//
// All arrays are row-major, of `format` FLOAT32 or FLOAT64; the batch is the first axis. A log-likelihood's out is
// [rows], one number per example in nats, summed in double and then stored in the format. It is what the name says: a
// loss is its negative. A backward call takes dy [rows], the gradient of what follows by `out`, and writes dy[r] times
// the derivative (sums over rows, where an operand is shared by them, in double). Any gradient may be NULL: not wanted.
// Gradients are overwritten. No output may overlap an operand or another output. NaN in gives NaN out. Results do not
// depend on the thread count. Empty arrays are legal: the sum over no unit is 0.
#ifndef GENERATRIX_LOSS_H_
#define GENERATRIX_LOSS_H_

#include "generatrix/states.h"

#ifdef __cplusplus
extern "C" {
#endif

// --- Bernoulli, categorical
// ---------------------------------------------------------------------------------------------

// out[r] = sum_i x l - softplus(l), the log-likelihood of x under p = sigmoid(l): exact where x is 0 or 1, the cross
// entropy where x is an intensity between. logits l, x: [rows][units].
//   dl = dy (x - sigmoid(l)), dx = dy l
GX_API gx_status gx_bernoulli_log_likelihood(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                             const void* logits, const void* x, void* out);
GX_API gx_status gx_bernoulli_log_likelihood_backward(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                                      const void* logits, const void* x, const void* dy, void* dlogits,
                                                      void* dx);

// The same with x as packed bits, x->rows and x->units being the shape, which reads a thirty-second of the memory.
// `format` is that of logits and out.
GX_API gx_status gx_bernoulli_log_likelihood_bits(gx_device* device, gx_format format, const void* logits,
                                                  const gx_states* x, void* out);
GX_API gx_status gx_bernoulli_log_likelihood_bits_backward(gx_device* device, gx_format format, const void* logits,
                                                           const gx_states* x, const void* dy, void* dlogits);

// out[r] = sum_k t_k (l_k - LSE(l)), under p = softmax(l). logits l: [rows][classes]. Exactly one of the targets is
// given: labels [rows] in host memory, t being one-hot, each in [0, classes); or probabilities t [rows][classes], where
// a t_k of 0 adds 0 also at l_k = -inf.
//   dl = dy (t - (sum t) softmax(l)), dt = dy (l - LSE(l))
GX_API gx_status gx_categorical_log_likelihood(gx_device* device, gx_format format, int64_t rows, int64_t classes,
                                               const void* logits, const int64_t* labels, const void* probabilities,
                                               void* out);
GX_API gx_status gx_categorical_log_likelihood_backward(gx_device* device, gx_format format, int64_t rows,
                                                        int64_t classes, const void* logits, const int64_t* labels,
                                                        const void* probabilities, const void* dy, void* dlogits,
                                                        void* dprobabilities);

// --- Gaussian
// -----------------------------------------------------------------------------------------------------------

// What an operand has a number for.
typedef enum gx_extent {
  GX_EACH = 0,      // [rows][units]
  GX_PER_UNIT = 1,  // [units], shared by the rows
  GX_SHARED = 2     // [1]
} gx_extent;

// out[r] = sum_i -(log 2 pi + v + (x - m)^2 e^-v) / 2: log N(x; mean m, variance e^v). x [rows][units]; mean and logvar
// as their extents say. Gradients have the shape of their operands.
//   dx = -dm = -dy (x - m) e^-v, dv = dy ((x - m)^2 e^-v - 1) / 2
GX_API gx_status gx_gaussian_log_density(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                         gx_extent mean_extent, gx_extent logvar_extent, const void* x,
                                         const void* mean, const void* logvar, void* out);
GX_API gx_status gx_gaussian_log_density_backward(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                                  gx_extent mean_extent, gx_extent logvar_extent, const void* x,
                                                  const void* mean, const void* logvar, const void* dy, void* dx,
                                                  void* dmean, void* dlogvar);

// out[r] = KL(q || p) of diagonal Gaussians = sum_i (w - v - 1 + (e^v + (m - n)^2) e^-w) / 2, in nats; q = N(m, e^v), p
// = N(n, e^w), all [rows][units]. p_mean and p_logvar are both NULL for p = N(0, I).
//   dm = -dn = dy (m - n) e^-w, dv = dy (e^(v - w) - 1) / 2, dw = dy (1 - (e^v + (m - n)^2) e^-w) / 2
GX_API gx_status gx_gaussian_kl(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* mean,
                                const void* logvar, const void* p_mean, const void* p_logvar, void* out);
GX_API gx_status gx_gaussian_kl_backward(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                         const void* mean, const void* logvar, const void* p_mean, const void* p_logvar,
                                         const void* dy, void* dmean, void* dlogvar, void* dp_mean, void* dp_logvar);

// --- Mixtures
// -----------------------------------------------------------------------------------------------------------

// out[r] = sum_i log sum_k pi_ki N(x_i; m_ki, s_ki^2), pi = softmax over k of `logits`, s = e^log_sigma: one mixture of
// K Gaussians for each unit (Uria, Murray, Larochelle, "RNADE", NIPS 2013, equations 4 to 8). x: [rows][units]; logits,
// mean, log_sigma: [rows][K][units].
//   With g_k = pi_k N_k / sum_j pi_j N_j and z = (x - m) / s: dlogits = dy (g - pi), dm = dy g z / s,
//   dlog_sigma = dy g (z^2 - 1), dx = -sum_k dy g z / s.
// pseudo_gradient != 0 multiplies dm by s, the paper's remedy (section 3) for the steep gradient of a thin component.
GX_API gx_status gx_gaussian_mixture_log_density(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                                 int64_t components, const void* x, const void* logits,
                                                 const void* mean, const void* log_sigma, void* out);
typedef struct gx_gaussian_mixture_backward_params {
  int64_t rows;
  int64_t units;
  int64_t components;
  int32_t pseudo_gradient;
  const void* x;
  const void* logits;
  const void* mean;
  const void* log_sigma;
  const void* dy;
  void* dx;
  void* dlogits;
  void* dmean;
  void* dlog_sigma;
} gx_gaussian_mixture_backward_params;
GX_API gx_status gx_gaussian_mixture_log_density_backward(gx_device* device, gx_format format,
                                                          const gx_gaussian_mixture_backward_params* params);

// The discretised logistic mixture (Salimans, Karpathy, Chen, Kingma, "PixelCNN++", ICLR 2017, section 2.1 and 2.2).
//   out[r] = sum over pixels of log sum_k pi_k prod_c P_kc(x_c)
//   P(x) = S((x + h - m) / s) - S((x - h - m) / s), S the sigmoid, h = 1 / (levels - 1) half the distance of two
//   levels; the lowest level's P is the first term alone and the highest one's is 1 minus the second, so that the
//   levels' sum is 1.
// Level j of `levels` is x = 2 j / (levels - 1) - 1, so that x lies in [-1, 1].
// x: [rows][channels][pixels], channels 1 or 3. parameters: [rows][P][pixels] with P = K (1 + 2) for one channel and
// K (1 + 3 3) for three, in the order of the paper's code: K logits, then for each channel c its K means, K log scales
// and, of three channels, K coefficients t. The means of three channels depend on those before:
//   m_0 = mean_0,  m_1 = mean_1 + tanh(t_0) x_0,  m_2 = mean_2 + tanh(t_1) x_0 + tanh(t_2) x_1
// s = e^max(log scale, min_log_scale); the paper's code has -7. A log scale below it gets no gradient. x gets none: it
// is discrete. log P is computed as log(1 - e^-d) - softplus(-a) - softplus(b) with a, b the arguments above and d = a
// - b: equal to the definition, and without cancellation for any mass, where the paper's code goes over to the density
// at the centre.
typedef struct gx_logistic_mixture {
  int64_t rows;
  int64_t channels;
  int64_t pixels;
  int64_t components;
  int64_t levels;
  double min_log_scale;  // in [-30, 30]
} gx_logistic_mixture;
GX_API gx_status gx_discretised_logistic_mixture(gx_device* device, gx_format format,
                                                 const gx_logistic_mixture* mixture, const void* x,
                                                 const void* parameters, void* out);
GX_API gx_status gx_discretised_logistic_mixture_backward(gx_device* device, gx_format format,
                                                          const gx_logistic_mixture* mixture, const void* x,
                                                          const void* parameters, const void* dy, void* dparameters);

// --- Distances between sets of samples
// ----------------------------------------------------------------------------------

// out[r] = log (1/n) sum_j N(x_r; s_j, sigma^2 I), the Parzen-window estimate (Breuleux, Bengio, Vincent, "Quickly
// generating representative samples from an RBM-derived process", 2011; the formula of theano_parzen). x [rows][units],
// samples s [n][units], n >= 1, sigma > 0. Squared distances are of differences, never of squares; LSE in double. No
// gradient.
GX_API gx_status gx_parzen_log_likelihood(gx_device* device, gx_format format, double sigma, int64_t rows, int64_t n,
                                          int64_t units, const void* x, const void* samples, void* out);

// out[0] = MMD^2 of x [rows][units] and y [n][units] under k(a, b) = sum_w exp(-|a - b|^2 / 2 w^2) (Gretton et al., "A
// kernel two-sample test", JMLR 13, 2012, lemma 6).
//   unbiased = 0, the V statistic, exactly 0 where y is x:  mean k(x, x') + mean k(y, y') - 2 mean k(x, y)
//   unbiased = 1, the U statistic: the first two means without the pairs of a sample with itself (rows and n at least
//   2)
// bandwidths w: at least one positive number, in host memory. dout is [1]; dx and dy are the gradients by the samples.
typedef struct gx_mmd_params {
  int64_t rows;
  int64_t n;
  int64_t units;
  int64_t bandwidth_count;
  const double* bandwidths;
  int32_t unbiased;
} gx_mmd_params;
GX_API gx_status gx_mmd(gx_device* device, gx_format format, const gx_mmd_params* params, const void* x, const void* y,
                        void* out);
GX_API gx_status gx_mmd_backward(gx_device* device, gx_format format, const gx_mmd_params* params, const void* x,
                                 const void* y, const void* dout, void* dx, void* dy);

// out[0] = W1 of two sets of numbers x [rows], y [n], each at least 1: integral |F - G| = integral over q in (0, 1) of
// |F^-1(q) - G^-1(q)|; the mean of |x_(i) - y_(i)| where the sizes are equal. NaN anywhere gives NaN. The gradient is 0
// where the two quantiles are equal; of equal numbers in a set the first is the smaller.
GX_API gx_status gx_wasserstein1(gx_device* device, gx_format format, int64_t rows, int64_t n, const void* x,
                                 const void* y, void* out);
GX_API gx_status gx_wasserstein1_backward(gx_device* device, gx_format format, int64_t rows, int64_t n, const void* x,
                                          const void* y, const void* dout, void* dx, void* dy);

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_LOSS_H_
