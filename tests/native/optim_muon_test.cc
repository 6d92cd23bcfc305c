// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Muon: against the equations written out, and what they promise of singular values.

#include <cmath>

#include "compare.h"
#include "guarded.h"
#include "support.h"

namespace gx::test {
namespace {

const gx_step kStep = {0.1, 1, INFINITY, 0, 1};

// One step of one matrix by the equations, in double, in loops.
struct Plain {
  int64_t rows, columns;
  std::vector<double> p, s;

  void step(const gx_muon_params& m, const std::vector<double>& g) {
    std::vector<double> x(g.size());
    double squares = 0;
    for (size_t k = 0; k < g.size(); ++k) {
      s[k] = m.momentum * s[k] + g[k];
      x[k] = m.nesterov ? g[k] + m.momentum * s[k] : s[k];
      squares += x[k] * x[k];
    }
    for (double& v : x) v /= std::sqrt(squares);
    const size_t r = size_t(rows), c = size_t(columns);
    for (int i = 0; i < m.iterations; ++i) {
      const std::vector<double> once = outer_times(x, x, r, c), twice = outer_times(x, once, r, c);
      for (size_t k = 0; k < x.size(); ++k) x[k] = 3.4445 * x[k] - 4.7750 * once[k] + 2.0315 * twice[k];
    }
    const double rate = m.step.rate * 0.2 * std::sqrt(double(std::max(rows, columns)));
    for (size_t k = 0; k < x.size(); ++k) p[k] = (1 - m.step.rate * m.step.weight_decay) * p[k] - rate * x[k];
  }

  // x x^T y
  static std::vector<double> outer_times(const std::vector<double>& x, const std::vector<double>& y, size_t r,
                                         size_t c) {
    std::vector<double> z(x.size());
    for (size_t i = 0; i < r; ++i) {
      for (size_t l = 0; l < r; ++l) {
        double a = 0;
        for (size_t k = 0; k < c; ++k) a += x[i * c + k] * x[l * c + k];
        for (size_t k = 0; k < c; ++k) z[i * c + k] += a * y[l * c + k];
      }
    }
    return z;
  }
};

std::vector<double> wide(const std::vector<float>& v) { return {v.begin(), v.end()}; }

TEST(Muon, StepsOfManyMatricesAreThoseOfTheEquations) {
  const std::vector<std::pair<int64_t, int64_t>> shapes = {{3, 5}, {5, 3}, {16, 80}, {1, 7}, {16, 80}, {32, 16}};
  const gx_muon_params m = {{0.1, 1, INFINITY, 0.5, 1}, 0.9, 1, 5};
  for (const int32_t threads : thread_counts()) {
    Device device(threads);
    std::vector<Plain> want;
    std::vector<std::unique_ptr<Guarded<float>>> p, s;
    for (const auto& [rows, columns] : shapes) {
      const auto start = reals(rows * columns, -1, 1, uint64_t(rows));
      want.push_back({rows, columns, wide(start), std::vector<double>(start.size())});
      p.push_back(std::make_unique<Guarded<float>>(start, 1));
      s.push_back(std::make_unique<Guarded<float>>(std::vector<float>(start.size()), 3));
    }
    for (int t = 0; t < 3; ++t) {
      std::vector<std::vector<float>> g;
      std::vector<gx_segment> segments;
      std::vector<int64_t> rows;
      for (size_t i = 0; i < shapes.size(); ++i) {
        g.push_back(reals(p[i]->size(), -1, 1, uint64_t(100 * t) + i));
        want[i].step(m, wide(g[i]));
        rows.push_back(shapes[i].first);
      }
      for (size_t i = 0; i < shapes.size(); ++i) {
        segments.push_back({p[i]->size(), p[i]->data(), g[i].data(), s[i]->data(), nullptr, nullptr, nullptr});
      }
      ASSERT_OK(gx_muon(device, GX_FLOAT32, &m, int64_t(segments.size()), segments.data(), rows.data()));
    }
    for (size_t i = 0; i < shapes.size(); ++i) {
      EXPECT_TRUE(close(*p[i], want[i].p, {2e-4, 0})) << i;  // the polynomial's slope is above 3, five times over
      EXPECT_TRUE(close(*s[i], want[i].s, {1e-6, 1e-6})) << i;
    }
  }
}

// X X^T has singular values near 1 only: its trace is that of r of them, and so is the trace of its square.
TEST(Muon, MakesAllDirectionsAlike) {
  Device device;
  const int64_t r = 8, c = 24;
  std::vector<double> p(size_t(r * c)), s(p.size()), g(p.size());
  const auto noise = reals(r * c, -1, 1, 5);
  for (int64_t i = 0; i < r; ++i) {
    for (int64_t j = 0; j < c; ++j) g[size_t(i * c + j)] = std::pow(0.5, double(i)) * double(noise[size_t(i * c + j)]);
  }
  const gx_segment segment = {r * c, p.data(), g.data(), s.data(), nullptr, nullptr, nullptr};
  const gx_muon_params m = {{1, 1, INFINITY, 0, 1}, 0, 0, 5};
  ASSERT_OK(gx_muon(device, GX_FLOAT64, &m, 1, &segment, &r));
  double trace = 0, square = 0;
  for (int64_t i = 0; i < r; ++i) {
    for (int64_t l = 0; l < r; ++l) {
      double a = 0;
      for (int64_t k = 0; k < c; ++k) a += p[size_t(i * c + k)] * p[size_t(l * c + k)] / (0.04 * double(c));
      if (i == l) trace += a;
      square += a * a;
    }
  }
  EXPECT_NEAR(trace / double(r), 0.9, 0.3);
  EXPECT_NEAR(square / double(r), 0.9, 0.5);
}

TEST(Muon, AnUprightMatrixStepsLikeItsTranspose) {
  Device device;
  std::vector<double> g = wide(reals(12, -1, 1, 1)), turned(12), p(12), q(12), s(12), u(12);
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 4; ++j) turned[j * 3 + i] = g[i * 4 + j];
  }
  const gx_muon_params m = {kStep, 0.5, 1, 5};
  const gx_segment segments[] = {{12, p.data(), g.data(), s.data(), nullptr, nullptr, nullptr},
                                 {12, q.data(), turned.data(), u.data(), nullptr, nullptr, nullptr}};
  const int64_t rows[] = {3, 4};
  ASSERT_OK(gx_muon(device, GX_FLOAT64, &m, 2, segments, rows));
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 4; ++j) EXPECT_NEAR(q[j * 3 + i], p[i * 4 + j], 1e-14);
  }
}

TEST(Muon, NothingMovesWithoutAGradientAndNaNsAreSeen) {
  Device device;
  std::vector<float> p = {1, 2, 3, 4}, g(4), s(4), ema = {0, 0, 0, 0};
  gx_muon_params m = {{0.1, 1, INFINITY, 0, 0.5}, 0.5, 1, 5};
  const gx_segment segment = {4, p.data(), g.data(), s.data(), nullptr, nullptr, ema.data()};
  const int64_t rows = 2;
  ASSERT_OK(gx_muon(device, GX_FLOAT32, &m, 1, &segment, &rows));
  EXPECT_EQ(p, (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(ema, (std::vector<float>{0.5, 1, 1.5, 2}));
  g[3] = NAN;
  ASSERT_OK(gx_muon(device, GX_FLOAT32, &m, 1, &segment, &rows));
  EXPECT_TRUE(std::isnan(p[0]) && std::isnan(p[3]));
  EXPECT_OK(gx_muon(device, GX_FLOAT32, &m, 0, nullptr, nullptr));
}

TEST(Muon, RefusesBadArguments) {
  Device device;
  std::vector<float> p(6), g(6), s(6);
  gx_segment segment = {6, p.data(), g.data(), s.data(), nullptr, nullptr, nullptr};
  const gx_muon_params good = {kStep, 0.9, 1, 5};
  int64_t rows = 2;
  const auto refused = [&](const char* part, auto change) {
    gx_muon_params m = good;
    change(m);
    EXPECT_REFUSED(part, gx_muon(device, GX_FLOAT32, &m, 1, &segment, &rows));
  };
  EXPECT_OK(gx_muon(device, GX_FLOAT32, &good, 1, &segment, &rows));
  EXPECT_REFUSED("params", gx_muon(device, GX_FLOAT32, nullptr, 1, &segment, &rows));
  EXPECT_REFUSED("device", gx_muon(nullptr, GX_FLOAT32, &good, 1, &segment, &rows));
  EXPECT_REFUSED("rows", gx_muon(device, GX_FLOAT32, &good, 1, &segment, nullptr));
  refused("momentum", [](gx_muon_params& m) { m.momentum = 1; });
  refused("nesterov", [](gx_muon_params& m) { m.nesterov = 2; });
  refused("iterations", [](gx_muon_params& m) { m.iterations = 0; });
  refused("rate", [](gx_muon_params& m) { m.step.rate = -1; });
  rows = 4;
  refused("must divide", [](gx_muon_params&) {});
  rows = 0;
  refused("must divide", [](gx_muon_params&) {});
  rows = 2;
  segment.s0 = nullptr;
  refused("s0", [](gx_muon_params&) {});
}

}  // namespace
}  // namespace gx::test
