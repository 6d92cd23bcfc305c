// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// One pass over memory: a block of 64 units with its noise at a time. Contract: dequantise.h.

#include "kernels/coupling/dequantise/dequantise.h"
#include "kernels/loss/lanes.h"
#include "runtime/philox_vec.h"

namespace gx::GX_ISA {
namespace {

// To the nearest integer, halves to even, and to the next one below: the vector types have neither.
#if GX_VEC_BYTES == 64
inline vf nearest(vf x) { return (vf)_mm512_maskz_roundscale_ps(0xFFFF, (__m512)x, 8); }
inline vd floor(vd x) { return (vd)_mm512_maskz_roundscale_pd(0xFF, (__m512d)x, 9); }
#elif GX_VEC_BYTES == 32
inline vf nearest(vf x) { return (vf)_mm256_round_ps((__m256)x, 8); }
inline vd floor(vd x) { return (vd)_mm256_round_pd((__m256d)x, 9); }
#else
inline vf nearest(vf x) { return (vf)_mm_round_ps((__m128)x, 8); }
inline vd floor(vd x) { return (vd)_mm_round_pd((__m128d)x, 9); }
#endif

inline vf nan_of_floats() { return splat(__builtin_nanf("")); }

// p and 1 - p, each by its own sum: where p is near 1, its rounding is not that of 1 - p.
struct Logit {
  Logit(const Dequantiser& m, double units)
      : low(float(m.low)),
        rest(float(1 - m.high)),
        scale(float((m.high - m.low) / units)),
        log_range(float(__builtin_log(m.high - m.low))) {}
  // y, and onto `total` the logarithm of dy/du.
  vf operator()(vf u, vf one_less_u, Total& total, int n) const {
    const vf p = low + scale * u, q = rest + scale * one_less_u;
    const vf log_p = log(p), log_q = log(q);
    const vi good = (p > 0.0f) & (q > 0.0f);
    total.add(good ? log_range - (log_p + log_q) : nan_of_floats(), n);
    return good ? log_p - log_q : nan_of_floats();
  }
  float low, rest, scale, log_range;
};

// Whether there is a NaN.
class Nans {
 public:
  void add(vf v) { nan_ |= v != v; }
  double value() const { return mask_bits(nan_) != 0 ? __builtin_nan("") : 0; }

 private:
  vi nan_ = {};
};

// (k + noise) / levels with k the level. The sum stays within ((k, k + 1)), k = 0 apart, when it is rounded, so that
// its quotient is of the level k: k + 1 times 1 - 2^-24 is the float before k + 1, k times 1 + 2^-23 one after k.
inline vf within_level(vf k, vf noise) { return min((k + 1.0f) * (1 - 0x1p-24f), max(k * (1 + 0x1p-23f), k + noise)); }

template <bool kLogit>
double with_noise(const Dequantiser& m, uint32_t row, int64_t first, int64_t count, const float* x, float* y) {
  const Logit logit(m, double(m.levels));
  const float levels = float(m.levels), most = float(m.levels - 1);
  Total total;
  Nans nans;
  for (int64_t done = 0; done < count; done += kUnitsPerBlock) {
    uint32_t words[kUnitsPerBlock];
    philox_block(m.stream, row, uint32_t((first + done) / kUnitsPerBlock), words);
    const int64_t end = lesser<int64_t>(kUnitsPerBlock, count - done);
    each_vector(end, [&](int64_t i, int n) {
      const vf k = nearest(load_some(x + done + i, n) * most), noise = uniform_of_words(load<vu>(words + i));
      if (kLogit) {
        store_some(y + done + i, logit(k + noise, (most - k) + (1.0f - noise), total, n), n);
      } else {
        const vf u = within_level(k, noise) / levels;
        store_some(y + done + i, u, n);
        nans.add(u);
      }
    });
  }
  return kLogit ? total.value() : nans.value();
}

double without_noise(const Dequantiser& m, int64_t count, const float* x, float* y) {
  const Logit logit(m, 1);
  Total total;
  Nans nans;
  each_vector(count, [&](int64_t i, int n) {
    const vf u = load_some(x + i, n);
    if (m.logit) {
      store_some(y + i, logit(u, 1.0f - u, total, n), n);
    } else {
      store_some(y + i, u, n);
      nans.add(u);
    }
  });
  return m.logit ? total.value() : nans.value();
}

// clamp(floor(levels u), 0, levels - 1) / (levels - 1). In double, where levels u does not round up to the next level.
inline vd intensity(vd u, double levels) { return clamp(floor(levels * u), 0.0, levels - 1) / (levels - 1); }

double back(const Dequantiser& m, int64_t count, const float* x, float* y) {
  const float low = float(m.low), range = float(m.high - m.low), log_range = float(__builtin_log(m.high - m.low));
  Total total;
  Nans nans;
  each_vector(count, [&](int64_t i, int n) {
    vf u = load_some(x + i, n);
    if (m.logit) {
      const vf size = magnitude(u);
      total.add((-size - 2.0f * softplus(-size)) - log_range, n);
      u = (sigmoid(u) - low) / range;
    } else {
      nans.add(u);
    }
    if (m.levels > 0) {
      float v[kLanes];
      store(v, __builtin_convertvector(intensity(lower_half(u), double(m.levels)), vfh));
      store(v + kLanesD, __builtin_convertvector(intensity(upper_half(u), double(m.levels)), vfh));
      u = loadf(v);
    }
    store_some(y + i, u, n);
  });
  return m.logit ? total.value() : nans.value();
}

}  // namespace

double dequantise_blocks(const Dequantiser& m, uint32_t row, int64_t first, int64_t count, const float* x, float* y) {
  if (m.inverse) return back(m, count, x, y);
  if (m.levels == 0) return without_noise(m, count, x, y);
  return m.logit ? with_noise<true>(m, row, first, count, x, y) : with_noise<false>(m, row, first, count, x, y);
}

void dequantise_backward_blocks(const Dequantiser& m, double dlog_det, int64_t count, const float* x, const float* dy,
                                float* dx) {
  const float low = float(m.low), rest = float(1 - m.high), range = float(m.high - m.low);
  const vf c = splat(float(dlog_det));
  each_vector(count, [&](int64_t i, int n) {
    const vf v = load_some(x + i, n), g = load_some(dy + i, n);
    vf d = g;
    if (m.logit && m.inverse) {
      // With e = e^-|x|: sigmoid(x) sigmoid(-x) = e / (1 + e)^2, and their difference is +-(1 - e) / (1 + e).
      const vf e = exp_of_nonpositive(-magnitude(v)), reciprocal = 1.0f / (1.0f + e);
      const vf difference = (1.0f - e) * reciprocal;
      d = g * (e * reciprocal * reciprocal) / range + c * (v > 0.0f ? -difference : difference);
    } else if (m.logit) {
      const vf p = low + range * v, q = rest + range * (1.0f - v);
      d = (p > 0.0f) & (q > 0.0f) ? (g + c * (p - q)) * range / (p * q) : nan_of_floats();
    }
    store_some(dx + i, d, n);
  });
}

}  // namespace gx::GX_ISA
