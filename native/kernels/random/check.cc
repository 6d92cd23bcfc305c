// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/random/check.h"

#include "runtime/check.h"
#include "runtime/philox.h"

namespace gx::check {

void drawable(int64_t units) {
  if (units < 0 || units > kMaxRandomUnits) {
    fail(GX_INVALID_ARGUMENT, "units must be between 0 and 2^34, got %lld", (long long)units);
  }
}

bool draw(const gx_rng& step, int64_t rows, int64_t units, gx_format format, const void* out) {
  rng(step, 1);
  if (rows < 0 || rows > kMaxRandomRows) {
    fail(GX_INVALID_ARGUMENT, "rows must be between 0 and 2^32, got %lld", (long long)rows);
  }
  drawable(units);
  real(format);
  const int64_t size = product(rows, units, "out");
  if (size == 0) return false;
  array(out, size, format, "out");
  return true;
}

}  // namespace gx::check
