// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Functions of several arrays: broadcasting in all its forms, the gated unit, choices, and what is drawn.

#include <algorithm>
#include <cmath>

#include "case.h"

namespace gx::test {
namespace {

using Dims = std::vector<int64_t>;

gx_shape shape_of(const Dims& dims) {
  gx_shape s = {};
  s.rank = int32_t(dims.size());
  for (size_t i = 0; i < dims.size(); ++i) s.dims[i] = dims[i];
  return s;
}
int64_t count_of(const Dims& dims) {
  int64_t n = 1;
  for (const int64_t d : dims) n *= d;
  return n;
}
Dims joined(const Dims& a, const Dims& b) {
  Dims y(std::max(a.size(), b.size()));
  const auto at = [&y](const Dims& d, size_t i) { return i + d.size() < y.size() ? 1 : d[i + d.size() - y.size()]; };
  for (size_t i = 0; i < y.size(); ++i) y[i] = at(a, i) == 1 ? at(b, i) : at(a, i);
  return y;
}

// `elements` into an array of the run's format: an address that is no multiple of 16.
const void* after(const Run& run, const void* p, int64_t elements) {
  return static_cast<const char*>(p) + elements * (run.format() == GX_FLOAT64 ? 8 : 4);
}
void* after(const Run& run, void* p, int64_t elements) {
  return static_cast<char*>(p) + elements * (run.format() == GX_FLOAT64 ? 8 : 4);
}

struct Function {
  const char* name;
  gx_binary_function f;
  double a_from, a_to, b_from, b_to;
  Tolerance value, slope;
};
const Tolerance kRounded = {0, kEpsilon, true};
const Function kFunctions[] = {
    {"add", GX_ADD, -2, 2, -2, 2, kRounded, kRounded},
    {"sub", GX_SUB, -2, 2, -2, 2, kRounded, kRounded},
    {"mul", GX_MUL, -2, 2, -2, 2, kRounded, kRounded},
    {"div", GX_DIV, -2, 2, 0.3, 2, kRounded, {0, 4 * kEpsilon, true}},
    {"maximum", GX_MAXIMUM, -2, 2, -2, 2, kRounded, kRounded},
    {"minimum", GX_MINIMUM, -2, 2, -2, 2, kRounded, kRounded},
    {"pow", GX_POW, 0.1, 4, -3, 3, {0, 2 * kEpsilon, true}, {kEpsilon, 32 * kEpsilon, true}},
    {"gated", GX_GATED, -8, 8, -20, 20, {kEpsilon, 8 * kEpsilon, true}, {8 * kEpsilon, 32 * kEpsilon, true}},
    {"prelu", GX_PRELU, -2, 2, -0.5, 0.5, kRounded, kRounded},
};

struct Shapes {
  const char* name;
  Dims a, b;
};
const Shapes kShapes[] = {
    {"one", {1}, {1}},
    {"same", {3, 5, 7}, {3, 5, 7}},
    {"empty", {3, 0}, {1, 1}},
    {"scalar", {33, 31}, {}},
    {"scalar_first", {1}, {1027}},
    {"row", {9, 64}, {64}},
    {"row_of_10", {7, 10}, {10}},
    {"row_of_2", {31, 2}, {1, 2}},
    {"row_of_1", {5, 1}, {1, 1}},
    {"column", {6, 32}, {6, 1}},
    {"column_of_31", {5, 31}, {5, 1}},
    {"channels", {2, 3, 4, 8}, {3, 1, 1}},
    {"channels_of_49", {2, 5, 7, 7}, {1, 5, 1, 1}},
    {"channels_first", {5, 1, 1}, {3, 5, 2, 6}},
    {"per_example", {4, 1, 1}, {4, 3, 8}},
    {"outer", {12, 1}, {20}},
    {"outer_of_7", {5, 1}, {7}},
    {"crossed", {4, 1, 6, 1}, {5, 1, 8}},
    {"crossed_deep", {2, 1, 3, 1, 5, 1}, {1, 4, 1, 2, 1, 3}},
    {"more_than_a_grid", {140, 1000}, {1000}},
    {"more_than_a_grid_over_rows", {14100, 10}, {10}},
};

void both_ways(Run& run, const Function& f, const Shapes& s, int64_t shift) {
  const gx_shape a_shape = shape_of(s.a), b_shape = shape_of(s.b);
  const int64_t n = count_of(joined(s.a, s.b));
  const auto operand = [&](const Dims& dims, double from, double to, uint64_t seed) {
    return after(run, run.real(reals(count_of(dims) + shift, from, to, seed)), shift);
  };
  const void* a = operand(s.a, f.a_from, f.a_to, 1);
  const void* b = operand(s.b, f.b_from, f.b_to, 2);
  const void* dy = after(run, run.real(reals(n + shift, -2, 2, 3)), shift);
  void* y = after(run, run.out(n + shift, f.value), shift);
  void* da = after(run, run.out(n + shift, f.slope), shift);
  void* db = after(run, run.out(n + shift, f.slope), shift);
  run.ok(gx_binary(run.device(), run.format(), f.f, &a_shape, &b_shape, a, b, y));
  run.ok(gx_binary_backward(run.device(), run.format(), f.f, &a_shape, &b_shape, a, b, dy, da, db));
}

GX_CASES(binary) {
  for (const Function& f : kFunctions) {
    for (const Shapes& s : {kShapes[1], kShapes[5], kShapes[6]}) {
      add_case("binary", std::string(f.name) + "_" + s.name, [f, s](Run& run) { both_ways(run, f, s, 0); });
    }
  }
  for (const Shapes& s : kShapes) {
    const Function f = kFunctions[2];
    add_case("binary", std::string("shape_") + s.name, [f, s](Run& run) { both_ways(run, f, s, 0); });
    if (count_of(s.a) > 10000) continue;
    add_case("binary", std::string("shifted_") + s.name, [f, s](Run& run) { both_ways(run, f, s, 1); });
  }
}

// What a broadcast operand's address alone decides.
GX_CASE(binary, one_operand_shifted) {
  const gx_shape a_shape = shape_of({6, 64}), b_shape = shape_of({64});
  for (const int64_t shift_a : {0, 1}) {
    for (const int64_t shift_b : {0, 2}) {
      const void* a = after(run, run.real(reals(6 * 64 + 4, -2, 2, 1)), shift_a);
      const void* b = after(run, run.real(reals(64 + 4, -2, 2, 2)), shift_b);
      void* y = run.out(6 * 64, kRounded);
      run.ok(gx_binary(run.device(), run.format(), GX_SUB, &a_shape, &b_shape, a, b, y));
    }
  }
}

GX_CASE(binary, ties_and_in_place) {
  const int64_t n = 301;
  const gx_shape shape = shape_of({n});
  const void* a = run.real(integers(n, -3, 3, 1));
  const void* b = run.real(integers(n, -3, 3, 2));
  for (const gx_binary_function f : {GX_MAXIMUM, GX_MINIMUM, GX_PRELU, GX_POW}) {
    void* da = run.inout(reals(n, 1, 2, 3), {0, 2 * kEpsilon, true});
    void* db = run.inout(reals(n, 1, 2, 4), {0, 2 * kEpsilon, true});
    run.ok(gx_binary_backward(run.device(), run.format(), f, &shape, &shape, a, b, da, da, nullptr));
    run.ok(gx_binary_backward(run.device(), run.format(), f, &shape, &shape, a, b, db, nullptr, db));
    void* y = run.inout(integers(n, -3, 3, 5), {0, 2 * kEpsilon, true});
    run.ok(gx_binary(run.device(), run.format(), f, &shape, &shape, y, b, y));
  }
}

GX_CASE(binary, not_a_number_and_infinities) {
  const float inf = INFINITY, nan = NAN;
  const std::vector<float> numbers = {nan, -inf, -2, -1, -0.5f, 0, 0.5f, 1, 2, inf};
  std::vector<float> left, right;
  for (const float x : numbers) {
    for (const float y : numbers) left.push_back(x), right.push_back(y);
  }
  const int64_t n = int64_t(left.size());
  const gx_shape shape = shape_of({n});
  const void* a = run.real(left);
  const void* b = run.real(right);
  const void* dy = run.real(std::vector<float>(size_t(n), 1));
  for (const Function& f : kFunctions) {
    void* y = run.out(n, {0, 8 * kEpsilon});
    run.ok(gx_binary(run.device(), run.format(), f.f, &shape, &shape, a, b, y));
    if (f.f == GX_DIV || f.f == GX_POW || f.f == GX_GATED) continue;  // 0 times infinity, in whatever order
    void* da = run.out(n, {0, 8 * kEpsilon});
    void* db = run.out(n, {0, 8 * kEpsilon});
    run.ok(gx_binary_backward(run.device(), run.format(), f.f, &shape, &shape, a, b, dy, da, db));
  }
}

GX_CASES(gated_unit) {
  struct Size {
    int64_t rows, width;
  };
  for (const Size s : {Size{1, 1}, Size{1, 5}, Size{3, 4}, Size{5, 33}, Size{2, 130}, Size{7, 6}, Size{40, 128}}) {
    for (const int64_t shift : {0, 1}) {
      const std::string name = std::to_string(s.rows) + "x" + std::to_string(s.width) + (shift ? "_shifted" : "");
      add_case("gated_unit", name, [s, shift](Run& run) {
        const int64_t n = s.rows * s.width;
        const Tolerance slope = {8 * kEpsilon, 32 * kEpsilon};
        const void* x = after(run, run.real(reals(2 * n + shift, -6, 6, 1)), shift);
        const void* dy = after(run, run.real(reals(n + shift, -2, 2, 2)), shift);
        void* y = after(run, run.out(n + shift, {kEpsilon, 8 * kEpsilon}), shift);
        void* dx = after(run, run.out(2 * n + shift, slope), shift);
        void* same = after(run, run.inout(reals(2 * n + shift, -6, 6, 1), slope), shift);
        run.ok(gx_gated_unit(run.device(), run.format(), s.rows, s.width, x, y));
        run.ok(gx_gated_unit_backward(run.device(), run.format(), s.rows, s.width, x, dy, dx));
        run.ok(gx_gated_unit_backward(run.device(), run.format(), s.rows, s.width, same, dy, same));
      });
    }
  }
}

GX_CASES(affine) {
  for (const Shapes& s : kShapes) {
    if (joined(s.a, s.b).size() != s.a.size() || joined(s.a, s.b) != s.a) continue;  // b fits a's shape
    for (const int64_t shift : {0, 1}) {
      add_case("affine", std::string(s.name) + (shift ? "_shifted" : ""), [s, shift](Run& run) {
        const gx_shape x_shape = shape_of(s.b), y_shape = shape_of(s.a);
        const void* x = after(run, run.real(reals(count_of(s.b) + shift, -2, 2, 1)), shift);
        void* y = after(run, run.out(count_of(s.a) + shift, {4 * kEpsilon, 4 * kEpsilon}), shift);
        run.ok(gx_affine(run.device(), run.format(), 0.7, -1.3, &x_shape, &y_shape, x, y));
      });
    }
  }
}

GX_CASE(affine, in_place) {
  const gx_shape shape = shape_of({5, 67});
  void* x = run.inout(reals(5 * 67, -2, 2, 1), {4 * kEpsilon, 4 * kEpsilon});
  run.ok(gx_affine(run.device(), run.format(), -2.5, 0.25, &shape, &shape, x, x));
}

GX_CASES(add_scaled) {
  for (const int64_t n : {1, 31, 255, 1030, 140001}) {
    for (const int64_t shift : {0, 1}) {
      if (n > 140000 && shift) continue;
      add_case("add_scaled", std::to_string(n) + (shift ? "_shifted" : ""), [n, shift](Run& run) {
        const void* x = run.real(reals(n, -2, 2, 1));
        void* y = after(run, run.inout(reals(n + shift, -2, 2, 2), {4 * kEpsilon, 4 * kEpsilon}), shift);
        run.ok(gx_add_scaled(run.device(), run.format(), -0.3, n, x, y));
      });
    }
  }
}

GX_CASES(select) {
  for (const int64_t n : {1, 33, 255, 1030}) {
    for (const int64_t shift : {0, 1}) {
      add_case("select", std::to_string(n) + (shift ? "_shifted" : ""), [n, shift](Run& run) {
        std::vector<float> mask = integers(n + shift, -1, 1, uint64_t(n)), left = reals(n + shift, 1, 2, 1),
                           right = reals(n + shift, 3, 4, 2);
        for (size_t i = 0; i < mask.size(); ++i) (mask[i] != 0 ? right : left)[i] = NAN;  // never taken
        mask[mask.size() / 2] = NAN;                                                      // not 0 either
        const void* m = after(run, run.real(mask), shift);
        const void* a = after(run, run.real(left), shift);
        const void* b = after(run, run.real(right), shift);
        const auto choose = [&](const void* x, const void* y) {
          void* to = after(run, run.out(n + shift, {0, 0, true}), shift);
          run.ok(gx_select(run.device(), run.format(), n, m, x, y, to));
        };
        choose(a, b);
        choose(a, nullptr);
        choose(nullptr, b);
        choose(nullptr, nullptr);
        void* in_place = after(run, run.inout(left, {0, 0, true}), shift);
        run.ok(gx_select(run.device(), run.format(), n, m, in_place, b, in_place));
      });
    }
  }
}

// The same elements are dropped, and the same slopes drawn, as on the CPU.
GX_CASES(random_scale) {
  for (const int64_t n : {1, 15, 63, 64, 65, 130, 1000, 5003}) {
    for (const int64_t shift : {0, 1}) {
      add_case("random_scale", std::to_string(n) + (shift ? "_shifted" : ""), [n, shift](Run& run) {
        const gx_rng rng = {uint64_t(12345 + n), uint64_t(7) << 33};
        const std::vector<float> values = reals(n + shift, -2, 2, 1);
        const void* x = after(run, run.real(values), shift);
        const void* dy = after(run, run.real(reals(n + shift, -2, 2, 2)), shift);
        for (const double rate : {0.0, 0.3, 0.9}) {
          void* y = after(run, run.out(n + shift, {0, 2 * kEpsilon, true}), shift);
          run.ok(gx_dropout(run.device(), run.format(), rng, rate, n, x, y));
        }
        void* y = after(run, run.inout(values, {0, 2 * kEpsilon, true}), shift);
        run.ok(gx_dropout(run.device(), run.format(), rng, 0.5, n, y, y));
        void* leaky = after(run, run.out(n + shift, {0, 4 * kEpsilon}), shift);
        run.ok(gx_rrelu(run.device(), run.format(), rng, 0.125, 0.4, n, x, leaky));
        void* dx = after(run, run.out(n + shift, {0, 4 * kEpsilon}), shift);
        run.ok(gx_rrelu_backward(run.device(), run.format(), rng, 0.125, 0.4, n, x, dy, dx));
      });
    }
  }
}

}  // namespace
}  // namespace gx::test
