// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Box-Muller over pairs of doubles. Contract, and why there is no wider variant: normal.h.

#include "kernels/random/normal/normal.h"
#include "runtime/philox_vec.h"
#include "runtime/vmath.h"

namespace gx::GX_ISA {
namespace {

// cos(2 pi w 2^-32). The nearest quarter turn comes off in integers, exactly; in what is left, |t| <= 1/8 turn,
// cos(2 pi t) = 1 + z P(z) and sin(2 pi t) = t Q(z) with z = t^2. Polynomial errors 0.01 and 0.36 in units of 2^-53.
void cosines(const uint32_t words[kUnitsPerBlock], double out[kUnitsPerBlock]) {
  for (int i = 0; i < kUnitsPerBlock; i += kLanesD) {
    vd t;
    vl odd, negative;
    for (int j = 0; j < kLanesD; ++j) {
      const uint32_t w = words[i + j], quarters = (w + (1u << 29)) >> 30;
      t[j] = double(int32_t(w - (quarters << 30))) * 0x1p-32;
      odd[j] = -int64_t(quarters & 1);
      negative[j] = -int64_t((quarters + 1) >> 1 & 1);  // cos, -sin, -cos, sin
    }
    const vd z = t * t;
    const vd c =
        1.0 + z * horner(z, -0x1.3bd3cc9be45dep+4, 0x1.03c1f081b5a52p+6, -0x1.55d3c7e3bfe56p+6, 0x1.e1f50675b20ccp+5,
                         -0x1.a6d1e238eeca7p+4, 0x1.f9c4adc0fed8bp+2, -0x1.b0345eef5e648p+0);
    const vd s = t * horner(z, 0x1.921fb54442d18p+2, -0x1.4abbce625bdaep+5, 0x1.466bc6774afcep+6, -0x1.32d2ccd46a42dp+6,
                            0x1.507821d4e2562p+5, -0x1.e2f3f0f480f0cp+3, 0x1.dfc5b975eecf0p+1);
    const vd value = odd ? s : c;
    store(out + i, negative ? -value : value);
  }
}

// sqrt(-2 log((w + 1) 2^-32))
void radii(const uint32_t words[kUnitsPerBlock], double out[kUnitsPerBlock]) {
  for (int i = 0; i < kUnitsPerBlock; i += kLanesD) {
    vd u;
    for (int j = 0; j < kLanesD; ++j) u[j] = (double(words[i + j]) + 1) * 0x1p-32;
    const vd square = -2.0 * log(u);
    for (int j = 0; j < kLanesD; ++j) out[i + j] = __builtin_sqrt(square[j]);
  }
}

}  // namespace

void normal_box_muller(const NormalStreams& s, uint32_t row, int64_t first, int64_t count, float* out) {
  for (; count > 0; first += kUnitsPerBlock, count -= kUnitsPerBlock, out += kUnitsPerBlock) {
    uint32_t words[kUnitsPerBlock];
    double radius[kUnitsPerBlock], cosine[kUnitsPerBlock];
    const uint32_t block = uint32_t(first / kUnitsPerBlock);
    philox_block(s.radius, row, block, words);
    radii(words, radius);
    philox_block(s.angle, row, block, words);
    cosines(words, cosine);
    const int n = int(lesser<int64_t>(kUnitsPerBlock, count));
    for (int i = 0; i < n; ++i) out[i] = float(s.mean + s.stddev * (radius[i] * cosine[i]));
  }
}

}  // namespace gx::GX_ISA
