// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/random/normal/normal.h"

namespace gx::reference {

void normal(const NormalStreams& s, uint32_t row, int64_t first, int64_t count, double* out) {
  const double two_pi = 8 * std::atan(1.0);
  for (int64_t i = 0; i < count; ++i) {
    const double w0 = philox_word(s.radius, row, first + i), w1 = philox_word(s.angle, row, first + i);
    out[i] = s.mean + s.stddev * std::sqrt(-2 * std::log((w0 + 1) * 0x1p-32)) * std::cos(two_pi * w1 * 0x1p-32);
  }
}

}  // namespace gx::reference
