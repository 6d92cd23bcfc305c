// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/random/gamma/gamma.h"

namespace gx::reference {

void gamma(const GammaDraw& draw, uint32_t row, int64_t first, int64_t count, double* out) {
  const double two_pi = 8 * std::atan(1.0);
  const double* shapes = static_cast<const double*>(draw.shapes);
  for (int64_t i = 0; i < count; ++i) {
    const double shape = shapes ? shapes[i] : draw.shape;
    const auto word = [&](uint32_t purpose) {
      return double(philox_word(philox_stream(draw.rng.seed, draw.rng.step, purpose), row, first + i));
    };
    if (!(shape > 0 && shape < INFINITY)) {
      out[i] = NAN;
      continue;
    }
    const double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    double value = d;
    for (uint32_t round = 0; round < kGammaRounds; ++round) {
      const uint32_t purpose = GX_PURPOSE_GAMMA + 3 * round;
      const double x =
          std::sqrt(-2 * std::log((word(purpose) + 1) * 0x1p-32)) * std::cos(two_pi * word(purpose + 1) * 0x1p-32);
      const double u = (word(purpose + 2) + 0.5) * 0x1p-32, root = 1 + c * x, v = root * root * root;
      if (v > 0 && std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v)) {
        value = d * v;
        break;
      }
    }
    if (shape < 1) value *= std::exp(std::log((word(kGammaBoost) + 0.5) * 0x1p-32) / shape);
    out[i] = value;
  }
}

}  // namespace gx::reference
