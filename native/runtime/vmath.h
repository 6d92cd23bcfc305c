// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// exp, log and their kin over vectors, in float32 and float64. Included only by files compiled for one instruction set.
//
// Method: reduce to a small interval around 0 by a power of two, then a polynomial fitted for least maximal relative
// error, its coefficients rounded one by one from the lowest order with the others refitted. Beside each polynomial
// stand its range and its own error in units of 2^-24 (float) or 2^-53 (double). Beside each function stands the error
// of the whole in ULP: the promise, which the tests hold it to, and the worst of all instruction sets as measured, in
// float over every argument of size 2^-26 to 2^7 (log: every positive one), in double over some millions. The worst is
// the baseline's, which has no FMA, so that products round once more. Subnormals are kept; NaN gives NaN.
#ifndef GENERATRIX_RUNTIME_VMATH_H_
#define GENERATRIX_RUNTIME_VMATH_H_

#include <float.h>

#include "runtime/series.h"
#include "runtime/vec.h"

namespace gx::GX_ISA {

typedef uint64_t vul __attribute__((vector_size(GX_VEC_BYTES)));

// c0 + x (c1 + x (c2 + ..))
template <class V, class T>
inline V horner(V, T c) {
  return splat(c);
}
template <class V, class T, class... Rest>
inline V horner(V x, T c0, Rest... rest) {
  return c0 + x * horner(x, rest...);
}

// Adding 1.5 * 2^23 (2^52) leaves a number's nearest integer in the low bits of the sum; with the exponent bias added
// as well, a shift of those bits to the exponent's place makes the power of two.
constexpr float kRound = 0x1.8p23f, kRoundBiased = kRound + 127;
constexpr double kRoundD = 0x1.8p52, kRoundBiasedD = kRoundD + 1023;
inline vf power_of_two(vf biased) { return (vf)((vu)biased << 23); }
inline vd power_of_two(vd biased) { return (vd)((vul)biased << 52); }

// log 2 in two parts, the first short enough that its product with an exponent is exact; in double: series.h.
constexpr float kLog2e = 0x1.715476p+0f, kLn2Hi = 0x1.62e4p-1f, kLn2Lo = 0x1.7f7d1cp-20f;
constexpr double kLn2HiD = series::kLn2Hi, kLn2LoD = series::kLn2Lo;

inline vf remainder_of_ln2(vf x, vf n) { return x - n * kLn2Hi - n * kLn2Lo; }
inline vd remainder_of_ln2(vd x, vd n) { return x - n * kLn2HiD - n * kLn2LoD; }

// lo <= x <= hi; NaN stays.
inline vf clamp(vf x, float lo, float hi) { return min(splat(hi), max(splat(lo), x)); }
inline vd clamp(vd x, double lo, double hi) {
  x = lo > x ? splat(lo) : x;
  return hi < x ? splat(hi) : x;
}

// e^r for |r| <= log(2) / 2. Polynomial error 0.053.
inline vf exp_reduced(vf r) {
  return horner(r, 1.0f, 1.0f, 0x1.fffffcp-2f, 0x1.555492p-3f, 0x1.5558b4p-5f, 0x1.123998p-7f, 0x1.6a48bcp-10f);
}

// e^x for x in [-88, 89], but 0 where it is below 2^-126.5 and inf where it is above 2^127.5: the inner part of
// functions that add it to 1. Eleven instructions with FMA.
inline vf exp_flushed(vf x) {
  const vf t = x * kLog2e + kRoundBiased;
  return exp_reduced(remainder_of_ln2(x, t - kRoundBiased)) * power_of_two(t);
}

// e^x. exp(-inf) = 0, inf above log(FLT_MAX), subnormal results rounded once. Promise: 2 ULP, measured 1.17.
inline vf exp(vf x) {
  x = clamp(x, -104.0f, 89.0f);
  const vf t = x * kLog2e + kRound, n = t - kRound;
  const vf p = exp_reduced(remainder_of_ln2(x, n));
  // AVX-512 scales by any 2^n at once. Otherwise it goes in two factors, as 2^128 and 2^-149 are no normal floats.
#if GX_VEC_BYTES == 64
  return (vf)_mm512_maskz_scalef_ps(0xFFFF, (__m512)p, (__m512)n);
#else
  const vi i = (vi)t - (vi)splat(kRound), half = i >> 1;
  return p * (vf)((vu)(half + 127) << 23) * (vf)((vu)(i - half + 127) << 23);
#endif
}

// 1 + this is the divisor of a sigmoid.
inline vf exp_of_negative(vf x) { return exp_flushed(-clamp(x, -89.0f, 88.0f)); }

// 1 / (1 + e^-x); 0 below -88.4, where the result is subnormal. Promise: 3 ULP of normal results, measured 2.49.
inline vf sigmoid(vf x) { return 1.0f / (1.0f + exp_of_negative(x)); }

// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|); results below 2^-126.5 are 0. Promise: 3 ULP of normal results,
// measured 2.52.
// Polynomial: log(1 + e) for e in [0, 1], error 0.089.
inline vf softplus(vf x) {
  const vf e = exp_flushed(clamp(x < 0.0f ? x : -x, -88.0f, 0.0f));
  const vf q = horner(e, 1.0f, -0x1.ffffd2p-2f, 0x1.554dd0p-2f, -0x1.ff23e6p-3f, 0x1.934b54p-3f, -0x1.3a435ep-3f,
                      0x1.b4ae08p-4f, -0x1.d6b08cp-5f, 0x1.4917cep-6f, -0x1.af49cep-9f);
  return max(x, splat(0.0f)) + e * q;
}

// e^x - 1. Promise: 3 ULP, also near 0, measured 1.46.
// Polynomial: e^r - 1 = r + r^2 P(r) for |r| <= log(2) / 2, error 0.007.
inline vf expm1(vf x) {
  x = clamp(x, -20.0f, 89.0f);
  const vf t = x * kLog2e + kRoundBiased;
  const vf r = remainder_of_ln2(x, t - kRoundBiased);
  const vf p = horner(r, 0x1p-1f, 0x1.555554p-3f, 0x1.5554f8p-5f, 0x1.1112d6p-7f, 0x1.6d3a5ap-10f, 0x1.9e781ap-13f);
  const vf q = r + r * r * p;
  const vf half_scale = power_of_two(t - 1.0f);  // half, as 2^128 is no float
  return 2.0f * (half_scale * q + (half_scale - 0.5f));
}

// tanh x = (1 - e) / (1 + e) with e = e^-2|x|, by 1 - e without cancellation. Promise: 3 ULP, measured 2.47.
inline vf tanh(vf x) {
  const vf m = expm1(-2.0f * (x < 0.0f ? -x : x));  // e - 1, in (-1, 0]
  const vf y = -m / (2.0f + m);
  const vu sign = (vu)x & 0x80000000u;
  return (vf)(((vu)y & 0x7FFFFFFFu) | sign);
}

// erf x. Promise: 2 ULP, measured 1.08. |x| <= 0.93: x + x P(x^2), error 0.15. Beyond: 1 - e^-(t + t Q(t)), t =
// |x|, error 0.03; from 3.95 on it is 1.
inline vf erf(vf x) {
  const vf t = clamp(x < 0.0f ? -x : x, 0.0f, 3.95f), s = x * x;
  const vf near = x + x * horner(s, 0x1.06eba6p-3f, -0x1.8126e2p-2f, 0x1.ce1986p-4f, -0x1.b67c04p-6f, 0x1.46d9e2p-8f,
                                 -0x1.38741cp-11f);
  const vf q =
      horner(t, 0x1.0730dcp-3f, 0x1.457e48p-1f, 0x1.af1842p-4f, -0x1.76e1bcp-6f, 0x1.a50646p-9f, -0x1.c00d0ap-13f);
  const vf far = 1.0f - exp_flushed(-(t + t * q));
  const vu sign = (vu)x & 0x80000000u;
  return t <= 0.93f ? near : (vf)((vu)far | sign);
}

// log(m 2^k) given f = m - 1 in [-0.25, 0.5). Polynomial: log(1 + f) = f - f^2 / 2 + f^3 P(f), error 0.083.
inline vf log_reduced(vf f, vf k) {
  const vf p = horner(f, 0x1.5555a4p-2f, -0x1.00004ap-2f, 0x1.99699ep-3f, -0x1.54ed96p-3f, 0x1.28807ap-3f,
                      -0x1.0d98f0p-3f, 0x1.acf4aap-4f, -0x1.71e334p-5f);
  return (f + (f * f * (f * p - 0.5f) + k * kLn2Lo)) + k * kLn2Hi;
}

// x = m 2^k with m in [0.75, 1.5), for normal x > 0. The result is k.
inline vi split(vf x, vf* m) {
  const vu bits = (vu)x;
  const vi k = (vi)(bits - 0x3F400000u /* 0.75 */) >> 23;
  *m = (vf)(bits - ((vu)k << 23));
  return k;
}

// Replaces y, a logarithm of x, where x is not a positive finite number.
template <class V>
inline V log_special(V x, V y) {
  using T = decltype(+x[0]);
  const V inf = splat(T(__builtin_inf())), nan = splat(T(__builtin_nan("")));
  return (x > 0) & (x < inf) ? y : x > 0 ? x : x == 0 ? -inf : nan;
}

// log x. log(0) = -inf, of a negative number NaN, log(inf) = inf. Promise: 2 ULP, subnormals included, measured 0.97.
inline vf log(vf x) {
#if GX_VEC_BYTES == 64  // getmant and getexp take subnormals as they are
  const __m512 m = _mm512_maskz_getmant_ps(0xFFFF, (__m512)x, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_nan);
  const vf k = (vf)_mm512_maskz_getexp_ps(0xFFFF, (__m512)x) - (vf)_mm512_maskz_getexp_ps(0xFFFF, m);
  const vf y = log_reduced((vf)m - 1.0f, k);
#else
  vf m;
  const vi subnormal = x < FLT_MIN;
  const vi k = split(subnormal ? x * 0x1p23f : x, &m);
  const vf y = log_reduced(m - 1.0f, __builtin_convertvector(k - (subnormal & 23), vf));
#endif
  return log_special(x, y);
}

// log(1 + x), for x > -1 also near 0; log1p(-1) = -inf, below NaN. Promise: 3 ULP, measured 1.00.
inline vf log1p(vf x) {
  const vf u = 1.0f + x;
  const vf lost = u < 2.0f ? x - (u - 1.0f) : (x - u) + 1.0f;  // 1 + x = u + lost exactly
  vf m;
  const vi k = split(u, &m);
  const vf twice = (vf)((vu)(128 - k) << 23);  // 2^(1 - k), 0 for the greatest k
  const vf y = log_reduced((m - 1.0f) + lost * twice * 0.5f, __builtin_convertvector(k, vf));
  return log_special(u, y);
}

// e^x in double. Promise: 2 ULP, measured 1.16.
inline vd exp(vd x) {
  x = clamp(x, -746.0, 710.0);
  const vd n = (x * series::kLog2e + kRoundD) - kRoundD;
  const vd p = series::exp_reduced(remainder_of_ln2(x, n));
#if GX_VEC_BYTES == 64
  return (vd)_mm512_maskz_scalef_pd(0xFF, (__m512d)p, (__m512d)n);
#else
  const vd half = n * 0.5 + kRoundBiasedD;
  const vd rest = (n - (half - kRoundBiasedD)) + kRoundBiasedD;
  return p * power_of_two(half) * power_of_two(rest);
#endif
}

// log x in double, specials as in float. Promise: 2 ULP, measured 0.95.
inline vd log(vd x) {
  const vl subnormal = x < DBL_MIN;
  const vul bits = (vul)(subnormal ? x * 0x1p52 : x);
  const uint64_t bias = uint64_t(1024) << 52;
  const vul e =
      (bits - 0x3FE8000000000000u /* 0.75 */ + bias) >> 52;  // k + 1024: unsigned, as a 64-bit arithmetic shift is slow
  const vd f = (vd)(bits - (e << 52) + bias) - 1.0;
  const vd k = (vd)(e | 0x4330000000000000u) - (subnormal ? splat(0x1p52 + 1024 + 52) : splat(0x1p52 + 1024));
  return log_special(x, series::log_reduced(f, k));
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_RUNTIME_VMATH_H_
