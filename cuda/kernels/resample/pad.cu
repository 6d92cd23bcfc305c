// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_pad (resample.h): zeros or reflections, and its adjoint. Kernels: separable.h.
//
// Not yet run on a GPU.

#include "kernels/resample/separable.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {

gx_status gx_pad(gx_device* device, gx_format format, const gx_pad_params* params, const void* from, void* to) {
  return guarded([&] {
    const gx_pad_params& p = *params;
    const Axis rows = Axis::pad(p.kind, p.height, p.top, p.bottom, p.adjoint != 0);
    const Axis columns = Axis::pad(p.kind, p.width, p.left, p.right, p.adjoint != 0);
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      run_separable(*device, rows, columns, p.planes, 1, 1, static_cast<const T*>(from), static_cast<T*>(to));
    });
  });
}

}  // namespace gx::cuda
