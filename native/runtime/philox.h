// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Philox4x32-10 for one counter at a time, and the layout of random.h that says which counter and which word an element
// owns (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 3.3; constants of
// their Table 2). Plain C++17 for host and GPU. Functions are static, so that every instruction set keeps its own copy.
#ifndef GENERATRIX_RUNTIME_PHILOX_H_
#define GENERATRIX_RUNTIME_PHILOX_H_

#include <stdint.h>

#include "runtime/host_device.h"

namespace gx {

constexpr uint32_t kPhiloxM0 = 0xD2511F53u, kPhiloxM1 = 0xCD9E8D57u;  // multipliers
constexpr uint32_t kPhiloxW0 = 0x9E3779B9u, kPhiloxW1 = 0xBB67AE85u;  // key increments: golden ratio, sqrt(3) - 1
constexpr int kPhiloxRounds = 10;

constexpr int kUnitsPerBlock = 64;     // units that share 16 neighbouring counters
constexpr int kCountersPerBlock = 16;  // a counter's four words belong to units 16 apart

// The limits of the layout: a row is one word of the counter, a unit's counter index another.
constexpr int64_t kMaxRandomRows = int64_t(1) << 32;
constexpr int64_t kMaxRandomUnits = int64_t(1) << 34;
constexpr uint64_t kMaxRandomStep = uint64_t(1) << 56;

static inline GX_HOST_DEVICE void philox(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t k0, uint32_t k1,
                                         uint32_t out[4]) {
  for (int r = 0; r < kPhiloxRounds; ++r) {
    const uint64_t a = uint64_t(kPhiloxM0) * c0, b = uint64_t(kPhiloxM1) * c2;
    c0 = uint32_t(b >> 32) ^ c1 ^ k0;
    c1 = uint32_t(b);
    c2 = uint32_t(a >> 32) ^ c3 ^ k1;
    c3 = uint32_t(a);
    k0 += kPhiloxW0;
    k1 += kPhiloxW1;
  }
  out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

// The words of key and counter that all elements of one draw share.
struct PhiloxStream {
  uint32_t k0, k1;  // seed
  uint32_t c2, c3;  // step and purpose
};
static inline GX_HOST_DEVICE PhiloxStream philox_stream(uint64_t seed, uint64_t step, uint32_t purpose) {
  return {uint32_t(seed), uint32_t(seed >> 32), uint32_t(step), uint32_t(step >> 32) << 8 | purpose};
}

// Counter word 0 of a unit, and which output word is its own.
static inline GX_HOST_DEVICE uint32_t philox_index(int64_t unit) {
  return uint32_t(kCountersPerBlock * (unit / kUnitsPerBlock) + unit % kCountersPerBlock);
}
static inline GX_HOST_DEVICE int philox_slot(int64_t unit) { return int(unit / kCountersPerBlock % 4); }

// The word of element (row, unit).
static inline GX_HOST_DEVICE uint32_t philox_word(PhiloxStream s, int64_t row, int64_t unit) {
  uint32_t out[4];
  philox(philox_index(unit), uint32_t(row), s.c2, s.c3, s.k0, s.k1, out);
  return out[philox_slot(unit)];
}

// A word's upper 24 bits as a uniform number in [0, 1): exact in float32.
static inline GX_HOST_DEVICE float uniform_of_word(uint32_t word) { return float(int32_t(word >> 8)) * 0x1p-24f; }

}  // namespace gx

#endif  // GENERATRIX_RUNTIME_PHILOX_H_
