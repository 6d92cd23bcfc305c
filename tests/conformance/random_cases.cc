// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Draws have the CPU's bits, in float and in double: the tolerance is none.

#include <cmath>

#include "case.h"

namespace gx::test {
namespace {

struct Shape {
  int64_t rows, units;
  bool shifted;  // by an element off the grid of 16 bytes
};
const Shape kShapes[] = {{1, 1, false},  {3, 31, false},   {2, 33, false}, {1, 255, false},
                         {5, 64, false}, {2, 1028, false}, {3, 68, true},  {70, 4, false}};

std::string name_of(const char* what, const Shape& s) {
  return std::string(what) + "_" + std::to_string(s.rows) + "_" + std::to_string(s.units) +
         (s.shifted ? "_shifted" : "");
}

void* moved(const Run& run, const Shape& s, const void* array) {
  const int64_t element = run.format() == GX_FLOAT64 ? 8 : 4;
  return const_cast<char*>(static_cast<const char*>(array)) + (s.shifted ? element : 0);
}

// body(run, shape, out)
template <class Body>
void add(const char* what, Body body) {
  for (const Shape& s : kShapes) {
    for (const Formats f : {Formats::kFloat, Formats::kDouble}) {
      add_case(
          "random", name_of(what, s) + (f == Formats::kFloat ? "_float" : "_double"),
          [s, body](Run& run) { run.ok(body(run, s, moved(run, s, run.out(s.rows * s.units + s.shifted, {})))); }, f);
    }
  }
}

const gx_rng kRng = {0x123456789ABCDEFu, 0x100000002u};

GX_CASES(uniform) {
  add("uniform", [](Run& run, const Shape& s, void* out) {
    return gx_random_uniform(run.device(), run.format(), kRng, s.rows, s.units, out);
  });
}

GX_CASES(normal) {
  add("normal", [](Run& run, const Shape& s, void* out) {
    return gx_random_normal(run.device(), run.format(), kRng, 0.3, 1.7, s.rows, s.units, out);
  });
  for (const Formats f : {Formats::kFloat, Formats::kDouble}) {
    add_case(
        "random", f == Formats::kFloat ? "normal_many_float" : "normal_many_double",
        [](Run& run) {
          run.ok(gx_random_normal(run.device(), run.format(), kRng, 0, 1, 40, 2000, run.out(80000, {})));
        },
        f);
  }
}

GX_CASES(exponential) {
  add("exponential", [](Run& run, const Shape& s, void* out) {
    return gx_random_exponential(run.device(), run.format(), kRng, s.rows, s.units, out);
  });
}

GX_CASES(gumbel) {
  add("gumbel", [](Run& run, const Shape& s, void* out) {
    return gx_random_gumbel(run.device(), run.format(), kRng, s.rows, s.units, out);
  });
}

GX_CASES(bernoulli) {
  add("bernoulli", [](Run& run, const Shape& s, void* out) {
    auto p = reals(s.rows * s.units + s.shifted, 0.3, 1, 5);
    p.back() = 1;
    if (p.size() > 3) p[2] = 0, p[3] = NAN;
    return gx_random_bernoulli(run.device(), run.format(), kRng, s.rows, s.units, moved(run, s, run.real(p)), out);
  });
  for (const Formats f : {Formats::kFloat, Formats::kDouble}) {
    add_case(
        "random", f == Formats::kFloat ? "bernoulli_in_place_float" : "bernoulli_in_place_double",
        [](Run& run) {
          void* p = run.inout(reals(600, 0, 1, 9), {});
          run.ok(gx_random_bernoulli(run.device(), run.format(), kRng, 3, 200, p, p));
        },
        f);
  }
}

GX_CASES(gamma) {
  for (const double shape : {0.4, 1.0, 7.5}) {
    const std::string name = "gamma_of_" + std::to_string(int(shape * 10));
    add(name.c_str(), [shape](Run& run, const Shape& s, void* out) {
      return gx_random_gamma(run.device(), run.format(), kRng, shape, nullptr, s.rows, s.units, out);
    });
  }
  add("gamma_of_shapes", [](Run& run, const Shape& s, void* out) {
    auto shapes = reals(s.rows * s.units + s.shifted, 0.05, 3, 6);
    if (shapes.size() > 5) shapes[1] = 0, shapes[2] = -1, shapes[3] = INFINITY, shapes[4] = NAN;
    return gx_random_gamma(run.device(), run.format(), kRng, 1, moved(run, s, run.real(shapes)), s.rows, s.units, out);
  });
}

}  // namespace
}  // namespace gx::test
