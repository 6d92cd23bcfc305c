// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// out[r] = log (1/n) sum_j N(x_r; s_j, sigma^2 I). See loss.h.
#ifndef GENERATRIX_KERNELS_LOSS_PARZEN_LOG_LIKELIHOOD_H_
#define GENERATRIX_KERNELS_LOSS_PARZEN_LOG_LIKELIHOOD_H_

#include "generatrix/loss.h"
#include "runtime/isa.h"

namespace gx {

template <class T>
struct Parzen {
  double sigma;
  int64_t rows, n, units;
  const T *x, *samples;
  T* out;
};

constexpr int64_t kParzenRows = 4;                              // points of a work item
constexpr int64_t kParzenBlock = 128;                           // samples taken together
constexpr int64_t kParzenScratch = kParzenRows * kParzenBlock;  // doubles of scratch a thread needs

struct ParzenVariant {
  KernelLine line;
  // lse[r - row0] = log sum_j exp(-|x_r - s_j|^2 / 2 sigma^2) for rows [row0, row1), at most kParzenRows of them.
  void (*run)(const Parzen<float>& args, int64_t row0, int64_t row1, double* scratch, double* lse);
};
const ParzenVariant* parzen_log_likelihood_variants(int* count);

void parzen_log_likelihood(const ParzenVariant&, gx_device&, const Parzen<float>&);

namespace reference {
template <class T>
void parzen_log_likelihood(const Parzen<T>&);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_LOSS_PARZEN_LOG_LIKELIHOOD_H_
