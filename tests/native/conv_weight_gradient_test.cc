// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The gradient of a convolution's weights: every variant against the reference, the reference against differences.

#include "kernels/conv/conv_weight_gradient/conv_weight_gradient.h"

#include <cmath>
#include <limits>

#include "compare.h"
#include "guarded.h"
#include "kernels/conv/conv/conv.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "support.h"

namespace gx::test {
namespace {

constexpr double kEps = std::numeric_limits<float>::epsilon();

struct Axis {
  int64_t size = 1, kernel = 1, stride = 1, padding = 0, dilation = 1, output_padding = 0;
};
gx_conv_params conv(int64_t batch, int64_t in, int64_t out, std::vector<Axis> axes, bool transposed = false,
                    int64_t groups = 1) {
  gx_conv_params p = {};
  p.batch = batch, p.in_channels = in, p.out_channels = out, p.groups = groups, p.transposed = transposed;
  while (axes.size() < 3) axes.insert(axes.begin(), Axis());
  for (int a = 0; a < 3; ++a) {
    p.in_size[a] = axes[a].size, p.kernel[a] = axes[a].kernel, p.stride[a] = axes[a].stride;
    p.padding[a] = axes[a].padding, p.dilation[a] = axes[a].dilation, p.output_padding[a] = axes[a].output_padding;
  }
  return p;
}
gx_conv_params masked(gx_conv_params p, uint64_t live, int colours = 0, bool strict = false) {
  p.live_taps[0] = live;
  p.colours = colours;
  p.centre_is_strict = strict;
  return p;
}

std::string text(const gx_conv_params& p) {
  std::string s = std::to_string(p.batch) + "x" + std::to_string(p.in_channels) + (p.transposed ? "<-" : "->") +
                  std::to_string(p.out_channels) + " groups " + std::to_string(p.groups);
  for (int a = 0; a < 3; ++a) {
    s += " | " + std::to_string(p.in_size[a]) + " k" + std::to_string(p.kernel[a]) + " s" +
         std::to_string(p.stride[a]) + " p" + std::to_string(p.padding[a]) + " d" + std::to_string(p.dilation[a]) +
         " o" + std::to_string(p.output_padding[a]);
  }
  return s + " mask " + std::to_string(p.live_taps[0]) + " colours " + std::to_string(p.colours);
}

// What the cuts of the kernel know: few and many rows, tiles' rests, tiny images over examples, long lines, many taps.
std::vector<gx_conv_params> chosen() {
  std::vector<gx_conv_params> list;
  for (int64_t rows : {1, 2, 3, 4, 5, 7, 33, 70}) {
    list.push_back(conv(3, 2, rows, {{9, 3, 1, 1}, {18, 3, 1, 1}}));
    list.push_back(conv(5, 3, rows, {{4, 4, 2, 1}, {4, 4, 2, 1}}));
  }
  for (int64_t columns : {1, 2, 5, 13, 40}) {
    list.push_back(conv(2, columns, 6, {{5, 3, 1, 1}, {20, 3, 1, 1}}));
    list.push_back(conv(2, 6, columns, {{5, 3, 2, 1}, {7, 3, 2, 1}}, true));
  }
  for (bool transposed : {false, true}) {
    list.push_back(conv(7, 36, 10, {{4, 4, 2, 1}, {4, 4, 2, 1}}, transposed));
    list.push_back(conv(70, 10, 36, {{4, 3, 1, 1}, {4, 3, 1, 1}}, transposed));
    list.push_back(conv(2, 4, 6, {{11, 3, 3, 2, 2}, {13, 2, 3, 1, 4}}, transposed, 2));
    list.push_back(conv(2, 12, 12, {{9, 3, 1, 1}, {17, 3, 1, 1}}, transposed, 12));
    list.push_back(conv(2, 12, 12, {{9, 5, 2, 2}, {17, 5, 2, 2}}, transposed, 12));
    list.push_back(conv(2, 2, 3, {{4, 2, 1, 0}, {5, 3, 2, 1}, {6, 3, 1, 1}}, transposed));
    list.push_back(conv(3, 40, 36, {{2, 2, 1, 0}, {5, 3, 2, 1}, {6, 3, 1, 1}}, transposed));
    list.push_back(conv(2, 3, 5, {{3000, 5, 1, 2}}, transposed));
    list.push_back(conv(1, 3, 40, {{2100, 2, 1, 0, 64}}, transposed));
    list.push_back(conv(2, 1, 3, {{400, 130, 1, 20}}, transposed));
    list.push_back(conv(1, 2, 5, {{64, 3, 1, 1}, {64, 3, 1, 1}}, transposed));
    list.push_back(conv(40, 20, 30, {{1}}, transposed));
    list.push_back(conv(40, 20, 3, {{4, 4}, {4, 4}}, transposed));
    list.push_back(conv(5, 20, 37, {{7}, {9}}, transposed));
    list.push_back(conv(5, 37, 37, {{9, 3}, {9, 3}}, transposed));
    list.push_back(masked(conv(2, 36, 40, {{8, 3, 1, 1}, {8, 3, 1, 1}}, transposed), 0xF));
    list.push_back(masked(conv(2, 6, 9, {{8, 3, 1, 1}, {18, 3, 1, 1}}, transposed), 0x1F, 3, true));
    list.push_back(masked(conv(2, 6, 9, {{8, 3, 1, 1}, {18, 3, 1, 1}}, transposed), 0x1F, 3, false));
    list.push_back(masked(conv(2, 2, 2, {{8, 5, 1, 2}, {8, 5, 1, 2}}, transposed), 0x10001));
  }
  return list;
}

struct Operands {
  CheckedConv conv;
  std::vector<float> x, dz, want;
  explicit Operands(const gx_conv_params& p, bool whole = false)
      : conv(check::conv(&p)),
        x(whole ? integers(conv.shape.in_count(), -4, 4, 1) : reals(conv.shape.in_count(), -1, 1, 1)),
        dz(whole ? integers(conv.shape.out_count(), -4, 4, 2) : reals(conv.shape.out_count(), -1, 1, 2)),
        want(size_t(conv.shape.weight_count())) {
    reference::conv_weight_gradient(conv.shape, x.data(), dz.data(), want.data());
  }
};

template <class F>
void each_variant(F f) {
  int count = 0, ran = 0;
  const ConvWeightGradientVariant* variants = conv_weight_gradient_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    f(variants[v]);
  }
  EXPECT_GE(ran, 1);
}

// Of a sum of `terms` products of numbers below 1: the error of a lane's sum of at most 256 of them, each at most half
// an ulp of the sum so far, which for random signs stays near the square root of their number; the rest is double.
double tolerance(double terms) { return kEps * (4 + 4 * std::sqrt(std::min(terms, 4096.0)) + std::sqrt(terms)); }

void agree(const ConvWeightGradientVariant& variant, const gx_conv_params& p) {
  for (bool whole : {true, false}) {
    const Operands o(p, whole);
    const ConvShape& s = o.conv.shape;
    if (!variant.suits(s)) return;
    Device device(2);
    Workspace workspace(*device);
    Team team(*device, workspace);
    const Guarded<float> x(o.x, 1), dz(o.dz, 3);
    Guarded<float> got(s.weight_count(), 1);
    variant.run(s, x.data(), dz.data(), got.data(), team);
    const double terms = double(p.batch * (p.transposed ? s.in_pixels : s.out_pixels));
    EXPECT_TRUE(close(got.values(), o.want, {whole ? 0 : tolerance(terms), whole ? 0 : 2 * kEps, true}))
        << variant.line.variant << " " << text(p);
  }
}

TEST(ConvWeightGradient, EveryVariantAgreesWithTheReference) {
  each_variant([](const ConvWeightGradientVariant& variant) {
    for (const gx_conv_params& p : chosen()) agree(variant, p);
  });
}

}  // namespace
}  // namespace gx::test
