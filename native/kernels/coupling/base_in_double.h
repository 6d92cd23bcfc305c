// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Base log-densities of one number, for references.
#ifndef GENERATRIX_KERNELS_COUPLING_BASE_IN_DOUBLE_H_
#define GENERATRIX_KERNELS_COUPLING_BASE_IN_DOUBLE_H_

#include <cmath>

#include "generatrix/coupling.h"

namespace gx::reference {

inline double base_log_density(gx_base base, double y) {
  if (base == GX_BASE_GAUSSIAN) return -0.5 * (y * y + std::log(8 * std::atan(1.0)));
  if (base == GX_BASE_LOGISTIC) return -std::fabs(y) - 2 * std::log1p(std::exp(-std::fabs(y)));
  return 0;
}

// Its derivative by y.
inline double base_slope(gx_base base, double y) {
  if (base == GX_BASE_GAUSSIAN) return -y;
  if (base == GX_BASE_LOGISTIC) return -std::tanh(y / 2);
  return 0;
}

}  // namespace gx::reference

#endif  // GENERATRIX_KERNELS_COUPLING_BASE_IN_DOUBLE_H_
