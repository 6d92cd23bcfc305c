// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/elementwise/random_scale/random_scale.h"

namespace gx::reference {

template <class T>
void random_scale(const RandomScale& scale, const PhiloxStream& stream, int64_t first, int64_t count, const T* x,
                  const T* v, T* y) {
  for (int64_t i = 0; i < count; ++i) {
    const float u = uniform_of_word(philox_word(stream, 0, first + i));
    const double value = double(v[i]);
    if (scale.slopes) {
      y[i] = T(x[i] > 0 ? value : value * (scale.a + scale.b * double(u)));
    } else {
      y[i] = T(u >= float(scale.a) ? value * scale.b : 0);  // the same elements in either format
    }
  }
}

template void random_scale<float>(const RandomScale&, const PhiloxStream&, int64_t, int64_t, const float*, const float*,
                                  float*);
template void random_scale<double>(const RandomScale&, const PhiloxStream&, int64_t, int64_t, const double*,
                                   const double*, double*);

}  // namespace gx::reference
