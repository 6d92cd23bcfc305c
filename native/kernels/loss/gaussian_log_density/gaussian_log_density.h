// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// out[r] = sum_i -(log 2 pi + v + (x - m)^2 e^-v) / 2. Equation, extents and gradients: loss.h.
#ifndef GENERATRIX_KERNELS_LOSS_GAUSSIAN_LOG_DENSITY_H_
#define GENERATRIX_KERNELS_LOSS_GAUSSIAN_LOG_DENSITY_H_

#include "generatrix/loss.h"
#include "runtime/isa.h"

namespace gx {

template <class T>
struct GaussianLogDensity {
  int64_t rows, units;
  gx_extent mean_extent, logvar_extent;
  const T *x, *mean, *logvar;
  T* out;
  const T* dy;
  T *dx, *dmean, *dlogvar;
};

// Where the gradients of operands that rows share are summed. For GX_PER_UNIT: double for each unit of the part, up to
// a multiple of 16 more; for GX_SHARED: one double. NULL: not shared, or not wanted.
struct GaussianSums {
  double *mean, *logvar;
};

struct GaussianLogDensityVariant {
  KernelLine line;
  // The sum over units [first, first + count) of one row.
  double (*forward)(const GaussianLogDensity<float>& args, int64_t row, int64_t first, int64_t count);
  // The gradients of rows [row0, row1) and those units; the sums are overwritten.
  void (*backward)(const GaussianLogDensity<float>& args, int64_t row0, int64_t row1, int64_t first, int64_t count,
                   const GaussianSums& sums);
};
const GaussianLogDensityVariant* gaussian_log_density_variants(int* count);

void gaussian_log_density(const GaussianLogDensityVariant&, gx_device&, const GaussianLogDensity<float>&);
void gaussian_log_density_backward(const GaussianLogDensityVariant&, gx_device&, const GaussianLogDensity<float>&);

namespace reference {
template <class T>
void gaussian_log_density(const GaussianLogDensity<T>&);
template <class T>
void gaussian_log_density_backward(const GaussianLogDensity<T>&);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_LOSS_GAUSSIAN_LOG_DENSITY_H_
