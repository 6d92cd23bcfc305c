// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// From sums of planes to rows of y: bias, activation, and columns of phases side by side.
#ifndef GENERATRIX_KERNELS_CONV_DIRECT_FINISH_H_
#define GENERATRIX_KERNELS_CONV_DIRECT_FINISH_H_

#include "kernels/linear/activation.h"
#include "runtime/vec.h"

namespace gx::GX_ISA {

inline void put(float* to, vf v, int64_t n) {
  if (n >= kLanes) return store(to, v);
  if (n > 0) store_first(to, v, int(n));
}

// y[i * phases + phase] = f(sums[phase * stride + i] + b) for indices below n. With several phases whole vectors of
// sums are readable, with more than two they are overwritten. y may be sums if there is one.
template <class F>
void finish_row(const float* sums, int64_t stride, int64_t phases, float b, float p, float* y, int64_t n) {
  const vf bias = splat(b);
  const auto value = [&](const float* from) { return F::value(loadf(from) + bias, p); };
  if (phases == 1) {
    int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) store(y + i, value(sums + i));
    if (i < n) store_first(y + i, F::value(load_first(sums + i, int(n - i)) + bias, p), int(n - i));
  } else if (phases == 2) {
    vi low, high;
    for (int l = 0; l < kLanes; ++l) {
      low[l] = l / 2 + l % 2 * kLanes;
      high[l] = low[l] + kLanes / 2;
    }
    for (int64_t i = 0; 2 * i < n; i += kLanes) {
      const vf even = value(sums + i), odd = value(sums + stride + i);
      put(y + 2 * i, __builtin_shuffle(even, odd, low), n - 2 * i);
      put(y + 2 * i + kLanes, __builtin_shuffle(even, odd, high), n - 2 * i - kLanes);
    }
  } else {
    for (int64_t phase = 0; phase < phases; ++phase, sums += stride) {
      for (int64_t i = 0; i * phases + phase < n; i += kLanes) {
        const vf v = value(sums + i);
        for (int64_t l = 0; l < kLanes && (i + l) * phases + phase < n; ++l) y[(i + l) * phases + phase] = v[l];
      }
    }
  }
}
using FinishRow = void (*)(const float*, int64_t, int64_t, float, float, float*, int64_t);

inline FinishRow finish_row_of(gx_activation a) {
  FinishRow finish = nullptr;
  activation::with(a, [&](auto f) { finish = finish_row<decltype(f)>; });
  return finish;
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_CONV_DIRECT_FINISH_H_
