// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// One pass over planes. An item is a channel of some examples; the sums of a channel's items are added in order.
// Contract: conv_bias_gradient.h.

#include "kernels/conv/conv_bias_gradient/conv_bias_gradient.h"
#include "kernels/linear/activation.h"
#include "kernels/linear/product/run.h"

namespace gx::GX_ISA {
namespace {

template <class F>
double plane(const float* dy, const float* y, float* dz, int64_t pixels, float p) {
  vd low = {}, high = {};
  const auto step = [&](int64_t i, int width) {
    const bool whole = width == kLanes;
    vf d = whole ? loadf(dy + i) : load_first(dy + i, width);
    if (y) d *= F::derivative(whole ? loadf(y + i) : load_first(y + i, width), p);
    if (dz) whole ? store(dz + i, d) : store_first(dz + i, d, width);
    if (!whole) d = (lane_index() < splat(uint32_t(width))) ? d : vf{};
    low += lower_half(d);
    high += upper_half(d);
  };
  int64_t i = 0;
  for (; i + kLanes <= pixels; i += kLanes) step(i, kLanes);
  if (i < pixels) step(i, int(pixels - i));
  return sum(low + high);
}

// Examples are cut so that a part is worth an item; the cut decides the order of the sums, not the threads.
int64_t parts_for(const gx_conv_bias_params& p) {
  return lesser<int64_t>(lesser<int64_t>(p.batch, 16), p.batch * p.pixels / (1 << 14) + 1);
}

}  // namespace

void conv_bias_gradient_planes(const gx_conv_bias_params& p, const float* dy, const float* y, float* dz, float* db,
                               Team& team) {
  if (p.activation == GX_ACTIVATION_NONE) y = nullptr;
  const int64_t parts = parts_for(p);
  double* const sums = reinterpret_cast<double*>(team.scratch(2 * (p.channels * parts + 1)));
  activation::with(p.activation, [&](auto f) {
    auto work = [&](int64_t item, float*) {
      const int64_t channel = item / parts, s = item % parts;
      double sum = 0;
      for (int64_t n = part(p.batch, parts, s); n < part(p.batch, parts, s + 1); ++n) {
        const int64_t at = (n * p.channels + channel) * p.pixels;
        sum +=
            plane<decltype(f)>(dy + at, y ? y + at : nullptr, dz ? dz + at : nullptr, p.pixels, float(p.activation_p));
      }
      sums[item] = sum;
    };
    run_items(team, p.channels * parts, 0, work);
  });
  for (int64_t c = 0; db && c < p.channels; ++c) {
    double sum = 0;
    for (int64_t s = 0; s < parts; ++s) sum += sums[c * parts + s];
    db[c] = float(sum);
  }
}

}  // namespace gx::GX_ISA
