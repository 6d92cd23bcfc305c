// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The convolutions that work on pixels directly (few_outputs, depthwise) against the reference: borders, strides and
// phases, widths around the vectors', cuts of channels and of pixels.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "compare.h"
#include "guarded.h"
#include "kernels/conv/conv/conv.h"
#include "runtime/device.h"
#include "support.h"

namespace gx::test {
namespace {

constexpr double kEps = std::numeric_limits<float>::epsilon();

struct Case : gx_conv_params {
  Case(int64_t n, int64_t in, int64_t out, int64_t h, int64_t w, int64_t kernel_size, bool is_transposed = false)
      : gx_conv_params() {
    batch = n, in_channels = in, out_channels = out, groups = 1;
    in_size[0] = kernel[0] = stride[0] = dilation[0] = 1;
    in_size[1] = h, in_size[2] = w;
    kernel[1] = kernel[2] = kernel_size;
    stride[1] = stride[2] = dilation[1] = dilation[2] = 1;
    transposed = is_transposed;
    activation_p = 0.25;
  }
  static Case depthwise(int64_t n, int64_t channels, int64_t multiplier, int64_t h, int64_t w, int64_t kernel_size,
                        bool is_transposed = false) {
    Case c(n, channels, channels * multiplier, h, w, kernel_size, is_transposed);
    c.groups = channels;
    return c;
  }
  Case& by(int64_t y, int64_t x) { return stride[1] = y, stride[2] = x, *this; }
  Case& pad(int64_t y, int64_t x) { return padding[1] = y, padding[2] = x, *this; }
  Case& spread(int64_t y, int64_t x) { return dilation[1] = y, dilation[2] = x, *this; }
  Case& more(int64_t y, int64_t x) { return output_padding[1] = y, output_padding[2] = x, *this; }
  Case& kernel_of(int64_t y, int64_t x) { return kernel[1] = y, kernel[2] = x, *this; }
  Case& in_groups(int64_t g) { return groups = g, *this; }
  Case& with(int f) { return activation = gx_activation(f), *this; }
  Case& live(uint64_t taps) { return live_taps[0] = taps, *this; }

  std::string name() const {
    std::string s = transposed ? "transposed " : "plain ";
    const auto list = [&](const char* what, const int64_t* v) {
      s += std::string(what) + std::to_string(v[1]) + "x" + std::to_string(v[2]) + " ";
    };
    s += std::to_string(batch) + "n " + std::to_string(in_channels) + "->" + std::to_string(out_channels) + " g" +
         std::to_string(groups) + " ";
    list("in ", in_size), list("k", kernel), list("s", stride), list("p", padding), list("d", dilation);
    list("op", output_padding);
    return s + "f" + std::to_string(activation) + " live " + std::to_string(live_taps[0]);
  }
};

const int kActivations[] = {GX_ACTIVATION_NONE, GX_ACTIVATION_RELU,    GX_ACTIVATION_LEAKY_RELU, GX_ACTIVATION_ELU,
                            GX_ACTIVATION_TANH, GX_ACTIVATION_SIGMOID, GX_ACTIVATION_SOFTPLUS};

// Every width at which vectors, their halves and blocks end.
std::vector<int64_t> widths() {
  if (quick()) return {15, 17, 33};
  return {3, 4, 5, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 47, 63, 64, 65, 127, 128, 129, 300};
}

std::vector<Case> few_output_cases() {
  std::vector<Case> list;
  for (int64_t w : widths()) {
    const int64_t h = std::max<int64_t>(3, 300 / w);
    list.push_back(Case(1, 3, 3, h, w, 4, true).by(2, 2).pad(1, 1));
    list.push_back(Case(1, 2, 1, h, w, 3).pad(1, 1));
    list.push_back(Case(1, 2, 2, h, 2 * w, 3).by(2, 2).pad(1, 1));
    list.push_back(Case(1, 1, 1, h, w, 5, true));
  }
  for (int64_t out = 1; out <= 9; ++out) {
    list.push_back(Case(2, 3, out, 13, 21, 3).pad(1, 1));
    list.push_back(Case(1, 2, out, 9, 17, 4, true).by(2, 2).pad(1, 1));
  }
  for (int f : kActivations) {
    list.push_back(Case(1, 3, 3, 8, 24, 3, true).by(2, 2).more(1, 1).with(f));
    list.push_back(Case(1, 3, 2, 8, 27, 3).pad(1, 1).with(f));
    list.push_back(Case(1, 2, 2, 7, 19, 5, true).by(3, 3).with(f));
  }
  // Channels beyond a panel's and beyond a block of sums.
  for (int64_t channels : {15, 16, 17, 33, 128, 130}) list.push_back(Case(1, channels, 3, 10, 20, 3).pad(1, 1));
  list.push_back(Case(1, 257, 3, 12, 12, 4, true).by(2, 2).pad(1, 1));
  list.push_back(Case(1, 700, 2, 8, 24, 1));
  // Borders: none, more than the kernel reaches, uneven, an edge cut off.
  for (int64_t p : {0, 1, 2, 5}) {
    list.push_back(Case(1, 2, 3, 14, 20, 5).pad(p, 5 - p));
    list.push_back(Case(1, 2, 3, 14, 20, 5).by(2, 1).pad(5 - p, p));
    list.push_back(Case(1, 2, 3, 14, 20, 6, true).by(2, 3).pad(p, 5 - p));
  }
  list.push_back(Case(1, 2, 3, 14, 20, 2, true).pad(4, 4));
  list.push_back(Case(1, 2, 3, 14, 20, 4, true).by(2, 2).pad(3, 3).more(1, 0));
  for (int64_t d : {2, 3, 8}) {
    list.push_back(Case(1, 2, 2, 19, 23, 3).spread(d, d).pad(d, d));
    list.push_back(Case(1, 2, 2, 19, 23, 3).spread(d, 1).by(2, 2).pad(d, d));
    list.push_back(Case(1, 2, 2, 19, 23, 4, true).spread(d, 1).by(d == 2 ? 3 : 2, 2).pad(1, 1));
  }
  list.push_back(Case(1, 2, 3, 1, 1000, 7).kernel_of(1, 7).pad(0, 3));  // one axis
  list.push_back(Case(1, 2, 3, 200, 2, 3).kernel_of(3, 2));
  list.push_back(Case(1, 2, 3, 30, 40, 4).by(4, 4));
  list.push_back(Case(1, 2, 3, 30, 40, 5).by(3, 4).pad(2, 1));
  list.push_back(Case(1, 2, 3, 10, 12, 5, true).by(4, 3).pad(2, 1));
  list.push_back(Case(2, 8, 6, 12, 18, 3).in_groups(2).pad(1, 1));
  list.push_back(Case(2, 6, 9, 12, 18, 4, true).by(2, 2).in_groups(3).pad(1, 1));
  list.push_back(Case(2, 5, 2, 14, 14, 3).pad(1, 1).live(0x01F & ~0x4));
  list.push_back(Case(3, 4, 1, 28, 28, 5).pad(2, 2));
  return list;
}

std::vector<Case> depthwise_cases() {
  std::vector<Case> list;
  for (int64_t w : widths()) {
    const int64_t h = std::max<int64_t>(3, 200 / w);
    list.push_back(Case::depthwise(1, 2, 1, h, w, 3).pad(1, 1));
    list.push_back(Case::depthwise(1, 2, 1, h, w, 3).by(2, 2).pad(1, 1));
    list.push_back(Case::depthwise(1, 2, 1, h, w, 4, true).by(2, 2).pad(1, 1));
  }
  for (int64_t h = 1; h <= 18; ++h) list.push_back(Case::depthwise(1, 2, 1, h, 20, 3).pad(1, 1));
  for (int64_t k = 1; k <= 8; ++k) {
    list.push_back(Case::depthwise(1, 2, 1, 13, 21, k).pad(k / 2, k / 2));
    list.push_back(Case::depthwise(1, 2, 1, 13, 21, k).by(2, 2).pad(k / 2, k / 2));
    if (k > 1) list.push_back(Case::depthwise(1, 2, 1, 7, 11, k, true).by(2, 2).pad(k / 2, k / 3));
  }
  for (int64_t d : {1, 2, 3, 4, 8}) {
    list.push_back(Case::depthwise(1, 2, 1, 21, 35, 3).spread(d, d).pad(d, d));
    list.push_back(Case::depthwise(1, 2, 1, 21, 35, 3).spread(d, 2).by(2, 3).pad(d, d));
    list.push_back(Case::depthwise(1, 2, 1, 11, 9, 5, true).spread(d, d).by(3, 1).pad(d, d));
  }
  for (int f : kActivations) {
    list.push_back(Case::depthwise(2, 3, 2, 9, 18, 3).pad(1, 1).with(f));
    list.push_back(Case::depthwise(2, 3, 2, 9, 18, 4, true).by(2, 2).pad(1, 1).with(f));
    list.push_back(Case::depthwise(2, 3, 2, 5, 6, 5, true).by(3, 3).with(f));
  }
  list.push_back(Case::depthwise(3, 5, 3, 12, 14, 3).pad(1, 1));
  list.push_back(Case::depthwise(1, 2, 1, 300, 40, 3).pad(1, 1));  // more than a panel
  list.push_back(Case::depthwise(1, 2, 1, 90, 600, 3).spread(2, 2).pad(2, 2));
  list.push_back(Case::depthwise(1, 2, 1, 1, 900, 7).kernel_of(1, 7).pad(0, 3));
  list.push_back(Case::depthwise(1, 2, 1, 10, 12, 5, true).by(4, 2).pad(2, 1));
  list.push_back(Case::depthwise(1, 2, 1, 10, 12, 3, true).by(2, 2).pad(1, 1).more(1, 1));
  return list;
}

std::vector<Case> cases_of(const std::string& variant) {
  return variant == "few_outputs" ? few_output_cases()
         : variant == "depthwise" ? depthwise_cases()
                                  : std::vector<Case>();
}

// Runs f(variant, cases it suits) for the lines of this test.
template <class F>
void each_variant(F f) {
  int count = 0, ran = 0;
  const ConvVariant* variants = conv_variants(&count);
  for (int v = 0; v < count; ++v) {
    const std::vector<Case> cases = cases_of(variants[v].line.variant);
    if (cases.empty() || !usable(variants[v].line.isa)) continue;
    ++ran;
    int64_t suited = 0;
    for (const Case& c : cases) {
      const CheckedConv checked_conv = check::conv(&c);
      if (!variants[v].suits(checked_conv.shape)) continue;
      ++suited;
      SCOPED_TRACE(std::string(variants[v].line.variant) + " " + c.name());
      f(variants[v], checked_conv.shape);
    }
    EXPECT_GT(suited, int64_t(cases.size()) / 2) << variants[v].line.variant;
  }
  EXPECT_GE(ran, 2);
}

void run(const ConvVariant& v, const ConvShape& s, const float* x, const std::vector<float>& W, const float* b,
         float* y, int32_t threads = 2) {
  Device device(threads);
  Workspace workspace(*device);
  Team team(*device, workspace);
  Guarded<float> weights(W), packed(v.packed_floats(s), 16);
  v.pack(s, weights.data(), packed.data(), team);
  v.run(s, x, nullptr, packed.data(), b, y, team);
}

TEST(ConvDirect, IntegersAreExact) {
  each_variant([](const ConvVariant& v, ConvShape s) {
    s.p.activation = GX_ACTIVATION_NONE;
    const Guarded<float> x(integers(s.in_count(), -3, 3, 1), 1);
    const std::vector<float> W = integers(s.weight_count(), -3, 3, 2), b = integers(s.p.out_channels, -9, 9, 3);
    for (bool bias : {true, false}) {
      std::vector<float> want(size_t(s.out_count()));
      reference::conv(s, x.data(), W.data(), bias ? b.data() : nullptr, want.data());
      Guarded<float> got(s.out_count(), 3);
      run(v, s, x.data(), W, bias ? b.data() : nullptr, got.data());
      EXPECT_TRUE(close(got.values(), want));
    }
  });
}

TEST(ConvDirect, RealsAreCloseForEveryActivation) {
  each_variant([](const ConvVariant& v, const ConvShape& s) {
    const Guarded<float> x(reals(s.in_count(), -1, 1, 1), 1);
    const std::vector<float> W = reals(s.weight_count(), -1, 1, 2), b = reals(s.p.out_channels, -1, 1, 3);
    std::vector<float> want(size_t(s.out_count()));
    reference::conv(s, x.data(), W.data(), b.data(), want.data());
    Guarded<float> got(s.out_count(), 1);
    run(v, s, x.data(), W, b.data(), got.data());
    EXPECT_TRUE(close(got.values(), want, {kEps * (4 + double(s.in_channels * s.live_taps)), 4 * kEps}));
  });
}

TEST(ConvDirect, NanReachesWhatItMeetsAndNoMore) {
  each_variant([](const ConvVariant& v, ConvShape s) {
    s.p.activation = GX_ACTIVATION_NONE;
    std::vector<float> x = integers(s.in_count(), -3, 3, 1);
    const std::vector<float> W = integers(s.weight_count(), 1, 3, 2);
    x[0] = x[x.size() / 2] = x.back() = NAN;
    std::vector<float> want(size_t(s.out_count()));
    reference::conv(s, x.data(), W.data(), static_cast<const float*>(nullptr), want.data());
    Guarded<float> got(s.out_count());
    run(v, s, x.data(), W, nullptr, got.data());
    EXPECT_TRUE(close(got.values(), want, {0, 0, true}));
  });
}

TEST(ConvDirect, WeightsThatAreNotFiniteMeetNothingInThePadding) {
  each_variant([](const ConvVariant& v, ConvShape s) {
    s.p.activation = GX_ACTIVATION_NONE;
    const std::vector<float> x = integers(s.in_count(), 1, 3, 1);
    std::vector<float> W = integers(s.weight_count(), -3, 3, 2), want(size_t(s.out_count()));
    W[size_t(s.taps[0].index)] = INFINITY, W.back() = NAN;
    reference::conv(s, x.data(), W.data(), static_cast<const float*>(nullptr), want.data());
    Guarded<float> got(s.out_count());
    run(v, s, x.data(), W, nullptr, got.data());
    EXPECT_TRUE(close(got.values(), want, {0, 0, true}));
  });
}

// Other helpers of the family rely on it: a sampler that computes one pixel at a time gets the same bits.
TEST(ConvDirect, FewOutputsHaveTheBitsOfTheGeneralEngine) {
  int count = 0;
  const ConvVariant* variants = conv_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (std::string(variants[v].line.variant) != "few_outputs" || !usable(variants[v].line.isa)) continue;
    for (int general = 0; general < count; ++general) {
      if (std::string(variants[general].line.variant) != "taps" || variants[general].line.isa != variants[v].line.isa) {
        continue;
      }
      for (const Case& c : few_output_cases()) {
        const CheckedConv checked_conv = check::conv(&c);
        const ConvShape& s = checked_conv.shape;
        if (!variants[v].suits(s)) continue;
        const std::vector<float> x = reals(s.in_count(), -1, 1, 1), W = reals(s.weight_count(), -1, 1, 2),
                                 b = reals(s.p.out_channels, -1, 1, 3);
        std::vector<float> few(size_t(s.out_count())), all(few.size());
        run(variants[v], s, x.data(), W, b.data(), few.data());
        run(variants[general], s, x.data(), W, b.data(), all.data());
        EXPECT_EQ(few, all) << c.name();
      }
    }
  }
}

TEST(ConvDirect, BitsDoNotDependOnThreads) {
  each_variant([](const ConvVariant& v, const ConvShape& s) {
    if (s.p.batch == 1 && s.out_pixels < 2000) return;
    const std::vector<float> x = reals(s.in_count(), -1, 1, 1), W = reals(s.weight_count(), -1, 1, 2);
    std::vector<float> first(size_t(s.out_count())), other(first.size());
    run(v, s, x.data(), W, nullptr, first.data(), 1);
    for (int32_t threads : thread_counts()) {
      run(v, s, x.data(), W, nullptr, other.data(), threads);
      EXPECT_EQ(0, std::memcmp(first.data(), other.data(), first.size() * sizeof(float))) << threads << " threads";
    }
  });
}

// Sums of few_outputs are those of one chain per block of 512: what the general engine promises for every shape.
TEST(ConvDirect, FewOutputsSumInBlocksOfChains) {
  Case c(1, 300, 1, 8, 16, 3);
  c.pad(1, 1);
  const CheckedConv checked_conv = check::conv(&c);
  const ConvShape& s = checked_conv.shape;
  const std::vector<float> x = reals(s.in_count(), -1, 1, 1), W = reals(s.weight_count(), -1, 1, 2);
  const auto at = [&](int64_t channel, int64_t y, int64_t t) {  // of the output's column 7
    const int64_t row = y + t / 3 - 1;
    return row < 0 || row >= 8 ? 0.0f : x[size_t((channel * 8 + row) * 16 + 7 + t % 3 - 1)];
  };
  int count = 0;
  const ConvVariant* variants = conv_variants(&count);
  for (int v = 0; v < count; ++v) {
    const bool fused = variants[v].line.isa != GX_ISA_BASELINE;
    if (std::string(variants[v].line.variant) != "few_outputs" || !usable(variants[v].line.isa)) continue;
    Guarded<float> got(s.out_count());
    run(variants[v], s, x.data(), W, nullptr, got.data());
    for (int64_t y = 0; y < 8; ++y) {
      float want = 0;
      const int64_t depth = 300 * 9, blocks = (depth + 511) / 512;
      for (int64_t p = 0; p < blocks; ++p) {
        volatile float sum = 0;
        for (int64_t k = depth * p / blocks; k < depth * (p + 1) / blocks; ++k) {
          const volatile float product = at(k / 9, y, k % 9) * W[size_t(k)];
          sum = fused ? std::fma(at(k / 9, y, k % 9), W[size_t(k)], sum) : sum + product;
        }
        want += sum;
      }
      EXPECT_EQ(got[y * 16 + 7], want) << variants[v].line.isa << " row " << y;
    }
  }
}

}  // namespace
}  // namespace gx::test
