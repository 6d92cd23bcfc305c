// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/optim/global_norm/global_norm.h"

namespace gx::reference {

template <class T>
double global_norm(const T* x, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += double(x[i]) * double(x[i]);
  return sum;
}

template double global_norm(const float*, int64_t);
template double global_norm(const double*, int64_t);

}  // namespace gx::reference
