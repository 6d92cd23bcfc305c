// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The statistics in the order of their definition, centered before they are averaged, in double.
#ifndef GENERATRIX_KERNELS_GIBBS_GRADIENT_REFERENCE_H_
#define GENERATRIX_KERNELS_GIBBS_GRADIENT_REFERENCE_H_

#include <vector>

#include "generatrix/gibbs.h"

namespace gx::reference {

struct GradientResult {
  std::vector<double> dW, db, dc, mean_v, mean_h;
};
GradientResult gradient(const gx_rbm& rbm, const gx_gradient_params& params);

}  // namespace gx::reference

#endif  // GENERATRIX_KERNELS_GIBBS_GRADIENT_REFERENCE_H_
