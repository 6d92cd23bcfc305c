// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A batch of states turned on its side: row u holds unit u of every sample, as the statistics <v h> need it.
#ifndef GENERATRIX_KERNELS_GIBBS_PRODUCT_TRANSPOSED_STATES_H_
#define GENERATRIX_KERNELS_GIBBS_PRODUCT_TRANSPOSED_STATES_H_

#include <cstdint>

#include "generatrix/states.h"
#include "kernels/gibbs/product/operands.h"
#include "runtime/device.h"

namespace gx {

// In the workspace, with the walk that suits it.
StateRows transposed_states(Workspace& workspace, int threads, const gx_states& states, Walk* walk);

// sums[u] = sum over samples of unit u, in double, from transposed states of `samples` samples.
void unit_sums(int threads, const StateRows& states, Walk walk, int64_t units, int64_t samples, double* sums);

// Swaps rows and columns of a 32 x 32 bit square: bit c of word r becomes bit r of word c.
void transpose_bits(uint32_t square[32]);

}  // namespace gx

#endif  // GENERATRIX_KERNELS_GIBBS_PRODUCT_TRANSPOSED_STATES_H_
