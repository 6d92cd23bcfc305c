// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/random/uniform/uniform.h"

namespace gx::reference {

void uniform(const PhiloxStream& stream, uint32_t row, int64_t first, int64_t count, float* out) {
  for (int64_t i = 0; i < count; ++i) out[i] = uniform_of_word(philox_word(stream, row, first + i));
}

}  // namespace gx::reference
