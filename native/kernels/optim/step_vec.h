// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The pass over one part, over vectors of any width: what stands around every rule. Included by the generic.h of each.
//
// Memory is the limit: Adam over 10 million parameters moves its 28 bytes an element faster than memcpy moves as many
// (one thread: 65 GB/s, memcpy 40, a copy with non-temporal stores 62). What changed nothing beyond the noise of 5 %:
// prefetching the streams 512 or 1024 bytes ahead, non-temporal stores (the lines were read before, so that there is no
// read for ownership to save), two or four vectors at a time, and rsqrt14 and rcp14 with a Newton step for root and
// quotient.
#ifndef GENERATRIX_KERNELS_OPTIM_STEP_VEC_H_
#define GENERATRIX_KERNELS_OPTIM_STEP_VEC_H_

#include "kernels/optim/step.h"
#include "runtime/vec.h"

namespace gx::GX_ISA {

// sqrt(x), correctly rounded; the vector types have none.
#if GX_VEC_BYTES == 64
inline vf root(vf x) { return (vf)_mm512_sqrt_ps((__m512)x); }
#elif GX_VEC_BYTES == 32
inline vf root(vf x) { return (vf)_mm256_sqrt_ps((__m256)x); }
#else
inline vf root(vf x) { return (vf)_mm_sqrt_ps((__m128)x); }
#endif

// A moving average: x + share (to - x), exact where to = x, while (1 - share) x + share to would drift by the rounding
// of the two factors.
inline vf towards(vf x, vf to, float share) { return x + share * (to - x); }

// update(p, g, s) moves one vector of parameters and of its states s[i], those whose bit kS0, kS1, kS2 is in `states`.
template <int states, class Update>
inline void step_through(const StepFrame& frame, const StepPart<float>& a, const Update& update) {
  const float scale = float(frame.scale), clip = float(frame.clip), decay = float(frame.weight_decay),
              ema_rate = float(frame.ema_rate);
  float* const s0 = a.s0;
  float* const s1 = a.s1;
  float* const s2 = a.s2;
  const auto step = [&](int64_t i, const auto& get, const auto& put) __attribute__((always_inline)) {
    vf p = get(a.p + i), g = get(a.g + i) * scale, s[3] = {};
    g = max(splat(-clip), min(splat(clip), g));  // NaN stays
    g += decay * p;
    if (states & optim::kS0) s[0] = get(s0 + i);
    if (states & optim::kS1) s[1] = get(s1 + i);
    if (states & optim::kS2) s[2] = get(s2 + i);
    update(p, g, s);
    put(a.p + i, p);
    if (states & optim::kS0) put(s0 + i, s[0]);
    if (states & optim::kS1) put(s1 + i, s[1]);
    if (states & optim::kS2) put(s2 + i, s[2]);
    if (a.ema) put(a.ema + i, towards(get(a.ema + i), p, ema_rate));
  };
  int64_t i = 0;
  for (; i + kLanes <= a.count; i += kLanes) {
    step(
        i, [](const float* from) { return loadf(from); }, [](float* to, vf v) { store(to, v); });
  }
  if (const int rest = int(a.count - i); rest > 0) {
    step(
        i, [rest](const float* from) { return load_first(from, rest); },
        [rest](float* to, vf v) { store_first(to, v, rest); });
  }
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_OPTIM_STEP_VEC_H_
