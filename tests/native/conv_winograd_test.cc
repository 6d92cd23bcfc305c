// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The lines of the registry with fewer multiplications, on every convolution they can do, also where others are faster
// and they do not suit: against the reference with the error bound of kernels/conv/winograd/forms.h.

#include <cmath>
#include <cstring>

#include "conv_shapes.h"
#include "guarded.h"
#include "kernels/conv/conv/conv.h"
#include "kernels/conv/conv_weight_gradient/conv_weight_gradient.h"
#include "runtime/device.h"

namespace gx::test {
namespace {

constexpr double kUnit = 0x1p-24;

gx_conv_params three(bool transposed, int64_t batch, int64_t in, int64_t out, int64_t height, int64_t width) {
  gx_conv_params p = conv_params(batch, in, out, height, width, 3, 3);
  p.transposed = transposed;
  p.padding[1] = p.padding[2] = 1;
  return p;
}
gx_conv_params dilated(gx_conv_params p, int64_t dilation) {
  for (int a = 1; a < 3; ++a) p.dilation[a] = p.padding[a] = dilation;
  return p;
}
gx_conv_params four(bool transposed, int64_t batch, int64_t in, int64_t out, int64_t height, int64_t width) {
  gx_conv_params p = conv_params(batch, in, out, height, width, 4, 4);
  p.transposed = transposed;
  p.padding[1] = p.padding[2] = 1;
  p.stride[1] = p.stride[2] = 2;
  return p;
}
gx_conv_params activated(gx_conv_params p, gx_activation f) {
  p.activation = f;
  p.activation_p = 0.2;
  return p;
}

// Images of one pixel, of whole and of cut tiles, of widths that fill vectors and that do not; channels about the tiles
// of registers (14, 6, 5) and about the blocks of depth (512); rows of more than one block; one tile to some blocks.
// Dilated: lines of 2, 4, 8 and 16 vectors, whole and cut; lines that are none; phases without a pixel.
std::vector<gx_conv_params> shapes() {
  std::vector<gx_conv_params> list;
  for (bool t : {false, true}) {
    list.push_back(three(t, 1, 1, 1, 1, 1));
    list.push_back(three(t, 3, 5, 13, 2, 3));
    list.push_back(three(t, 33, 3, 14, 4, 4));
    list.push_back(three(t, 2, 6, 15, 9, 17));
    list.push_back(activated(three(t, 5, 17, 29, 8, 8), GX_ACTIVATION_TANH));
    list.push_back(three(t, 2, 4, 7, 32, 32));
    list.push_back(three(t, 1, 3, 5, 5, 66));
    list.push_back(dilated(three(t, 1, 3, 14, 6, 32), 2));
    list.push_back(dilated(activated(three(t, 2, 2, 3, 11, 30), GX_ACTIVATION_TANH), 2));
    list.push_back(dilated(three(t, 1, 2, 5, 18, 60), 4));
    list.push_back(dilated(three(t, 1, 2, 3, 17, 64), 8));
    list.push_back(dilated(three(t, 1, 2, 3, 5, 128), 2));
    list.push_back(dilated(three(t, 3, 5, 13, 9, 17), 2));
    list.push_back(dilated(three(t, 1, 2, 3, 13, 7), 3));
    list.push_back(dilated(three(t, 2, 1, 1, 3, 2), 8));
    list.push_back(four(t, 1, 2, 1, t ? 1 : 2, t ? 1 : 2));
    list.push_back(four(t, 2, 3, 13, t ? 1 : 3, t ? 2 : 5));
    list.push_back(four(t, 33, 3, 5, 4, 4));
    list.push_back(four(t, 7, 5, 14, 8, 8));
    list.push_back(activated(four(t, 3, 7, 15, t ? 7 : 14, t ? 7 : 15), GX_ACTIVATION_LEAKY_RELU));
    list.push_back(four(t, 2, 4, 29, 16, 16));
    list.push_back(four(t, 1, 3, 6, t ? 5 : 9, t ? 33 : 64));
    list.push_back(four(t, 1, 2, 3, t ? 16 : 32, t ? 32 : 64));
    if (quick()) continue;
    list.push_back(three(t, 1, 515, 3, 2, 3));
    list.push_back(three(t, 1, 2, 230, 3, 16));
    list.push_back(activated(three(t, 2, 3, 6, 28, 28), GX_ACTIVATION_SOFTPLUS));
    list.push_back(three(t, 1, 2, 3, 64, 128));
    list.push_back(four(t, 1, 260, 30, 4, 4));
    list.push_back(four(t, 2, 3, 90, t ? 14 : 28, t ? 14 : 28));
    list.push_back(four(t, 9, 31, 33, 8, 8));
  }
  return list;
}

// The forms over absolute values: the right side of the bound, along one axis and for one output pixel, is a bilinear
// function of |g| (all taps) and |d| (pixels of the other side from index `first` on).
struct Term {
  double g[4], d[6];  // coefficients of one product's operands
};
struct Line {
  std::vector<Term> terms;
  int64_t first;
  int64_t apart = 1, phase = 0;  // of a dilated convolution
  int64_t pixel(int64_t i) const { return (first + i) * apart + phase; }
};

Line line(const ConvShape& s, int64_t out) {
  const bool turned = s.p.transposed;
  if (s.p.kernel[2] == 3) {
    const int64_t apart = s.p.dilation[2], phase = out % apart;
    out /= apart;
    std::vector<Term> all = {{{1, 0, 0}, {1, 0, 1, 0}},
                             {{0.5, 0.5, 0.5}, {0, 1, 1, 0}},
                             {{0.5, 0.5, 0.5}, {0, 1, 1, 0}},
                             {{0, 0, 1}, {0, 1, 0, 1}}};
    for (Term& t : all) {
      if (turned) std::swap(t.g[0], t.g[2]);
    }
    all.erase(out % 2 == 0 ? all.end() - 1 : all.begin());
    return {all, out / 2 * 2 - 1, apart, phase};
  }
  // d0 g0 + d1 g1 with taps i, j and windows of pixels a, b, c: the first or the second output of the two.
  const auto pair = [&](int i, int j, int a, int b, int c, bool second) {
    std::vector<Term> two(2);
    two[0].g[i] = two[0].g[j] = two[0].d[b] = 1;
    two[1].g[second ? j : i] = 1;
    two[1].d[second ? c : a] = two[1].d[b] = 1;
    return two;
  };
  if (turned) {
    const bool second = out % 4 >= 2;
    return {out % 2 == 0 ? pair(3, 1, 0, 1, 2, second) : pair(2, 0, 1, 2, 3, second), out / 4 * 2 - 1};
  }
  std::vector<Term> odd = pair(0, 2, 0, 2, 4, out % 2), even = pair(1, 3, 1, 3, 5, out % 2);
  odd.insert(odd.end(), even.begin(), even.end());
  return {odd, out / 2 * 4 - 1};
}

// |A| ((|G| |g|) * (|B| |d|)) summed over channels, for every output.
std::vector<double> bound_sums(const ConvShape& s, const float* x, const float* W) {
  std::vector<double> sums(size_t(s.out_count()), 0.0);
  const int64_t taps = s.p.kernel[2], height = s.p.in_size[1], width = s.p.in_size[2];
  for (int64_t oy = 0; oy < s.out_size[1]; ++oy) {
    const Line down = line(s, oy);
    for (int64_t ox = 0; ox < s.out_size[2]; ++ox) {
      const Line across = line(s, ox);
      for (const Term& v : down.terms) {
        for (const Term& h : across.terms) {
          for (int64_t c = 0; c < s.in_channels; ++c) {
            std::vector<double> d(size_t(s.p.batch), 0.0);
            for (int i = 0; i < 6; ++i) {
              for (int j = 0; j < 6; ++j) {
                const int64_t iy = down.pixel(i), ix = across.pixel(j);
                if (v.d[i] * h.d[j] == 0 || iy < 0 || ix < 0 || iy >= height || ix >= width) continue;
                for (int64_t n = 0; n < s.p.batch; ++n) {
                  d[size_t(n)] +=
                      std::fabs(double(x[((n * s.in_channels + c) * height + iy) * width + ix])) * v.d[i] * h.d[j];
                }
              }
            }
            for (int64_t k = 0; k < s.out_channels; ++k) {
              const int64_t pair = s.p.transposed ? c * s.out_channels + k : k * s.in_channels + c;
              double g = 0;
              for (int64_t t = 0; t < taps * taps; ++t) {
                g += v.g[t / taps] * h.g[t % taps] * std::fabs(double(W[pair * taps * taps + t]));
              }
              for (int64_t n = 0; n < s.p.batch; ++n) {
                sums[size_t(((n * s.out_channels + k) * s.out_size[1] + oy) * s.out_size[2] + ox)] += g * d[size_t(n)];
              }
            }
          }
        }
      }
    }
  }
  return sums;
}

double channels_summed(const ConvShape& s) {
  return double(s.in_channels) * (s.p.kernel[2] == 4 && !s.p.transposed ? 4 : 1);
}

// The first element outside want +- bound.
template <class Bound>
::testing::AssertionResult within(const float* got, const std::vector<float>& want, Bound bound) {
  for (size_t i = 0; i < want.size(); ++i) {
    if (!(std::fabs(double(got[i]) - double(want[i])) <= bound(i))) {
      return ::testing::AssertionFailure()
             << "element " << i << ": got " << got[i] << ", want " << want[i] << " within " << bound(i);
    }
  }
  return ::testing::AssertionSuccess();
}

std::vector<ConvVariant> lines() {
  int count = 0;
  const ConvVariant* all = conv_variants(&count);
  std::vector<ConvVariant> list;
  for (int v = 0; v < count; ++v) {
    if (usable(all[v].line.isa) && std::strcmp(all[v].line.variant, "winograd") == 0) list.push_back(all[v]);
  }
  return list;
}

void run(const ConvVariant& v, const ConvShape& s, const float* x, const float* W, const float* b, float* y,
         int32_t threads = 2) {
  Device device(threads);
  Workspace workspace(*device);
  Team team(*device, workspace);
  Guarded<float> packed(v.packed_floats(s));
  v.pack(s, W, packed.data(), team);
  EXPECT_TRUE(packed.intact());
  v.run(s, x, nullptr, packed.data(), b, y, team);
}

TEST(ConvWinograd, IsExactOnIntegers) {
  ASSERT_FALSE(lines().empty());
  for (gx_conv_params p : shapes()) {
    if (p.activation != GX_ACTIVATION_NONE) p.activation = GX_ACTIVATION_RELU;
    const CheckedConv conv = check::conv(&p);
    const ConvShape& s = conv.shape;
    const ConvOperands o(s, true, 3);
    const bool bias = p.batch % 2 == 1;
    const float* const b = bias ? o.b.data() : nullptr;
    std::vector<float> want(o.y.size());
    reference::conv(s, o.x.data(), o.W.data(), b, want.data());
    for (const ConvVariant& v : lines()) {
      Guarded<float> got(s.out_count(), 1), x(o.x, 1), W(o.W, 1);
      run(v, s, x.data(), W.data(), b, got.data());
      EXPECT_TRUE(close(got.values(), want, {0, 0, true})) << conv_name(p) << ", instruction set " << v.line.isa;
    }
  }
}

TEST(ConvWinograd, KeepsItsErrorBound) {
  for (const gx_conv_params& p : shapes()) {
    const CheckedConv conv = check::conv(&p);
    const ConvShape& s = conv.shape;
    if (s.out_count() * s.in_channels > (quick() ? 15000 : 60000)) continue;  // the bound is slow
    for (bool uneven : {false, true}) {
      ConvOperands o(s, false, 5);
      Source source(7);
      // Neighbours of sizes from 10^-6 to 10^6.
      for (float& value : o.x) value *= uneven ? float(std::pow(10, source.real(-6, 6))) : 1;
      for (float& value : o.W) value *= uneven ? float(std::pow(10, source.real(-3, 3))) : 1;
      std::vector<float> want(o.y.size());
      reference::conv(s, o.x.data(), o.W.data(), o.b.data(), want.data());
      const std::vector<double> sums = bound_sums(s, o.x.data(), o.W.data());
      const double n = channels_summed(s) + 14;
      for (const ConvVariant& v : lines()) {
        run(v, s, o.x.data(), o.W.data(), o.b.data(), o.y.data());
        EXPECT_TRUE(within(o.y.data(), want,
                           [&](size_t i) { return kUnit * (n * sums[i] + 8 * std::fabs(double(want[i])) + 2); }))
            << conv_name(p) << ", instruction set " << v.line.isa << ", uneven " << uneven;
      }
    }
  }
}

TEST(ConvWinograd, ItsMeanErrorIsThatOfADirectSum) {
  for (const ConvVariant& v : lines()) {
    for (const gx_conv_params& p :
         {three(false, 1, 64, 20, 8, 8), four(true, 2, 64, 20, 4, 4), four(false, 4, 16, 20, 8, 8)}) {
      const CheckedConv conv = check::conv(&p);
      const ConvShape& s = conv.shape;
      ConvOperands o(s, false, 9);
      std::vector<float> want(o.y.size());
      reference::conv(s, o.x.data(), o.W.data(), o.b.data(), want.data());
      run(v, s, o.x.data(), o.W.data(), o.b.data(), o.y.data());
      double squares = 0;
      for (size_t i = 0; i < want.size(); ++i) squares += std::pow(double(o.y[i]) - double(want[i]), 2);
      // A sum of n terms of variance 1/9 walks: its partial sums are sqrt(i) / 3, each rounded once.
      const double n = double(s.in_channels) * double(s.p.transposed ? 4 : s.live_taps);
      const double direct = kUnit / std::sqrt(3.0) * n / std::sqrt(2.0) / 3;
      EXPECT_LT(std::sqrt(squares / double(want.size())), direct) << conv_name(p);
    }
  }
}

TEST(ConvWinograd, ThreadsAndPackedWeightsDoNotChangeABit) {
  for (const ConvVariant& v : lines()) {
    for (const gx_conv_params& p : {three(false, 33, 17, 30, 4, 4), three(true, 2, 20, 16, 17, 30),
                                    four(true, 33, 18, 31, 4, 4), four(false, 2, 17, 45, 30, 34)}) {
      const CheckedConv conv = check::conv(&p);
      const ConvShape& s = conv.shape;
      const ConvOperands o(s, false, 11);
      std::vector<float> first;
      for (int32_t threads : thread_counts()) {
        std::vector<float> y(o.y.size());
        run(v, s, o.x.data(), o.W.data(), o.b.data(), y.data(), threads);
        if (first.empty()) first = y;
        EXPECT_EQ(0, std::memcmp(first.data(), y.data(), y.size() * sizeof(float))) << conv_name(p);
      }
      if (!v.suits(s) || v.line.isa != gx_cpu_isa()) continue;
      // Through the entry, with and without kept weights.
      Device device(2);
      gx_conv_packing packing;
      ASSERT_OK(gx_conv_packing_of(device, GX_FLOAT32, &p, &packing));
      Guarded<char> packed(packing.bytes);
      ASSERT_OK(gx_conv_pack(device, GX_FLOAT32, &p, o.W.data(), packed.data()));
      for (const char* kept : {static_cast<const char*>(packed.data()), static_cast<const char*>(nullptr)}) {
        std::vector<float> y(o.y.size());
        ASSERT_OK(gx_conv(device, GX_FLOAT32, &p, o.x.data(), kept ? nullptr : o.W.data(), o.b.data(), kept, y.data()));
        EXPECT_EQ(first, y) << conv_name(p);
      }
    }
  }
}

TEST(ConvWinograd, NanStaysWithinItsTiles) {
  for (const ConvVariant& v : lines()) {
    for (const gx_conv_params& p : {three(false, 2, 2, 3, 12, 16), dilated(three(false, 2, 2, 3, 24, 32), 2),
                                    four(true, 2, 2, 3, 12, 16), four(false, 2, 2, 3, 24, 32)}) {
      const CheckedConv conv = check::conv(&p);
      const ConvShape& s = conv.shape;
      ConvOperands o(s, true, 13);
      std::vector<float> want(o.y.size()), with_nan(o.y.size()), got(o.y.size());
      reference::conv(s, o.x.data(), o.W.data(), o.b.data(), want.data());
      const int64_t at_y = p.in_size[1] / 2, at_x = p.in_size[2] / 2 + 1;
      o.x[size_t(at_y * p.in_size[2] + at_x)] = NAN;
      reference::conv(s, o.x.data(), o.W.data(), o.b.data(), with_nan.data());
      run(v, s, o.x.data(), o.W.data(), o.b.data(), got.data());
      const int64_t tile = s.p.transposed && s.p.kernel[1] == 4 ? 4 : 2 * s.p.dilation[1];
      for (size_t i = 0; i < want.size(); ++i) {
        if (std::isnan(with_nan[i])) {
          EXPECT_TRUE(std::isnan(got[i])) << conv_name(p) << " " << i;
        }
        const int64_t y = int64_t(i) / s.out_size[2] % s.out_size[1], x = int64_t(i) % s.out_size[2];
        bool beside = int64_t(i) < s.out_count() / 2;
        for (const auto& [pixel, centre, size] :
             {std::tuple<int64_t, int64_t, int64_t>{y, at_y, s.out_size[1] * 1000 / p.in_size[1]},
              std::tuple<int64_t, int64_t, int64_t>{x, at_x, s.out_size[2] * 1000 / p.in_size[2]}}) {
          beside = beside && std::abs(pixel - centre * size / 1000) <= 2 * tile;
        }
        if (!beside) {
          EXPECT_EQ(want[i], got[i]) << conv_name(p) << " " << i;
        }
      }
    }
  }
}

TEST(ConvWinograd, TakesTheLayersItIsForAndNoOthers) {
  ASSERT_FALSE(lines().empty());
  const auto suits = [](const gx_conv_params& p) {
    const CheckedConv conv = check::conv(&p);
    return lines()[0].suits(conv.shape);
  };
  for (const gx_conv_params& p :
       {four(true, 32, 1024, 512, 4, 4), four(true, 32, 512, 256, 8, 8), four(true, 32, 256, 128, 16, 16),
        four(false, 32, 512, 1024, 8, 8), four(false, 32, 128, 256, 32, 32), three(false, 16, 128, 128, 32, 32),
        three(true, 32, 512, 512, 8, 8), dilated(three(false, 8, 64, 64, 64, 64), 2),
        dilated(three(true, 8, 64, 64, 64, 64), 4), dilated(three(false, 8, 64, 64, 64, 64), 8)}) {
    EXPECT_TRUE(suits(p)) << conv_name(p);
    const auto but = [&](auto change) {
      gx_conv_params other = p;
      change(other);
      EXPECT_FALSE(suits(other)) << conv_name(other);
    };
    using P = gx_conv_params;
    but([](P& q) { q.live_taps[0] = (1 << 9) - 1; });
    but([](P& q) { q.live_taps[0] = 1; });
    but([](P& q) { q.groups = 2; });
    but([](P& q) { q.dilation[1] *= 2, q.padding[1] *= 2; });
    but([](P& q) { q.dilation[1] *= 2, q.dilation[2] *= 2; });
    if (p.dilation[1] > 1) {
      but([](P& q) { q = dilated(q, 3); });
      but([](P& q) { q.in_size[1] = q.in_size[2] = 17; });
    }
    but([](P& q) { q.stride[2] = 3; });
    but([](P& q) { q.padding[1] = 0; });
    but([](P& q) { q.in_channels = 3; });
    but([](P& q) { q.out_channels = 3; });
    but([](P& q) { q.batch = 1, q.in_size[1] = q.in_size[2] = 8; });
    but([](P& q) { q.in_size[0] = 2; });
    but([](P& q) { q.in_size[0] = 3, q.kernel[0] = 3; });
    if (p.transposed && p.stride[1] == 2) but([](P& q) { q.output_padding[2] = 1; });
    if (p.kernel[1] == 3) but([](P& q) { q.colours = 2; });
  }
}

// --- The gradient of the weights

std::vector<ConvWeightGradientVariant> gradient_lines() {
  int count = 0;
  const ConvWeightGradientVariant* all = conv_weight_gradient_variants(&count);
  std::vector<ConvWeightGradientVariant> list;
  for (int v = 0; v < count; ++v) {
    if (usable(all[v].line.isa) && std::strcmp(all[v].line.variant, "winograd") == 0) list.push_back(all[v]);
  }
  return list;
}

void run(const ConvWeightGradientVariant& v, const ConvShape& s, const float* x, const float* dz, float* dW,
         int32_t threads = 2) {
  Device device(threads);
  Workspace workspace(*device);
  Team team(*device, workspace);
  v.run(s, x, dz, dW, team);
}

TEST(ConvWinogradGradient, IsExactOnIntegers) {
  ASSERT_FALSE(gradient_lines().empty());
  std::vector<gx_conv_params> all = shapes();
  all.push_back(three(false, 1, 2, 3, 264, 264));  // more blocks of tiles than are lifted at once
  if (!quick()) all.push_back(three(false, 1, 2, 3, 1030, 32));
  all.push_back(dilated(three(false, 1, 2, 3, 44, 128), 2));  // blocks that end within a line
  all.push_back(four(true, 9, 40, 70, 4, 4));
  all.push_back(four(false, 37, 3, 5, 16, 16));
  for (const gx_conv_params& p : all) {
    const CheckedConv conv = check::conv(&p);
    const ConvShape& s = conv.shape;
    Guarded<float> x(integers(s.in_count(), -4, 4, 1), 1), dz(integers(s.out_count(), -4, 4, 2), 1);
    std::vector<float> want(size_t(s.weight_count()));
    reference::conv_weight_gradient(s, x.data(), dz.data(), want.data());
    for (const ConvWeightGradientVariant& v : gradient_lines()) {
      Guarded<float> got(s.weight_count(), 1);
      run(v, s, x.data(), dz.data(), got.data());
      EXPECT_TRUE(close(got.values(), want, {0, 0, true})) << conv_name(p) << ", instruction set " << v.line.isa;
    }
  }
}

// The same trilinear form as the bound of a convolution that is not transposed, from the columns' to the rows' side.
std::vector<double> gradient_bound_sums(const ConvShape& s, const float* x, const float* dz) {
  gx_conv_params plain = s.p;
  if (s.p.transposed) {
    plain.transposed = 0;
    std::swap(plain.in_channels, plain.out_channels);
    for (int a = 0; a < 3; ++a) plain.in_size[a] = s.out_size[a];
    std::swap(x, dz);
  }
  const CheckedConv conv = check::conv(&plain);
  const ConvShape& c = conv.shape;
  std::vector<double> sums(size_t(c.weight_count()), 0.0);
  const int64_t taps = c.p.kernel[2], height = c.p.in_size[1], width = c.p.in_size[2];
  for (int64_t i = 0; i < c.out_count(); ++i) {
    const int64_t row = i / c.out_pixels % c.out_channels, n = i / c.out_pixels / c.out_channels;
    const Line down = line(c, i / c.out_size[2] % c.out_size[1]), across = line(c, i % c.out_size[2]);
    for (const Term& v : down.terms) {
      for (const Term& h : across.terms) {
        for (int64_t column = 0; column < c.in_channels; ++column) {
          double d = 0;
          for (int k = 0; k < 36; ++k) {
            const int64_t iy = down.pixel(k / 6), ix = across.pixel(k % 6);
            const double both = v.d[k / 6] * h.d[k % 6];
            if (both == 0 || iy < 0 || ix < 0 || iy >= height || ix >= width) continue;
            d += both * std::fabs(double(x[((n * c.in_channels + column) * height + iy) * width + ix]));
          }
          for (int64_t t = 0; t < taps * taps; ++t) {
            sums[size_t((row * c.in_channels + column) * taps * taps + t)] +=
                v.g[t / taps] * h.g[t % taps] * d * std::fabs(double(dz[i]));
          }
        }
      }
    }
  }
  return sums;
}

TEST(ConvWinogradGradient, KeepsItsErrorBound) {
  for (const gx_conv_params& p : shapes()) {
    const CheckedConv conv = check::conv(&p);
    const ConvShape& s = conv.shape;
    const int64_t pixels = s.p.batch * (s.p.transposed ? s.in_pixels : s.out_pixels);
    if (pixels * s.p.in_channels * s.p.out_channels > (quick() ? 5000 : 20000)) continue;  // the bound is slow
    for (bool uneven : {false, true}) {
      std::vector<float> x = reals(s.in_count(), -1, 1, 1), dz = reals(s.out_count(), -1, 1, 2);
      Source source(7);
      for (float& value : x) value *= uneven ? float(std::pow(10, source.real(-6, 6))) : 1;
      for (float& value : dz) value *= uneven ? float(std::pow(10, source.real(-3, 3))) : 1;
      std::vector<float> want(size_t(s.weight_count())), got(want.size());
      reference::conv_weight_gradient(s, x.data(), dz.data(), want.data());
      const std::vector<double> sums = gradient_bound_sums(s, x.data(), dz.data());
      for (const ConvWeightGradientVariant& v : gradient_lines()) {
        run(v, s, x.data(), dz.data(), got.data());
        EXPECT_TRUE(within(
            got.data(), want,
            [&](size_t i) { return kUnit * ((double(pixels) + 14) * sums[i] + std::fabs(double(want[i]))) + 1e-40; }))
            << conv_name(p) << ", instruction set " << v.line.isa << ", uneven " << uneven;
      }
    }
  }
}

TEST(ConvWinogradGradient, ThreadsDoNotChangeABit) {
  for (const ConvWeightGradientVariant& v : gradient_lines()) {
    for (const gx_conv_params& p :
         {three(false, 33, 37, 30, 4, 4), three(true, 2, 20, 66, 17, 30), dilated(three(false, 1, 9, 18, 44, 128), 2),
          four(true, 33, 18, 31, 4, 4), four(false, 2, 17, 45, 66, 64)}) {
      const CheckedConv conv = check::conv(&p);
      const ConvShape& s = conv.shape;
      const std::vector<float> x = reals(s.in_count(), -1, 1, 1), dz = reals(s.out_count(), -1, 1, 2);
      std::vector<float> first;
      for (int32_t threads : thread_counts()) {
        std::vector<float> dW(size_t(s.weight_count()));
        run(v, s, x.data(), dz.data(), dW.data(), threads);
        if (first.empty()) first = dW;
        EXPECT_EQ(0, std::memcmp(first.data(), dW.data(), dW.size() * sizeof(float))) << conv_name(p);
      }
    }
  }
}

TEST(ConvWinogradGradient, TakesTheLayersItIsForAndNoOthers) {
  ASSERT_FALSE(gradient_lines().empty());
  const auto suits = [](const gx_conv_params& p) {
    const CheckedConv conv = check::conv(&p);
    return gradient_lines()[0].suits(conv.shape);
  };
  EXPECT_TRUE(suits(four(true, 32, 1024, 512, 4, 4)));
  EXPECT_TRUE(suits(four(false, 64, 64, 128, 32, 32)));
  EXPECT_TRUE(suits(three(false, 16, 128, 128, 32, 32)));
  EXPECT_TRUE(suits(dilated(three(false, 8, 64, 64, 64, 64), 8)));
  EXPECT_FALSE(suits(dilated(three(false, 8, 64, 64, 64, 64), 3)));
  EXPECT_FALSE(suits(three(false, 16, 32, 32, 32, 32)));
  EXPECT_FALSE(suits(four(true, 32, 128, 3, 32, 32)));
  gx_conv_params masked = three(false, 16, 128, 128, 32, 32);
  masked.live_taps[0] = (1 << 9) - 1;
  EXPECT_FALSE(suits(masked));
}

}  // namespace
}  // namespace gx::test
