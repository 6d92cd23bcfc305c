// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Register tiles over packed panels, or sums along vectors for a few rows; small matrices of a batch are an item each.
// Contract: matmul.h.

#include "kernels/linear/matmul/matmul.h"
#include "kernels/linear/product/few_rows.h"
#include "kernels/linear/product/run.h"

namespace gx::GX_ISA {
namespace {

// product(i, threads) is the i-th product of the batch. One is cut further only where there are fewer than threads.
template <class Make>
void run_batch(int64_t batch, Team& team, Make product) {
  const int threads = batch >= team.threads() ? 1 : team.threads();
  const auto first = product(0, threads);
  const int64_t each = first.items();
  auto work = [&](int64_t item, float* scratch) { product(item / each, threads).item(item % each, scratch); };
  run_items(team, each * batch, first.scratch(), work);
}

}  // namespace

void matmul_tiles(const gx_matmul_params& p, const float* a, const float* b, float* c, Team& team) {
  const bool add = p.accumulate != 0, transpose_a = p.transpose_a != 0, transpose_b = p.transpose_b != 0;
  if (FewRows<>::suits(p.m, transpose_a, transpose_b)) {
    return run_batch(p.batch, team, [&](int64_t i, int threads) {
      return FewRows<>(a + i * p.a_step, b + i * p.b_step, p.m, p.n, p.k, c + i * p.c_step, add, threads);
    });
  }
  run_batch(p.batch, team, [&](int64_t i, int threads) {
    return Product<DenseRows, DenseColumns>({a + i * p.a_step, transpose_a ? p.m : p.k, transpose_a},
                                            {b + i * p.b_step, transpose_b ? p.k : p.n, transpose_b}, p.m, p.n, p.k,
                                            c + i * p.c_step, p.n, add, threads);
  });
}

}  // namespace gx::GX_ISA
