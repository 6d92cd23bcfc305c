// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// One pass makes dz and db, an item per strip of columns; then both products run in one loop. Contract:
// linear_backward.h.

#include "kernels/linear/activation.h"
#include "kernels/linear/linear_backward/linear_backward.h"
#include "kernels/linear/product/run.h"

namespace gx::GX_ISA {
namespace {

// A vector of columns over all rows. dz may be null (not stored), db too.
template <class F>
void column(const float* dy, const float* y, float* dz, float* db, int64_t rows, int64_t stride, int width, float p) {
  vd low = {}, high = {};
  for (int64_t r = 0; r < rows; ++r, dy += stride) {
    vf d = load_first(dy, width);
    if (y) d *= F::derivative(load_first(y + r * stride, width), p);
    if (dz) store_first(dz + r * stride, d, width);
    low += lower_half(d);
    high += upper_half(d);
  }
  if (!db) return;
  for (int i = 0; i < width; ++i) db[i] = float(i < kLanesD ? low[i] : high[i - kLanesD]);
}

// dz, db or both.
void pre_activation_gradient(const gx_linear_params& p, const LinearGradient<float>& g, float* dz, Team& team) {
  if (p.outputs == 0) return;  // dy may be null: no load from there, not even of no lanes, which emulators take amiss
  activation::with(p.activation, [&](auto f) {
    const int64_t vectors = parts_of(p.outputs, kLanes);
    const int64_t items = lesser<int64_t>(vectors, p.rows * p.outputs / (1 << 14) + 1);
    auto work = [&](int64_t item, float*) {
      for (int64_t v = part(vectors, items, item); v < part(vectors, items, item + 1); ++v) {
        const int64_t o = v * kLanes;
        column<decltype(f)>(g.dy + o, p.activation == GX_ACTIVATION_NONE ? nullptr : g.y + o, dz ? dz + o : nullptr,
                            g.db ? g.db + o : nullptr, p.rows, p.outputs, int(lesser<int64_t>(kLanes, p.outputs - o)),
                            float(p.activation_p));
      }
    };
    run_items(team, items, 0, work);
  });
}

}  // namespace

void linear_backward_tiles(const gx_linear_params& p, const LinearGradient<float>& g, Team& team) {
  const bool products = g.dx || g.dW, activated = p.activation != GX_ACTIVATION_NONE;
  float* const made = products && activated ? team.scratch(p.rows * p.outputs) : nullptr;
  if (made || g.db) pre_activation_gradient(p, g, made, team);
  if (!products) return;
  const float* const dz = made ? made : g.dy;
  using Dense = Product<DenseRows, DenseColumns>;
  const Dense dx({dz, p.outputs, false}, {g.W, p.inputs, false}, g.dx ? p.rows : 0, p.inputs, p.outputs, g.dx, p.inputs,
                 false, team.threads());
  const Dense dW({dz, p.outputs, true}, {g.x, p.inputs, false}, g.dW ? p.outputs : 0, p.inputs, p.rows, g.dW, p.inputs,
                 false, team.threads());
  run_products(team, dx, dW);
}

}  // namespace gx::GX_ISA
