// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/states/convert/convert.h"

namespace gx::reference {

void pack(const float* values, int64_t count, float threshold, uint32_t* bits) {
  for (int64_t i = 0; i < count; ++i) {
    if (i % 32 == 0) bits[i / 32] = 0;
    bits[i / 32] |= uint32_t(values[i] >= threshold) << (i % 32);
  }
}

void unpack(const uint32_t* bits, int64_t count, float* values) {
  for (int64_t i = 0; i < count; ++i) values[i] = float(bits[i / 32] >> (i % 32) & 1);
}

}  // namespace gx::reference
