// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/conv/conv/conv.h"

namespace gx::GX_ISA {

bool conv_suits_plain(const ConvShape&) { return true; }
int64_t conv_packed_plain(const ConvShape&) { return 0; }
void conv_pack_plain(const ConvShape&, const float*, float*, Team&) {}
void conv_plain(const ConvShape& s, const float* x, const float* W, const float*, const float* b, float* y, Team&) {
  reference::conv(s, x, W, b, y);
}

}  // namespace gx::GX_ISA
