// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The product's tiles get bias and activation while they are in the L1 cache. Contract: linear.h.

#include "kernels/linear/activation.h"
#include "kernels/linear/linear/linear.h"
#include "kernels/linear/product/few_rows.h"
#include "kernels/linear/product/run.h"

namespace gx::GX_ISA {
namespace {

template <class F>
void finish_tile(float* c, int64_t c_stride, int64_t rows, int64_t columns, const float* bias, float p) {
  for (int64_t j = 0; j < columns; j += kLanes) {
    const int width = int(lesser<int64_t>(kLanes, columns - j));
    const vf b = bias ? load_first(bias + j, width) : vf{};
    float* to = c + j;
    if (width == kLanes) {
      for (int64_t i = 0; i < rows; ++i, to += c_stride) store(to, F::value(loadf(to) + b, p));
    } else {
      for (int64_t i = 0; i < rows; ++i, to += c_stride) {
        store_first(to, F::value(load_first(to, width) + b, p), width);
      }
    }
  }
}

struct Finish {
  void (*apply)(float*, int64_t, int64_t, int64_t, const float*, float);  // null: nothing to do
  const float* bias;
  float p;

  void operator()(float* c, int64_t c_stride, int64_t, int64_t rows, int64_t column, int64_t columns) const {
    if (apply) apply(c, c_stride, rows, columns, bias ? bias + column : nullptr, p);
  }
};

}  // namespace

void linear_tiles(const gx_linear_params& p, const float* x, const float* W, const float* b, float* y, Team& team) {
  Finish finish = {nullptr, b, float(p.activation_p)};
  if (b || p.activation != GX_ACTIVATION_NONE) {
    activation::with(p.activation, [&](auto f) { finish.apply = finish_tile<decltype(f)>; });
  }
  if (FewRows<Finish>::suits(p.rows, false, true)) {
    return run_product(team, FewRows<Finish>(x, W, p.rows, p.outputs, p.inputs, y, false, team.threads(), finish));
  }
  run_product(team,
              Product<DenseRows, DenseColumns, Finish>({x, p.inputs, false}, {W, p.inputs, true}, p.rows, p.outputs,
                                                       p.inputs, y, p.outputs, false, team.threads(), finish));
}

}  // namespace gx::GX_ISA
