// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/arrays/gather/gather.h"

namespace gx::reference {

template <class T>
void gather(int64_t outer, int64_t size, int64_t inner, int64_t count, const T* x, const int64_t* index, T* y) {
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t k = 0; k < count; ++k) {
      for (int64_t i = 0; i < inner; ++i) y[(o * count + k) * inner + i] = x[(o * size + index[k]) * inner + i];
    }
  }
}

template <class T>
void gather_backward(int64_t outer, int64_t size, int64_t inner, int64_t count, const T* dy, const int64_t* index,
                     T* dx) {
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t r = 0; r < size; ++r) {
      for (int64_t i = 0; i < inner; ++i) {
        double sum = 0;
        for (int64_t k = 0; k < count; ++k) {
          if (index[k] == r) sum += double(dy[(o * count + k) * inner + i]);
        }
        dx[(o * size + r) * inner + i] = T(sum);
      }
    }
  }
}

template void gather(int64_t, int64_t, int64_t, int64_t, const float*, const int64_t*, float*);
template void gather(int64_t, int64_t, int64_t, int64_t, const double*, const int64_t*, double*);
template void gather_backward(int64_t, int64_t, int64_t, int64_t, const float*, const int64_t*, float*);
template void gather_backward(int64_t, int64_t, int64_t, int64_t, const double*, const int64_t*, double*);

}  // namespace gx::reference
