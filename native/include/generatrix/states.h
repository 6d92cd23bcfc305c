// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// States of binary units, as floats (also intensities in [0, 1]) or as packed bits.
#ifndef GENERATRIX_STATES_H_
#define GENERATRIX_STATES_H_

#include "generatrix/core.h"
#include "generatrix/random.h"

#ifdef __cplusplus
extern "C" {
#endif

// A view of a batch of states; it owns nothing.
typedef struct gx_states {
  void* data;
  int64_t rows;
  int64_t units;
  gx_format format;
} gx_states;

// from -> to, row by row, between any two formats. Float to bits: 1 where the value is >= threshold (NaN is 0). Bits to
// float: 0.0f and 1.0f; threshold is not used. Same rows and units; the data may not overlap.
GX_API gx_status gx_states_convert(gx_device* device, const gx_states* from, float threshold, const gx_states* to);

// to[r][i] ~ Bernoulli(p[r][i]), p float [rows][units], purpose GX_PURPOSE_BERNOULLI. p may not overlap `to` unless
// both are float and the same.
GX_API gx_status gx_states_bernoulli(gx_device* device, const float* p, gx_rng rng, const gx_states* to);

// to[r] = from[index[r]] for r < to.rows; the same format and units; index [to.rows] in host memory, each in
// [0, from.rows). No overlap.
GX_API gx_status gx_states_gather(gx_device* device, const gx_states* from, const int64_t* index, const gx_states* to);

// mean[i] = (1/rows) sum_r from[r][i], accumulated in double; float [units].
GX_API gx_status gx_states_mean(gx_device* device, const gx_states* from, float* mean);

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_STATES_H_
