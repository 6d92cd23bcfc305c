// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the heads of a program draw, in double and in plain code, so that a draw is the same on every instruction set up
// to the bits of its parameters. Equations: causal.h.
#ifndef GENERATRIX_KERNELS_CAUSAL_HEADS_H_
#define GENERATRIX_KERNELS_CAUSAL_HEADS_H_

#include "kernels/causal/program.h"

namespace gx {

template <class T>
struct CausalDraws {
  const gx_causal_program& program;
  const gx_causal_run& run;
};

// Head h draws its channels at a pixel (i width + j) for rows [first_row, + rows). Parameter k of row first_row + r is
// parameters[k lanes + r]; channel c of the image goes to image[c lanes + r] too, as 0 for lanes beyond the rows.
// log_likelihood is added to.
template <class T>
void causal_draw(const CausalDraws<T>& draws, int64_t h, int64_t pixel, const T* parameters, int64_t lanes,
                 int64_t first_row, int64_t rows, T* image);

}  // namespace gx

#endif  // GENERATRIX_KERNELS_CAUSAL_HEADS_H_
