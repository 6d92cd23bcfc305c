// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// h' = tanh(x + h) and its gradient. Equations and layout: recurrent.h.
#ifndef GENERATRIX_KERNELS_RECURRENT_RNN_RNN_H_
#define GENERATRIX_KERNELS_RECURRENT_RNN_RNN_H_

#include "generatrix/recurrent.h"
#include "kernels/recurrent/operand.h"
#include "runtime/isa.h"

namespace gx {

// The operands at one row and unit; `at` moves on from the first.
template <class T>
struct RnnStep {
  const T *x_gates, *h_gates;
  T* h_out;

  RnnStep at(int64_t row, int64_t unit, int64_t units) const {
    const int64_t narrow = row * units + unit;
    return {from(x_gates, narrow), from(h_gates, narrow), from(h_out, narrow)};
  }
};
template <class T>
struct RnnGradient {
  const T *h_out, *dh, *dh_next;
  T* dgates;

  RnnGradient at(int64_t row, int64_t unit, int64_t units) const {
    const int64_t narrow = row * units + unit;
    return {from(h_out, narrow), from(dh, narrow), from(dh_next, narrow), from(dgates, narrow)};
  }
};

// `count` units of one row of `units`.
using RnnKernel = void (*)(const RnnStep<float>& step, int64_t units, int64_t count);
using RnnBackwardKernel = void (*)(const RnnGradient<float>& step, int64_t units, int64_t count);

struct RnnVariant {
  KernelLine line;
  RnnKernel forward;
  RnnBackwardKernel backward;
};
const RnnVariant* rnn_variants(int* count);

namespace reference {
template <class T>
void rnn(const RnnStep<T>& step, int64_t units);
template <class T>
void rnn_backward(const RnnGradient<T>& step, int64_t units);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_RECURRENT_RNN_RNN_H_
