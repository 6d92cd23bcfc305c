// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// y = f(x; p) and dx = dy f'(x; p): gx_unary and gx_unary_backward (elementwise.h). One pass, 16 bytes an access.
//
// Not yet run on a GPU.

#include "kernels/elementwise/functions.h"
#include "runtime/entries.h"
#include "runtime/map.h"

namespace gx::cuda {
namespace {

template <class T>
void forward(Gpu& gpu, gx_unary_function f, T p, int64_t n, const T* x, T* y) {
  with_function(f, [&](auto functor, GradientFrom) { map(gpu, n, Value<decltype(functor), T>{p}, y, x); });
}

template <class T>
void backward(Gpu& gpu, gx_unary_function f, T p, int64_t n, const T* x, const T* y, const T* dy, T* dx) {
  with_function(f, [&](auto functor, GradientFrom from) {
    map(gpu, n, Derivative<decltype(functor), T>{p}, dx, from == kFromX ? x : y, dy);
  });
}

}  // namespace

gx_status gx_unary(gx_device* device, gx_format format, gx_unary_function f, double p, int64_t n, const void* x,
                   void* y) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      forward(gpu_of(device), f, T(p), n, static_cast<const T*>(x), static_cast<T*>(y));
    });
  });
}

gx_status gx_unary_backward(gx_device* device, gx_format format, gx_unary_function f, double p, int64_t n,
                            const void* x, const void* y, const void* dy, void* dx) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      backward(gpu_of(device), f, T(p), n, static_cast<const T*>(x), static_cast<const T*>(y),
               static_cast<const T*>(dy), static_cast<T*>(dx));
    });
  });
}

}  // namespace gx::cuda
