// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/optim/all_finite/all_finite.h"

namespace gx::reference {

template <class T>
int64_t all_finite(const T* x, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    if (!std::isfinite(x[i])) return i;
  }
  return -1;
}

template int64_t all_finite(const float*, int64_t);
template int64_t all_finite(const double*, int64_t);

}  // namespace gx::reference
