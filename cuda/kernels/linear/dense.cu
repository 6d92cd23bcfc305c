// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Products of plain matrices, by few.h or by the tiles of tile.h.
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

// 16 bytes at a time: every row begins on the grid and ends there.
template <class T>
bool wide(const Matrix<T>& x, int64_t terms) {
  return aligned(x.data) && x.step % kPack<T> == 0 && x.item_step % kPack<T> == 0 && terms % kPack<T> == 0;
}

template <class T, int kWidth>
void run_few(gx_device& device, const ProductSizes& s, const Matrix<T>& a, const Matrix<T>& b,
             const DenseFinish<T>& finish) {
  const auto rows = operand<T, true, kWidth>(a, s.rows, s.terms);
  const auto columns = operand<T, true, kWidth>(b, s.columns, s.terms);
  if (s.rows <= s.columns) {
    few_product<T, kWidth, true>(gpu_of(&device), s, rows, columns, finish);
  } else {
    few_product<T, kWidth, false>(gpu_of(&device), s, columns, rows, finish);
  }
}

template <class T>
void run(gx_device& device, Workspace& workspace, const ProductSizes& s, const Matrix<T>& a, const Matrix<T>& b,
         const DenseFinish<T>& finish) {
  constexpr int kWidth = sizeof(T) == sizeof(float) ? kPack<T> : 1;
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
  if (a.along_terms && b.along_terms && std::min(sizes.rows, sizes.columns) <= kMostFew) {
    if (wide(a, sizes.terms) && wide(b, sizes.terms)) return run_few<T, kPack<T>>(device, sizes, a, b, finish);
    return run_few<T, 1>(device, sizes, a, b, finish);
  }
  run<T>(device, workspace, sizes, a, b, finish);
}

template void dense_product<float>(gx_device&, Workspace&, const ProductSizes&, const Matrix<float>&,
                                   const Matrix<float>&, DenseFinish<float>);
template void dense_product<double>(gx_device&, Workspace&, const ProductSizes&, const Matrix<double>&,
                                    const Matrix<double>&, DenseFinish<double>);

}  // namespace gx::cuda
