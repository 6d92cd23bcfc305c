// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The networks that the sampler's tests draw from: every kind of node, head and schedule in small.
#ifndef GENERATRIX_TESTS_NATIVE_CAUSAL_PROGRAMS_H_
#define GENERATRIX_TESTS_NATIVE_CAUSAL_PROGRAMS_H_

#include "causal_case.h"

namespace gx::test {

// PixelCNN: a masked 5x5 of type A, residual 3x3 of type B, two 1x1.
inline CausalCase plain(int64_t height = 6, int64_t width = 7, int64_t hidden = 9) {
  CausalCase c(1, height, width);
  int64_t x = c.conv(hidden, {{c.input(), causal_taps(5, false)}}, GX_ACTIVATION_RELU);
  for (int block = 0; block < 2; ++block) {
    const int64_t y = c.conv(hidden, {{x, causal_taps(3, true)}}, GX_ACTIVATION_ELU);
    x = c.binary(GX_ADD, {x}, {y});
  }
  x = c.conv(hidden + 5, {{x}}, GX_ACTIVATION_TANH);
  c.draws(GX_CAUSAL_BERNOULLI, c.conv(1, {{x}}), 0, 0, 1);
  return c;
}

// Gated PixelCNN: vertical and horizontal stacks, gates, conditioning.
inline CausalCase gated(int64_t rows) {
  CausalCase c(1, 5, 6);
  const std::vector<Tap> above = {{-2, -1}, {-2, 0}, {-2, 1}, {-1, -1}, {-1, 0}, {-1, 1}};
  const std::vector<Tap> top = {{-1, -1}, {-1, 0}, {-1, 1}, {0, -1}, {0, 0}, {0, 1}};
  int64_t v = c.conv(8, {{c.input(), above}});
  int64_t h = c.conv(4, {{0, {{0, -2}, {0, -1}}}});
  const int64_t label = c.example(rows, 8);
  for (int block = 0; block < 2; ++block) {
    const int64_t vertical = c.conv(8, {{v, top}});
    const int64_t conditioned = c.binary(GX_ADD, {vertical}, {label});
    const int64_t both = c.conv(8, {{h, {{0, -1}, {0, 0}}}, {vertical, {{-1, 0}}}});
    v = c.binary(GX_GATED, {conditioned, {}, 0, 4}, {conditioned, {}, 4, 4});
    const int64_t gate = c.binary(GX_GATED, {both, {}, 0, 4}, {both, {}, 4, 4});
    h = c.binary(GX_ADD, {c.conv(4, {{gate}})}, {h});
  }
  c.draws(GX_CAUSAL_CATEGORICAL, c.conv(4, {{c.unary(h, GX_RELU)}}, 0, false), 0, 0, 1, 4);
  return c;
}

// Colours inside a pixel: red, green and blue are nodes of their own, each drawn with its own head.
inline CausalCase colours() {
  CausalCase c(3, 4, 5);
  int64_t x[3], y[3];
  for (int64_t i = 0; i < 3; ++i) x[i] = c.input(i, 1);
  for (int64_t i = 0; i < 3; ++i) {
    std::vector<From> from;
    for (int64_t j = 0; j < 3; ++j) from.push_back({x[j], causal_taps(3, j < i)});
    y[i] = c.conv(5, from, GX_ACTIVATION_SOFTPLUS);
  }
  for (int64_t i = 0; i < 3; ++i) {
    std::vector<From> from;
    for (int64_t j = 0; j < 3; ++j) from.push_back({y[j], causal_taps(3, j <= i)});
    const int64_t z = c.conv(4, from);
    c.draws(GX_CAUSAL_CATEGORICAL, z, 0, i, 1, 4);
  }
  return c;
}

// PixelCNN++ in small: shifted taps, a path at half resolution and back, concatenated ELU, a mixture of logistics.
inline CausalCase mixture(int64_t channels) {
  CausalCase c(channels, 6, 6);
  const std::vector<Tap> past = {{-1, -1}, {-1, 0}, {-1, 1}, {0, -1}};
  const std::vector<Tap> down = {{-1, -1}, {-1, 0}, {0, -1}, {0, 0}};
  const int64_t a = c.conv(6, {{c.input(), past}});
  const int64_t b = c.conv(6, {{c.concat_elu(a), down}}, GX_ACTIVATION_NONE, true, 2, false, 3, 3);
  const int64_t e = c.conv(6, {{c.unary(b, GX_ELU, 1), down}}, GX_ACTIVATION_SIGMOID);
  const int64_t up =
      c.conv(6, {{e, {{0, 0}, {0, 1}, {1, 0}, {1, 1}, {2, 0}, {2, 1}}}}, GX_ACTIVATION_LEAKY_RELU, true, 2, true, 6, 6);
  const int64_t both = c.concat({{up}, {a, {}, 1, 3}});
  const int64_t parameters = 2 * (channels == 1 ? 3 : 10);
  c.draws(GX_CAUSAL_LOGISTIC_MIXTURE, c.conv(parameters + 1, {{both, down}}), 1, 0, channels, 8, 2);
  return c;
}

// More terms than a block of a sum has.
inline CausalCase deep() {
  CausalCase c(1, 3, 4);
  const int64_t x = c.conv(150, {{c.input(), causal_taps(3, false)}}, GX_ACTIVATION_TANH);
  const int64_t y = c.conv(3, {{x, causal_taps(3, true)}, {x, causal_taps(5, false), 7, 100}});
  c.draws(GX_CAUSAL_BERNOULLI, c.conv(1, {{y}}), 0, 0, 1);
  return c;
}

}  // namespace gx::test

#endif  // GENERATRIX_TESTS_NATIVE_CAUSAL_PROGRAMS_H_
