// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "case.h"

namespace gx::test {
namespace {

struct Part {
  int64_t count;
  bool ema, shifted;  // by an element off the grid of 16 bytes
};
// Tiles of 4096: one and parts of one, several, and none.
const std::vector<Part> kModel = {{1, false, false}, {31, true, false},   {0, false, false},   {4096, false, false},
                                  {255, true, true}, {9003, true, false}, {4101, false, true}, {1030, false, false}};
std::vector<Part> many() {
  std::vector<Part> parts;
  for (int i = 0; i < 250; ++i) parts.push_back({i % 7, i % 3 == 0, i % 5 == 0});
  return parts;
}

const Tolerance kClose = {8 * kEpsilon, 32 * kEpsilon, true};

// The segments of a model, with the states of `states`, bit k for s_k. All begin above 0, as squares do, and s0 above
// the square of s2, so that RMSProp takes no root of what is left by cancellation.
std::vector<gx_segment> segments_of(Run& run, const std::vector<Part>& parts, int states) {
  const int64_t element = run.format() == GX_FLOAT64 ? 8 : 4;
  std::vector<gx_segment> segments;
  uint64_t seed = 1;
  for (const Part& part : parts) {
    const int64_t n = part.count + part.shifted;
    const auto at = [&](const void* p) {
      return const_cast<char*>(static_cast<const char*>(p)) + (part.shifted ? element : 0);
    };
    const auto state = [&](int bit, double low) -> void* {
      return states & bit ? at(run.inout(reals(n, low, low + 1, ++seed), kClose)) : nullptr;
    };
    gx_segment s = {};
    s.count = part.count;
    s.p = at(run.inout(reals(n, -1, 1, ++seed), kClose));
    s.g = at(run.real(reals(n, -2, 2, ++seed)));
    s.s0 = state(1, 2), s.s1 = state(2, 0.1), s.s2 = state(4, 0.1);
    if (part.ema) s.ema = at(run.inout(reals(n, -1, 1, ++seed), kClose));
    segments.push_back(s);
  }
  return segments;
}

// step(run, segments)
template <class Step>
void add(const char* name, int states, Step step) {
  for (const bool lots : {false, true}) {
    add_case("optim", std::string(name) + (lots ? "_of_many" : ""), [=](Run& run) {
      const auto segments = segments_of(run, lots ? many() : kModel, states);
      run.ok(step(run, int64_t(segments.size()), segments.data()));
    });
  }
}

const gx_step kPlain = {0.01, 1, INFINITY, 0, 0.9};
const gx_step kAll = {0.01, 0.7, 0.8, 0.05, 0.99};

GX_CASES(sgd) {
  const auto of = [](const char* name, gx_step step, double momentum, int nesterov) {
    add(name, momentum > 0 ? 1 : 0, [=](Run& run, int64_t n, const gx_segment* segment) {
      const gx_sgd_params p = {step, momentum, nesterov};
      return gx_sgd(run.device(), run.format(), &p, n, segment);
    });
  };
  of("sgd", kPlain, 0, 0);
  of("sgd_all", kAll, 0, 0);
  of("sgd_momentum", kAll, 0.9, 0);
  of("sgd_nesterov", kAll, 0.9, 1);
}

GX_CASES(adagrad) {
  add("adagrad", 1, [](Run& run, int64_t n, const gx_segment* segment) {
    const gx_adagrad_params p = {kAll, 1e-8};
    return gx_adagrad(run.device(), run.format(), &p, n, segment);
  });
}

GX_CASES(adadelta) {
  add("adadelta", 3, [](Run& run, int64_t n, const gx_segment* segment) {
    const gx_adadelta_params p = {kAll, 0.9, 1e-6};
    return gx_adadelta(run.device(), run.format(), &p, n, segment);
  });
}

GX_CASES(rmsprop) {
  for (const int centered : {0, 1}) {
    for (const double momentum : {0.0, 0.8}) {
      const int states = 1 | (momentum > 0 ? 2 : 0) | (centered ? 4 : 0);
      const std::string name =
          std::string("rmsprop") + (centered ? "_centered" : "") + (momentum > 0 ? "_momentum" : "");
      add(name.c_str(), states, [=](Run& run, int64_t n, const gx_segment* segment) {
        const gx_rmsprop_params p = {kAll, 0.9, 1e-8, momentum, centered};
        return gx_rmsprop(run.device(), run.format(), &p, n, segment);
      });
    }
  }
}

GX_CASES(adam) {
  const auto of = [](const char* name, gx_step step, int64_t t, int decoupled, int amsgrad) {
    add(name, amsgrad ? 7 : 3, [=](Run& run, int64_t n, const gx_segment* segment) {
      const gx_adam_params p = {step, 0.9, 0.999, 1e-8, t, decoupled, amsgrad};
      return gx_adam(run.device(), run.format(), &p, n, segment);
    });
  };
  of("adam", kPlain, 1, 0, 0);
  of("adam_all", kAll, 7, 0, 0);
  of("adamw", kAll, 1000, 1, 0);
  of("amsgrad", kAll, 3, 0, 1);
}

// NaN reaches the parameter.
GX_CASE(optim, adam_of_nan) {
  auto g = reals(40, -1, 1, 3);
  g[7] = NAN, g[9] = INFINITY, g[11] = -INFINITY;
  gx_segment s = {};
  s.count = 40;
  s.p = run.inout(reals(40, -1, 1, 1), kClose);
  s.g = run.real(g);
  s.s0 = run.inout(reals(40, -1, 1, 2), kClose);
  s.s1 = run.inout(reals(40, 0.1, 1, 4), kClose);
  s.s2 = run.inout(reals(40, 0.1, 1, 5), kClose);
  const gx_adam_params p = {{0.01, 1, INFINITY, 0, 0}, 0.9, 0.999, 1e-8, 1, 0, 1};
  run.ok(gx_adam(run.device(), run.format(), &p, 1, &s));
}

// --- Looking at all arrays
// --------------------------------------------------------------------------------------------

struct Find {
  size_t segment;
  int64_t at;
  float value;
};

std::vector<gx_read_segment> reading_of(Run& run, const std::vector<Part>& parts, const std::vector<Find>& finds) {
  const int64_t element = run.format() == GX_FLOAT64 ? 8 : 4;
  std::vector<gx_read_segment> segments;
  for (size_t i = 0; i < parts.size(); ++i) {
    auto values = reals(parts[i].count + parts[i].shifted, -3, 3, i + 1);
    for (const Find& f : finds) {
      if (f.segment == i) values[size_t(f.at + parts[i].shifted)] = f.value;
    }
    segments.push_back({parts[i].count, static_cast<const char*>(run.real(values)) + parts[i].shifted * element});
  }
  return segments;
}

const std::vector<Part> kRead = {{1, false, false},     {255, false, true},   {0, false, false},
                                 {40003, false, false}, {16384, false, true}, {33, false, false}};

void norm(Run& run, const std::vector<gx_read_segment>& segments) {
  double value = -1;
  run.ok(gx_global_norm(run.device(), run.format(), int64_t(segments.size()), segments.data(), &value));
  run.host({value}, {0, 32 * kEpsilon, true});  // 57,000 squares, one after the other
}

GX_CASE(optim, global_norm) { norm(run, reading_of(run, kRead, {})); }
GX_CASE(optim, global_norm_of_many) { norm(run, reading_of(run, many(), {})); }
GX_CASE(optim, global_norm_of_nothing) { norm(run, reading_of(run, {{0, false, false}}, {})); }
GX_CASE(optim, global_norm_of_nan) { norm(run, reading_of(run, kRead, {{3, 30000, NAN}})); }
GX_CASE(optim, global_norm_of_infinity) { norm(run, reading_of(run, kRead, {{4, 3, -INFINITY}})); }

GX_CASES(all_finite) {
  const auto of = [](const char* name, const std::vector<Part>& parts, const std::vector<Find>& finds) {
    add_case("optim", std::string("all_finite_") + name, [=](Run& run) {
      const auto segments = reading_of(run, parts, finds);
      int64_t found[2] = {7, 7};
      run.ok(gx_all_finite(run.device(), run.format(), int64_t(segments.size()), segments.data(), found));
      run.host({double(found[0]), double(found[1])}, {0, 0, true});
    });
  };
  of("none", kRead, {});
  of("nothing", {{0, false, false}}, {});
  of("first", kRead, {{0, 0, NAN}, {4, 1, NAN}});
  of("late", kRead, {{3, 40002, INFINITY}, {5, 0, NAN}});
  of("two_tiles", kRead, {{3, 39000, NAN}, {3, 17000, -INFINITY}});
  of("last", kRead, {{5, 32, NAN}});
  of("shifted", kRead, {{1, 200, NAN}, {1, 201, NAN}});
  of("many", many(), {{240, 1, NAN}, {244, 3, NAN}});
}

}  // namespace
}  // namespace gx::test
