// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Rounds of rejection over blocks of 64 units, until none waits: of the first round some three do, so a block takes two
// or three. Contract: gamma.h.

#include "kernels/random/doubles.h"
#include "kernels/random/gamma/gamma.h"

namespace gx::GX_ISA {
namespace {

typedef double Doubles[kUnitsPerBlock];

inline void gamma_words(const GammaDraw& draw, uint32_t purpose, uint32_t row, uint32_t block,
                        uint32_t words[kUnitsPerBlock]) {
  philox_block(philox_stream(draw.rng.seed, draw.rng.step, purpose), row, block, words);
}

// One round for the units that wait: an accepted one's value is set and it waits no more. Whether any is left.
bool gamma_round(const GammaDraw& draw, uint32_t round, uint32_t row, uint32_t block, const Doubles d_of,
                 vl waiting[kUnitsPerBlock / kLanesD], Doubles values) {
  uint32_t radius[kUnitsPerBlock], angle[kUnitsPerBlock], uniform[kUnitsPerBlock];
  const uint32_t purpose = GX_PURPOSE_GAMMA + 3 * round;
  gamma_words(draw, purpose, row, block, radius);
  gamma_words(draw, purpose + 1, row, block, angle);
  gamma_words(draw, purpose + 2, row, block, uniform);
  vl left = {};
  for (int i = 0; i < kUnitsPerBlock; i += kLanesD) {
    const vd d = loadd(d_of + i), c = 1.0 / square_root(9.0 * d);
    const vd x = box_muller_radius(words_at(radius + i)) * box_muller_cosine(words_at(angle + i));
    const vd root = 1.0 + c * x, v = root * root * root;
    const vl accepted = (v > 0.0) & (log(open_uniform(words_at(uniform + i))) < 0.5 * x * x + d - d * v + d * log(v));
    vl& waits = waiting[i / kLanesD];
    store(values + i, waits & accepted ? d * v : loadd(values + i));
    waits &= ~accepted;
    left |= waits;
  }
  for (int i = 0; i < kLanesD; ++i) {
    if (left[i]) return true;
  }
  return false;
}

}  // namespace

void gamma_rejection(const GammaDraw& draw, uint32_t row, int64_t first, int64_t count, void* out) {
  for (int64_t done = 0; done < count; done += kUnitsPerBlock) {
    const uint32_t block = uint32_t((first + done) / kUnitsPerBlock);
    const int n = int(lesser<int64_t>(kUnitsPerBlock, count - done));
    Doubles shapes, d, values;
    for (int i = 0; i < kUnitsPerBlock; ++i) {
      shapes[i] = !draw.shapes ? draw.shape
                  : i >= n     ? 1.0
                  : draw.wide  ? static_cast<const double*>(draw.shapes)[done + i]
                               : double(static_cast<const float*>(draw.shapes)[done + i]);
    }
    vl waiting[kUnitsPerBlock / kLanesD];
    bool any = false, small = false;
    for (int i = 0; i < kUnitsPerBlock; ++i) {
      const bool good = shapes[i] > 0 && shapes[i] < __builtin_inf();
      d[i] = good ? (shapes[i] < 1 ? shapes[i] + 1 : shapes[i]) - 1.0 / 3 : __builtin_nan("");
      values[i] = d[i];
      waiting[i / kLanesD][i % kLanesD] = good && i < n ? -1 : 0;
      any = any || (good && i < n);
      small = small || shapes[i] < 1;
    }
    for (uint32_t round = 0; any && round < kGammaRounds; ++round) {
      any = gamma_round(draw, round, row, block, d, waiting, values);
    }
    if (small) {
      uint32_t words[kUnitsPerBlock];
      gamma_words(draw, kGammaBoost, row, block, words);
      for (int i = 0; i < kUnitsPerBlock; i += kLanesD) {
        const vd shape = loadd(shapes + i), value = loadd(values + i);
        const vd boost = exp(log(open_uniform(words_at(words + i))) / shape);
        store(values + i, shape < 1.0 ? value * boost : value);
      }
    }
    write_block(values, n, done, out, draw.wide);
  }
}

}  // namespace gx::GX_ISA
