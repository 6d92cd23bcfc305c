// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/states/bernoulli/bernoulli.h"

namespace gx::reference {

void bernoulli(const PhiloxStream& stream, uint32_t row, int64_t first, int64_t count, const float* p, float* values,
               uint32_t* bits) {
  for (int64_t i = 0; i < count; ++i) {
    const bool one = uniform_of_word(philox_word(stream, row, first + i)) < p[i];
    if (values) values[i] = one ? 1.0f : 0.0f;
    if (bits) {
      if (i % 32 == 0) bits[i / 32] = 0;
      bits[i / 32] |= uint32_t(one) << (i % 32);
    }
  }
}

}  // namespace gx::reference
