// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_resize (resample.h): nearest, upper-left, linear, with channels summed, and its adjoint. Kernels: separable.h.
//
// nvcc 13.0, sm_80 / sm_90a: one tap 46 / 40 registers, two 63 / 57, four 54 / 56, any 48; no spills but 16 bytes in
// the last on sm_80. With the loops over planes and summed channels unrolled, as nvcc would have them, two taps took
// 176 and spilled.
//
// Not yet run on a GPU.

#include "kernels/resample/separable.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {

gx_status gx_resize(gx_device* device, gx_format format, const gx_resize_params* params, const void* from, void* to) {
  return guarded([&] {
    const gx_resize_params& p = *params;
    const auto axis = [&](int a) { return Axis::resize(p.kind, p.in_size[a], p.out_size[a], p.adjoint != 0); };
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      run_separable(*device, axis(0), axis(1), p.batch * p.channels, p.adjoint ? 1 : p.summed, p.adjoint ? p.summed : 1,
                    static_cast<const T*>(from), static_cast<T*>(to));
    });
  });
}

}  // namespace gx::cuda
