// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/arrays/copy_strided/copy_strided.h"

namespace gx::reference {

template <class T>
void copy_strided(const gx_copy_strided_params& p, const T* from, T* to) {
  int64_t size = 1;
  for (int64_t d = 0; d < p.rank; ++d) size *= p.shape[d];
  for (int64_t n = 0; n < size; ++n) {
    int64_t a = p.from_offset, b = p.to_offset, rest = n;
    for (int64_t d = p.rank - 1; d >= 0; --d) {
      const int64_t i = rest % p.shape[d];
      rest /= p.shape[d];
      a += i * p.from_strides[d];
      b += i * p.to_strides[d];
    }
    to[b] = from[a];
  }
}

template void copy_strided(const gx_copy_strided_params&, const float*, float*);
template void copy_strided(const gx_copy_strided_params&, const double*, double*);

}  // namespace gx::reference
