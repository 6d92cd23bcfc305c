// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "row.h"

#include <cmath>
#include <cstdio>

namespace gx::bench {

void require(gx_status status) {
  if (status != GX_OK) throw std::runtime_error(gx_last_error());
}

void require_close(const std::string& what, double actual, double expected, double tolerance) {
  if (std::fabs(actual - expected) <= tolerance) return;
  char text[160];
  std::snprintf(text, sizeof text, ": expected %.9g within %.3g, got %.9g", expected, tolerance, actual);
  throw std::runtime_error(what + text);
}

}  // namespace gx::bench
