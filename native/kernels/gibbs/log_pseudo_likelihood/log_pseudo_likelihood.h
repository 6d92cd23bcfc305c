// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// log PL(v) = - sum_i softplus(F(v) - F(v with i flipped))
//
// where flipping unit i by s = 1 - 2 v_i changes the free energy by  -s b'_i - sum_j [softplus(x_j + s W_ij) -
// softplus(x_j)],  x = c' + v W. A work item is one row of the batch; differences are added up in double.
#ifndef GENERATRIX_KERNELS_GIBBS_LOG_PSEUDO_LIKELIHOOD_LOG_PSEUDO_LIKELIHOOD_H_
#define GENERATRIX_KERNELS_GIBBS_LOG_PSEUDO_LIKELIHOOD_LOG_PSEUDO_LIKELIHOOD_H_

#include <cstdint>

#include "runtime/isa.h"

namespace gx {

struct LogPseudoLikelihood {
  int64_t visible, hidden;
  const float* W;
  const float* b;     // b' [visible]
  const float* x;     // [hidden]
  const float* sign;  // [visible], 1 - 2 v_i
  float* softplus_x;  // [hidden] of scratch
};
using LogPseudoLikelihoodKernel = double (*)(const LogPseudoLikelihood&);

struct LogPseudoLikelihoodVariant {
  KernelLine line;
  LogPseudoLikelihoodKernel run;
};
const LogPseudoLikelihoodVariant* log_pseudo_likelihood_variants(int* count);

}  // namespace gx

#endif  // GENERATRIX_KERNELS_GIBBS_LOG_PSEUDO_LIKELIHOOD_LOG_PSEUDO_LIKELIHOOD_H_
