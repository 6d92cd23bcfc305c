// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// C_i = op(A_i) op(B_i) + (accumulate ? C_i : 0): gx_matmul (linear.h). Kernels and their traffic: tile.h, simt.h,
// tensor.h, few.h. Floor: 2 m n k operations an item, or each matrix once through memory.
//
// Not yet run on a GPU.

#include "kernels/linear/dense.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {

gx_status gx_matmul(gx_device* device, gx_format format, const gx_matmul_params* params, const void* a, const void* b,
                    void* c) {
  return guarded([&] {
    const gx_matmul_params& p = *params;
    Workspace workspace(*device);
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const bool a_rows = p.transpose_a == 0, b_rows = p.transpose_b != 0;
      const Matrix<T> left = {static_cast<const T*>(a), a_rows, a_rows ? p.k : p.m, p.a_step};
      const Matrix<T> right = {static_cast<const T*>(b), b_rows, b_rows ? p.k : p.n, p.b_step};
      const DenseFinish<T> finish = {static_cast<T*>(c), p.n,  p.c_step, nullptr, 0, GX_ACTIVATION_NONE,
                                     p.accumulate != 0,  false};
      dense_product<T>(*device, workspace, {p.m, p.n, p.k, p.batch}, left, right, finish);
    });
  });
}

}  // namespace gx::cuda
