// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/random/uniform/uniform.h"

namespace gx::reference {

template <class T>
void uniform(const PhiloxStream& stream, uint32_t row, int64_t first, int64_t count, T* out) {
  for (int64_t i = 0; i < count; ++i) out[i] = uniform_of_word(philox_word(stream, row, first + i));
}

template void uniform<float>(const PhiloxStream&, uint32_t, int64_t, int64_t, float*);
template void uniform<double>(const PhiloxStream&, uint32_t, int64_t, int64_t, double*);

}  // namespace gx::reference
