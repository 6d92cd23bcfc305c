// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Products of plain matrices: picks widths, and few.h or the tiles of tile.h.
//
// Not yet run on a GPU.

#include "kernels/linear/dense.h"
#include "kernels/linear/few.h"
#include "kernels/linear/tile.h"

namespace gx::cuda {
namespace {

template <class T, bool kAlongTerms, int kWidth>
Dense<T, kAlongTerms, kWidth> operand(const Matrix<T>& x, int64_t rows, int64_t terms) {
  return {x.data, rows, terms, x.step, x.item_step};
}

// 16 bytes at a time: every row (or every term's row) begins on the grid.
template <class T>
bool wide(const Matrix<T>& x) {
  return aligned(x.data) && x.step % kPack<T> == 0 && x.item_step % kPack<T> == 0;
}

template <class T, int kWidth>
bool ran_few(gx_device& device, const ProductSizes& s, const Matrix<T>& a, const Matrix<T>& b,
             const DenseFinish<T>& finish) {
  if (!a.along_terms || !b.along_terms || std::min(s.rows, s.columns) > kMostFew) return false;
  if (s.terms % kWidth != 0) return false;
  const auto rows = operand<T, true, kWidth>(a, s.rows, s.terms),
             columns = operand<T, true, kWidth>(b, s.columns, s.terms);
  if (s.rows <= s.columns) {
    few_product<T, kWidth, true>(gpu_of(&device), s, rows, columns, finish);
  } else {
    few_product<T, kWidth, false>(gpu_of(&device), s, columns, rows, finish);
  }
  return true;
}

template <class T, int kWidth>
void run(gx_device& device, Workspace& workspace, const ProductSizes& s, const Matrix<T>& a, const Matrix<T>& b,
         const DenseFinish<T>& finish) {
  if (ran_few<T, kWidth>(device, s, a, b, finish)) return;
  const auto with_a = [&](auto left) {
    if (b.along_terms) {
      product<T>(device, workspace, s, left, operand<T, true, kWidth>(b, s.columns, s.terms), finish);
    } else {
      product<T>(device, workspace, s, left, operand<T, false, kWidth>(b, s.columns, s.terms), finish);
    }
  };
  if (a.along_terms) {
    with_a(operand<T, true, kWidth>(a, s.rows, s.terms));
  } else {
    with_a(operand<T, false, kWidth>(a, s.rows, s.terms));
  }
}

}  // namespace

template <class T>
void dense_product(gx_device& device, Workspace& workspace, const ProductSizes& sizes, const Matrix<T>& a,
                   const Matrix<T>& b, DenseFinish<T> finish) {
  if (sizes.rows == 0 || sizes.columns == 0 || sizes.batch == 0) return;
  finish.packs = aligned(finish.c) && finish.step % kPack<T> == 0 && finish.item_step % kPack<T> == 0;
  if constexpr (sizeof(T) == sizeof(float)) {
    if (wide(a) && wide(b)) return run<T, kPack<T>>(device, workspace, sizes, a, b, finish);
  }
  run<T, 1>(device, workspace, sizes, a, b, finish);
}

template void dense_product<float>(gx_device&, Workspace&, const ProductSizes&, const Matrix<float>&,
                                   const Matrix<float>&, DenseFinish<float>);
template void dense_product<double>(gx_device&, Workspace&, const ProductSizes&, const Matrix<double>&,
                                    const Matrix<double>&, DenseFinish<double>);

}  // namespace gx::cuda
