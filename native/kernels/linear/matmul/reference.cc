// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/linear/matmul/matmul.h"

namespace gx::reference {

template <class T>
void matmul(const gx_matmul_params& p, const T* a, const T* b, T* c) {
  for (int64_t s = 0; s < p.batch; ++s, a += p.a_step, b += p.b_step, c += p.c_step) {
    for (int64_t i = 0; i < p.m; ++i) {
      for (int64_t j = 0; j < p.n; ++j) {
        double sum = 0;
        for (int64_t l = 0; l < p.k; ++l) {
          sum += double(a[p.transpose_a ? l * p.m + i : i * p.k + l]) *
                 double(b[p.transpose_b ? j * p.k + l : l * p.n + j]);
        }
        T& element = c[i * p.n + j];
        element = T(p.accumulate ? double(element) + sum : sum);
      }
    }
  }
}

template void matmul<float>(const gx_matmul_params&, const float*, const float*, float*);
template void matmul<double>(const gx_matmul_params&, const double*, const double*, double*);

}  // namespace gx::reference
