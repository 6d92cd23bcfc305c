// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/gibbs/machine.h"

#include <algorithm>

#include "kernels/gibbs/nonzeros/nonzeros.h"
#include "kernels/gibbs/product/tiles.h"

namespace gx {

void check::rbm(const gx_rbm* rbm) {
  not_null(rbm, "rbm");
  at_least(rbm->visible, 1, "the visible units");
  at_least(rbm->hidden, 1, "the hidden units");
  in_range(double(rbm->visible), 1, 1 << 30, "the visible units");
  in_range(double(rbm->hidden), 1, 1 << 30, "the hidden units");
  not_null(rbm->W, "W");
  not_null(rbm->b, "b");
  not_null(rbm->c, "c");
  floats(rbm->W, product(rbm->visible, rbm->hidden, "W"), "W");
  floats(rbm->b, rbm->visible, "b");
  floats(rbm->c, rbm->hidden, "c");
  floats(rbm->mu, rbm->visible, "mu");
  floats(rbm->lambda, rbm->hidden, "lambda");
}

void check::beta(const gx_device* device, float beta, const float* row_beta, int64_t rows) {
  if (!row_beta) {
    finite(beta, "beta");
    return;
  }
  floats(row_beta, rows, "row_beta");
  if (device->backend) return;
  for (int64_t r = 0; r < rows; ++r) finite(row_beta[r], "an element of row_beta");
}

void check::binary(const gx_device* device, const gx_states& states, const char* name) {
  if (states.format == GX_BITS || device->backend) return;
  const float* values = static_cast<const float*>(states.data);
  for (int64_t i = 0; i < states.rows * states.units; ++i) {
    if (values[i] != 0.0f && values[i] != 1.0f) {
      fail(GX_INVALID_ARGUMENT, "float elements of %s must be 0 or 1, got %g", name, double(values[i]));
    }
  }
}

gx_states rows_of(const gx_states& s, int64_t first, int64_t count) {
  const int64_t row_bytes = (s.format == GX_BITS ? words(s.units) : s.units) * 4;
  return {static_cast<char*>(s.data) + first * row_bytes, count, s.units, s.format};
}

int64_t rows_at_once(int64_t units) { return std::max<int64_t>(1, (int64_t(1) << 22) / units); }

Machine::Machine(gx_device& device, const gx_rbm& rbm)
    : device_(device), rbm_(rbm), threads_(device.threads), workspace_(device) {
  b_ = rbm.lambda ? effective(GX_VISIBLE, rbm.b, rbm.lambda) : rbm.b;
  c_ = rbm.mu ? effective(GX_HIDDEN, rbm.c, rbm.mu) : rbm.c;
}

// bias - offset times the weights, as the layer x = -1 (-bias + offset F) of one row.
const float* Machine::effective(gx_layer target, const float* bias, const float* offset) {
  gx_states given = {const_cast<float*>(offset), 1, target == GX_HIDDEN ? rbm_.visible : rbm_.hidden, GX_FLOAT32};
  LayerSample a = layer(target, given);
  float* negative = workspace_.get<float>(a.out_units);
  std::transform(bias, bias + a.out_units, negative, [](float x) { return -x; });
  a.bias = negative;
  a.beta = -1;
  a.x = workspace_.get<float>(a.out_units);
  run(a);
  return a.x;
}

LayerSample Machine::layer(gx_layer target, const gx_states& given) const {
  LayerSample a = {};
  a.rows = given.rows;
  a.in_units = given.units;
  a.out_units = target == GX_HIDDEN ? rbm_.hidden : rbm_.visible;
  a.factor = {rbm_.W, rbm_.hidden, target == GX_VISIBLE};
  a.bias = target == GX_HIDDEN ? c_ : b_;
  a.beta = 1;
  if (given.format == GX_BITS) {
    a.given.bits = static_cast<const uint32_t*>(given.data);
    a.given.stride = words(given.units);
  } else {
    a.given.values = static_cast<const float*>(given.data);
    a.given.stride = given.units;
  }
  return a;
}

void set_sample(LayerSample& layer, const gx_states& states) {
  layer.sample_bits = states.format == GX_BITS ? static_cast<uint32_t*>(states.data) : nullptr;
  layer.sample_values = states.format == GX_BITS ? nullptr : static_cast<float*>(states.data);
}

void Machine::run(const LayerSample& layer) {
  const LayerSampleVariant& variant = choose_layer_sample(layer);
  for_each_tile_of(layer, variant.walk, variant.run);
}

void Machine::for_each_tile_of(const LayerSample& layer, Walk walk, const TileBody& body) {
  const auto rows_of = [&](const LayerSample& a, int64_t first, int64_t count) {
    const Tiles tiles(count, a.out_units, threads_);
    const int threads = int(std::min<int64_t>(threads_, tiles.items()));
    Workspace workspace(device_);
    const TileScratch scratch(workspace, tiles, threads, 1);
    for_each_tile(tiles, threads, [&](int64_t tile, int64_t m0, int64_t m1, int t) {
      body(a, tile, first + m0, first + m1, scratch.product(t), scratch.sums(t));
    });
  };
  if (walk != Walk::kSparse) {
    rows_of(layer, 0, layer.rows);
    return;
  }
  // Lists of nonzeros for at most 2 million elements at a time, 16 MiB.
  const int64_t most = std::min(layer.rows, std::max<int64_t>(64, (int64_t(1) << 21) / layer.in_units));
  Workspace workspace(device_);
  NonzeroLists lists(workspace, most, layer.in_units);
  for (int64_t first = 0; first < layer.rows; first += most) {
    const int64_t count = std::min(most, layer.rows - first);
    LayerSample a = layer;
    a.given = lists.of_rows(threads_, layer.given.values + first * layer.given.stride, count, layer.in_units);
    a.given_first = first;
    rows_of(a, first, count);
  }
}

}  // namespace gx
