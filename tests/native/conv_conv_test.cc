// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Convolutions and their transposes: every variant against the reference over a random grid, and what only the whole
// entry can show.

#include "kernels/conv/conv/conv.h"

#include <cmath>
#include <cstring>

#include "conv_shapes.h"
#include "guarded.h"
#include "runtime/device.h"

namespace gx::test {
namespace {

// One variant on one shape.
struct Runner {
  Device device;
  Workspace workspace;
  Team team;
  explicit Runner(int32_t threads) : device(threads), workspace(*device), team(*device, workspace) {}

  void run(const ConvVariant& v, const ConvShape& s, const float* x, const float* W, const float* b, float* y) {
    const int64_t floats = v.packed_floats(s);
    float* packed = nullptr;
    if (floats > 0) {
      packed = workspace.get<float>(floats);
      std::memset(packed, 0xFF, size_t(floats) * sizeof(float));
      v.pack(s, W, packed, team);
    }
    v.run(s, x, floats > 0 ? nullptr : W, packed, b, y, team);
  }
};

void expect_all_variants_right(const gx_conv_params& p, bool whole, bool bias) {
  const CheckedConv checked_conv = check::conv(&p);
  const ConvShape& s = checked_conv.shape;
  const ConvOperands o(s, whole, 7);
  const float* const b = bias ? o.b.data() : nullptr;
  std::vector<float> want(o.y.size());
  reference::conv(s, o.x.data(), o.W.data(), b, want.data());
  const Guarded<float> x(o.x, 1), W(o.W, 1), bs(o.b, 1);
  int count = 0, ran = 0;
  const ConvVariant* const variants = conv_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa) || !variants[v].suits(s)) continue;
    ++ran;
    Runner runner(2);
    Guarded<float> got(int64_t(want.size()), 1);
    runner.run(variants[v], s, x.data(), W.data(), bias ? bs.data() : nullptr, got.data());
    EXPECT_TRUE(close(got.values(), want, conv_tolerance(variants[v].line.variant, s, whole)))
        << variants[v].line.variant << " for isa " << variants[v].line.isa << (bias ? "" : ", no bias") << ", "
        << (whole ? "integers" : "reals") << "\n"
        << conv_replay(p);
    EXPECT_TRUE(got.intact());
  }
  EXPECT_GE(ran, 1);
}

TEST(Conv, EveryVariantAgreesWithTheReferenceOverARandomGrid) {
  int i = 0;
  for (const gx_conv_params& p : conv_grid(600, 20261120)) {
    expect_all_variants_right(p, i % 2 == 0, i % 5 != 0);
    if (HasFailure()) break;
    ++i;
  }
}

TEST(Conv, EveryVariantAgreesWithTheReferenceOnLargerShapes) {
  for (const gx_conv_params& p : larger_convs()) {
    expect_all_variants_right(p, false, true);
    expect_all_variants_right(p, true, true);
  }
}

// Large results leave the caches where they lie on the vectors' grid, and nowhere else.
TEST(Conv, ResultsPastTheCachesHaveTheSameBits) {
  if (quick()) return;
  const gx_conv_params p = conv_of_name("t0:n2:c3>24:g1:i1x208x224:k1x3x3:s1x1x1:p0x1x1:d1x1x1:o0x0x0:a2.200");
  const CheckedConv c = check::conv(&p);
  const ConvOperands o(c.shape, false, 11);
  std::vector<float> room(o.y.size() + 16), other(o.y.size() + 16);
  float* const on_grid = room.data() + (64 - reinterpret_cast<uintptr_t>(room.data()) % 64) / 4 % 16;
  float* const off_grid = other.data() + (68 - reinterpret_cast<uintptr_t>(other.data()) % 64) / 4 % 16;
  int count = 0;
  const ConvVariant* const variants = conv_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa) || std::strcmp(variants[v].line.variant, "taps") != 0) continue;
    Runner runner(2);
    runner.run(variants[v], c.shape, o.x.data(), o.W.data(), o.b.data(), on_grid);
    runner.run(variants[v], c.shape, o.x.data(), o.W.data(), o.b.data(), off_grid);
    EXPECT_EQ(std::memcmp(on_grid, off_grid, o.y.size() * sizeof(float)), 0) << "isa " << variants[v].line.isa;
  }
}

TEST(Conv, NamesOfShapesCanBeReadBack) {
  Source source(5);
  for (int i = 0; i < 200; ++i) {
    const gx_conv_params p = random_conv(source);
    const gx_conv_params q = conv_of_name(conv_name(p));
    EXPECT_EQ(conv_name(q), conv_name(p));
    EXPECT_EQ(q.activation_p, p.activation_p);
  }
}

// y of the entry, float or double.
template <class T>
std::vector<T> conv(const gx_conv_params& p, const std::vector<T>& x, const std::vector<T>& W,
                    const std::vector<T>& b = {}, int32_t threads = 2) {
  int64_t out[3];
  EXPECT_OK(gx_conv_out_size(&p, out));
  std::vector<T> y(size_t(p.batch * p.out_channels * out[0] * out[1] * out[2]), T(NAN));
  Device device(threads);
  EXPECT_OK(gx_conv(device, sizeof(T) == 4 ? GX_FLOAT32 : GX_FLOAT64, &p, x.data(), W.data(),
                    b.empty() ? nullptr : b.data(), nullptr, y.data()))
      << conv_replay(p);
  return y;
}
template <class T>
std::vector<T> drawn(int64_t n, uint64_t seed) {
  const std::vector<float> v = integers(n, -4, 4, seed);
  return std::vector<T>(v.begin(), v.end());
}
template <class T>
double dot(const std::vector<T>& a, const std::vector<T>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += double(a[i]) * double(b[i]);
  return sum;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

TEST(Conv, BitsDoNotDependOnThreadsOnOtherExamplesAndOnPacking) {
  std::vector<gx_conv_params> shapes = conv_grid(40, 3);
  for (const gx_conv_params& p : larger_convs()) shapes.push_back(p);
  for (const gx_conv_params& p : shapes) {
    const CheckedConv checked_conv = check::conv(&p);
    const ConvShape& s = checked_conv.shape;
    const ConvOperands o(s, false, 11);
    const std::vector<float> want = conv(p, o.x, o.W, o.b, 1);
    for (int32_t threads : thread_counts()) {
      EXPECT_TRUE(same_bits(conv(p, o.x, o.W, o.b, threads), want)) << threads << " threads\n" << conv_replay(p);
    }
    gx_conv_params one = p;
    one.batch = 1;
    Device device(2);
    gx_conv_packing packing = {}, packing_of_one = {};
    ASSERT_OK(gx_conv_packing_of(device, GX_FLOAT32, &p, &packing));
    ASSERT_OK(gx_conv_packing_of(device, GX_FLOAT32, &one, &packing_of_one));
    // Small batches may have a variant of their own, with other sums.
    if (packing.form == packing_of_one.form) {
      const size_t in = o.x.size() / size_t(p.batch), out = want.size() / size_t(p.batch);
      for (size_t n = 0; n < size_t(p.batch); ++n) {
        const std::vector<float> alone =
            conv(one, std::vector<float>(o.x.begin() + int64_t(n * in), o.x.begin() + int64_t((n + 1) * in)), o.W, o.b);
        EXPECT_EQ(0, std::memcmp(alone.data(), want.data() + n * out, out * sizeof(float))) << conv_replay(p);
      }
    }
    if (packing.bytes == 0) continue;
    Guarded<float> packed(packing.bytes / 4);
    std::vector<float> got(want.size());
    ASSERT_OK(gx_conv_pack(device, GX_FLOAT32, &p, o.W.data(), packed.data()));
    ASSERT_OK(gx_conv(device, GX_FLOAT32, &p, o.x.data(), nullptr, o.b.data(), packed.data(), got.data()));
    EXPECT_TRUE(same_bits(got, want)) << conv_replay(p);
  }
}

// An output of the general engine as taps/engine.h promises it.
float promised(const ConvShape& s, const float* x, const float* W, const float* b, int64_t index, bool fused) {
  const gx_conv_params& p = s.p;
  const int64_t pixel = index % s.out_pixels, channel = index / s.out_pixels % p.out_channels;
  const int64_t n = index / s.out_pixels / p.out_channels, group = channel / s.out_channels;
  const int64_t row = channel % s.out_channels;
  const int64_t at[3] = {pixel / s.out_size[2] / s.out_size[1], pixel / s.out_size[2] % s.out_size[1],
                         pixel % s.out_size[2]};
  std::vector<std::pair<float, float>> terms;
  for (int64_t c = 0; c < s.in_channels; ++c) {
    for (int64_t t = 0; t < s.live_taps; ++t) {
      const ConvTap& tap = s.taps[t];
      if (p.transposed ? row >= s.live_columns(tap, c) : c >= s.live_columns(tap, row)) continue;
      bool phase = true, inside = true;
      int64_t from = 0;
      for (int a = 0; a < 3; ++a) {
        const int64_t reach = p.transposed ? at[a] - tap.at[a] : at[a] * p.stride[a] + tap.at[a];
        phase = phase && (!p.transposed || reach % p.stride[a] == 0);
        const int64_t i = p.transposed ? reach / p.stride[a] : reach;
        inside = inside && reach >= 0 && i < p.in_size[a];
        from = from * p.in_size[a] + i;
      }
      if (!phase) continue;
      const int64_t first = p.transposed ? c : row, second = p.transposed ? row : c;
      terms.push_back({inside ? x[((n * p.groups + group) * s.in_channels + c) * s.in_pixels + from] : 0.0f,
                       W[((group * s.rows() + first) * s.columns() + second) * s.kernel_taps + tap.index]});
    }
  }
  const int64_t k = int64_t(terms.size()), blocks = k <= 512 ? 1 : (k + 511) / 512;
  float z = 0;
  for (int64_t block = 0; block < blocks; ++block) {
    volatile float sum = 0;  // volatile: products are rounded where nothing is fused
    for (int64_t i = k * block / blocks; i < k * (block + 1) / blocks; ++i) {
      volatile const float product = terms[size_t(i)].first * terms[size_t(i)].second;
      sum = fused ? std::fma(terms[size_t(i)].first, terms[size_t(i)].second, sum) : sum + product;
    }
    z = block == 0 ? sum : z + sum;
  }
  return b ? z + b[channel] : z;
}

TEST(Conv, SumsOfTheGeneralEngineAreAddedUpAsPromised) {
  std::vector<gx_conv_params> shapes = conv_grid(100, 53);
  for (const gx_conv_params& p : larger_convs()) shapes.push_back(p);
  int count = 0, i = 0;
  const ConvVariant* const variants = conv_variants(&count);
  for (gx_conv_params p : shapes) {
    p.activation = GX_ACTIVATION_NONE, p.activation_p = 0;
    const CheckedConv checked_conv = check::conv(&p);
    const ConvShape& s = checked_conv.shape;
    const ConvOperands o(s, false, 57);
    const float* const b = ++i % 2 == 0 ? o.b.data() : nullptr;
    for (int v = 0; v < count; ++v) {
      if (!usable(variants[v].line.isa) || std::strcmp(variants[v].line.variant, "taps") != 0) continue;
      Runner runner(2);
      std::vector<float> got(o.y.size());
      runner.run(variants[v], s, o.x.data(), o.W.data(), b, got.data());
      Source source(59);
      for (int trial = 0; trial < 20; ++trial) {
        const int64_t at = source.integer(0, s.out_count() - 1);
        EXPECT_EQ(got[size_t(at)], promised(s, o.x.data(), o.W.data(), b, at, variants[v].line.isa != GX_ISA_BASELINE))
            << "isa " << variants[v].line.isa << ", output " << at << "\n"
            << conv_replay(p);
      }
    }
  }
}

TEST(Conv, WeightsPackedForAnotherFormAreRefused) {
  Device device(1);
  gx_conv_params p = conv_params(2, 8, 40, 9, 9, 3, 3);
  gx_conv_packing packing = {};
  ASSERT_OK(gx_conv_packing_of(device, GX_FLOAT32, &p, &packing));
  ASSERT_GT(packing.bytes, 0);
  const CheckedConv checked_conv = check::conv(&p);
  ConvOperands o(checked_conv.shape, false, 1);
  Guarded<float> packed(packing.bytes / 4);
  ASSERT_OK(gx_conv_pack(device, GX_FLOAT32, &p, o.W.data(), packed.data()));
  const auto run = [&](const gx_conv_params& q) {
    int64_t out[3];
    EXPECT_OK(gx_conv_out_size(&q, out));
    std::vector<float> x(size_t(q.batch * q.in_channels * q.in_size[0] * q.in_size[1] * q.in_size[2]), 1.0f);
    std::vector<float> y(size_t(q.batch * q.out_channels * out[0] * out[1] * out[2]));
    return gx_conv(device, GX_FLOAT32, &q, x.data(), nullptr, nullptr, packed.data(), y.data());
  };
  EXPECT_OK(run(p));
  gx_conv_params q = p;
  q.batch = 3, q.in_size[1] = 9, q.padding[1] = q.padding[2] = 1;
  gx_conv_packing other = {};
  ASSERT_OK(gx_conv_packing_of(device, GX_FLOAT32, &q, &other));
  if (other.form == packing.form) {
    EXPECT_OK(run(q));
  }
  q = p;
  q.dilation[1] = 2;
  EXPECT_REFUSED("packed must be weights of form", run(q));
  q = p;
  set_live(q, 4);
  EXPECT_REFUSED("packed must be weights of form", run(q));
  q = p;
  q.in_channels = 9;
  EXPECT_REFUSED("packed must be weights of form", run(q));
  EXPECT_REFUSED("packed must be aligned to 64 bytes",
                 gx_conv_pack(device, GX_FLOAT32, &p, o.W.data(), packed.data() + 1));
}

TEST(Conv, WhatAMaskHidesNeverReachesAnOutput) {
  for (gx_conv_params p : {conv_of_name("t0:n2:c6>33:g1:i1x9x11:k1x5x5:s1x1x1:p0x2x2:d1x1x1:o0x0x0:m1fff.0.0.0:q3.0"),
                           conv_of_name("t0:n1:c6>18:g1:i1x8x8:k1x3x3:s1x1x1:p0x1x1:d1x1x1:o0x0x0:m1f.0.0.0:q2.1"),
                           conv_of_name("t0:n1:c2>3:g1:i1x7x7:k1x7x7:s1x1x1:p0x3x3:d1x1x1:o0x0x0:mffffff.0.0.0")}) {
    const CheckedConv checked_conv = check::conv(&p);
    const ConvShape& s = checked_conv.shape;
    const ConvOperands o(s, false, 13);
    const std::vector<float> before = conv(p, o.x, o.W, o.b);
    const int64_t width = p.in_size[2], pixels = s.in_pixels, colours = p.colours > 1 ? p.colours : 1;
    for (int64_t pixel : {int64_t(0), width + 2, pixels / 2, pixels - 1}) {
      for (int64_t c = 0; c < p.in_channels; ++c) {
        std::vector<float> x = o.x;
        x[size_t(c * pixels + pixel)] = NAN;
        const std::vector<float> after = conv(p, x, o.W, o.b);
        const int64_t colour = c / (p.in_channels / colours);
        for (int64_t i = 0; i < s.p.out_channels * pixels; ++i) {
          const int64_t other = i % pixels, out_colour = i / pixels / (p.out_channels / colours);
          const int64_t dy = other / width - pixel / width, dx = other % width - pixel % width;
          const int64_t reach = p.kernel[1] / 2;
          const bool near = std::abs(dx) <= reach && std::abs(dy) <= reach;
          const bool later = other > pixel;
          const bool same = other == pixel && (p.centre_is_strict ? out_colour > colour : out_colour >= colour) &&
                            (p.live_taps[0] >> (s.kernel_taps / 2) & 1);
          const bool reached = near && (later || same);
          EXPECT_EQ(std::isnan(after[size_t(i)]), reached) << "pixel " << pixel << " channel " << c << " output " << i;
          if (!reached) {
            EXPECT_EQ(after[size_t(i)], before[size_t(i)]);
          }
        }
      }
    }
  }
}

TEST(Conv, WhatIsOutsideMultipliesNothing) {
  // An infinite weight makes infinities where it meets something, and nothing where it lies outside.
  for (int32_t transposed : {0, 1}) {
    gx_conv_params p = conv_params(2, 3, 20, 6, 6, 3, 3);
    p.transposed = transposed;
    p.padding[1] = p.padding[2] = 1;
    p.stride[2] = 2;
    const CheckedConv checked_conv = check::conv(&p);
    const ConvShape& s = checked_conv.shape;
    ConvOperands o(s, false, 17);
    o.W[0] = INFINITY, o.W[13] = NAN;
    std::vector<float> want(o.y.size());
    reference::conv(s, o.x.data(), o.W.data(), o.b.data(), want.data());
    EXPECT_TRUE(close(conv(p, o.x, o.W, o.b), want, conv_tolerance("", s, false)));
  }
}

TEST(Conv, NanAndInfinityTravel) {
  gx_conv_params p = conv_params(1, 2, 20, 8, 8, 3, 3);
  p.padding[1] = p.padding[2] = 1;
  const CheckedConv checked_conv = check::conv(&p);
  const ConvShape& s = checked_conv.shape;
  ConvOperands o(s, false, 19);
  o.x[3 * 8 + 3] = INFINITY, o.x[64 + 6 * 8 + 6] = NAN;
  std::vector<float> want(o.y.size());
  reference::conv(s, o.x.data(), o.W.data(), o.b.data(), want.data());
  int count = 0;
  const ConvVariant* const variants = conv_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa) || std::strcmp(variants[v].line.variant, "taps") != 0) continue;
    Runner runner(1);
    std::vector<float> got(want.size());
    runner.run(variants[v], s, o.x.data(), o.W.data(), o.b.data(), got.data());
    EXPECT_TRUE(close(got, want, conv_tolerance("taps", s, false)));
  }
}

TEST(Conv, SizesFollowTheFormula) {  // oracle 65
  Source source(23);
  for (int i = 0; i < 300; ++i) {
    const gx_conv_params p = random_conv(source);
    int64_t out[3];
    ASSERT_OK(gx_conv_out_size(&p, out));
    for (int a = 0; a < 3; ++a) {
      const int64_t in = p.in_size[a], k = p.kernel[a], s = p.stride[a], d = p.dilation[a], pad = p.padding[a];
      const int64_t want = p.transposed ? (in - 1) * s - 2 * pad + d * (k - 1) + p.output_padding[a] + 1
                                        : int64_t(std::floor(double(in + 2 * pad - d * (k - 1) - 1) / double(s))) + 1;
      EXPECT_EQ(out[a], want) << conv_replay(p);
    }
  }
}

TEST(Conv, TheTransposeIsTheAdjoint) {  // oracle 64: <A x, y> = <x, A^T y>, exact on integers
  int tried = 0;
  for (gx_conv_params p : conv_grid(150, 29)) {
    p.activation = GX_ACTIVATION_NONE, p.activation_p = 0;
    gx_conv_params q;
    if (!adjoint_of(p, &q)) continue;
    ++tried;
    const CheckedConv checked_conv = check::conv(&p);
    const ConvShape& s = checked_conv.shape;
    const auto x = drawn<float>(s.in_count(), 1), W = drawn<float>(s.weight_count(), 2),
               y = drawn<float>(s.out_count(), 3);
    const std::vector<float> Ax = conv(p, x, W), ATy = conv(q, y, W);
    ASSERT_EQ(ATy.size(), x.size()) << conv_replay(p);
    EXPECT_NEAR(dot(Ax, y), dot(x, ATy), 1e-5 * (1 + std::sqrt(dot(Ax, Ax) * dot(y, y)))) << conv_replay(p);
    const auto xd = std::vector<double>(x.begin(), x.end()), Wd = std::vector<double>(W.begin(), W.end()),
               yd = std::vector<double>(y.begin(), y.end());
    EXPECT_EQ(dot(conv(p, xd, Wd), yd), dot(xd, conv(q, yd, Wd))) << conv_replay(p);
  }
  EXPECT_GT(tried, quick() || std::getenv("GENERATRIX_CONV_SHAPE") ? 0 : 80);
}

TEST(Conv, TheTransposesMatrixIsTheTransposedMatrix) {  // oracle 64: column by column from unit vectors
  int tried = 0;
  for (gx_conv_params p : conv_grid(300, 31)) {
    p.activation = GX_ACTIVATION_NONE, p.activation_p = 0;
    p.batch = 1;
    gx_conv_params q;
    if (!adjoint_of(p, &q)) continue;
    const CheckedConv checked_conv = check::conv(&p);
    const ConvShape& s = checked_conv.shape;
    const int64_t in = s.in_count(), out = s.out_count();
    if (in > 60 || out > 60) continue;
    ++tried;
    const auto W = drawn<float>(s.weight_count(), 2);
    // All unit vectors as one batch.
    const auto columns = [&](gx_conv_params r, int64_t n) {
      std::vector<float> unit(size_t(n * n), 0.0f);
      for (int64_t i = 0; i < n; ++i) unit[size_t(i * n + i)] = 1;
      r.batch = n;
      return conv(r, unit, W);
    };
    const std::vector<float> A = columns(p, in), AT = columns(q, out);
    for (int64_t i = 0; i < in; ++i) {
      for (int64_t j = 0; j < out; ++j) {
        ASSERT_EQ(A[size_t(i * out + j)], AT[size_t(j * in + i)]) << i << ", " << j << "\n" << conv_replay(p);
      }
    }
  }
  EXPECT_GT(tried, quick() || std::getenv("GENERATRIX_CONV_SHAPE") ? -1 : 20);
}

TEST(Conv, TheTransposeIsTheGradientWithRespectToTheInput) {  // oracle 65, by differences
  int tried = 0;
  for (gx_conv_params p : conv_grid(200, 37)) {
    p.activation = GX_ACTIVATION_NONE, p.activation_p = 0;
    gx_conv_params q;
    if (p.transposed || !adjoint_of(p, &q)) continue;
    const CheckedConv checked_conv = check::conv(&p);
    const ConvShape& s = checked_conv.shape;
    if (s.in_count() > 200) continue;
    ++tried;
    auto x = drawn<double>(s.in_count(), 1);
    const auto W = drawn<double>(s.weight_count(), 2), dy = drawn<double>(s.out_count(), 3);
    const std::vector<float> gradient =
        conv(q, std::vector<float>(dy.begin(), dy.end()), std::vector<float>(W.begin(), W.end()));
    Source source(41);
    for (int trial = 0; trial < 8; ++trial) {
      const size_t i = size_t(source.integer(0, s.in_count() - 1));
      const double before = x[i];
      x[i] = before + 1;  // linear, so that any step gives the slope
      const double up = dot(conv(p, x, W), dy);
      x[i] = before - 1;
      const double slope = (up - dot(conv(p, x, W), dy)) / 2;
      x[i] = before;
      EXPECT_NEAR(double(gradient[i]), slope, 1e-4 * (1 + std::fabs(slope))) << conv_replay(p);
    }
  }
  EXPECT_GT(tried, quick() || std::getenv("GENERATRIX_CONV_SHAPE") ? -1 : 20);
}

TEST(Conv, TheTransposeIsZeroInsertionAndTheFlippedKernel) {  // oracle 66
  int tried = 0;
  for (gx_conv_params p : conv_grid(200, 43)) {
    if (!p.transposed || p.groups != 1 || p.colours > 1) continue;
    bool cropped = false;
    gx_conv_params q = p;
    q.transposed = 0;
    for (uint64_t& word : q.live_taps) word = 0;
    const int64_t taps = p.kernel[0] * p.kernel[1] * p.kernel[2];
    for (int a = 0; a < 3; ++a) {
      const int64_t pad = p.dilation[a] * (p.kernel[a] - 1) - p.padding[a];
      cropped = cropped || pad < 0;
      q.padding[a] = pad, q.stride[a] = 1, q.output_padding[a] = 0;
      // The output padding is more room behind the last pixel: zeros are inserted there too.
      q.in_size[a] = (p.in_size[a] - 1) * p.stride[a] + 1 + p.output_padding[a];
    }
    if (cropped) continue;
    ++tried;
    const CheckedConv checked_conv = check::conv(&p);
    const ConvShape& s = checked_conv.shape;
    const auto x = drawn<float>(s.in_count(), 1), W = drawn<float>(s.weight_count(), 2),
               b = drawn<float>(s.p.out_channels, 3);
    std::vector<float> wide(size_t(q.batch * q.in_channels * q.in_size[0] * q.in_size[1] * q.in_size[2]), 0.0f);
    for (int64_t i = 0; i < s.in_count(); ++i) {
      const int64_t plane = i / s.in_pixels, w = i % p.in_size[2], h = i / p.in_size[2] % p.in_size[1],
                    d = i / p.in_size[2] / p.in_size[1] % p.in_size[0];
      wide[size_t(((plane * q.in_size[0] + d * p.stride[0]) * q.in_size[1] + h * p.stride[1]) * q.in_size[2] +
                  w * p.stride[2])] = x[size_t(i)];
    }
    std::vector<float> flipped(W.size(), 0.0f);
    for (int64_t c = 0; c < p.in_channels; ++c) {
      for (int64_t o = 0; o < p.out_channels; ++o) {
        for (int64_t t = 0; t < s.live_taps; ++t) {
          const int64_t tap = s.taps[t].index;
          flipped[size_t((o * p.in_channels + c) * taps + taps - 1 - tap)] =
              W[size_t((c * p.out_channels + o) * taps + tap)];
        }
      }
    }
    const double eps = 4e-7;
    EXPECT_TRUE(close(conv(p, x, W, b), conv(q, wide, flipped, b), {1e-6, eps, true})) << conv_replay(p);
  }
  EXPECT_GT(tried, quick() || std::getenv("GENERATRIX_CONV_SHAPE") ? -1 : 20);
}

// How many input pixels reach each output pixel of a transposed convolution.
std::vector<float> overlaps(int64_t size, int64_t kernel, int64_t stride) {
  gx_conv_params p = conv_params(1, 1, 1, size, size, kernel, kernel);
  p.transposed = 1;
  p.stride[1] = p.stride[2] = stride;
  return conv(p, std::vector<float>(size_t(size * size), 1.0f), std::vector<float>(size_t(kernel * kernel), 1.0f));
}

TEST(Conv, OverlapsOfATransposedConvolutionMakeACheckerboard) {  // oracle 68
  for (const auto& [kernel, stride] : {std::pair<int64_t, int64_t>{3, 2}, {4, 2}, {5, 3}, {6, 3}, {2, 2}, {2, 3}}) {
    const int64_t size = 6, out = (size - 1) * stride + kernel;
    const std::vector<float> counts = overlaps(size, kernel, stride);
    const auto along = [&, k = kernel, s = stride](int64_t at) {
      float n = 0;
      for (int64_t i = 0; i < size; ++i) n += at - i * s >= 0 && at - i * s < k ? 1 : 0;
      return n;
    };
    bool even = true;
    for (int64_t y = 0; y < out; ++y) {
      for (int64_t x = 0; x < out; ++x) {
        const float n = counts[size_t(y * out + x)];
        EXPECT_EQ(n, along(y) * along(x)) << kernel << ", " << stride;
        const bool inner = y >= kernel && y < out - kernel && x >= kernel && x < out - kernel;
        if (inner) even = even && n == counts[size_t(kernel * out + kernel)];
      }
    }
    EXPECT_EQ(even, kernel % stride == 0) << kernel << ", " << stride;
  }
}

TEST(Conv, ADilatedKernelIsOneStuffedWithZeros) {  // oracle 71
  for (int32_t transposed : {0, 1}) {
    for (int64_t dilation : {2, 3, 4, 8}) {
      gx_conv_params p = conv_params(2, 5, 20, 21, 19, 3, 3), q = p;
      p.transposed = q.transposed = transposed;
      p.dilation[1] = p.dilation[2] = dilation;
      q.kernel[1] = q.kernel[2] = 2 * dilation + 1;
      p.padding[1] = p.padding[2] = q.padding[1] = q.padding[2] = dilation;
      const auto x = drawn<float>(2 * 5 * 21 * 19, 1), W = drawn<float>(5 * 20 * 9, 2);
      const int64_t taps = q.kernel[1] * q.kernel[2];
      std::vector<float> stuffed(size_t(100 * taps), 0.0f);
      for (int64_t i = 0; i < 900; ++i) {
        stuffed[size_t(i / 9 * taps + i % 9 / 3 * dilation * q.kernel[2] + i % 3 * dilation)] = W[size_t(i)];
      }
      EXPECT_TRUE(close(conv(p, x, W), conv(q, x, stuffed), {1e-4, 0, false})) << conv_replay(p);
    }
  }
}

TEST(Conv, DilationWidensTheReceptiveField) {  // oracle 71: 3, 7, 15 pixels after dilations 1, 2, 4
  const int64_t size = 31;
  std::vector<float> y(size_t(size * size), 0.0f);
  y[size_t(size / 2 * size + size / 2)] = 1;
  int64_t dilation = 1;
  for (int64_t field : {3, 7, 15}) {
    gx_conv_params p = conv_params(1, 1, 1, size, size, 3, 3);
    for (int a : {1, 2}) p.dilation[a] = p.padding[a] = dilation;
    y = conv(p, y, std::vector<float>(9, 1.0f));
    int64_t seen = 0;
    for (float v : y) seen += v != 0;
    EXPECT_EQ(seen, field * field);
    dilation *= 2;
  }
}

TEST(Conv, TheLecturesNumbers) {
  // EE-559, transposed convolutions: an impulse and the kernel (1, 2, 3), also with stride and dilation.
  const std::vector<float> x = {0, 0, 1, 0, 0, 0, 0}, W = {1, 2, 3};
  gx_conv_params p = conv_params(1, 1, 1, 1, 7, 1, 3);
  EXPECT_EQ(conv(p, x, W), (std::vector<float>{3, 2, 1, 0, 0}));
  p.transposed = 1;
  EXPECT_EQ(conv(p, x, W), (std::vector<float>{0, 0, 1, 2, 3, 0, 0, 0, 0}));
  p.stride[2] = 2;
  EXPECT_EQ(conv(p, x, W), (std::vector<float>{0, 0, 0, 0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0}));
  p.stride[2] = 1, p.dilation[2] = 2;
  EXPECT_EQ(conv(p, x, W), (std::vector<float>{0, 0, 1, 0, 2, 0, 3, 0, 0, 0, 0}));
  // Two impulses whose kernels overlap: k = 3 pushed every 2 pixels adds up where they meet.
  p.dilation[2] = 1, p.stride[2] = 2, p.in_size[2] = 2;
  EXPECT_EQ(conv(p, {1, 1}, W), (std::vector<float>{1, 2, 4, 2, 3}));
}

TEST(Conv, DoublesAreTheReference) {
  for (const gx_conv_params& p : conv_grid(20, 47)) {
    const CheckedConv checked_conv = check::conv(&p);
    const ConvShape& s = checked_conv.shape;
    const auto x = drawn<double>(s.in_count(), 1), W = drawn<double>(s.weight_count(), 2),
               b = drawn<double>(s.p.out_channels, 3);
    std::vector<double> want(size_t(s.out_count()));
    reference::conv(s, x.data(), W.data(), b.data(), want.data());
    EXPECT_EQ(conv(p, x, W, b), want);
  }
}

TEST(Conv, RefusesWhatItCannotDo) {
  Device device;
  std::vector<float> x(4096), W(4096), b(64), y(65536);
  const gx_conv_params good = conv_params(1, 4, 6, 8, 8, 3, 3);
  const auto run = [&](const gx_conv_params& p) {
    return gx_conv(device, GX_FLOAT32, &p, x.data(), W.data(), b.data(), nullptr, y.data());
  };
  EXPECT_OK(run(good));
  EXPECT_REFUSED("device", gx_conv(nullptr, GX_FLOAT32, &good, x.data(), W.data(), nullptr, nullptr, y.data()));
  EXPECT_REFUSED("params", gx_conv(device, GX_FLOAT32, nullptr, x.data(), W.data(), nullptr, nullptr, y.data()));
  EXPECT_REFUSED("format", gx_conv(device, GX_BITS, &good, x.data(), W.data(), nullptr, nullptr, y.data()));
  EXPECT_REFUSED("x must not be null",
                 gx_conv(device, GX_FLOAT32, &good, nullptr, W.data(), nullptr, nullptr, y.data()));
  EXPECT_REFUSED("W must not be null",
                 gx_conv(device, GX_FLOAT32, &good, x.data(), nullptr, nullptr, nullptr, y.data()));
  EXPECT_REFUSED("y must not be null",
                 gx_conv(device, GX_FLOAT32, &good, x.data(), W.data(), nullptr, nullptr, nullptr));
  EXPECT_REFUSED("overlap", gx_conv(device, GX_FLOAT32, &good, x.data(), W.data(), nullptr, nullptr, x.data()));
  EXPECT_REFUSED("out_size must not be null", gx_conv_out_size(&good, nullptr));
  EXPECT_REFUSED("packing must not be null", gx_conv_packing_of(device, GX_FLOAT32, &good, nullptr));
  gx_conv_packing packing;
  EXPECT_REFUSED("device", gx_conv_packing_of(nullptr, GX_FLOAT32, &good, &packing));
  const auto refused = [&](const char* part, auto change) {
    gx_conv_params p = good;
    change(p);
    EXPECT_REFUSED(part, run(p));
  };
  using P = gx_conv_params;
  refused("batch", [](P& p) { p.batch = -1; });
  refused("groups", [](P& p) { p.groups = 0; });
  refused("groups must divide", [](P& p) { p.groups = 3; });
  refused("in_channels", [](P& p) { p.in_channels = 0; });
  refused("out_channels", [](P& p) { p.out_channels = 0; });
  refused("in_size", [](P& p) { p.in_size[1] = 0; });
  refused("kernel", [](P& p) { p.kernel[2] = 0; });
  refused("stride", [](P& p) { p.stride[1] = 0; });
  refused("dilation", [](P& p) { p.dilation[1] = 0; });
  refused("padding", [](P& p) { p.padding[1] = -1; });
  refused("output_padding must be below 1", [](P& p) { p.output_padding[1] = 1; });
  refused("output_padding must be below 2", [](P& p) {
    p.transposed = 1;
    p.stride[1] = p.output_padding[1] = 2;
  });
  refused("at least 1 pixel", [](P& p) { p.kernel[1] = 9; });
  refused("at most 2^30", [](P& p) { p.stride[1] = (int64_t(1) << 30) + 1; });
  refused("must be below the kernel's 9", [](P& p) { set_live(p, 9); });
  refused("at most 256 taps", [](P& p) {
    p.in_size[2] = 300, p.kernel[2] = 100;
    set_live(p, 0);
  });
  refused("colours", [](P& p) { p.colours = -1; });
  refused("colours need one group", [](P& p) { p.colours = 4; });
  refused("must be odd", [](P& p) { p.colours = 2, p.kernel[1] = 2; });
  refused("activation", [](P& p) { p.activation = gx_activation(7); });
  refused("activation_p", [](P& p) { p.activation_p = NAN; });
  gx_conv_params none = good;
  none.batch = 0;
  EXPECT_OK(run(none));
}

}  // namespace
}  // namespace gx::test
