// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// softmax.h: rows for 8 and 32 lanes, for blocks of 256 and 1024, and cut into parts; columns for 1 to 32 warps, and
// longer than they hold.

#include "case.h"

namespace gx::test {
namespace {

const Tolerance kClose = {16 * kEpsilon, 32 * kEpsilon, true};
const Tolerance kGradient = {64 * kEpsilon, 64 * kEpsilon, true};

struct Shape {
  int64_t outer, n, inner;
  int64_t elements() const { return outer * n * inner; }
  std::string name() const { return std::to_string(outer) + "_" + std::to_string(n) + "_" + std::to_string(inner); }
};

const void* after(const Run& run, const void* p, int64_t n) {
  return static_cast<const char*>(p) + n * (run.format() == GX_FLOAT64 ? 8 : 4);
}
void* after(const Run& run, void* p, int64_t n) { return const_cast<void*>(after(run, (const void*)p, n)); }

// off: elements by which the arrays miss the grid of 16 bytes.
void all(Run& run, const Shape& s, const std::vector<float>& values, int64_t off) {
  std::vector<float> shifted(size_t(off), 0.0f);
  shifted.insert(shifted.end(), values.begin(), values.end());
  const int64_t n = s.elements(), results = s.outer * s.inner;
  const void* x = after(run, run.real(shifted), off);
  const void* dy = after(run, run.real(reals(n + off, -1, 1, 2)), off);
  const void* dresult = run.real(reals(results, -1, 1, 3));
  for (const gx_softmax_function f : {GX_SOFTMAX, GX_LOG_SOFTMAX}) {
    void* y = after(run, run.out(n + off, kClose), off);
    void* dx = after(run, run.out(n + off, kGradient), off);
    run.ok(gx_softmax(run.device(), run.format(), f, s.outer, s.n, s.inner, x, y));
    run.ok(gx_softmax_backward(run.device(), run.format(), f, s.outer, s.n, s.inner, y, dy, dx));
  }
  void* y = run.out(results, kClose);
  void* dx = after(run, run.out(n + off, kGradient), off);
  run.ok(gx_logsumexp(run.device(), run.format(), s.outer, s.n, s.inner, x, y));
  run.ok(gx_logsumexp_backward(run.device(), run.format(), s.outer, s.n, s.inner, x, y, dresult, dx));
}

GX_CASES(softmax) {
  for (const Shape& s : {Shape{3, 1, 1}, Shape{70, 10, 1}, Shape{9, 33, 1}, Shape{5, 256, 1}, Shape{4, 700, 1},
                         Shape{3, 1024, 1}, Shape{2, 5000, 1}, Shape{2, 10007, 1}, Shape{1, 20000, 1},
                         Shape{2, 33024, 1}, Shape{1, 70001, 1}, Shape{2, 3, 5}, Shape{3, 10, 49}, Shape{2, 100, 33},
                         Shape{1, 256, 64}, Shape{1, 512, 3}, Shape{2, 600, 20}, Shape{33, 5, 2}}) {
    add_case("softmax", s.name(), [s](Run& run) { all(run, s, reals(s.elements(), -4, 4, 1), 0); });
  }
  for (const Shape& s : {Shape{3, 12, 1}, Shape{2, 300, 1}, Shape{1, 36864, 1}}) {
    add_case("softmax", s.name() + "_misaligned", [s](Run& run) { all(run, s, reals(s.elements(), -4, 4, 1), 1); });
  }
}

// Large numbers, elements of probability 0, and rows without a distribution.
GX_CASES(odd_values) {
  struct Kind {
    const char* name;
    Shape shape;
  };
  for (const auto& [name, s] : {Kind{"rows", {7, 40, 1}}, Kind{"columns", {1, 40, 7}}, Kind{"looped", {1, 600, 7}},
                                Kind{"parts", {7, 33000, 1}}}) {
    add_case("softmax_odd", name, [s = s](Run& run) {
      std::vector<float> x = reals(s.elements(), -1, 1, 1);
      // Element i of row or column r.
      const auto at = [&](int64_t r, int64_t i) -> float& {
        return x[size_t(s.inner == 1 ? r * s.n + i : i * s.inner + r)];
      };
      for (int64_t i = 0; i < s.n; ++i) {
        at(1, i) = -INFINITY;
        at(2, i) += 120;
        at(6, i) = i == 0 ? -1e30f : -INFINITY;
      }
      at(0, 3) = at(0, 39) = -INFINITY;
      at(3, 5) = INFINITY;
      at(4, 38) = NAN;
      at(5, 0) = 200;
      all(run, s, x, 0);
    });
  }
}

GX_CASE(softmax, nothing) {
  void* y = run.out(6, {});
  run.ok(gx_logsumexp(run.device(), run.format(), 6, 0, 1, nullptr, y));
  void* z = run.out(6, {});
  run.ok(gx_logsumexp(run.device(), run.format(), 2, 0, 3, nullptr, z));
  run.ok(gx_softmax(run.device(), run.format(), GX_SOFTMAX, 0, 3, 2, nullptr, nullptr));
  run.ok(gx_logsumexp_backward(run.device(), run.format(), 0, 3, 2, nullptr, nullptr, nullptr, nullptr));
}

GX_CASE(softmax, in_place) {
  const void* start = run.real(reals(300, -2, 2, 1));
  void* x = run.inout(reals(300, -2, 2, 1), kClose);
  run.ok(gx_softmax(run.device(), run.format(), GX_SOFTMAX, 3, 100, 1, x, x));
  void* dy = run.inout(reals(300, -1, 1, 2), kGradient);
  run.ok(gx_softmax_backward(run.device(), run.format(), GX_LOG_SOFTMAX, 1, 10, 30, start, dy, dy));
}

}  // namespace
}  // namespace gx::test
