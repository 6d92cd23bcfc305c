// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Convolutions with fewer multiplications (Winograd, Arithmetic Complexity of Computations, 1980; Lavin and Gray 2016
// for the two-dimensional use). Along an axis, a tile of outputs is
//     y = A ((G g) * (B d))        g: the taps, d: the pixels in reach, *: element by element,
// in two dimensions on both axes at once, and element by element becomes a matrix product over channels. The gradient
// of g is the transposed map, G^T sum ((A^T dy) * (B d)).
//
// Two taps, two outputs: with e(i) = d(i) - d(i - 1),
//     d0 g0 + d1 g1 = d1 (g0 + g1) - e1 g0        d1 g0 + d2 g1 = d1 (g0 + g1) + e2 g1
// in 3 multiplications instead of 4, 9 instead of 16 in two dimensions. A, B and G hold 0 and +-1 only. Kernel 4 with
// stride 2 is made of such pieces: its transpose has four phases of outputs, it has itself four phases of inputs.
// Three taps, two outputs, at the points 0, 1, -1, infinity: 4 instead of 6, 16 instead of 36; G also has halves.
// Dilated, its tiles are of pixels that are as far apart as the taps (gather.h); the error's bound is the same.
//
// Error. Per axis every output sums at most 3 products, of operands that are sums of at most 3 numbers. So with |A|,
// |G|, |B| for the matrices of absolute values and n channels (4 n for kernel 4, stride 2 not transposed),
//     |y - exact| <= (n + 14) 2^-24 |A| ((|G| |g|) * (|B| |d|))     summed over channels,
// which the tests hold every variant to. For equal sizes of all pixels and taps the right side is 4 times the sum of
// |g| |d| that a direct sum has there (64/9 times for three taps); as measured the mean error is 0.9 to 1.25 times the
// direct one's. But a pixel's size counts for its whole tile: in the tiles that see a pixel of 10^6, outputs have an
// error of about 10^6 2^-24 even where no tap meets it. Likewise a NaN or an infinity makes NaN of them, which cannot
// be helped: it is in the sums that such outputs share.
#ifndef GENERATRIX_KERNELS_CONV_WINOGRAD_FORMS_H_
#define GENERATRIX_KERNELS_CONV_WINOGRAD_FORMS_H_

#include "runtime/vec.h"

namespace gx::GX_ISA {
namespace winograd {

// A form's numbers, along an axis:
//   kTaps g       kWeights = rows of G       kReach d from pixel step * tile - 1 on, kStep per tile       kValues of B
//   d kOut y per tile. Down an image, kPasses groups of kTall products each make every kPasses-th row of outputs, two
//   in a tile; across it, kWide products make all.
// In two dimensions there are kProducts matrix products. Product m takes slot_of(m) of the values; the values of
// kPhases phases are stacked as channels of one product.

// Transposed, kernel 4, stride 2, padding 1. With x the input, t a tile of two pixels, outputs 4 t + 0, 2 are the taps
// 3, 1 over x[2t-1 ..], outputs 4 t + 1, 3 the taps 2, 0 over x[2t ..]: both have use for x[2t+1] - x[2t].
struct Up {
  static constexpr int kTaps = 4, kWeights = 6, kStep = 2, kReach = 4, kValues = 5, kOut = 4;
  static constexpr int kPasses = 2, kTall = 3, kWide = 6, kProducts = 36, kSlots = 25, kPhases = 1;

  static constexpr int value(int weight) { return weight < 3 ? weight : weight - 1; }
  static constexpr int slot_of(int product) { return value(product / 6) * 5 + value(product % 6); }
  static constexpr int slot_of_value(int down, int across) { return down * 5 + across; }
  static constexpr int phase_of_value(int, int) { return 0; }
  static constexpr int product_of_weight(int down, int across) { return down * 6 + across; }
  static constexpr int phase_of_weight(int, int) { return 0; }

  static void weights(const vf* g, vf* u) {
    u[0] = -g[3], u[1] = g[3] + g[1], u[2] = g[1];
    u[3] = -g[2], u[4] = g[2] + g[0], u[5] = g[0];
  }
  static void values(const vf* d, vf* v) {
    v[0] = d[1] - d[0], v[1] = d[1], v[2] = d[2] - d[1], v[3] = d[2], v[4] = d[3] - d[2];
  }
  static void tall(const vf* m, vf* y) { y[0] = m[0] + m[1], y[1] = m[1] + m[2]; }
  static void wide(const vf* m, vf* y) {
    tall(m, y), tall(m + 3, y + 2);
    const vf odd = y[2];
    y[2] = y[1], y[1] = odd;
  }
};

// Kernel 4, stride 2, padding 1: taps 0, 2 over the odd pixels, taps 1, 3 over the even ones, summed.
struct Down {
  static constexpr int kTaps = 4, kWeights = 6, kStep = 4, kReach = 6, kValues = 6, kOut = 2;
  static constexpr int kPasses = 1, kTall = 3, kWide = 3, kProducts = 9, kSlots = 9, kPhases = 4;

  static constexpr int slot_of(int product) { return product; }
  static constexpr int slot_of_value(int down, int across) { return down % 3 * 3 + across % 3; }
  static constexpr int phase_of_value(int down, int across) { return down / 3 * 2 + across / 3; }
  static constexpr int product_of_weight(int down, int across) { return slot_of_value(down, across); }
  static constexpr int phase_of_weight(int down, int across) { return phase_of_value(down, across); }

  static void weights(const vf* g, vf* u) {
    u[0] = -g[0], u[1] = g[0] + g[2], u[2] = g[2];
    u[3] = -g[1], u[4] = g[1] + g[3], u[5] = g[3];
  }
  static void values(const vf* d, vf* v) {
    v[0] = d[2] - d[0], v[1] = d[2], v[2] = d[4] - d[2];
    v[3] = d[3] - d[1], v[4] = d[3], v[5] = d[5] - d[3];
  }
  static void tall(const vf* m, vf* y) { y[0] = m[0] + m[1], y[1] = m[1] + m[2]; }
  static void wide(const vf* m, vf* y) { tall(m, y); }
  // Transposes of tall and of weights.
  static void lift(const vf* y, vf* m) { m[0] = y[0], m[1] = y[0] + y[1], m[2] = y[1]; }
  static void taps(const vf* u, vf* g) {
    g[0] = u[1] - u[0], g[2] = u[1] + u[2];
    g[1] = u[4] - u[3], g[3] = u[4] + u[5];
  }
};

// Kernel 3, stride 1, padding 1; transposed with its taps turned round.
struct Three {
  static constexpr int kTaps = 3, kWeights = 4, kStep = 2, kReach = 4, kValues = 4, kOut = 2;
  static constexpr int kPasses = 1, kTall = 4, kWide = 4, kProducts = 16, kSlots = 16, kPhases = 1;

  static constexpr int slot_of(int product) { return product; }
  static constexpr int slot_of_value(int down, int across) { return down * 4 + across; }
  static constexpr int phase_of_value(int, int) { return 0; }
  static constexpr int product_of_weight(int down, int across) { return slot_of_value(down, across); }
  static constexpr int phase_of_weight(int, int) { return 0; }

  static void weights(const vf* g, vf* u) {
    const vf outer = 0.5f * (g[0] + g[2]), middle = 0.5f * g[1];
    u[0] = g[0], u[1] = outer + middle, u[2] = outer - middle, u[3] = g[2];
  }
  static void values(const vf* d, vf* v) {
    v[0] = d[0] - d[2], v[1] = d[1] + d[2], v[2] = d[2] - d[1], v[3] = d[1] - d[3];
  }
  static void tall(const vf* m, vf* y) { y[0] = m[0] + m[1] + m[2], y[1] = m[1] - m[2] - m[3]; }
  static void wide(const vf* m, vf* y) { tall(m, y); }
  static void lift(const vf* y, vf* m) { m[0] = y[0], m[1] = y[0] + y[1], m[2] = y[0] - y[1], m[3] = -y[1]; }
  static void taps(const vf* u, vf* g) {
    const vf half_sum = 0.5f * (u[1] + u[2]);
    g[0] = u[0] + half_sum, g[1] = 0.5f * (u[1] - u[2]), g[2] = half_sum + u[3];
  }
};

}  // namespace winograd
}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_CONV_WINOGRAD_FORMS_H_
