// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The gradient of a convolution's weights: every variant against the reference over a random grid, the reference
// against differences, and what only the whole entry can show.

#include "kernels/conv/conv_weight_gradient/conv_weight_gradient.h"

#include <cmath>
#include <cstring>

#include "conv_shapes.h"
#include "guarded.h"
#include "kernels/conv/conv/conv.h"
#include "runtime/device.h"

namespace gx::test {
namespace {

const float kNan = std::numeric_limits<float>::quiet_NaN(), kInf = std::numeric_limits<float>::infinity();

// What the cuts of the kernels know: few and many rows, the rests of tiles, tiny images over examples, long lines,
// lines of a part of a vector, many taps, sums of several boxes and spans, images of a pixel.
std::vector<gx_conv_params> chosen() {
  const char* const plain[] = {
      "c2>1:g1:i1x9x18:k1x3x3:s1x1x1:p0x1x1:d1x1x1",
      "c2>2:g1:i1x9x18:k1x3x3:s1x1x1:p0x1x1:d1x1x1",
      "c2>5:g1:i1x9x18:k1x3x3:s1x1x1:p0x1x1:d1x1x1",
      "c2>33:g1:i1x9x18:k1x3x3:s1x1x1:p0x1x1:d1x1x1",
      "c3>150:g1:i1x4x4:k1x4x4:s1x2x2:p0x1x1:d1x1x1",
      "c13>70:g1:i1x8x8:k1x3x3:s1x1x1:p0x1x1:d1x1x1",
      "c40>6:g1:i1x5x20:k1x3x3:s1x1x1:p0x1x1:d1x1x1",
      "c10>36:g1:i1x4x4:k1x3x3:s1x1x1:p0x1x1:d1x1x1",
      "c36>40:g1:i1x2x16:k1x3x3:s1x1x1:p0x1x1:d1x1x1",
      "c4>6:g2:i1x11x13:k1x3x2:s1x3x3:p0x2x1:d1x2x4",
      "c12>12:g12:i1x9x17:k1x3x3:s1x1x1:p0x1x1:d1x1x1",
      "c12>24:g12:i1x9x17:k1x5x5:s1x2x2:p0x2x2:d1x1x1",
      "c2>3:g1:i4x5x6:k2x3x3:s1x2x1:p0x1x1:d1x1x1",
      "c40>36:g1:i2x5x6:k2x3x3:s1x2x1:p0x1x1:d1x1x1",
      "c2>5:g1:i1x64x64:k1x3x3:s1x1x1:p0x1x1:d1x1x1",
      "c3>5:g1:i1x1x3000:k1x1x5:s1x1x1:p0x0x2:d1x1x1",
      "c3>40:g1:i1x1x2100:k1x1x2:s1x1x1:p0x0x0:d1x1x64",
      "c1>3:g1:i1x1x400:k1x1x130:s1x1x1:p0x0x20:d1x1x1",
      "c20>300:g1:i1x1x1:k1x1x1:s1x1x1:p0x0x0:d1x1x1",
      "c20>3:g1:i1x4x4:k1x4x4:s1x1x1:p0x0x0:d1x1x1",
      "c20>37:g1:i1x7x9:k1x1x1:s1x1x1:p0x0x0:d1x1x1",
      "c37>37:g1:i1x9x9:k1x3x3:s1x1x1:p0x0x0:d1x1x1",
      "c7>64:g1:i1x32x32:k1x3x3:s1x1x1:p0x1x1:d1x1x1",
      "c36>40:g1:i1x8x8:k1x3x3:s1x1x1:p0x1x1:d1x1x1:mf.0.0.0",
      "c2>2:g1:i1x8x8:k1x5x5:s1x1x1:p0x2x2:d1x1x1:m10001.0.0.0",
  };
  std::vector<gx_conv_params> list;
  for (const char* name : plain) {
    for (const char* way : {"t0:n3:", "t1:n7:"}) {
      std::string full = name;
      full.insert(std::min(full.find(":m"), full.size()), ":o0x0x0");
      list.push_back(conv_of_name(way + full));
      int64_t out[3];
      if (gx_conv_out_size(&list.back(), out) != GX_OK) list.pop_back();
    }
    if (quick() && list.size() > 16) break;
  }
  return list;
}

struct Operands {
  CheckedConv conv;
  std::vector<float> x, dz;
  explicit Operands(const gx_conv_params& p, bool whole = false, uint64_t seed = 1)
      : conv(check::conv(&p)),
        x(whole ? integers(conv.shape.in_count(), -4, 4, seed) : reals(conv.shape.in_count(), -1, 1, seed)),
        dz(whole ? integers(conv.shape.out_count(), -4, 4, seed + 1) : reals(conv.shape.out_count(), -1, 1, seed + 1)) {
  }
  std::vector<float> reference() const {
    std::vector<float> dW(size_t(conv.shape.weight_count()));
    reference::conv_weight_gradient(conv.shape, x.data(), dz.data(), dW.data());
    return dW;
  }
};

double terms(const ConvShape& s) { return double(s.p.batch) * double(s.p.transposed ? s.in_pixels : s.out_pixels); }

// Sums of floats are at most 256 terms long, what is summed up after them is double: of random signs, each term adds an
// error of an ulp of a sum that is as large as the root of its terms. A variant with fewer multiplications has a
// constant in front.
Tolerance tolerance(const char* variant, const ConvShape& s, bool whole) {
  constexpr double kEps = std::numeric_limits<float>::epsilon();
  const bool exact = std::strcmp(variant, "winograd") != 0;
  if (whole && exact) return {0, 0, true};
  const double ulps = 4 + std::sqrt(terms(s) * std::min(terms(s), 256.0)) / 2;
  return {kEps * (exact ? 1 : 32) * ulps, 4 * kEps, true};
}

void expect_all_variants_right(const gx_conv_params& p, bool whole) {
  const Operands o(p, whole);
  const ConvShape& s = o.conv.shape;
  const std::vector<float> want = o.reference();
  const Guarded<float> x(o.x, 1), dz(o.dz, 3);
  int count = 0, ran = 0;
  const ConvWeightGradientVariant* const variants = conv_weight_gradient_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa) || !variants[v].suits(s)) continue;
    ++ran;
    Device device(2);
    Workspace workspace(*device);
    Team team(*device, workspace);
    Guarded<float> got(s.weight_count(), 1);
    variants[v].run(s, x.data(), dz.data(), got.data(), team);
    EXPECT_TRUE(close(got.values(), want, tolerance(variants[v].line.variant, s, whole)))
        << variants[v].line.variant << " for isa " << variants[v].line.isa << ", " << (whole ? "integers" : "reals")
        << "\n"
        << conv_replay(p);
    EXPECT_TRUE(got.intact());
  }
  EXPECT_GE(ran, 1);
}

TEST(ConvWeightGradient, EveryVariantAgreesWithTheReferenceOverARandomGrid) {
  int i = 0;
  for (const gx_conv_params& p : conv_grid(600, 20261121)) {
    expect_all_variants_right(p, i % 2 == 0);
    if (HasFailure()) break;
    ++i;
  }
}

TEST(ConvWeightGradient, EveryVariantAgreesWithTheReferenceOnLargerShapes) {
  std::vector<gx_conv_params> shapes = larger_convs();
  for (const gx_conv_params& p : chosen()) shapes.push_back(p);
  bool whole = false;
  for (const gx_conv_params& p : shapes) expect_all_variants_right(p, whole = !whole);
}

// dW of the entry, float or double.
template <class T>
std::vector<T> gradient(const gx_conv_params& p, const std::vector<T>& x, const std::vector<T>& dz,
                        int32_t threads = 2) {
  const CheckedConv conv = check::conv(&p);
  std::vector<T> dW(size_t(conv.shape.weight_count()), T(NAN));
  Device device(threads);
  EXPECT_OK(
      gx_conv_weight_gradient(device, sizeof(T) == 4 ? GX_FLOAT32 : GX_FLOAT64, &p, x.data(), dz.data(), dW.data()))
      << conv_replay(p);
  return dW;
}

TEST(ConvWeightGradient, BitsDoNotDependOnThreads) {
  std::vector<gx_conv_params> shapes = conv_grid(30, 4);
  for (const gx_conv_params& p : larger_convs()) shapes.push_back(p);
  for (const char* name : {"t0:n9:c3>40:g1:i1x32x32:k1x3x3:s1x1x1:p0x1x1:d1x1x1:o0x0x0",
                           "t1:n3:c20>130:g1:i1x16x16:k1x4x4:s1x2x2:p0x1x1:d1x1x1:o0x0x0"}) {
    if (!quick()) shapes.push_back(conv_of_name(name));
  }
  for (const gx_conv_params& p : shapes) {
    const Operands o(p);
    const std::vector<float> want = gradient(p, o.x, o.dz, 1);
    for (int32_t threads : thread_counts()) {
      const std::vector<float> got = gradient(p, o.x, o.dz, threads);
      EXPECT_EQ(0, std::memcmp(got.data(), want.data(), want.size() * sizeof(float))) << threads << " threads\n"
                                                                                      << conv_replay(p);
    }
  }
}

TEST(ConvWeightGradient, TheReferenceIsTheSlopeAndWhatDoublesGet) {
  Source source(11);
  for (int i = 0; i < (quick() ? 4 : 25); ++i) {
    gx_conv_params p = random_conv(source);
    p.activation = GX_ACTIVATION_NONE;
    const Operands o(p, false, uint64_t(i));
    const ConvShape& s = o.conv.shape;
    const std::vector<float> weights = reals(s.weight_count(), -1, 1, 9);
    const std::vector<double> x(o.x.begin(), o.x.end()), dz(o.dz.begin(), o.dz.end());
    std::vector<double> W(weights.begin(), weights.end()), y(dz.size()), dW(W.size());
    reference::conv_weight_gradient(s, x.data(), dz.data(), dW.data());
    const auto loss = [&] {
      double sum = 0;
      reference::conv(s, x.data(), W.data(), static_cast<const double*>(nullptr), y.data());
      for (size_t j = 0; j < y.size(); ++j) sum += dz[j] * y[j];
      return sum;
    };
    for (int tries = 0; tries < 20; ++tries) {
      constexpr double kStep = 1e-3;  // the loss is linear: no step is too long
      const size_t k = size_t(source.integer(0, int64_t(W.size()) - 1));
      const double before = W[k];
      W[k] = before + kStep;
      const double up = loss();
      W[k] = before - kStep;
      const double slope = (up - loss()) / (2 * kStep);
      W[k] = before;
      EXPECT_NEAR(dW[k], slope, 1e-8 * std::max(1.0, std::fabs(slope))) << "weight " << k << "\n" << conv_replay(p);
    }
    EXPECT_EQ(gradient(p, x, dz), dW) << conv_replay(p);
  }
}

// The sum over a million pixels of one sign: an error of one float sum would be a thousand times the tolerance.
TEST(ConvWeightGradient, AMillionTermsAreAsAccurateAsAThousand) {
  if (quick()) return;
  const gx_conv_params p = conv_of_name("t0:n16:c1>2:g1:i1x256x256:k1x1x2:s1x1x1:p0x0x1:d1x1x1:o0x0x0");
  const CheckedConv conv = check::conv(&p);
  const std::vector<float> x = reals(conv.shape.in_count(), 0, 1, 1), dz = reals(conv.shape.out_count(), 0, 1, 2);
  std::vector<float> want(size_t(conv.shape.weight_count()));
  reference::conv_weight_gradient(conv.shape, x.data(), dz.data(), want.data());
  EXPECT_TRUE(close(gradient(p, x, dz), want, {0, 4e-7}));
}

// Which weights the mask leaves out, by its definition.
std::vector<bool> dead_weights(const ConvShape& s) {
  std::vector<bool> dead(size_t(s.weight_count()), true);
  for (int64_t g = 0; g < s.p.groups; ++g) {
    for (int64_t r = 0; r < s.rows(); ++r) {
      for (int64_t t = 0; t < s.live_taps; ++t) {
        for (int64_t c = 0; c < s.live_columns(s.taps[t], r); ++c) {
          dead[size_t(((g * s.rows() + r) * s.columns() + c) * s.kernel_taps + s.taps[t].index)] = false;
        }
      }
    }
  }
  return dead;
}

TEST(ConvWeightGradient, DeadWeightsHaveTheGradientZeroWhateverStandsUnderThem) {
  for (const char* name : {"t0:n2:c6>33:g1:i1x9x11:k1x5x5:s1x1x1:p0x2x2:d1x1x1:o0x0x0:m1fff.0.0.0:q3.0",
                           "t0:n2:c6>18:g1:i1x8x8:k1x3x3:s1x1x1:p0x1x1:d1x1x1:o0x0x0:m1f.0.0.0:q2.1",
                           "t1:n2:c6>18:g1:i1x8x8:k1x3x3:s1x1x1:p0x1x1:d1x1x1:o0x0x0:q3.1",
                           "t0:n1:c2>3:g1:i1x7x7:k1x7x7:s1x1x1:p0x3x3:d1x1x1:o0x0x0:mffffff.0.0.0",
                           "t0:n1:c2>3:g1:i1x7x7:k1x3x3:s1x1x1:p0x1x1:d1x1x1:o0x0x0:q1.0:m100.0.0.0"}) {
    const gx_conv_params p = conv_of_name(name);
    Operands o(p);
    const ConvShape& s = o.conv.shape;
    const std::vector<bool> dead = dead_weights(s);
    // NaN in one pixel of x at a time: it reaches what the reference says, and no dead weight.
    for (int64_t at : {int64_t(0), s.in_count() / 2 + 1, s.in_count() - 1}) {
      std::vector<float> x = o.x;
      x[size_t(at)] = kNan;
      const std::vector<float> got = gradient(p, x, o.dz);
      std::vector<float> want(got.size());
      reference::conv_weight_gradient(s, x.data(), o.dz.data(), want.data());
      EXPECT_TRUE(close(got, want, {1e-4, 1e-5, true})) << conv_replay(p);
      for (size_t i = 0; i < got.size(); ++i) {
        if (dead[i]) {
          EXPECT_EQ(got[i], 0) << "weight " << i << "\n" << conv_replay(p);
        }
      }
    }
    // And all NaN.
    const std::vector<float> all = gradient(p, std::vector<float>(o.x.size(), kNan), o.dz);
    for (size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i] == 0, bool(dead[i])) << conv_replay(p);
  }
}

TEST(ConvWeightGradient, WhatLiesInThePaddingMultipliesNothing) {
  for (const char* name : {"t0:n2:c3>40:g1:i1x5x6:k1x3x3:s1x1x1:p0x2x2:d1x1x1:o0x0x0",
                           "t0:n2:c3>4:g1:i1x5x20:k1x3x3:s1x2x2:p0x1x1:d1x1x1:o0x0x0",
                           "t1:n3:c5>7:g1:i1x4x4:k1x4x4:s1x2x2:p0x1x1:d1x1x1:o0x0x0",
                           "t0:n2:c4>4:g4:i1x9x9:k1x3x3:s1x1x1:p0x2x2:d1x2x2:o0x0x0"}) {
    const gx_conv_params p = conv_of_name(name);
    for (float odd : {kNan, kInf}) {
      for (int side = 0; side < 2; ++side) {
        Operands o(p);
        std::vector<float>& operand = side == 0 ? o.x : o.dz;
        for (size_t at : {size_t(0), operand.size() / 2, operand.size() - 1}) {
          const float before = operand[at];
          operand[at] = odd;
          EXPECT_TRUE(close(gradient(p, o.x, o.dz), o.reference(), {1e-4, 1e-5, true})) << conv_replay(p);
          operand[at] = before;
        }
      }
    }
  }
}

TEST(ConvWeightGradient, NoExamplesGiveZeros) {
  gx_conv_params p = conv_params(0, 2, 3, 5, 5, 3, 3);
  std::vector<float> dW(54, kNan);
  std::vector<double> dW64(54, NAN);
  Device device(2);
  EXPECT_OK(gx_conv_weight_gradient(device, GX_FLOAT32, &p, nullptr, nullptr, dW.data()));
  EXPECT_OK(gx_conv_weight_gradient(device, GX_FLOAT64, &p, nullptr, nullptr, dW64.data()));
  EXPECT_EQ(dW, std::vector<float>(54));
  EXPECT_EQ(dW64, std::vector<double>(54));
}

TEST(ConvWeightGradient, RefusesWhatItCannotDo) {
  Device device;
  const gx_conv_params p = conv_params(1, 2, 3, 5, 5, 3, 3);
  std::vector<float> x(50), dz(27), dW(54);
  const auto run = [&](const gx_conv_params& q) {
    return gx_conv_weight_gradient(device, GX_FLOAT32, &q, x.data(), dz.data(), dW.data());
  };
  EXPECT_OK(run(p));
  EXPECT_REFUSED("device", gx_conv_weight_gradient(nullptr, GX_FLOAT32, &p, x.data(), dz.data(), dW.data()));
  EXPECT_REFUSED("params", gx_conv_weight_gradient(device, GX_FLOAT32, nullptr, x.data(), dz.data(), dW.data()));
  EXPECT_REFUSED("format", gx_conv_weight_gradient(device, GX_BITS, &p, x.data(), dz.data(), dW.data()));
  EXPECT_REFUSED("x must not be null", gx_conv_weight_gradient(device, GX_FLOAT32, &p, nullptr, dz.data(), dW.data()));
  EXPECT_REFUSED("dz must not be null", gx_conv_weight_gradient(device, GX_FLOAT32, &p, x.data(), nullptr, dW.data()));
  EXPECT_REFUSED("dW must not be null", gx_conv_weight_gradient(device, GX_FLOAT32, &p, x.data(), dz.data(), nullptr));
  EXPECT_REFUSED("overlap", gx_conv_weight_gradient(device, GX_FLOAT32, &p, dW.data(), dz.data(), dW.data()));
  EXPECT_REFUSED("overlap", gx_conv_weight_gradient(device, GX_FLOAT32, &p, x.data(), dW.data(), dW.data()));
  gx_conv_params q = p;
  q.groups = 3;
  EXPECT_REFUSED("groups must divide", run(q));
  q = p;
  q.kernel[1] = 6;
  EXPECT_REFUSED("at least 1 pixel", run(q));
  q = p;
  q.live_taps[0] = 1 << 9;
  EXPECT_REFUSED("live taps", run(q));
}

}  // namespace
}  // namespace gx::test
