// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The rest of coupling.h: splines, dequantisation, invertible matrices.

#include <algorithm>
#include <cmath>

#include "case.h"
#include "coupling_spline_case.h"

namespace gx::test {
namespace {

const void* at(const Run& run, const void* p, int64_t i) {
  return static_cast<const char*>(p) + i * (run.format() == GX_FLOAT64 ? 8 : 4);
}
void* at(const Run& run, void* p, int64_t i) {
  return static_cast<char*>(p) + i * (run.format() == GX_FLOAT64 ? 8 : 4);
}

std::vector<double> doubles(int64_t n, uint64_t seed) {
  const std::vector<float> v = reals(n, -1, 1, seed);
  return {v.begin(), v.end()};
}

// --- Splines
// -----------------------------------------------------------------------------------------------------------

void run_spline_case(const SplineCase& c, bool in_place, Run& run) {
  const int64_t examples = c.examples(), size = c.coupling.size();
  gx_states view = {};
  const gx_states* kept = nullptr;
  if (c.coupling.shape.pattern == GX_COUPLING_BITS) view = run.bits(1, size, c.coupling.kept), kept = &view;
  const Tolerance value = {512 * kEpsilon, 64 * kEpsilon, true};
  const Tolerance gradient = {4096 * kEpsilon, 1024 * kEpsilon, true};
  const void *x = run.real(c.x), *theta = run.real(c.theta);
  double* log_det = run.inout_doubles(c.log_det, {512 * kEpsilon * double(size + 1), 16 * kEpsilon, true});
  void* y = in_place ? run.inout(c.x, value) : run.out(examples * size, value);
  run.ok(gx_spline_coupling(run.device(), run.format(), &c.params, kept, in_place ? y : x, theta, log_det, y, log_det));
  void* dx = in_place ? run.inout(c.dy, gradient) : run.out(examples * size, gradient);
  void* dtheta = run.inout(std::vector<float>(c.theta.size(), kUntouched), gradient);
  const double* dlog_det = in_place ? nullptr : run.doubles(c.dlog_det);
  run.ok(gx_spline_coupling_backward(run.device(), run.format(), &c.params, kept, x, theta,
                                     in_place ? dx : run.real(c.dy), dlog_det, dx, dtheta));
  if (in_place) return;
  void* dx_alone = run.out(examples * size, gradient);
  run.ok(gx_spline_coupling_backward(run.device(), run.format(), &c.params, kept, x, theta, run.real(c.dy), dlog_det,
                                     dx_alone, nullptr));
}

GX_CASES(spline_coupling) {
  struct Shape {
    const char* name;
    CouplingCase coupling;
  };
  const Shape shapes[] = {
      {"points", span_case(33, 2, 1, 1, 1, 2)},
      {"halves", span_case(3, 40, 1, 1, 20, 40)},
      {"checkerboard", checkerboard_case(2, 3, 4, 6, 1)},
      {"odd_checkerboard", checkerboard_case(2, 1, 5, 5, 0)},
      {"bits", bits_case(3, 37, 1, 1, 0.5)},
      {"large", checkerboard_case(1, 1, 65, 64, 0)},
      {"large_halves", span_case(1, 1, 1, 4200, 300, 4111)},
      {"none", span_case(2, 5, 1, 1, 3, 3)},
      {"no_examples", span_case(0, 5, 1, 1, 0, 3)},
  };
  for (const Shape& shape : shapes) {
    for (int64_t bins : {2, 5, 8}) {
      if (shape.coupling.size() > 4000 && bins == 2) continue;
      for (bool inverse : {false, true}) {
        const SplineLayout layout = kSplineLayouts[(size_t(bins) + inverse) % 4];
        const SplineCase c(shape.coupling, bins, layout, inverse, 1.0);
        const std::string name =
            std::string(shape.name) + "_" + std::to_string(bins) + (inverse ? "_inverse" : "_forward");
        add_case("spline_coupling", name, [c, bins](Run& run) { run_spline_case(c, bins == 5, run); });
      }
    }
  }
  for (const SplineLayout layout : kSplineLayouts) {
    const SplineCase c(checkerboard_case(2, 3, 4, 4, 0), 8, layout, false, 1.0);
    add_case("spline_coupling", "layout_" + std::to_string(int(layout)),
             [c](Run& run) { run_spline_case(c, false, run); });
  }
  const SplineCase most(span_case(2, 9, 1, 1, 0, 9), 64, SplineLayout::kUnitMajor, false, 0.5);
  add_case("spline_coupling", "most_bins", [most](Run& run) { run_spline_case(most, false, run); });
}

// NaN and infinities among x and theta: what they make of an element, they make of its log-determinant.
GX_CASE(spline_coupling, not_normal) {
  SplineCase c(span_case(12, 1, 1, 1, 0, 1), 8, SplineLayout::kUnitMajor, false, 1.0);
  const float inf = std::numeric_limits<float>::infinity(), nan = std::nanf("");
  for (size_t i = 0; i < c.x.size(); ++i) c.x[i] = 0.25f * float(i) - 1;
  const auto number = [&](int64_t n, int64_t j) -> float& { return c.theta[size_t(c.place(n, j, 0))]; };
  c.x[0] = nan, c.x[1] = inf, c.x[2] = -inf, c.x[3] = 3;
  number(4, 2) = nan, number(5, 7) = inf, number(6, 1) = -inf, number(7, 10) = nan, number(8, 15) = inf;
  for (int64_t j = 16; j < 23; ++j) number(9, j) = nan, number(10, j) = inf;
  c.x[11] = 100, number(11, 0) = nan;
  const Tolerance value = {512 * kEpsilon, 64 * kEpsilon};
  const void *x = run.real(c.x), *theta = run.real(c.theta);
  void* y = run.out(12, value);
  double* log_det = run.out_doubles(12, value);
  run.ok(gx_spline_coupling(run.device(), run.format(), &c.params, nullptr, x, theta, nullptr, y, log_det));
  void* alone = run.out(12, value);
  run.ok(gx_spline_coupling(run.device(), run.format(), &c.params, nullptr, x, theta, nullptr, alone, nullptr));
}

// --- Dequantisation
// ----------------------------------------------------------------------------------------------------

struct Dequantise {
  int64_t rows, units, levels;
  bool logit, inverse;
  double low = 0.05, high = 0.95;
  int64_t off = 0;
  bool in_place = false;
};

std::vector<float> inputs(const Dequantise& c) {
  Source source(uint64_t(c.units));
  std::vector<float> v;
  for (int64_t i = 0; i < c.rows * c.units + c.off; ++i) {
    const int64_t level = c.levels > 0 ? source.integer(0, c.levels - 1) : source.integer(0, 255);
    const double levels = double(c.levels > 0 ? c.levels : 256), middle = (double(level) + 0.5) / levels;
    const double p = c.low + (c.high - c.low) * middle;
    v.push_back(float(!c.inverse && c.levels > 0 ? double(level) / (levels - 1)
                      : c.inverse && c.logit     ? std::log(p / (1 - p))
                                                 : middle));
  }
  return v;
}

void run_dequantise(const Dequantise& c, Run& run) {
  const Tolerance value = {32 * kEpsilon, 16 * kEpsilon, true};
  const Tolerance sum = {32 * kEpsilon * double(c.units + 1), 16 * kEpsilon, true};
  const gx_dequantise_params params = {c.rows, c.units, c.levels, c.logit, c.low, c.high, c.inverse};
  const std::vector<float> xs = inputs(c);
  const int64_t elements = int64_t(xs.size());
  const void* x = at(run, run.real(xs), c.off);
  double* log_det = run.inout_doubles(doubles(c.rows, 1), sum);
  void* y = at(run, c.in_place ? run.inout(xs, value) : run.out(elements, value), c.off);
  const gx_rng rng = {0x123456789ABCDEFull, 77};
  run.ok(gx_dequantise(run.device(), run.format(), &params, rng, c.in_place ? y : x, log_det, y, log_det));
  if (c.levels > 0) return;
  void* dx = at(run, run.out(elements, {64 * kEpsilon, 64 * kEpsilon, true}), c.off);
  run.ok(gx_dequantise_backward(run.device(), run.format(), &params, x,
                                at(run, run.real(reals(elements, -1, 1, 3)), c.off), run.doubles(doubles(c.rows, 4)),
                                dx));
}

GX_CASES(dequantise) {
  for (const auto& [rows, units] :
       {std::pair<int64_t, int64_t>{3, 1}, {40, 10}, {3, 64}, {2, 65}, {3, 784}, {2, 20000}, {0, 5}, {3, 0}}) {
    for (int variant = 0; variant < 8; ++variant) {
      Dequantise c = {rows, units, variant & 1 ? 256 : 0, (variant & 2) != 0, (variant & 4) != 0};
      if (units > 10000 && variant % 3 != 0) continue;
      c.off = units == 65, c.in_place = rows == 40;
      const std::string name = std::to_string(rows) + "x" + std::to_string(units) + "_" + std::to_string(variant);
      add_case("dequantise", name, [c](Run& run) { run_dequantise(c, run); });
    }
  }
}

GX_CASE(dequantise, not_normal) {
  const float nan = std::nanf(""), inf = std::numeric_limits<float>::infinity();
  for (int variant = 0; variant < 8; ++variant) {
    const gx_dequantise_params params = {5, 2, variant & 1 ? 4 : 0, (variant & 2) != 0, 0, 1, (variant & 4) != 0};
    const void* x = run.real({nan, 0.5f, 1.5f, 0.25f, -0.5f, 0.25f, 0.25f, inf, 0.5f, 0.75f});
    void* y = run.out(10, {32 * kEpsilon, 16 * kEpsilon, true});
    double* log_det = run.out_doubles(5, {64 * kEpsilon, 16 * kEpsilon, true});
    run.ok(gx_dequantise(run.device(), run.format(), &params, {5, 6}, x, nullptr, y, log_det));
  }
}

// --- Invertible matrices
// -----------------------------------------------------------------------------------------------

GX_CASES(invertible_matrix) {
  for (const int64_t n : {0, 1, 2, 5, 33, 260}) {
    for (const bool inverse : {false, true}) {
      if (n > 100 && inverse) continue;
      add_case("invertible_matrix", std::to_string(n) + (inverse ? "_inverse" : ""), [n, inverse](Run& run) {
        const Tolerance t = {64 * kEpsilon, 64 * kEpsilon, true};
        std::vector<int64_t> permutation(static_cast<size_t>(n));
        for (int64_t i = 0; i < n; ++i) permutation[size_t(i)] = i;
        Source source(uint64_t(n) + 1);
        for (int64_t i = n; i > 1; --i)
          std::swap(permutation[size_t(i - 1)], permutation[size_t(source.integer(0, i - 1))]);
        std::vector<float> sign;
        for (int64_t i = 0; i < n; ++i) sign.push_back(source.integer(0, 1) ? 1 : -1);
        const double size = 1 / std::sqrt(double(n + 1));
        const void* lower = run.real(reals(n * n, -size, size, 1));
        const void* upper = run.real(reals(n * n, -size, size, 2));
        const void *signs = run.real(sign), *l = run.real(reals(n, -0.5, 0.5, 3));
        const void* dW = run.real(reals(n * n, -1, 1, 4));
        void *W = run.out(n * n, t), *dlower = run.out(n * n, t), *dupper = run.out(n * n, t), *dl = run.out(n, t);
        gx_device* const d = run.device();
        const gx_format f = run.format();
        run.ok(gx_invertible_matrix(d, f, n, inverse, permutation.data(), lower, upper, signs, l, W));
        run.ok(gx_invertible_matrix_backward(d, f, n, inverse, permutation.data(), lower, upper, signs, l, dW, dlower,
                                             dupper, dl));
        void* alone = run.out(n, t);
        run.ok(gx_invertible_matrix_backward(d, f, n, inverse, permutation.data(), lower, upper, signs, l, dW, nullptr,
                                             nullptr, alone));
      });
    }
  }
}

}  // namespace
}  // namespace gx::test
