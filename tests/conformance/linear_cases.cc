// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Dense products and layers. Small integers are multiplied exactly in every precision and in any order of the sum, so
// that most cases ask for equality.

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "case.h"

namespace gx::test {
namespace {

struct Precision {
  const char* name;
  gx_precision precision;
  double error;  // of a product of two numbers up to 1, relative to that
};
const Precision kPrecisions[] = {
    {"fp32", GX_PRECISION_FP32, kEpsilon},
    {"tf32", GX_PRECISION_TF32, 0x1p-10},
    {"bf16", GX_PRECISION_BF16, 0x1p-7},
};

// Of a sum of products of numbers up to 1: roundings of the factors go their own ways, those of the sum grow with it.
double error_of_sum(const Precision& p, int64_t terms) {
  return p.error * (4 + std::sqrt(double(terms))) + kEpsilon * double(terms) / 2;
}

const Tolerance kExact = {0, 0, true};

// The array from its second element on, so that it is not on the grid of 16 bytes.
template <class P>
P* behind(const Run& run, P* array, bool moved) {
  using Byte = std::conditional_t<std::is_const_v<P>, const char, char>;
  const int size = run.format() == GX_FLOAT64 ? 8 : 4;
  return static_cast<Byte*>(array) + (moved ? size : 0);
}

struct Product {
  int64_t m, n, k;
};
// Tiles of 64, one and several, and of 128 (from four of them on, on the emulated GPU); terms in one step, in several,
// in parts; widths on and off the grid of four; few rows, few columns.
const Product kProducts[] = {
    {10, 12, 7}, {33, 31, 65},   {64, 64, 16},   {9, 100, 40},   {20, 24, 1040}, {9, 65, 777},
    {9, 64, 0},  {130, 129, 37}, {132, 200, 48}, {1030, 130, 3}, {68, 66, 600},  {72, 68, 520},
    {1, 1, 1},   {1, 200, 68},   {8, 33, 300},   {257, 3, 130},  {100, 1, 4},    {5, 7, 3},
};

void multiply(Run& run, const gx_matmul_params& p, bool moved, bool real, Tolerance tolerance) {
  const auto values = [&](int64_t n, uint64_t seed) { return real ? reals(n, -1, 1, seed) : integers(n, -8, 8, seed); };
  const int64_t items = p.batch - 1;
  const void* a = run.real(values(items * p.a_step + p.m * p.k + 1, 1));
  const void* b = run.real(values(items * p.b_step + p.k * p.n + 1, 2));
  const std::vector<float> before = values(items * p.c_step + p.m * p.n + 1, 3);
  void* c = p.accumulate ? run.inout(before, tolerance) : run.out(int64_t(before.size()), tolerance);
  run.ok(
      gx_matmul(run.device(), run.format(), &p, behind(run, a, moved), behind(run, b, moved), behind(run, c, moved)));
}

GX_CASES(matmul) {
  for (const Precision& precision : kPrecisions) {
    for (const Product& s : kProducts) {
      const std::string sizes = std::to_string(s.m) + "x" + std::to_string(s.n) + "x" + std::to_string(s.k);
      for (int transposes = 0; transposes < 4; ++transposes) {
        const gx_matmul_params p = {1, s.m, s.n, s.k, 0, 0, 0, transposes & 1, transposes >> 1, transposes == 3};
        const bool moved = transposes == 1;
        add_case(
            "linear", std::string("matmul_") + precision.name + "_" + sizes + "_" + std::to_string(transposes),
            [p, moved, precision](Run& run) {
              run.precision(precision.precision);
              multiply(run, p, moved, false, kExact);
            },
            precision.precision == GX_PRECISION_FP32 ? Formats::kBoth : Formats::kFloat);
      }
    }
    for (const Product& s : {Product{140, 136, 100}, Product{24, 40, 600}}) {
      const gx_matmul_params p = {1, s.m, s.n, s.k, 0, 0, 0, 0, 1, 0};
      const Tolerance tolerance = {error_of_sum(precision, s.k), 0};
      add_case("linear", std::string("matmul_reals_") + precision.name + "_" + std::to_string(s.k),
               [p, tolerance, precision](Run& run) {
                 run.precision(precision.precision);
                 multiply(run, p, false, true, tolerance);
               });
    }
  }
}

GX_CASES(matmul_batches) {
  for (const Precision& precision : kPrecisions) {
    const auto add = [&](const char* name, const gx_matmul_params& p) {
      add_case("linear", std::string("matmul_batch_") + name + "_" + precision.name, [p, precision](Run& run) {
        run.precision(precision.precision);
        multiply(run, p, false, false, kExact);
      });
    };
    add("same_a", {3, 10, 12, 8, 0, 96, 120, 0, 0, 0});
    add("same_b", {4, 9, 33, 17, 160, 0, 300, 1, 1, 1});
    add("gaps", {3, 12, 16, 20, 244, 324, 200, 0, 1, 0});
    add("parts", {2, 12, 16, 600, 7200, 9600, 192, 1, 0, 1});
    add("few", {3, 2, 40, 36, 72, 1440, 81, 0, 1, 1});
    add("few_columns", {3, 40, 5, 33, 1320, 165, 200, 0, 1, 0});
    add("odd_step", {2, 12, 16, 20, 241, 320, 193, 0, 1, 0});
  }
}

// What is not a number or infinite stays in its rows and columns.
GX_CASE(linear, not_finite) {
  std::vector<float> x = reals(20 * 24, -1, 1, 1), w = reals(32 * 24, -1, 1, 2);
  x[3 * 24 + 5] = NAN;
  x[7 * 24 + 23] = INFINITY;
  w[9 * 24 + 1] = -INFINITY;
  w[31 * 24 + 23] = 0;
  const gx_matmul_params p = {1, 20, 32, 24, 0, 0, 0, 0, 1, 0};
  const void* a = run.real(x);
  const void* b = run.real(w);
  void* c = run.out(20 * 32, {32 * kEpsilon, 0});
  run.ok(gx_matmul(run.device(), run.format(), &p, a, b, c));
}

const char* const kActivations[] = {"none", "relu", "leaky_relu", "elu", "tanh", "sigmoid", "softplus"};

gx_linear_params layer(int64_t rows, int64_t inputs, int64_t outputs, int activation) {
  return {rows, inputs, outputs, gx_activation(activation), activation == GX_ACTIVATION_ELU ? 0.7 : 0.2};
}

GX_CASES(layers) {
  const auto add = [](const gx_linear_params& p, const Precision& precision, bool bias, bool moved) {
    const std::string sizes = std::to_string(p.rows) + "x" + std::to_string(p.inputs) + "x" + std::to_string(p.outputs);
    const std::string kind = std::string(kActivations[p.activation]) + "_" + precision.name + "_" + sizes +
                             (bias ? "" : "_no_bias") + (moved ? "_moved" : "");
    const Tolerance close = {error_of_sum(precision, p.inputs), 8 * kEpsilon, true};
    add_case("linear", "layer_" + kind, [p, precision, bias, moved, close](Run& run) {
      run.precision(precision.precision);
      const void* x = run.real(reals(p.rows * p.inputs + 1, -1, 1, 1));
      const void* w = run.real(reals(p.outputs * p.inputs + 1, -1, 1, 2));
      const void* b = run.real(reals(p.outputs + 1, -1, 1, 3));
      void* y = run.out(p.rows * p.outputs + 1, close);
      run.ok(gx_linear(run.device(), run.format(), &p, behind(run, x, moved), behind(run, w, moved),
                       bias ? behind(run, b, moved) : nullptr, behind(run, y, moved)));
    });
    const Tolerance gradient = {2 * error_of_sum(precision, std::max(p.rows, p.outputs)), 8 * kEpsilon, true};
    add_case("linear", "layer_backward_" + kind, [p, precision, moved, gradient](Run& run) {
      run.precision(precision.precision);
      const void* dy = run.real(reals(p.rows * p.outputs + 1, -1, 1, 4));
      const void* y = run.real(reals(p.rows * p.outputs + 1, p.activation == GX_ACTIVATION_SIGMOID ? 0 : -1, 1, 5));
      const void* x = run.real(reals(p.rows * p.inputs + 1, -1, 1, 1));
      const void* w = run.real(reals(p.outputs * p.inputs + 1, -1, 1, 2));
      void* dx = run.out(p.rows * p.inputs + 1, gradient);
      void* dw = run.out(p.outputs * p.inputs + 1, gradient);
      void* db = run.out(p.outputs + 1, {kEpsilon * (4 + std::sqrt(double(p.rows))), 4 * kEpsilon, true});
      run.ok(gx_linear_backward(run.device(), run.format(), &p, behind(run, dy, moved), behind(run, y, moved),
                                behind(run, x, moved), behind(run, w, moved), behind(run, dx, moved),
                                behind(run, dw, moved), behind(run, db, moved)));
    });
  };
  for (int activation = 0; activation <= GX_ACTIVATION_SOFTPLUS; ++activation) {
    add(layer(13, 21, 37, activation), kPrecisions[0], true, false);
    add(layer(12, 24, 36, activation), kPrecisions[0], false, activation % 2);
  }
  for (const Precision& precision : kPrecisions) {
    add(layer(67, 20, 72, GX_ACTIVATION_TANH), precision, true, false);
    add(layer(200, 33, 130, GX_ACTIVATION_LEAKY_RELU), precision, true, true);
    add(layer(1, 40, 65, GX_ACTIVATION_SIGMOID), precision, true, false);
    add(layer(300, 64, 1, GX_ACTIVATION_NONE), precision, true, false);
    add(layer(0, 5, 6, GX_ACTIVATION_RELU), precision, true, false);
    add(layer(6, 0, 5, GX_ACTIVATION_SOFTPLUS), precision, true, false);
    add(layer(6, 5, 0, GX_ACTIVATION_TANH), precision, true, false);
    add(layer(1100, 12, 16, GX_ACTIVATION_ELU), precision, true, false);
  }
}

// Any of the gradients may be left out, and with them what they alone need.
GX_CASES(parts_of_gradients) {
  for (int wanted = 1; wanted < 8; ++wanted) {
    for (const int activation : {GX_ACTIVATION_NONE, GX_ACTIVATION_TANH}) {
      add_case("linear", std::string("gradients_") + kActivations[activation] + "_" + std::to_string(wanted),
               [wanted, activation](Run& run) {
                 const gx_linear_params p = layer(30, 20, 28, activation);
                 const Tolerance close = {64 * kEpsilon, 8 * kEpsilon};
                 const void* dy = run.real(reals(30 * 28, -1, 1, 4));
                 const void* y = activation == GX_ACTIVATION_NONE ? nullptr : run.real(reals(30 * 28, -1, 1, 5));
                 const void* x = wanted & 2 ? run.real(reals(30 * 20, -1, 1, 1)) : nullptr;
                 const void* w = wanted & 1 ? run.real(reals(28 * 20, -1, 1, 2)) : nullptr;
                 void* dx = wanted & 1 ? run.out(30 * 20, close) : nullptr;
                 void* dw = wanted & 2 ? run.out(28 * 20, close) : nullptr;
                 void* db = wanted & 4 ? run.out(28, close) : nullptr;
                 run.ok(gx_linear_backward(run.device(), run.format(), &p, dy, y, x, w, dx, dw, db));
               });
    }
  }
}

}  // namespace
}  // namespace gx::test
