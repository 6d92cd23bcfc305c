// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// h' = (1 - z) n + z h and its gradient. Equations and layout: recurrent.h.
#ifndef GENERATRIX_KERNELS_RECURRENT_GRU_GRU_H_
#define GENERATRIX_KERNELS_RECURRENT_GRU_GRU_H_

#include "generatrix/recurrent.h"
#include "kernels/recurrent/operand.h"
#include "runtime/isa.h"

namespace gx {

// The operands at one row and unit; `at` moves on from the first.
template <class T>
struct GruStep {
  const T *x_gates, *h_gates, *h;
  T *gates, *h_out;

  GruStep at(int64_t row, int64_t unit, int64_t units) const {
    const int64_t narrow = row * units + unit, wide = row * 3 * units + unit;
    return {from(x_gates, wide), from(h_gates, wide), from(h, narrow), from(gates, wide), from(h_out, narrow)};
  }
};
template <class T>
struct GruGradient {
  const T *gates, *h_gates, *h, *dh_out, *dh_next;
  T *dx_gates, *dh_gates, *dh;

  GruGradient at(int64_t row, int64_t unit, int64_t units) const {
    const int64_t narrow = row * units + unit, wide = row * 3 * units + unit;
    return {from(gates, wide),     from(h_gates, wide),  from(h, narrow),      from(dh_out, narrow),
            from(dh_next, narrow), from(dx_gates, wide), from(dh_gates, wide), from(dh, narrow)};
  }
};

// `count` units of one row of `units`.
using GruKernel = void (*)(const GruStep<float>& step, int64_t units, int64_t count);
using GruBackwardKernel = void (*)(const GruGradient<float>& step, int64_t units, int64_t count);

struct GruVariant {
  KernelLine line;
  GruKernel forward;
  GruBackwardKernel backward;
};
const GruVariant* gru_variants(int* count);

namespace reference {
template <class T>
void gru(const GruStep<T>& step, int64_t units);
template <class T>
void gru_backward(const GruGradient<T>& step, int64_t units);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_RECURRENT_GRU_GRU_H_
