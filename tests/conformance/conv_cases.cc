// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cctype>
#include <cmath>

#include "case.h"
#include "conv_shapes.h"

namespace gx::test {
namespace {

std::string case_name(const std::string& prefix, const gx_conv_params& p) {
  std::string name = prefix + "_" + conv_name(p);
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

// The array from its second element on, so that it lies on no grid but that of its elements.
template <class P>
P shifted(const Run& run, P array, bool by_one) {
  return reinterpret_cast<P>(uintptr_t(array) + (by_one ? run.format() == GX_FLOAT64 ? 8 : 4 : 0));
}

struct Operands {
  std::vector<float> x, W, b, dz;
  Operands(const ConvShape& s, bool whole, uint64_t seed) {
    const auto draw = [&](int64_t n, uint64_t own) {
      return whole ? integers(n, -4, 4, seed + own) : reals(n, -1, 1, seed + own);
    };
    x = draw(s.in_count() + 1, 1), W = draw(s.weight_count(), 2);
    b = draw(s.p.out_channels, 3), dz = draw(s.out_count() + 1, 4);
  }
};

// A GPU in another precision for a while; a CPU stays as it is. Small integers are exact in all.
class Precisely {
 public:
  Precisely(Run& run, gx_precision precision) : run_(run) { set(precision); }
  ~Precisely() { set(GX_PRECISION_FP32); }

 private:
  void set(gx_precision precision) {
    gx_backend backend;
    run_.ok(gx_device_get_backend(run_.device(), &backend));
    if (backend == GX_BACKEND_CUDA) run_.ok(gx_device_set_precision(run_.device(), precision));
  }
  Run& run_;
};

Tolerance tolerance_of(const ConvShape& s, bool whole) { return conv_tolerance("", s, whole); }

// A term for each pixel.
Tolerance gradient_tolerance(const ConvShape& s, bool whole) {
  const double pixels = double(s.p.batch * (s.p.transposed ? s.in_pixels : s.out_pixels));
  return whole ? Tolerance{0, 0, true} : Tolerance{kEpsilon * (4 + pixels), 4 * kEpsilon, true};
}

// The convolution and the gradient of its weights, or the former alone.
enum Calls { kBothCalls, kForward };

void run_conv(Run& run, const gx_conv_params& p, bool whole, bool bias, bool odd, uint64_t seed,
              Calls calls = kBothCalls) {
  const CheckedConv checked = check::conv(&p);
  const ConvShape& s = checked.shape;
  const Operands o(s, whole, seed);
  const void* const x = shifted(run, run.real(o.x), odd);
  const void* const W = run.real(o.W);
  const void* const b = bias ? run.real(o.b) : nullptr;
  const void* const dz = shifted(run, run.real(o.dz), odd);
  void* const y = shifted(run, run.out(s.out_count() + odd, tolerance_of(s, whole)), odd);
  run.ok(gx_conv(run.device(), run.format(), &p, x, W, b, nullptr, y));
  if (calls == kForward) return;
  void* const dW = run.out(s.weight_count(), gradient_tolerance(s, whole));
  run.ok(gx_conv_weight_gradient(run.device(), run.format(), &p, x, dz, dW));
}

GX_CASES(conv) {
  Source source(83);
  for (int i = 0; i < 24; ++i) {
    const gx_conv_params p = random_conv(source);
    const bool whole = i % 3 != 0;
    add_case("conv", case_name("grid" + std::to_string(i), p),
             [=](Run& run) { run_conv(run, p, whole, i % 4 != 0, i % 5 == 4, uint64_t(i)); });
  }
  const char* const names[] = {
      // Tiles of 128 and of 64 rows; parts of the terms.
      "t0:n3:c9>70:g1:i1x8x8:k1x3x3:s1x1x1:p0x1x1:d1x1x1:o0x0x0:a2.200",
      "t0:n2:c64>40:g1:i1x9x9:k1x3x3:s1x1x1:p0x1x1:d1x1x1:o0x0x0:a4.0",
      "t0:n3:c130>20:g1:i1x8x8:k1x4x4:s1x2x2:p0x1x1:d1x1x1:o0x0x0:a1.0",
      "t0:n2:c12>140:g1:i1x13x9:k1x3x3:s1x1x1:p0x1x1:d1x1x1:o0x0x0",
      "t0:n5:c33>100:g1:i1x4x4:k1x4x4:s1x1x1:p0x0x0:d1x1x1:o0x0x0",
      // Phases of a transposed convolution: alike, of different numbers of taps, some without any; a single pixel.
      "t1:n5:c50>30:g1:i1x4x4:k1x4x4:s1x2x2:p0x1x1:d1x1x1:o0x0x0:a1.0",
      "t1:n2:c9>17:g1:i1x5x6:k1x3x3:s1x2x2:p0x1x1:d1x1x1:o0x1x1",
      "t1:n1:c9>12:g1:i1x7x5:k1x5x5:s1x2x2:p0x2x2:d1x1x1:o0x1x0",
      "t1:n2:c3>10:g1:i1x4x5:k1x2x2:s1x3x3:p0x0x0:d1x1x1:o0x2x1:a6.0",
      "t1:n7:c10>66:g1:i1x1x1:k1x4x4:s1x1x1:p0x0x0:d1x1x1:o0x0x0:a1.0",
      "t1:n3:c6>10:g2:i1x1x1:k1x4x4:s1x2x2:p0x1x1:d1x1x1:o0x1x0",
      "t1:n2:c20>16:g2:i1x13x10:k1x3x3:s1x2x3:p0x1x0:d1x1x1:o0x1x2:a5.0",
      "t1:n2:c9>21:g1:i5x6x4:k3x2x4:s2x3x2:p1x0x1:d1x1x1:o1x0x0",
      "t1:n2:c12>9:g1:i1x6x6:k1x3x3:s1x2x2:p0x0x0:d1x2x2:o0x1x1",
      // Few output channels: 1, up to 4, up to 8; parts of the terms; depthwise; pixels of more than one block.
      "t1:n3:c20>3:g1:i1x6x6:k1x4x4:s1x2x2:p0x1x1:d1x1x1:o0x0x0:a4.0",
      "t0:n2:c40>40:g40:i1x6x7:k1x5x5:s1x1x1:p0x2x2:d1x1x1:o0x0x0",
      "t0:n1:c2>5:g1:i1x40x41:k1x3x3:s1x1x1:p0x4x4:d1x4x4:o0x0x0",
      "t0:n2:c1>1:g1:i1x33x40:k1x3x3:s1x1x1:p0x1x1:d1x1x1:o0x0x0",
      "t0:n1:c3>64:g1:i1x10x9:k1x3x3:s1x1x1:p0x1x1:d1x1x1:o0x0x0",
      // Masks and colours.
      "t0:n2:c32>64:g1:i1x9x8:k1x3x3:s1x1x1:p0x1x1:d1x1x1:o0x0x0:m1f.0.0.0",
      "t0:n2:c3>33:g1:i1x12x12:k1x7x7:s1x1x1:p0x3x3:d1x1x1:o0x0x0:mffffff.0.0.0",
      "t0:n2:c12>24:g1:i1x10x8:k1x5x5:s1x1x1:p0x2x2:d1x1x1:o0x0x0:m1fff.0.0.0:q3.1",
      "t1:n2:c12>24:g1:i1x10x8:k1x5x5:s1x1x1:p0x2x2:d1x1x1:o0x0x0:m1fff.0.0.0:q3.0",
      "t0:n2:c6>6:g1:i1x7x8:k1x3x3:s1x1x1:p0x1x1:d1x1x1:o0x0x0:m1f.0.0.0:q3.0",
      // One and three axes; strides beyond the kernel.
      "t0:n2:c40>20:g1:i1x1x300:k1x1x16:s1x1x5:p0x0x7:d1x1x3:o0x0x0:a6.0",
      "t0:n2:c21>9:g1:i6x7x8:k3x3x3:s1x2x1:p1x1x1:d1x1x2:o0x0x0",
      "t0:n2:c5>20:g1:i1x9x9:k1x1x1:s1x3x2:p0x0x0:d1x1x1:o0x0x0",
      // What no table holds.
      "t0:n2:c2>10:g1:i1x1x60:k1x1x40:s1x1x1:p0x0x3:d1x1x1:o0x0x0:a1.0",
      "t1:n1:c2>9:g1:i1x1x9:k1x1x70:s1x1x2:p0x0x3:d1x1x1:o0x0x0",
      "t0:n1:c3>9:g1:i1x3x4:k1x1x1:s1x1x1:p0x0x1:d1x1x1073741824:o0x0x0",
  };
  int i = 0;
  for (const char* name : names) {
    const gx_conv_params p = conv_of_name(name);
    ++i;
    add_case("conv", case_name("named" + std::to_string(i), p),
             [=](Run& run) { run_conv(run, p, true, true, false, uint64_t(i)); });
    if (i % 5 == 0) {
      add_case("conv", case_name("reals" + std::to_string(i), p),
               [=](Run& run) { run_conv(run, p, false, i % 2 == 0, true, uint64_t(i)); });
    }
  }
  // Large tiles, which need 200 of them; parts of the terms of few channels.
  for (const char* name : {
           "t0:n1:c200>13000:g200:i1x3x3:k1x1x1:s1x1x1:p0x0x0:d1x1x1:o0x0x0",
           "t0:n9:c80>1:g1:i1x4x4:k1x4x4:s1x1x1:p0x0x0:d1x1x1:o0x0x0:a5.0",
           "t0:n5:c50>7:g1:i1x4x4:k1x4x4:s1x1x1:p0x0x0:d1x1x1:o0x0x0:a3.700",
       }) {
    const gx_conv_params p = conv_of_name(name);
    add_case("conv", case_name("forward", p), [=](Run& run) { run_conv(run, p, true, true, false, 7, kForward); });
  }
  for (const gx_precision precision : {GX_PRECISION_TF32, GX_PRECISION_BF16}) {
    for (const char* shape : {
             "t0:n2:c12>140:g1:i1x12x8:k1x3x3:s1x1x1:p0x1x1:d1x1x1:o0x0x0",
             "t1:n5:c10>30:g1:i1x4x4:k1x4x4:s1x2x2:p0x1x1:d1x1x1:o0x0x0:a1.0",
             "t1:n2:c8>20:g2:i1x5x6:k1x3x3:s1x2x2:p0x1x1:d1x1x1:o0x1x1",
             "t0:n2:c6>66:g1:i1x9x7:k1x3x3:s1x1x1:p0x1x1:d1x1x1:o0x0x0:m1f.0.0.0",
         }) {
      const gx_conv_params p = conv_of_name(shape);
      add_case("conv", case_name(precision == GX_PRECISION_TF32 ? "tf32" : "bf16", p), [=](Run& run) {
        const Precisely precisely(run, precision);
        run_conv(run, p, true, true, false, 5);
      });
    }
  }
}

// A NaN and infinities among the operands: what lies outside or under a mask multiplies nothing.
GX_CASES(conv_not_finite) {
  for (const char* name : {
           "t0:n2:c3>10:g1:i1x5x6:k1x3x3:s1x1x1:p0x1x1:d1x1x1:o0x0x0:a1.0",
           "t0:n2:c3>3:g1:i1x5x6:k1x3x3:s1x1x1:p0x1x1:d1x1x1:o0x0x0",
           "t1:n2:c9>10:g1:i1x3x4:k1x4x4:s1x2x2:p0x1x1:d1x1x1:o0x0x0",
           "t0:n2:c6>12:g1:i1x5x5:k1x3x3:s1x1x1:p0x1x1:d1x1x1:o0x0x0:m1f.0.0.0:q3.1",
           "t1:n2:c9>2:g1:i1x3x4:k1x4x4:s1x2x2:p0x1x1:d1x1x1:o0x0x0",
       }) {
    const gx_conv_params p = conv_of_name(name);
    add_case("conv", case_name("not_finite", p), [p](Run& run) {
      const CheckedConv checked = check::conv(&p);
      const ConvShape& s = checked.shape;
      const Operands o(s, true, 3);
      std::vector<float> x = o.x, W = o.W, bad_x = o.x, bad_dz = o.dz;
      W[4] = NAN;
      W[size_t(s.kernel_taps) + 2] = INFINITY;
      bad_x[1] = NAN;
      bad_x[x.size() - 3] = -INFINITY;
      bad_dz[0] = INFINITY;
      bad_dz[bad_dz.size() - 2] = NAN;
      const void* const of_x = run.real(x);
      const void* const of_bad_x = run.real(bad_x);
      const void* const of_bad_dz = run.real(bad_dz);
      const void* const of_W = run.real(W);
      const void* const of_good_W = run.real(o.W);
      void* const y = run.out(s.out_count(), {0, 0, true});
      void* const other_y = run.out(s.out_count(), {0, 0, true});
      void* const dW = run.out(s.weight_count(), {0, 0, true});
      run.ok(gx_conv(run.device(), run.format(), &p, of_x, of_W, nullptr, nullptr, y));
      run.ok(gx_conv(run.device(), run.format(), &p, of_bad_x, of_good_W, nullptr, nullptr, other_y));
      run.ok(gx_conv_weight_gradient(run.device(), run.format(), &p, of_x, of_bad_dz, dW));
    });
  }
}

GX_CASE(conv, no_examples) {
  const gx_conv_params p = conv_of_name("t0:n0:c3>10:g1:i1x5x6:k1x3x3:s1x1x1:p0x1x1:d1x1x1:o0x0x0");
  const void* const W = run.real(reals(270, -1, 1, 1));
  void* const dW = run.out(270, {0, 0, true});
  run.ok(gx_conv(run.device(), run.format(), &p, nullptr, W, nullptr, nullptr, nullptr));
  run.ok(gx_conv_weight_gradient(run.device(), run.format(), &p, nullptr, nullptr, dW));
}

// A GPU packs nothing and says so; what is packed for a CPU is of no use to it.
GX_CASE(conv, packing) {
  const gx_conv_params p = conv_of_name("t0:n2:c8>40:g1:i1x9x9:k1x3x3:s1x1x1:p0x0x0:d1x1x1:o0x0x0");
  gx_backend backend;
  gx_conv_packing packing = {1, 1};
  run.ok(gx_device_get_backend(run.device(), &backend));
  run.ok(gx_conv_packing_of(run.device(), run.format(), &p, &packing));
  const void* const W = run.real(reals(40 * 8 * 9, -1, 1, 1));
  if (backend == GX_BACKEND_CUDA) {
    EXPECT_EQ(0, packing.bytes);
    EXPECT_EQ(GX_INVALID_ARGUMENT,
              gx_conv_pack(run.device(), run.format(), &p, W, const_cast<void*>(run.real(std::vector<float>(4096)))));
  } else {
    EXPECT_EQ(run.format() == GX_FLOAT32, packing.bytes > 0);
  }
}

GX_CASES(conv_bias_gradient) {
  struct Size {
    int64_t batch, channels, pixels;
  };
  int i = 0;
  for (const Size& size :
       {Size{5, 7, 1}, Size{33, 300, 4}, Size{3, 5, 16}, Size{2, 3, 257}, Size{4, 9, 128}, Size{3, 2, 1024},
        Size{70, 2, 516}, Size{2, 1, 17000}, Size{1, 2, 4099}, Size{0, 3, 4}, Size{257, 1, 49}}) {
    for (const bool odd : {false, true}) {
      const auto activation = gx_activation(i % (GX_ACTIVATION_SOFTPLUS + 1));
      const std::string name = std::to_string(size.batch) + "_" + std::to_string(size.channels) + "_" +
                               std::to_string(size.pixels) + (odd ? "_odd" : "");
      ++i;
      add_case("conv_bias_gradient", name, [=](Run& run) {
        const int64_t count = size.batch * size.channels * size.pixels;
        const gx_conv_bias_params p = {size.batch, size.channels, size.pixels, activation, 0.3};
        const std::vector<float> of_dy = reals(count + 1, -1, 1, 5), of_y = reals(count + 1, -0.2, 0.9, 6);
        const Tolerance close = {4 * kEpsilon, 4 * kEpsilon, true};
        const Tolerance sum = {4 * kEpsilon * std::sqrt(double(count + 1)), 4 * kEpsilon, true};
        const void* const dy = shifted(run, run.real(of_dy), odd);
        void* const in_place = shifted(run, run.inout(of_dy, close), odd);
        const void* const y = activation == GX_ACTIVATION_NONE ? nullptr : shifted(run, run.real(of_y), odd);
        void* const dz = shifted(run, run.out(count + odd, close), odd);
        void* const db = run.out(size.channels, sum);
        void* const db_alone = run.out(size.channels, sum);
        run.ok(gx_conv_bias_gradient(run.device(), run.format(), &p, dy, y, dz, db));
        run.ok(gx_conv_bias_gradient(run.device(), run.format(), &p, dy, y, nullptr, db_alone));
        run.ok(gx_conv_bias_gradient(run.device(), run.format(), &p, in_place, y, in_place, nullptr));
      });
    }
  }
}

}  // namespace
}  // namespace gx::test
