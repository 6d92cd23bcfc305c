// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// norm.h: sets that fit 8 or 32 lanes, a block, or none (so that blocks draw tickets), forward and backward; channels
// with runs so short that lanes go along columns; packs of 16 bytes and addresses that forbid them.

#include <algorithm>

#include "case.h"

namespace gx::test {
namespace {

const Tolerance kClose = {64 * kEpsilon, 32 * kEpsilon};
const Tolerance kGradient = {128 * kEpsilon, 64 * kEpsilon, true};

int64_t size_of(const Run& run) { return run.format() == GX_FLOAT64 ? 8 : 4; }
const void* after(const Run& run, const void* p, int64_t n) { return static_cast<const char*>(p) + n * size_of(run); }
void* after(const Run& run, void* p, int64_t n) { return static_cast<char*>(p) + n * size_of(run); }

struct Images {
  int64_t examples, channels, spatial;
  int64_t elements() const { return examples * channels * spatial; }
  std::string name() const {
    return std::to_string(examples) + "_" + std::to_string(channels) + "_" + std::to_string(spatial);
  }
};

// x with a mean that is not 0; off: elements by which the arrays miss the grid of 16 bytes.
const void* input(Run& run, int64_t n, int64_t off, double low, double high, uint64_t seed) {
  return after(run, run.real(reals(n + off, low, high, seed)), off);
}
void* output(Run& run, int64_t n, int64_t off, Tolerance tolerance) {
  return after(run, run.out(n + off, tolerance), off);
}

enum Wanted { kAll, kNoFactors, kOnlyDx, kNoDx };

void batch_norm(Run& run, const Images& s, bool relu, Wanted wanted, int64_t off) {
  const gx_batch_norm_params p = {s.examples, s.channels, s.spatial, 1e-3, 0.1, relu ? GX_NORM_RELU : GX_NORM_LINEAR};
  const int64_t n = s.elements(), c = s.channels;
  const bool factors = wanted != kNoFactors;
  const void* x = input(run, n, off, -1, 3, 1);
  const void* dy = input(run, n, off, -1, 1, 2);
  const void* gamma = factors ? run.real(reals(c, -2, 2, 3)) : nullptr;
  const void* beta = factors ? run.real(reals(c, -1, 1, 4)) : nullptr;
  void* mean = run.inout(reals(c, -1, 1, 5), kClose);
  void* var = run.inout(reals(c, 0.5, 2, 6), kClose);
  void* y = output(run, n, off, kClose);
  double* statistics = run.out_doubles(2 * c, kClose);
  const bool moved = factors && s.examples * s.spatial > 1;
  run.ok(gx_batch_norm(run.device(), run.format(), &p, x, gamma, beta, moved ? mean : nullptr, moved ? var : nullptr, y,
                       statistics));
  void* dx = wanted != kNoDx ? output(run, n, off, kGradient) : nullptr;
  void* dgamma = wanted != kOnlyDx ? run.out(c, kGradient) : nullptr;
  void* dbeta = wanted != kOnlyDx ? run.out(c, kGradient) : nullptr;
  run.ok(gx_batch_norm_backward(run.device(), run.format(), &p, x, gamma, beta, statistics, dy, dx, dgamma, dbeta));
  void* evaluated = output(run, n, off, kClose);
  run.ok(gx_batch_norm_evaluate(run.device(), run.format(), &p, x, gamma, beta, mean, var, evaluated));
  void* edx = wanted != kNoDx ? output(run, n, off, kGradient) : nullptr;
  void* edgamma = run.out(c, kGradient);
  void* edbeta = run.out(c, kGradient);
  run.ok(gx_batch_norm_evaluate_backward(run.device(), run.format(), &p, x, gamma, beta, mean, var, dy, edx, edgamma,
                                         edbeta));
}

void batch_renorm(Run& run, const Images& s) {
  const gx_batch_renorm_params p = {s.examples, s.channels, s.spatial, 1e-3, 0.1, 1.5, 0.5};
  const int64_t n = s.elements(), c = s.channels;
  const void* x = run.real(reals(n, -1, 3, 1));
  const void* dy = run.real(reals(n, -1, 1, 2));
  const void* gamma = run.real(reals(c, -2, 2, 3));
  const void* beta = run.real(reals(c, -1, 1, 4));
  void* mean = run.inout(reals(c, 0.5, 1.5, 5), kClose);
  void* var = run.inout(reals(c, 0.5, 4, 6), kClose);
  void* y = run.out(n, kClose);
  double* statistics = run.out_doubles(4 * c, kClose);
  run.ok(gx_batch_renorm(run.device(), run.format(), &p, x, gamma, beta, mean, var, y, statistics));
  void* dx = run.out(n, kGradient);
  void* dgamma = run.out(c, kGradient);
  void* dbeta = run.out(c, kGradient);
  run.ok(gx_batch_renorm_backward(run.device(), run.format(), &p, x, gamma, statistics, dy, dx, dgamma, dbeta));
}

void reference_batch_norm(Run& run, const Images& s, int64_t references, bool with_dx) {
  const gx_reference_batch_norm_params p = {references, s.examples, s.channels, s.spatial, 1e-3};
  const int64_t n = s.elements(), c = s.channels, sets = 1 + s.examples - references;
  const void* x = run.real(reals(n, -1, 3, 1));
  const void* dy = run.real(reals(n, -1, 1, 2));
  const void* gamma = run.real(reals(c, -2, 2, 3));
  const void* beta = run.real(reals(c, -1, 1, 4));
  void* y = run.out(n, kClose);
  double* statistics = run.out_doubles(2 * sets * c, kClose);
  run.ok(gx_reference_batch_norm(run.device(), run.format(), &p, x, gamma, beta, y, statistics));
  void* dx = with_dx ? run.out(n, kGradient) : nullptr;
  void* dgamma = run.out(c, kGradient);
  void* dbeta = run.out(c, kGradient);
  run.ok(gx_reference_batch_norm_backward(run.device(), run.format(), &p, x, gamma, statistics, dy, dx, dgamma, dbeta));
}

void group_norm(Run& run, const Images& s, int64_t groups, bool relu, Wanted wanted, int64_t off) {
  const gx_group_norm_params p = {s.examples, s.channels, s.spatial,
                                  groups,     1e-3,       relu ? GX_NORM_RELU : GX_NORM_LINEAR};
  const int64_t n = s.elements(), c = s.channels;
  const bool factors = wanted != kNoFactors;
  const void* x = input(run, n, off, -1, 3, 1);
  const void* dy = input(run, n, off, -1, 1, 2);
  const void* gamma = factors ? run.real(reals(c, -2, 2, 3)) : nullptr;
  const void* beta = factors ? run.real(reals(c, -1, 1, 4)) : nullptr;
  void* y = output(run, n, off, kClose);
  double* statistics = run.out_doubles(2 * s.examples * groups, kClose);
  run.ok(gx_group_norm(run.device(), run.format(), &p, x, gamma, beta, y, statistics));
  void* dx = wanted != kNoDx ? output(run, n, off, kGradient) : nullptr;
  void* dgamma = wanted != kOnlyDx ? run.out(c, kGradient) : nullptr;
  void* dbeta = wanted != kOnlyDx ? run.out(c, kGradient) : nullptr;
  run.ok(gx_group_norm_backward(run.device(), run.format(), &p, x, gamma, beta, statistics, dy, dx, dgamma, dbeta));
}

void adaptive(Run& run, const Images& s, int64_t style_spatial, bool with_dstyle) {
  const gx_adaptive_instance_norm_params p = {s.examples, s.channels, s.spatial, style_spatial, 1e-3};
  const int64_t n = s.elements(), sets = s.examples * s.channels, m = sets * style_spatial;
  const void* content = run.real(reals(n, -1, 3, 1));
  const void* style = run.real(reals(m, -3, 2, 2));
  const void* dy = run.real(reals(n, -1, 1, 3));
  void* y = run.out(n, kClose);
  double* statistics = run.out_doubles(4 * sets, kClose);
  run.ok(gx_adaptive_instance_norm(run.device(), run.format(), &p, content, style, y, statistics));
  void* dcontent = run.out(n, kGradient);
  void* dstyle = with_dstyle ? run.out(m, kGradient) : nullptr;
  run.ok(gx_adaptive_instance_norm_backward(run.device(), run.format(), &p, content, style, statistics, dy, dcontent,
                                            dstyle));
}

void layer_norm(Run& run, int64_t rows, int64_t units, Wanted wanted, int64_t off) {
  const int64_t n = rows * units;
  const bool factors = wanted != kNoFactors;
  const void* x = input(run, n, off, -1, 3, 1);
  const void* dy = input(run, n, off, -1, 1, 2);
  const void* gamma = factors ? run.real(reals(units, -2, 2, 3)) : nullptr;
  const void* beta = factors ? run.real(reals(units, -1, 1, 4)) : nullptr;
  void* y = output(run, n, off, kClose);
  double* statistics = run.out_doubles(2 * rows, kClose);
  run.ok(gx_layer_norm(run.device(), run.format(), rows, units, 1e-3, x, gamma, beta, y, statistics));
  void* dx = wanted != kNoDx ? output(run, n, off, kGradient) : nullptr;
  void* dgamma = wanted != kOnlyDx ? run.out(units, kGradient) : nullptr;
  void* dbeta = wanted != kOnlyDx ? run.out(units, kGradient) : nullptr;
  run.ok(gx_layer_norm_backward(run.device(), run.format(), rows, units, x, gamma, statistics, dy, dx, dgamma, dbeta));
}

void weight_norm(Run& run, int64_t rows, int64_t units, bool with_dv) {
  const int64_t n = rows * units;
  const void* v = run.real(reals(n, -1, 1, 1));
  const void* g = run.real(reals(rows, 0.5, 2, 2));
  const void* dw = run.real(reals(n, -1, 1, 3));
  void* w = run.out(n, kClose);
  double* norms = run.out_doubles(rows, kClose);
  run.ok(gx_weight_norm(run.device(), run.format(), rows, units, v, g, w, norms));
  void* dv = with_dv ? run.out(n, kGradient) : nullptr;
  void* dg = run.out(rows, kGradient);
  run.ok(gx_weight_norm_backward(run.device(), run.format(), rows, units, v, g, norms, dw, dv, dg));
}

// Columns: 1, 1, 7; then sets of 8 lanes, 32 lanes, a block; tickets in packs and one by one, and with runs of more
// than 32768.
const Images kImages[] = {{3, 5, 1},  {150, 33, 1}, {9, 6, 7},    {4, 3, 8},    {5, 4, 36},   {7, 3, 49},
                          {2, 3, 75}, {9, 2, 256},  {1, 2, 2000}, {6, 3, 4096}, {3, 2, 5003}, {2, 1, 33001}};

GX_CASES(batch_norm) {
  for (const Images& s : kImages) {
    add_case("batch_norm", s.name(), [s](Run& run) { batch_norm(run, s, false, kAll, 0); });
    add_case("batch_norm", s.name() + "_relu", [s](Run& run) { batch_norm(run, s, true, kAll, 0); });
  }
  for (const Images& s : {Images{4, 3, 8}, Images{3, 2, 1600}, Images{5, 7, 1}, Images{3, 2, 4096}}) {
    add_case("batch_norm", s.name() + "_no_factors", [s](Run& run) { batch_norm(run, s, true, kNoFactors, 0); });
    add_case("batch_norm", s.name() + "_only_dx", [s](Run& run) { batch_norm(run, s, false, kOnlyDx, 0); });
    add_case("batch_norm", s.name() + "_no_dx", [s](Run& run) { batch_norm(run, s, true, kNoDx, 0); });
    add_case("batch_norm", s.name() + "_misaligned", [s](Run& run) { batch_norm(run, s, true, kAll, 1); });
  }
}

// A set of nothing but NaN and infinities spoils itself alone; constant sets have no variance.
GX_CASE(batch_norm, spoilt) {
  const gx_batch_norm_params p = {2, 4, 20, 1e-3, 0, GX_NORM_RELU};
  std::vector<float> values = reals(160, -1, 1, 1);
  values[5] = NAN;
  values[25] = INFINITY;
  for (int i : {40, 120}) std::fill_n(values.begin() + i, 20, 3.0f);
  const void* x = run.real(values);
  const void* dy = run.real(reals(160, -1, 1, 2));
  const void* beta = run.real({0.5f, 0.5f, 0.5f, 0.5f});
  void* y = run.out(160, kClose);
  double* statistics = run.out_doubles(8, kClose);
  run.ok(gx_batch_norm(run.device(), run.format(), &p, x, nullptr, beta, nullptr, nullptr, y, statistics));
  void* dx = run.out(160, {4096 * kEpsilon, 64 * kEpsilon});
  void* dgamma = run.out(4, kGradient);
  void* dbeta = run.out(4, kGradient);
  run.ok(gx_batch_norm_backward(run.device(), run.format(), &p, x, nullptr, beta, statistics, dy, dx, dgamma, dbeta));
}

// Of nothing, gradients are 0.
GX_CASE(batch_norm, empty) {
  const gx_batch_norm_params p = {0, 5, 3, 1e-3, 0, GX_NORM_LINEAR};
  const void* mean = run.real(reals(5, -1, 1, 1));
  const void* var = run.real(reals(5, 1, 2, 2));
  void* dgamma = run.out(5, {0, 0, true});
  void* dbeta = run.out(5, {0, 0, true});
  run.ok(gx_batch_norm_evaluate_backward(run.device(), run.format(), &p, nullptr, nullptr, nullptr, mean, var, nullptr,
                                         nullptr, dgamma, dbeta));
  const gx_group_norm_params q = {0, 5, 3, 5, 1e-3, GX_NORM_LINEAR};
  void* group_dgamma = run.out(5, {0, 0, true});
  void* group_dbeta = run.out(5, {0, 0, true});
  run.ok(gx_group_norm_backward(run.device(), run.format(), &q, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
                                group_dgamma, group_dbeta));
  void* layer_dgamma = run.out(5, {0, 0, true});
  run.ok(gx_layer_norm_backward(run.device(), run.format(), 0, 5, nullptr, nullptr, nullptr, nullptr, nullptr,
                                layer_dgamma, nullptr));
}

GX_CASES(batch_renorm) {
  for (const Images& s : {Images{3, 5, 1}, Images{9, 6, 7}, Images{5, 4, 36}, Images{9, 2, 256}, Images{6, 2, 4096}}) {
    add_case("batch_renorm", s.name(), [s](Run& run) { batch_renorm(run, s); });
  }
}

GX_CASES(reference_batch_norm) {
  for (const Images& s : {Images{5, 3, 1}, Images{40, 2, 5}, Images{6, 3, 36}, Images{4, 2, 9000}}) {
    add_case("reference_batch_norm", s.name(), [s](Run& run) { reference_batch_norm(run, s, 3, true); });
  }
  add_case("reference_batch_norm", "many_references", [](Run& run) {
    reference_batch_norm(run, {80, 3, 2}, 35, true);
  });
  add_case("reference_batch_norm", "all_references", [](Run& run) { reference_batch_norm(run, {4, 3, 10}, 4, true); });
  add_case("reference_batch_norm", "no_dx", [](Run& run) { reference_batch_norm(run, {6, 3, 36}, 2, false); });
}

GX_CASES(group_norm) {
  struct Shape {
    Images images;
    int64_t groups;
  };
  for (const auto& [s, g] :
       {Shape{{3, 6, 5}, 3}, Shape{{2, 8, 16}, 2}, Shape{{2, 6, 49}, 6}, Shape{{35, 4, 20}, 4}, Shape{{2, 6, 300}, 2},
        Shape{{2, 4, 2600}, 2}, Shape{{1, 2, 9000}, 2}, Shape{{1, 4, 4099}, 1}}) {
    const std::string name = s.name() + "_groups_" + std::to_string(g);
    const auto with = [images = s, groups = g](bool relu, Wanted wanted, int64_t off) {
      return [=](Run& run) { group_norm(run, images, groups, relu, wanted, off); };
    };
    add_case("group_norm", name, with(false, kAll, 0));
    add_case("group_norm", name + "_relu", with(true, kAll, 0));
    if (s.elements() > 1000) continue;
    add_case("group_norm", name + "_no_factors", with(true, kNoFactors, 0));
    add_case("group_norm", name + "_only_dx", with(true, kOnlyDx, 0));
    add_case("group_norm", name + "_no_dx", with(true, kNoDx, 0));
    add_case("group_norm", name + "_misaligned", with(true, kAll, 1));
  }
}

GX_CASES(adaptive) {
  add_case("adaptive_instance_norm", "small", [](Run& run) { adaptive(run, {2, 3, 36}, 25, true); });
  add_case("adaptive_instance_norm", "pixels", [](Run& run) { adaptive(run, {2, 33, 1}, 1, true); });
  add_case("adaptive_instance_norm", "large", [](Run& run) { adaptive(run, {1, 2, 9216}, 8200, true); });
  add_case("adaptive_instance_norm", "no_dstyle", [](Run& run) { adaptive(run, {2, 3, 64}, 16, false); });
}

GX_CASES(layer_norm) {
  for (const int64_t units : {1, 10, 33, 128, 1000, 1025, 4096, 9004, 8201}) {
    const int64_t rows = units > 4000 ? 2 : units > 500 ? 5 : 67;
    const std::string name = std::to_string(rows) + "_" + std::to_string(units);
    add_case("layer_norm", name, [=](Run& run) { layer_norm(run, rows, units, kAll, 0); });
    if (units > 1000) continue;
    if (units > 1)
      add_case("layer_norm", name + "_no_factors", [=](Run& run) { layer_norm(run, rows, units, kNoFactors, 0); });
    add_case("layer_norm", name + "_only_dx", [=](Run& run) { layer_norm(run, rows, units, kOnlyDx, 0); });
    add_case("layer_norm", name + "_no_dx", [=](Run& run) { layer_norm(run, rows, units, kNoDx, 0); });
    add_case("layer_norm", name + "_misaligned", [=](Run& run) { layer_norm(run, rows, units, kAll, 1); });
  }
  add_case("layer_norm", "many_rows", [](Run& run) { layer_norm(run, 300, 40, kAll, 0); });
}

GX_CASES(weight_norm) {
  for (const int64_t units : {1, 9, 576, 1026, 9001}) {
    const int64_t rows = units > 1000 ? 3 : 35;
    const std::string name = std::to_string(rows) + "_" + std::to_string(units);
    add_case("weight_norm", name, [=](Run& run) { weight_norm(run, rows, units, true); });
  }
  add_case("weight_norm", "no_dv", [](Run& run) { weight_norm(run, 5, 40, false); });
}

}  // namespace
}  // namespace gx::test
