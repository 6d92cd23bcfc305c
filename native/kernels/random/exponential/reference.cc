// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/random/exponential/exponential.h"

namespace gx::reference {

void exponential(const PhiloxStream& stream, uint32_t row, int64_t first, int64_t count, double* out) {
  for (int64_t i = 0; i < count; ++i) {
    const double u = (philox_word(stream, row, first + i) + 0.5) * 0x1p-32;
    out[i] = -std::log(u);
  }
}

}  // namespace gx::reference
