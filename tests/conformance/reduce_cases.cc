// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// reduce.h: outputs for 8 lanes, 32 lanes and a block, cut into parts or not, along and across; axes that alternate.

#include <algorithm>

#include "case.h"

namespace gx::test {
namespace {

struct Shape {
  std::vector<int64_t> dims;
  uint32_t axes;
};

gx_shape shape_of(const Shape& s) {
  gx_shape shape = {int32_t(s.dims.size()), {}};
  for (size_t i = 0; i < s.dims.size(); ++i) shape.dims[i] = s.dims[i];
  return shape;
}

std::string name_of(const Shape& s) {
  std::string name = "of";
  for (const int64_t d : s.dims) name += "_" + std::to_string(d);
  return name + "_axes_" + std::to_string(s.axes);
}

int64_t elements_of(const Shape& s) {
  int64_t n = 1;
  for (const int64_t d : s.dims) n *= d;
  return n;
}
int64_t outputs_of(const Shape& s) {
  int64_t n = 1;
  for (size_t i = 0; i < s.dims.size(); ++i) n *= s.axes >> i & 1 ? 1 : s.dims[i];
  return n;
}

void all(Run& run, const Shape& s, const std::vector<float>& x_values, int64_t off) {
  const gx_shape shape = shape_of(s);
  const int64_t n = elements_of(s), outputs = outputs_of(s);
  std::vector<float> shifted(size_t(off), 0.0f);
  shifted.insert(shifted.end(), x_values.begin(), x_values.end());
  const int64_t bytes = off * (run.format() == GX_FLOAT64 ? 8 : 4);
  const void* x = static_cast<const char*>(run.real(shifted)) + bytes;
  const void* w = run.real(reals(n, -1, 1, 2));
  const void* dy = run.real(reals(outputs, -1, 1, 3));
  // A sum of numbers of either sign is as exact as its terms are many.
  const double terms = double(n) / double(std::max<int64_t>(outputs, 1));
  const Tolerance kClose = {2 * kEpsilon * (1 + terms / 64), 2 * kEpsilon * (1 + terms / 512), true};
  for (const gx_reduction r : {GX_SUM, GX_MEAN, GX_SUM_OF_SQUARES, GX_SUM_OF_SIZES, GX_NORM, GX_MAX, GX_MIN}) {
    void* y = run.out(outputs, kClose);
    run.ok(gx_reduce(run.device(), run.format(), r, &shape, s.axes, x, y));
  }
  void* y = run.out(outputs, kClose);
  run.ok(gx_reduce_dot(run.device(), run.format(), &shape, s.axes, x, w, y));
  for (const gx_reduction r : {GX_MAX, GX_MIN}) {
    void* index = run.out(outputs, {0, 0, true});
    void* dx = run.out(n, {0, 2 * kEpsilon, true});
    run.ok(gx_reduce_arg(run.device(), run.format(), r, &shape, s.axes, x, index));
    run.ok(gx_reduce_extreme_backward(run.device(), run.format(), r, &shape, s.axes, x, dy, dx));
  }
}

const Shape kShapes[] = {{{}, 0},
                         {{1}, 1},
                         {{5}, 0},
                         {{31}, 1},
                         {{300}, 1},
                         {{1025}, 1},
                         {{70000}, 1},     // parts
                         {{40, 10}, 2},    // 8 lanes
                         {{37, 12}, 2},    // in packs
                         {{9, 100}, 2},    // 32 lanes
                         {{3, 3000}, 2},   // a block
                         {{2, 20001}, 2},  // parts
                         {{10, 40}, 1},    // across, not shared
                         {{100, 33}, 1},   // shared
                         {{1500, 5}, 1},   // parts
                         {{3, 40, 5}, 2},  // rows of columns
                         {{6, 5, 16}, 5},  // a channel of a batch
                         {{70, 3, 33}, 5},
                         {{300, 2, 60}, 5},  // with parts
                         {{4, 6, 5}, 1},
                         {{3, 4, 5, 6}, 5},  // K R alternating
                         {{3, 4, 5, 6}, 10},
                         {{2, 3, 2, 3, 2, 3, 2, 4}, 0xAA},
                         {{2, 3, 2, 3, 2, 3, 2, 4}, 0x55},
                         {{3, 1, 4}, 7},
                         {{3, 1, 4}, 2}};

GX_CASES(reduce) {
  for (const Shape& s : kShapes) {
    add_case("reduce", name_of(s), [s](Run& run) { all(run, s, reals(elements_of(s), -2, 2, 1), 0); });
  }
  for (const Shape& s : {Shape{{300}, 1}, Shape{{9, 100}, 2}, Shape{{100, 33}, 1}}) {
    add_case("reduce", name_of(s) + "_misaligned", [s](Run& run) { all(run, s, reals(elements_of(s), -2, 2, 1), 1); });
    // Ties: the first one counts. NaN beats everything, infinities the rest.
    add_case("reduce", name_of(s) + "_ties", [s](Run& run) { all(run, s, integers(elements_of(s), -2, 2, 1), 0); });
    add_case("reduce", name_of(s) + "_odd", [s](Run& run) {
      std::vector<float> x = reals(elements_of(s), -1, 1, 1);
      for (size_t i = 0; i < x.size(); i += 71) x[i] = INFINITY;
      for (size_t i = 7; i < x.size(); i += 97) x[i] = NAN;
      x[20] = -INFINITY;
      all(run, s, x, 0);
    });
    add_case("reduce", name_of(s) + "_minus_infinity",
             [s](Run& run) { all(run, s, std::vector<float>(size_t(elements_of(s)), -INFINITY), 0); });
  }
}

GX_CASE(reduce, nothing) {
  for (const Shape& s : {Shape{{3, 0}, 2}, Shape{{0, 3}, 1}, Shape{{2, 0, 3}, 2}}) {
    const gx_shape shape = shape_of(s);
    for (const gx_reduction r : {GX_SUM, GX_NORM}) {
      void* y = run.out(outputs_of(s), {0, 0, true});
      run.ok(gx_reduce(run.device(), run.format(), r, &shape, s.axes, nullptr, y));
    }
  }
  const gx_shape none = {2, {0, 3}};
  run.ok(gx_reduce(run.device(), run.format(), GX_MAX, &none, 2, nullptr, nullptr));
}

}  // namespace
}  // namespace gx::test
