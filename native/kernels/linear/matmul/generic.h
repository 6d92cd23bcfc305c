// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Register tiles over packed panels; small matrices of a batch are an item each. Contract: matmul.h.

#include "kernels/linear/matmul/matmul.h"
#include "kernels/linear/product/run.h"

namespace gx::GX_ISA {

void matmul_tiles(const gx_matmul_params& p, const float* a, const float* b, float* c, Team& team) {
  using One = Product<DenseRows, DenseColumns>;
  const auto product = [&](int64_t i, int threads) {
    return One({a + i * p.a_step, p.transpose_a ? p.m : p.k, p.transpose_a != 0},
               {b + i * p.b_step, p.transpose_b ? p.k : p.n, p.transpose_b != 0}, p.m, p.n, p.k, c + i * p.c_step, p.n,
               p.accumulate != 0, threads);
  };
  // A batch is cut further only where it has fewer matrices than threads.
  const One first = product(0, p.batch >= team.threads() ? 1 : team.threads());
  const int64_t each = first.items();
  const int threads = p.batch >= team.threads() ? 1 : team.threads();
  auto work = [&](int64_t item, float* scratch) { product(item / each, threads).item(item % each, scratch); };
  run_items(team, each * p.batch, first.scratch(), work);
}

}  // namespace gx::GX_ISA
