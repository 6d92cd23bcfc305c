// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/elementwise/select/select.h"

namespace gx::reference {

template <class T>
void select(const T* mask, const T* a, const T* b, T* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const T* const from = mask[i] != 0 ? a : b;
    y[i] = from ? from[i] : 0;
  }
}

template void select<float>(const float*, const float*, const float*, float*, int64_t);
template void select<double>(const double*, const double*, const double*, double*, int64_t);

}  // namespace gx::reference
