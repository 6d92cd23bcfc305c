// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Energies in terms of a Machine, for the entries that need them on the way to something else.
#ifndef GENERATRIX_KERNELS_GIBBS_ENERGY_ENERGY_H_
#define GENERATRIX_KERNELS_GIBBS_ENERGY_ENERGY_H_

#include "kernels/gibbs/machine.h"

namespace gx {

// dots[r] = sum_i states[r][i] weight[i], in double.
void state_dots(Machine& machine, const gx_states& states, const float* weight, double* dots);

// F_beta(v) for each row.
void free_energies(Machine& machine, const gx_states& v, float beta, const float* row_beta, double* free_energy);

}  // namespace gx

#endif  // GENERATRIX_KERNELS_GIBBS_ENERGY_ENERGY_H_
