// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// One parallel loop over the items of several independent products.
#ifndef GENERATRIX_KERNELS_LINEAR_PRODUCT_RUN_H_
#define GENERATRIX_KERNELS_LINEAR_PRODUCT_RUN_H_

#include "kernels/linear/product/engine.h"
#include "kernels/linear/product/team.h"

namespace gx::GX_ISA {

// Runs work(item, scratch of the thread, floats each) for every item.
template <class F>
void run_items(Team& team, int64_t items, int64_t floats, F& work) {
  struct Context {
    F* work;
    float* scratch;
    int64_t floats;
  };
  const int64_t rounded = (floats + 15) / 16 * 16;  // to cache lines
  const int64_t threads = lesser<int64_t>(team.threads(), items);
  if (items == 0) return;
  Context context = {&work, team.scratch(threads * rounded), rounded};
  team.run(
      items,
      [](void* c, int64_t item, int thread) {
        const Context& context = *static_cast<Context*>(c);
        (*context.work)(item, context.scratch + thread * context.floats);
      },
      &context);
}

template <class Product>
void run_product(Team& team, const Product& product) {
  auto work = [&](int64_t item, float* scratch) { product.item(item, scratch); };
  run_items(team, product.items(), product.scratch(), work);
}

// The larger one first.
template <class First, class Second>
void run_products(Team& team, const First& first, const Second& second) {
  auto work = [&](int64_t item, float* scratch) {
    if (item < first.items()) {
      first.item(item, scratch);
    } else {
      second.item(item - first.items(), scratch);
    }
  };
  const int64_t a = first.scratch(), b = second.scratch();
  run_items(team, first.items() + second.items(), a > b ? a : b, work);
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_LINEAR_PRODUCT_RUN_H_
