// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// y = f(x W^T + b): gx_linear (linear.h). One product, whose finish adds b and applies f while the sums are in
// registers. Floor: 2 rows inputs outputs operations, or x, W and y once through memory.
//
// Not yet run on a GPU.

#include "kernels/linear/dense.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {

gx_status gx_linear(gx_device* device, gx_format format, const gx_linear_params* params, const void* x, const void* W,
                    const void* b, void* y) {
  return guarded([&] {
    const gx_linear_params& p = *params;
    Workspace workspace(*device);
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const Matrix<T> left = {static_cast<const T*>(x), true, p.inputs, 0};
      const Matrix<T> right = {static_cast<const T*>(W), true, p.inputs, 0};
      const DenseFinish<T> finish = {static_cast<T*>(y), p.outputs,    0,     static_cast<const T*>(b),
                                     p.activation_p,     p.activation, false, false};
      dense_product<T>(*device, workspace, {p.rows, p.outputs, p.inputs, 1}, left, right, finish);
    });
  });
}

}  // namespace gx::cuda
