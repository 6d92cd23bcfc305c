// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Convolutions that are products of matrices: forward and the weights' gradient, and which shapes are such.

#include <cstring>

#include "conv_shapes.h"
#include "guarded.h"
#include "kernels/conv/conv/conv.h"
#include "kernels/conv/conv_weight_gradient/conv_weight_gradient.h"
#include "runtime/device.h"

namespace gx::test {
namespace {

const char* const kDense[] = {
    "t1:n1:c1>1:g1:i1x1x1:k1x1x1:s1x1x1:p0x0x0:d1x1x1:o0x0x0",
    "t1:n33:c20>9:g1:i1x1x1:k1x4x4:s1x2x2:p0x0x0:d1x1x1:o0x0x0:a4.0",
    "t1:n5:c600>3:g1:i1x1x1:k1x3x5:s1x1x1:p0x0x0:d1x1x1:o0x0x0:a2.200",
    "t1:n2:c7>5:g1:i1x1x1:k2x3x2:s3x1x1:p0x0x0:d1x1x1:o0x0x0:a1.0",
    "t0:n7:c30>5:g1:i1x4x4:k1x4x4:s1x2x2:p0x0x0:d1x1x1:o0x0x0:a5.0",
    "t0:n40:c70>33:g1:i1x3x3:k1x3x3:s1x1x1:p0x0x0:d1x1x1:o0x0x0",
    "t0:n3:c5>2:g1:i1x1x9:k1x1x9:s1x1x1:p0x0x0:d1x1x1:o0x0x0:a3.700",
};

const char* const kOther[] = {
    "t1:n3:c6>4:g1:i1x1x1:k1x4x4:s1x1x1:p0x1x1:d1x1x1:o0x0x0",             // padding cuts taps off
    "t1:n3:c6>4:g1:i1x1x1:k1x4x4:s1x2x2:p0x0x0:d1x1x1:o0x1x1",             // more pixels than taps
    "t1:n3:c6>4:g1:i1x1x1:k1x4x4:s1x1x1:p0x0x0:d1x2x2:o0x0x0",             // gaps between taps
    "t1:n3:c6>4:g2:i1x1x1:k1x4x4:s1x1x1:p0x0x0:d1x1x1:o0x0x0",             // groups
    "t0:n3:c6>4:g1:i1x5x5:k1x4x4:s1x2x2:p0x0x0:d1x1x1:o0x0x0",             // pixels that no tap meets
    "t0:n3:c6>4:g1:i1x4x4:k1x4x4:s1x1x1:p0x1x1:d1x1x1:o0x0x0",             // several pixels
    "t0:n3:c6>4:g1:i1x3x3:k1x3x3:s1x1x1:p0x0x0:d1x1x1:o0x0x0:m1ff.0.0.0",  // a mask, even of all taps
};

TEST(ConvDense, SuitsProductsOfMatricesAlone) {
  int count = 0, gradients = 0, seen = 0;
  const ConvVariant* const variants = conv_variants(&count);
  const ConvWeightGradientVariant* const others = conv_weight_gradient_variants(&gradients);
  const auto each = [&](const char* name, bool suits) {
    const gx_conv_params p = conv_of_name(name);
    const CheckedConv c = check::conv(&p);
    for (int v = 0; v < count; ++v) {
      if (std::strcmp(variants[v].line.variant, "dense") != 0) continue;
      EXPECT_EQ(suits, variants[v].suits(c.shape)) << name;
      ++seen;
    }
    for (int v = 0; v < gradients; ++v) {
      if (std::strcmp(others[v].line.variant, "dense") != 0) continue;
      EXPECT_EQ(suits, others[v].suits(c.shape)) << name;
      ++seen;
    }
  };
  for (const char* name : kDense) each(name, true);
  for (const char* name : kOther) each(name, false);
  EXPECT_EQ(seen, 2 * 3 * 14);
}

TEST(ConvDense, ForwardAgreesWithTheReference) {
  int count = 0;
  const ConvVariant* const variants = conv_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (std::strcmp(variants[v].line.variant, "dense") != 0 || !usable(variants[v].line.isa)) continue;
    for (const char* name : kDense) {
      for (bool whole : {false, true}) {
        const gx_conv_params p = conv_of_name(name);
        const CheckedConv c = check::conv(&p);
        const ConvOperands o(c.shape, whole, 3);
        for (const float* b : {o.b.data(), static_cast<const float*>(nullptr)}) {
          std::vector<float> want(o.y.size());
          reference::conv(c.shape, o.x.data(), o.W.data(), b, want.data());
          Device device(2);
          Workspace workspace(*device);
          Team team(*device, workspace);
          const Guarded<float> x(o.x, 1), W(o.W, 1);
          Guarded<float> got(int64_t(want.size()), 1);
          variants[v].run(c.shape, x.data(), W.data(), nullptr, b, got.data(), team);
          EXPECT_TRUE(close(got.values(), want, conv_tolerance("dense", c.shape, whole))) << conv_replay(p);
          EXPECT_TRUE(got.intact());
        }
      }
    }
  }
}

TEST(ConvDense, WeightGradientAgreesWithTheReference) {
  constexpr double kEps = std::numeric_limits<float>::epsilon();
  int count = 0;
  const ConvWeightGradientVariant* const variants = conv_weight_gradient_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (std::strcmp(variants[v].line.variant, "dense") != 0 || !usable(variants[v].line.isa)) continue;
    for (const char* name : kDense) {
      for (bool whole : {false, true}) {
        const gx_conv_params p = conv_of_name(name);
        const CheckedConv c = check::conv(&p);
        const ConvOperands o(c.shape, whole, 5);
        const std::vector<float> dz =
            whole ? integers(c.shape.out_count(), -4, 4, 9) : reals(c.shape.out_count(), -1, 1, 9);
        std::vector<float> want(o.W.size());
        reference::conv_weight_gradient(c.shape, o.x.data(), dz.data(), want.data());
        Device device(2);
        Workspace workspace(*device);
        Team team(*device, workspace);
        Guarded<float> got(int64_t(want.size()), 1);
        variants[v].run(c.shape, o.x.data(), dz.data(), got.data(), team);
        const Tolerance tolerance = {whole ? 0 : kEps * (4 + double(p.batch)), 4 * kEps, true};
        EXPECT_TRUE(close(got.values(), want, tolerance)) << conv_replay(p);
        EXPECT_TRUE(got.intact());
      }
    }
  }
}

}  // namespace
}  // namespace gx::test
