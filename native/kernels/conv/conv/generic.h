// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The variants of gx_conv that suit every convolution. Contract: conv.h.

#include "kernels/conv/conv/conv.h"
#include "kernels/conv/taps/careful.h"
#include "kernels/conv/taps/weights.h"

namespace gx::GX_ISA {

bool conv_suits_taps(const ConvShape&) { return true; }

int64_t conv_packed_taps(const ConvShape& s) { return TapsPlan(s, TapsPlan::kPacking).packed_floats(); }

void conv_pack_taps(const ConvShape& s, const float* W, float* packed, Team& team) {
  pack_weights(s, TapsPlan(s, TapsPlan::kPacking), W, packed, team);
}

void conv_taps(const ConvShape& s, const float* x, const float*, const float* packed, const float* b, float* y,
               Team& team) {
  const TapsPlan plan(s, TapsPlan::kRunning);
  if (packed[0] != 0) return run_careful(s, plan, x, packed, b, y, team);
  run_taps(s, plan, x, packed, b, y, team);
}

}  // namespace gx::GX_ISA
