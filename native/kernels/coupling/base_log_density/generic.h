// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Contract: base_log_density.h.

#include "kernels/coupling/base.h"
#include "kernels/coupling/base_log_density/base_log_density.h"

namespace gx::GX_ISA {

double base_log_density_vectors(gx_base base, const float* z, int64_t count) {
  double total = 0;
  with_base(base, [&](auto density) {
    each_vector(count, [&](int64_t i, int n) { density.add(load_some(z + i, n), n); });
    total = density.value();
  });
  return total;
}

void base_log_density_backward_vectors(gx_base base, const float* z, double dout, int64_t count, float* dz) {
  with_base(base, [&](auto density) {
    const vf c = splat(float(dout));
    each_vector(count, [&](int64_t i, int n) { store_some(dz + i, c * density.slope(load_some(z + i, n)), n); });
  });
}

}  // namespace gx::GX_ISA
