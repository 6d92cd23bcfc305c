// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// One pass over memory per function. Contract: unary.h.

#include "kernels/elementwise/unary/functions.h"
#include "kernels/elementwise/unary/unary.h"

namespace gx::GX_ISA {
namespace {

template <class F>
void forward(float p, const float* x, float* y, int64_t count) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) store(y + i, F::forward(loadf(x + i), p));
  if (i < count) store_first(y + i, F::forward(load_first(x + i, int(count - i)), p), int(count - i));
}

template <class F>
void backward(float p, const float* given, const float* dy, float* dx, int64_t count) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) store(dx + i, loadf(dy + i) * F::derivative(loadf(given + i), p));
  if (i < count) {
    const int rest = int(count - i);
    store_first(dx + i, load_first(dy + i, rest) * F::derivative(load_first(given + i, rest), p), rest);
  }
}

}  // namespace

void unary_vectors(gx_unary_function f, float p, const float* x, float* y, int64_t count) {
  switch (f) {
#define GX_FUNCTION(enumerator, functor, from) \
  case enumerator:                             \
    return forward<functor>(p, x, y, count);
    GX_UNARY_FUNCTIONS(GX_FUNCTION)
#undef GX_FUNCTION
  }
}

void unary_backward_vectors(gx_unary_function f, float p, const float* given, const float* dy, float* dx,
                            int64_t count) {
  switch (f) {
#define GX_FUNCTION(enumerator, functor, from) \
  case enumerator:                             \
    return backward<functor>(p, given, dy, dx, count);
    GX_UNARY_FUNCTIONS(GX_FUNCTION)
#undef GX_FUNCTION
  }
}

}  // namespace gx::GX_ISA
