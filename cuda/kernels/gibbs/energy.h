// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Energies in terms of a Machine, for the twins that need them on the way to something else.
#ifndef GENERATRIX_CUDA_KERNELS_GIBBS_ENERGY_H_
#define GENERATRIX_CUDA_KERNELS_GIBBS_ENERGY_H_

#include "kernels/gibbs/machine.h"

namespace gx::cuda::gibbs {

// States in either format, by element.
struct StateView {
  const uint32_t* bits;  // or null
  const float* values;
  int64_t units, words;
  __device__ float at(int64_t row, int64_t unit) const {
    return bits ? float(bit_of(bits + row * words, unit)) : values[row * units + unit];
  }
};
inline StateView view_of(const gx_states& s) {
  const bool packed = s.format == GX_BITS;
  return {packed ? static_cast<const uint32_t*>(s.data) : nullptr, packed ? nullptr : static_cast<const float*>(s.data),
          s.units, words(s.units)};
}

// dots[r] = sum_i states[r][i] weight[i], in double; on the GPU.
void state_dots(Gpu& gpu, const gx_states& states, const float* weight, double* dots);

// c' + v W, [rows][hidden], in the workspace.
float* fields(Machine& machine, const gx_states& v);

// F_beta(v) for each row, from its fields; on the GPU.
void free_energies(Machine& machine, const gx_states& v, const float* x, float beta, const float* row_beta,
                   double* free_energy);

}  // namespace gx::cuda::gibbs

#endif  // GENERATRIX_CUDA_KERNELS_GIBBS_ENERGY_H_
