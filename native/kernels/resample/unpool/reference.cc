// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/resample/meetings.h"
#include "kernels/resample/unpool/unpool.h"

namespace gx::reference {

template <class T>
void unpool(const gx_unpool_params& p, const T* from, const T* index, T* to) {
  meet_all(p.adjoint, from, to, p.planes * (p.adjoint ? p.in_pixels : p.out_pixels), [&](auto meet) {
    for (int64_t i = 0; i < p.planes * p.in_pixels; ++i) {
      for (int64_t o = 0; o < p.out_pixels; ++o) {
        if (index[i] == T(o)) meet(i, i / p.in_pixels * p.out_pixels + o, 1);
      }
    }
  });
}

template void unpool<float>(const gx_unpool_params&, const float*, const float*, float*);
template void unpool<double>(const gx_unpool_params&, const double*, const double*, double*);

}  // namespace gx::reference
