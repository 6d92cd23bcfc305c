// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Shapes for the tests of convolutions: a random grid with everything in it, each shape by a name that can be typed
// back. GENERATRIX_CONV_SHAPE=<name> runs the tests of the grid with that shape alone, GENERATRIX_CONV_SEED=<number>
// with another grid.
#ifndef GENERATRIX_TESTS_NATIVE_CONV_SHAPES_H_
#define GENERATRIX_TESTS_NATIVE_CONV_SHAPES_H_

#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include "compare.h"
#include "kernels/conv/shape.h"
#include "support.h"

namespace gx::test {

// A plain convolution, of two axes if the depth stays 1: stride and dilation 1, no padding, no mask, no activation.
inline gx_conv_params conv_params(int64_t batch, int64_t in, int64_t out, int64_t height, int64_t width,
                                  int64_t kernel_h, int64_t kernel_w) {
  gx_conv_params p = {};
  p.batch = batch, p.in_channels = in, p.out_channels = out, p.groups = 1;
  p.in_size[0] = p.kernel[0] = 1;
  p.in_size[1] = height, p.in_size[2] = width;
  p.kernel[1] = kernel_h, p.kernel[2] = kernel_w;
  for (int a = 0; a < 3; ++a) p.stride[a] = p.dilation[a] = 1;
  return p;
}

inline void set_live(gx_conv_params& p, int64_t tap) { p.live_taps[tap / 64] |= uint64_t(1) << (tap % 64); }
// The taps before the middle one, and the middle one itself unless `strict` (A) and without colours.
inline void causal_mask(gx_conv_params& p, bool strict, int32_t colours = 1) {
  const int64_t middle = p.kernel[0] * p.kernel[1] * p.kernel[2] / 2;
  for (int64_t t = 0; t < middle; ++t) set_live(p, t);
  if (!strict || colours > 1) set_live(p, middle);
  p.colours = colours;
  p.centre_is_strict = strict;
}

// t<transposed>:n<batch>:c<in>><out>:g<groups>:i, k, s, p, d, o: depth x height x width of input, kernel, stride,
// padding, dilation, output padding; then, where it is so, :m<live taps, hexadecimal words, the first one first>
// :q<colours>.<strict> :a<activation>.<p in thousandths>
inline std::string conv_name(const gx_conv_params& p) {
  const auto axes = [](const char* name, const int64_t* n) {
    return std::string(":") + name + std::to_string(n[0]) + "x" + std::to_string(n[1]) + "x" + std::to_string(n[2]);
  };
  std::string s = "t" + std::to_string(p.transposed) + ":n" + std::to_string(p.batch) + ":c" +
                  std::to_string(p.in_channels) + ">" + std::to_string(p.out_channels) + ":g" +
                  std::to_string(p.groups) + axes("i", p.in_size) + axes("k", p.kernel) + axes("s", p.stride) +
                  axes("p", p.padding) + axes("d", p.dilation) + axes("o", p.output_padding);
  if (p.live_taps[0] | p.live_taps[1] | p.live_taps[2] | p.live_taps[3]) {
    for (int i = 0; i < 4; ++i) {
      char word[32];
      std::snprintf(word, sizeof word, "%s%llx", i == 0 ? ":m" : ".", (unsigned long long)p.live_taps[i]);
      s += word;
    }
  }
  if (p.colours > 1) s += ":q" + std::to_string(p.colours) + "." + std::to_string(p.centre_is_strict);
  if (p.activation != GX_ACTIVATION_NONE) {
    s += ":a" + std::to_string(int(p.activation)) + "." + std::to_string(std::lround(p.activation_p * 1000));
  }
  return s;
}

// The inverse; a name it cannot read fails the test and gives a shape that every check refuses.
inline gx_conv_params conv_of_name(const std::string& name) {
  gx_conv_params p = {};
  bool read = true;
  for (size_t from = 0; from <= name.size();) {
    size_t to = name.find(':', from);
    if (to == std::string::npos) to = name.size();
    const std::string field = name.substr(from, to - from);
    from = to + 1;
    long long n[3] = {};
    unsigned long long w[4] = {};
    const char kind = field.empty() ? '?' : field[0];
    const char* const rest = field.empty() ? "" : field.c_str() + 1;
    const auto three = [&](int64_t* to) {
      const bool all = std::sscanf(rest, "%lldx%lldx%lld", &n[0], &n[1], &n[2]) == 3;
      for (int a = 0; a < 3; ++a) to[a] = n[a];
      return all;
    };
    bool good = false;
    switch (kind) {
      case 't':
        good = std::sscanf(rest, "%lld", &n[0]) == 1;
        p.transposed = int32_t(n[0]);
        break;
      case 'n':
        good = std::sscanf(rest, "%lld", &n[0]) == 1;
        p.batch = n[0];
        break;
      case 'c':
        good = std::sscanf(rest, "%lld>%lld", &n[0], &n[1]) == 2;
        p.in_channels = n[0], p.out_channels = n[1];
        break;
      case 'g':
        good = std::sscanf(rest, "%lld", &n[0]) == 1;
        p.groups = n[0];
        break;
      case 'i':
        good = three(p.in_size);
        break;
      case 'k':
        good = three(p.kernel);
        break;
      case 's':
        good = three(p.stride);
        break;
      case 'p':
        good = three(p.padding);
        break;
      case 'd':
        good = three(p.dilation);
        break;
      case 'o':
        good = three(p.output_padding);
        break;
      case 'm':
        good = std::sscanf(rest, "%llx.%llx.%llx.%llx", &w[0], &w[1], &w[2], &w[3]) == 4;
        for (int i = 0; i < 4; ++i) p.live_taps[i] = w[i];
        break;
      case 'q':
        good = std::sscanf(rest, "%lld.%lld", &n[0], &n[1]) == 2;
        p.colours = int32_t(n[0]), p.centre_is_strict = int32_t(n[1]);
        break;
      case 'a':
        good = std::sscanf(rest, "%lld.%lld", &n[0], &n[1]) == 2;
        p.activation = gx_activation(n[0]), p.activation_p = double(n[1]) / 1000;
        break;
      default:
        break;
    }
    read = read && good;
  }
  EXPECT_TRUE(read) << "not the name of a convolution: " << name;
  if (!read) p.groups = 0;
  return p;
}

// One random convolution that the checks let pass: small, of one to three axes, now and then with everything else.
inline gx_conv_params random_conv(Source& source) {
  const auto chance = [&](int percent) { return source.integer(0, 99) < percent; };
  for (;;) {
    gx_conv_params p = {};
    const int axes = chance(20) ? 1 : chance(70) ? 2 : 3;
    p.transposed = chance(45);
    p.batch = source.integer(1, 3);
    p.groups = chance(25) ? source.integer(2, 4) : 1;
    p.in_channels = p.groups * source.integer(1, chance(10) ? 40 : 7);
    p.out_channels = p.groups * source.integer(1, chance(10) ? 40 : 7);
    if (chance(10)) p.groups = p.in_channels, p.out_channels = p.in_channels * source.integer(1, 2);  // depthwise
    for (int a = 0; a < 3; ++a) {
      const bool there = a >= 3 - axes;
      p.in_size[a] = there ? source.integer(1, axes == 1 ? 70 : axes == 2 ? 18 : 6) : 1;
      p.kernel[a] = there ? source.integer(1, axes == 1 ? 9 : axes == 2 ? 5 : 3) : 1;
      p.stride[a] = there && chance(45) ? source.integer(2, 4) : 1;
      p.dilation[a] = there && chance(30) ? source.integer(2, 4) : 1;
      p.padding[a] = there && chance(70) ? source.integer(0, p.kernel[a] * p.dilation[a] + 1) : 0;
    }
    if (chance(30)) {
      p.in_size[1] = axes > 1 ? p.in_size[2] : 1;  // squares that keep their size, as most networks have
      for (int a = 3 - axes; a < 3; ++a) {
        p.stride[a] = 1, p.kernel[a] |= 1;
        p.padding[a] = p.dilation[a] * (p.kernel[a] / 2);
      }
    }
    const int64_t taps = p.kernel[0] * p.kernel[1] * p.kernel[2];
    if (chance(25)) {
      for (int64_t t = 0; t < taps; ++t) {
        if (chance(50)) set_live(p, t);
      }
    }
    if (chance(25)) {
      p.colours = int32_t(source.integer(2, 4));
      p.centre_is_strict = chance(50);
      p.groups = 1;
      p.in_channels = p.colours * source.integer(1, 3), p.out_channels = p.colours * source.integer(1, 5);
      for (int64_t& k : p.kernel) k |= 1;
      for (uint64_t& word : p.live_taps) word = 0;
      if (chance(60)) causal_mask(p, p.centre_is_strict, p.colours);
    }
    for (int a = 0; a < 3; ++a) {
      const int64_t room = p.stride[a] > p.dilation[a] ? p.stride[a] : p.dilation[a];
      if (p.transposed && chance(30)) p.output_padding[a] = source.integer(0, room - 1);
    }
    if (chance(30)) {
      p.activation = gx_activation(source.integer(0, GX_ACTIVATION_SOFTPLUS));
      p.activation_p = p.activation == GX_ACTIVATION_LEAKY_RELU ? 0.2 : p.activation == GX_ACTIVATION_ELU ? 0.7 : 0;
    }
    int64_t out[3];
    if (gx_conv_out_size(&p, out) != GX_OK) continue;
    double work = double(p.batch) * double(p.out_channels) * double(p.in_channels / p.groups) * double(taps);
    for (int a = 0; a < 3; ++a) work *= double(p.transposed ? p.in_size[a] : out[a]);
    if (work < 4e5) return p;
  }
}

// The grid of a test: `count` random shapes, a fifth of them in a quick run.
inline std::vector<gx_conv_params> conv_grid(int count, uint64_t seed) {
  if (const char* name = std::getenv("GENERATRIX_CONV_SHAPE")) return {conv_of_name(name)};
  if (const char* other = std::getenv("GENERATRIX_CONV_SEED")) seed = std::strtoull(other, nullptr, 10);
  Source source(seed);
  std::vector<gx_conv_params> grid(size_t(quick() ? (count + 4) / 5 : count));
  for (gx_conv_params& p : grid) p = random_conv(source);
  return grid;
}

// Larger ones, for what small ones do not reach: several blocks of terms, more rows than an item has, panels that end
// with their example and panels that do not, phases of different sizes, results too large for the caches.
inline std::vector<gx_conv_params> larger_convs() {
  std::vector<gx_conv_params> list;
  for (const char* name : {
           "t0:n2:c64>40:g1:i1x9x9:k1x3x3:s1x1x1:p0x1x1:d1x1x1:o0x0x0:a4.0",
           "t1:n5:c150>30:g1:i1x4x4:k1x4x4:s1x2x2:p0x1x1:d1x1x1:o0x0x0:a1.0",
           "t0:n3:c130>20:g1:i1x8x8:k1x4x4:s1x2x2:p0x1x1:d1x1x1:o0x0x0:a2.200",
           "t0:n2:c5>450:g1:i1x5x6:k1x1x1:s1x1x1:p0x0x0:d1x1x1:o0x0x0",
           "t0:n3:c20>33:g1:i1x28x28:k1x1x1:s1x1x1:p0x0x0:d1x1x1:o0x0x0:a4.0",
           "t1:n2:c24>40:g2:i1x10x16:k1x1x1:s1x1x1:p0x0x0:d1x1x1:o0x0x0",
           "t0:n2:c700>12:g1:i1x31x31:k1x1x1:s1x1x1:p0x0x0:d1x1x1:o0x0x0",
           "t0:n2:c3>33:g1:i1x32x32:k1x7x7:s1x1x1:p0x3x3:d1x1x1:o0x0x0:mffffff.0.0.0",
           "t0:n2:c12>24:g1:i1x28x28:k1x5x5:s1x1x1:p0x2x2:d1x1x1:o0x0x0:m1fff.0.0.0:q3.1",
           "t1:n2:c12>24:g1:i1x28x28:k1x5x5:s1x1x1:p0x2x2:d1x1x1:o0x0x0:m1fff.0.0.0:q3.0",
           "t0:n1:c16>17:g1:i1x40x41:k1x3x3:s1x1x1:p0x4x4:d1x4x4:o0x0x0:a3.700",
           "t1:n2:c20>16:g2:i1x13x10:k1x3x3:s1x2x3:p0x1x0:d1x1x1:o0x1x2:a5.0",
           "t0:n2:c40>20:g1:i1x1x300:k1x1x16:s1x1x5:p0x0x7:d1x1x3:o0x0x0:a6.0",
           "t0:n4:c16>20:g1:i1x9x9:k1x3x3:s1x1x1:p0x1x1:d1x1x1:o0x0x0",
           "t1:n16:c17>16:g1:i1x4x4:k1x4x4:s1x2x2:p0x1x1:d1x1x1:o0x0x0",
           "t0:n16:c16>17:g1:i1x8x8:k1x4x4:s1x2x2:p0x1x1:d1x1x1:o0x0x0:a1.0",
           "t0:n2:c21>9:g1:i6x7x8:k3x3x3:s1x2x1:p1x1x1:d1x1x2:o0x0x0",
           "t1:n2:c9>21:g1:i5x6x4:k3x2x4:s2x3x2:p1x0x1:d1x1x1:o1x0x0",
           "t0:n1:c2>36:g1:i1x256x256:k1x1x1:s1x1x1:p0x0x0:d1x1x1:o0x0x0:a1.0",  // results past the caches
       }) {
    list.push_back(conv_of_name(name));
  }
  if (quick()) list.resize(4);
  return list;
}

// To be printed beside a failure.
inline std::string conv_replay(const gx_conv_params& p) { return "GENERATRIX_CONV_SHAPE='" + conv_name(p) + "'"; }

// Terms of the longest sum of an output.
inline double conv_depth(const ConvShape& s) { return double(s.in_channels * s.live_taps); }

// What a variant may be off by on `whole` operands, and on reals up to 1. Sums of products of small integers are exact
// unless there is an activation.
inline Tolerance conv_tolerance(const char*, const ConvShape& s, bool whole) {
  constexpr double kEps = std::numeric_limits<float>::epsilon();
  if (whole && s.p.activation <= GX_ACTIVATION_RELU) return {0, 0, true};
  return {whole ? 1e-30 : kEps * (4 + conv_depth(s)), 4 * kEps, true};
}

// The operator's adjoint: the same weights, from y back to x. False if no parameters say that.
inline bool adjoint_of(const gx_conv_params& p, gx_conv_params* adjoint) {
  gx_conv_params q = p;
  q.transposed = !p.transposed;
  q.in_channels = p.out_channels, q.out_channels = p.in_channels;
  q.activation = GX_ACTIVATION_NONE, q.activation_p = 0;
  if (gx_conv_out_size(&p, q.in_size) != GX_OK) return false;
  for (int a = 0; a < 3; ++a) {
    const int64_t reach = p.dilation[a] * (p.kernel[a] - 1) + 1;
    q.output_padding[a] =
        p.transposed ? 0 : p.in_size[a] - ((q.in_size[a] - 1) * p.stride[a] - 2 * p.padding[a] + reach);
  }
  *adjoint = q;
  int64_t back[3];
  if (gx_conv_out_size(&q, back) != GX_OK) return false;
  return back[0] == p.in_size[0] && back[1] == p.in_size[1] && back[2] == p.in_size[2];
}

struct ConvOperands {
  std::vector<float> x, W, b, y;  // y: room for the result
  ConvOperands(const ConvShape& s, bool whole, uint64_t seed) {
    const auto draw = [&](int64_t n, uint64_t own) {
      return whole ? integers(n, -4, 4, seed + own) : reals(n, -1, 1, seed + own);
    };
    x = draw(s.in_count(), 1), W = draw(s.weight_count(), 2), b = draw(s.p.out_channels, 3);
    y.resize(size_t(s.out_count()));
  }
};

}  // namespace gx::test

#endif  // GENERATRIX_TESTS_NATIVE_CONV_SHAPES_H_
