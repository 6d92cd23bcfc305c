// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A machine, a batch of states in both formats, and buffers for what the kernels of the family write.
#ifndef GENERATRIX_BENCH_NATIVE_GIBBS_OPERANDS_H_
#define GENERATRIX_BENCH_NATIVE_GIBBS_OPERANDS_H_

#include <random>
#include <vector>

#include "generatrix/gibbs.h"
#include "shapes.h"

namespace gx::bench {

// One layer's states, as bits and as floats.
struct LayerStates {
  int64_t rows, units;
  std::vector<uint32_t> bits;
  std::vector<float> values;

  LayerStates(int64_t rows, int64_t units, double density, std::mt19937& random)
      : rows(rows), units(units), bits(size_t(rows * ((units + 31) / 32))), values(size_t(rows * units)) {
    std::bernoulli_distribution on(density);
    const int64_t words = (units + 31) / 32;
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t i = 0; i < units; ++i) {
        if (!on(random)) continue;
        bits[size_t(r * words + i / 32)] |= 1u << (i % 32);
        values[size_t(r * units + i)] = 1;
      }
    }
  }
  gx_states as(gx_format format) {
    return {format == GX_BITS ? static_cast<void*>(bits.data()) : values.data(), rows, units, format};
  }
};

struct GibbsOperands {
  explicit GibbsOperands(const GibbsShape& shape)
      : random(1),
        W(normal(shape.visible * shape.hidden)),
        b(normal(shape.visible)),
        c(normal(shape.hidden)),
        v(shape.batch, shape.visible, shape.density, random),
        h(shape.batch, shape.hidden, shape.density, random),
        out(shape.batch, shape.visible > shape.hidden ? shape.visible : shape.hidden, 0, random),
        p(out.values.size()),
        rbm{shape.visible, shape.hidden, W.data(), b.data(), c.data(), nullptr, nullptr} {}

  std::vector<float> normal(int64_t count) {
    std::normal_distribution<float> of(0, 0.05f);
    std::vector<float> values(static_cast<size_t>(count));
    for (float& value : values) value = of(random);
    return values;
  }

  std::mt19937 random;
  std::vector<float> W, b, c;  // [visible][hidden], [visible], [hidden]
  LayerStates v, h;            // [batch][visible], [batch][hidden]
  LayerStates out;             // room for either layer
  std::vector<float> p;        // room for probabilities of either layer
  gx_rbm rbm;
};

}  // namespace gx::bench

#endif  // GENERATRIX_BENCH_NATIVE_GIBBS_OPERANDS_H_
