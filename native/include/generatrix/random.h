// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2,
// 3", SC 2011). The number an element gets depends on (seed, step, purpose, row, unit) alone: never on the instruction
// set, the thread count, the batch it travels in, or what was drawn before.
//
//   key     = (seed low, seed high)
//   counter = (16 (unit div 64) + unit mod 16,   row,   step low,   (step high mod 2^24) * 256 + purpose)
//   word    = output[(unit div 16) mod 4]
//
// so 16 neighbouring units are 16 neighbouring counters: a vector of counters yields four vectors of words in unit
// order.
//   uniform     = (word div 256) * 2^-24                     in [0, 1)
//   normal      = sqrt(-2 log((w0 + 1) 2^-32)) cos(2 pi w1 2^-32)     Box-Muller; w0, w1 the words of (purpose, purpose
//   + 1) exponential = -log((word + 1/2) 2^-32) gumbel      = -log(-log((word + 1/2) 2^-32)) Bernoulli(p) = uniform < p
//   so p = 0 never fires and p = 1 always does
//
// Arrays are of `format` FLOAT32 or FLOAT64, with the same draws: a float is its double, rounded. Uniforms have 24 bits
// in both. What takes a logarithm is computed in double, in the same order of operations and without fused ones on
// every instruction set.
#ifndef GENERATRIX_RANDOM_H_
#define GENERATRIX_RANDOM_H_

#include "generatrix/core.h"

#ifdef __cplusplus
extern "C" {
#endif

// Which stream of random numbers: a seed, and where in it. A call that draws for k steps uses step .. step + k - 1.
typedef struct gx_rng {
  uint64_t seed;
  uint64_t step;  // below 2^56
} gx_rng;

// The purposes that keep draws of one step apart.
enum {
  GX_PURPOSE_UNIFORM = 0,
  GX_PURPOSE_HIDDEN = 1,
  GX_PURPOSE_VISIBLE = 2,
  GX_PURPOSE_BERNOULLI = 3,
  GX_PURPOSE_SWAP = 4,
  GX_PURPOSE_BASE = 5,
  GX_PURPOSE_NORMAL = 6,  // and 7
  GX_PURPOSE_EXPONENTIAL = 8,
  GX_PURPOSE_GUMBEL = 9,
  GX_PURPOSE_DROPOUT = 10,
  GX_PURPOSE_SLOPE = 11,
  GX_PURPOSE_DEQUANTISE = 12,
  GX_PURPOSE_GAMMA = 64,    // to 112: three for each of 16 rounds, and one
  GX_PURPOSE_POINTS = 254,  // of two moons and their like, drawn in Java (org.generatrix.data.Points)
  GX_PURPOSE_ORDER = 255    // the order of a training set, drawn in Java (org.generatrix.data.Shuffle)
};

// One block of the generator: key[2], counter[4] to out[4].
GX_API gx_status gx_philox4x32_10(const uint32_t* key, const uint32_t* counter, uint32_t* out);

// out[rows][units], row-major, uniform in [0, 1).
GX_API gx_status gx_random_uniform(gx_device* device, gx_format format, gx_rng rng, int64_t rows, int64_t units,
                                   void* out);

// out[rows][units], row-major, normal with the given mean and standard deviation (>= 0).
GX_API gx_status gx_random_normal(gx_device* device, gx_format format, gx_rng rng, double mean, double stddev,
                                  int64_t rows, int64_t units, void* out);

// out[r][i] = 1 with probability p[r][i], else 0 (also where p is NaN): the draws of gx_states_bernoulli. out may be p.
GX_API gx_status gx_random_bernoulli(gx_device* device, gx_format format, gx_rng rng, int64_t rows, int64_t units,
                                     const void* p, void* out);

// out[rows][units], exponential of rate 1.
GX_API gx_status gx_random_exponential(gx_device* device, gx_format format, gx_rng rng, int64_t rows, int64_t units,
                                       void* out);

// out[rows][units], standard Gumbel: arg max_k (l_k + gumbel_k) is a draw from softmax(l).
GX_API gx_status gx_random_gumbel(gx_device* device, gx_format format, gx_rng rng, int64_t rows, int64_t units,
                                  void* out);

// out[rows][units], gamma of the given shape and rate 1 (Marsaglia and Tsang, "A simple method for generating gamma
// variables", ACM TOMS 26, 2000). shapes [rows][units], or NULL: `shape` for all. With d = a - 1/3 and c = 1 / sqrt(9
// d), x a normal and u = (word + 1/2) 2^-32, d v with v = (1 + c x)^3 is accepted if v > 0 and log u < x^2 / 2 + d - d
// v + d log v. Round k of an element draws x and u for purposes GX_PURPOSE_GAMMA + 3 k .. + 3 k + 2 at its own row and
// unit, so that what it gets does not depend on its neighbours. A round rejects fewer than one in twenty; after 16
// rounds (once in 10^20) d is taken. A shape below 1 is drawn as that of a + 1 times u^(1/a), u for purpose
// GX_PURPOSE_GAMMA + 48. A shape that is not a positive finite number is refused as `shape` and gives NaN in `shapes`.
// out may be shapes.
GX_API gx_status gx_random_gamma(gx_device* device, gx_format format, gx_rng rng, double shape, const void* shapes,
                                 int64_t rows, int64_t units, void* out);

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_RANDOM_H_
