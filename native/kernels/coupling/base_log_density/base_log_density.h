// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// out[r] = in[r] + sum_i log p(z[r][i]) over rows that may be parts of longer ones, and dz: coupling.h.
#ifndef GENERATRIX_KERNELS_COUPLING_BASE_LOG_DENSITY_BASE_LOG_DENSITY_H_
#define GENERATRIX_KERNELS_COUPLING_BASE_LOG_DENSITY_BASE_LOG_DENSITY_H_

#include "generatrix/coupling.h"
#include "runtime/isa.h"

namespace gx {

template <class T>
struct BaseLogDensity {
  int64_t rows, units, stride;
  gx_base base;
  const T* z;
  const double* in;
  double* out;
  const double* dout;
  T* dz;
};

struct BaseLogDensityVariant {
  KernelLine line;
  // The sum over elements of a row.
  double (*forward)(gx_base base, const float* z, int64_t count);
  void (*backward)(gx_base base, const float* z, double dout, int64_t count, float* dz);
};
const BaseLogDensityVariant* base_log_density_variants(int* count);

void base_log_density(const BaseLogDensityVariant&, gx_device&, const BaseLogDensity<float>&);
void base_log_density_backward(const BaseLogDensityVariant&, gx_device&, const BaseLogDensity<float>&);

namespace reference {
template <class T>
void base_log_density(const BaseLogDensity<T>&);
template <class T>
void base_log_density_backward(const BaseLogDensity<T>&);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_COUPLING_BASE_LOG_DENSITY_BASE_LOG_DENSITY_H_
