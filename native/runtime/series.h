// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The polynomials in double under vmath.h and random/doubles.h, for vectors, for numbers, and for a GPU's threads: what
// is computed without fused operations has the same bits everywhere. V is double or a vector of doubles. Functions are
// static, so that every instruction set, with and without fused operations, keeps its own copy. How the polynomials
// were made, and what their errors are in units of 2^-53: vmath.h.
#ifndef GENERATRIX_RUNTIME_SERIES_H_
#define GENERATRIX_RUNTIME_SERIES_H_

#include "runtime/host_device.h"

namespace gx::series {

// log 2 in two parts, the first short enough that its product with an exponent is exact.
constexpr double kLog2e = 0x1.71547652b82fep+0, kLn2Hi = 0x1.62e42feep-1, kLn2Lo = 0x1.a39ef35793c76p-33;

// c0 + x (c1 + x (c2 + ..))
template <class V>
static inline GX_HOST_DEVICE V horner(V, double c) {
  return c - V{};
}
template <class V, class... Rest>
static inline GX_HOST_DEVICE V horner(V x, double c0, Rest... rest) {
  return c0 + x * horner(x, rest...);
}

// e^r for |r| <= log(2) / 2. Error 0.033.
template <class V>
static inline GX_HOST_DEVICE V exp_reduced(V r) {
  return horner(r, 1.0, 1.0, 0x1.000000000000ap-1, 0x1.5555555555508p-3, 0x1.555555555074ep-5, 0x1.11111111253d8p-7,
                0x1.6c16c184532d5p-10, 0x1.a01a0134976f8p-13, 0x1.a01999b823899p-16, 0x1.71df130d99d23p-19,
                0x1.28adb64f03bb5p-22, 0x1.ad9786b88c967p-26);
}

// log(m 2^k) given f = m - 1 in [-0.25, 0.5).
// log(1 + f) = 2 atanh(s) with s = f / (2 + f) in [-1/7, 1/5]; 2 atanh(s) = 2 s + s^3 P(s^2), error 0.134.
template <class V>
static inline GX_HOST_DEVICE V log_reduced(V f, V k) {
  const V s = f / (2.0 + f), z = s * s, half_square = 0.5 * f * f;
  const V r = z * horner(z, 0x1.5555555555773p-1, 0x1.99999998f16f9p-2, 0x1.249249b1b3e3dp-2, 0x1.c71c01a532984p-3,
                         0x1.7474d91a9f677p-3, 0x1.38538b10e7223p-3, 0x1.3ab902d21eb64p-3);
  return k * kLn2Hi - ((half_square - (s * (half_square + r) + k * kLn2Lo)) - f);
}

// cos(2 pi t) = 1 + z P(z) and sin(2 pi t) = t Q(z) with z = t^2, for |t| <= 1/8. Errors 0.01 and 0.36.
template <class V>
static inline GX_HOST_DEVICE V cosine_of_turns(V z) {
  return 1.0 + z * horner(z, -0x1.3bd3cc9be45dep+4, 0x1.03c1f081b5a52p+6, -0x1.55d3c7e3bfe56p+6, 0x1.e1f50675b20ccp+5,
                          -0x1.a6d1e238eeca7p+4, 0x1.f9c4adc0fed8bp+2, -0x1.b0345eef5e648p+0);
}
template <class V>
static inline GX_HOST_DEVICE V sine_of_turns(V t, V z) {
  return t * horner(z, 0x1.921fb54442d18p+2, -0x1.4abbce625bdaep+5, 0x1.466bc6774afcep+6, -0x1.32d2ccd46a42dp+6,
                    0x1.507821d4e2562p+5, -0x1.e2f3f0f480f0cp+3, 0x1.dfc5b975eecf0p+1);
}

}  // namespace gx::series

#endif  // GENERATRIX_RUNTIME_SERIES_H_
