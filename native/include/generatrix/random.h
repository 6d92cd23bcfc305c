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
//   uniform = (word div 256) * 2^-24                     in [0, 1)
//   normal  = sqrt(-2 log((w0 + 1) 2^-32)) cos(2 pi w1 2^-32)     Box-Muller; w0, w1 the words of (purpose, purpose +
//   1) Bernoulli(p) = uniform < p                           so p = 0 never fires and p = 1 always does
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
  GX_PURPOSE_ORDER = 255  // the order of a training set, drawn in Java (org.generatrix.data.Shuffle)
};

// One block of the generator: key[2], counter[4] to out[4].
GX_API gx_status gx_philox4x32_10(const uint32_t* key, const uint32_t* counter, uint32_t* out);

// out[rows][units], row-major, uniform in [0, 1).
GX_API gx_status gx_random_uniform(gx_device* device, gx_rng rng, int64_t rows, int64_t units, float* out);

// out[rows][units], row-major, normal with the given mean and standard deviation (>= 0), computed in double.
GX_API gx_status gx_random_normal(gx_device* device, gx_rng rng, float mean, float stddev, int64_t rows, int64_t units,
                                  float* out);

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_RANDOM_H_
