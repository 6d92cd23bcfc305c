// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// c' = f c + i g, h' = o tanh c' and its gradient. Equations and layout: recurrent.h.
#ifndef GENERATRIX_KERNELS_RECURRENT_LSTM_LSTM_H_
#define GENERATRIX_KERNELS_RECURRENT_LSTM_LSTM_H_

#include "generatrix/recurrent.h"
#include "kernels/recurrent/operand.h"
#include "runtime/isa.h"

namespace gx {

// The operands at one row and unit; `at` moves on from the first.
template <class T>
struct LstmStep {
  const T *x_gates, *h_gates, *c;
  T *gates, *h_out, *c_out;

  LstmStep at(int64_t row, int64_t unit, int64_t units) const {
    const int64_t narrow = row * units + unit, wide = row * 4 * units + unit;
    return {from(x_gates, wide), from(h_gates, wide), from(c, narrow),
            from(gates, wide),   from(h_out, narrow), from(c_out, narrow)};
  }
};
template <class T>
struct LstmGradient {
  const T *gates, *c, *c_out, *dh, *dh_next, *dc_out;
  T *dgates, *dc;

  LstmGradient at(int64_t row, int64_t unit, int64_t units) const {
    const int64_t narrow = row * units + unit, wide = row * 4 * units + unit;
    return {from(gates, wide),     from(c, narrow),      from(c_out, narrow), from(dh, narrow),
            from(dh_next, narrow), from(dc_out, narrow), from(dgates, wide),  from(dc, narrow)};
  }
};

// `count` units of one row of `units`.
using LstmKernel = void (*)(const LstmStep<float>& step, int64_t units, int64_t count);
using LstmBackwardKernel = void (*)(const LstmGradient<float>& step, int64_t units, int64_t count);

struct LstmVariant {
  KernelLine line;
  LstmKernel forward;
  LstmBackwardKernel backward;
};
const LstmVariant* lstm_variants(int* count);

namespace reference {
template <class T>
void lstm(const LstmStep<T>& step, int64_t units);
template <class T>
void lstm_backward(const LstmGradient<T>& step, int64_t units);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_RECURRENT_LSTM_LSTM_H_
