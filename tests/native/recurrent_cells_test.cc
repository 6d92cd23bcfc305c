// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Recurrent cells: every variant against the reference, the references against equations by hand and against
// differences.

#include <cmath>
#include <functional>

#include "compare.h"
#include "guarded.h"
#include "kernels/recurrent/gru/gru.h"
#include "kernels/recurrent/lstm/lstm.h"
#include "kernels/recurrent/rnn/rnn.h"
#include "support.h"

namespace gx::test {
namespace {

constexpr Tolerance kUlps = {4e-7, 2e-6, true};

template <class Variant, class Body>
void each_variant(const Variant* variants, int count, Body body) {
  int ran = 0;
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    SCOPED_TRACE(std::string("instruction set ") + std::to_string(variants[v].line.isa));
    for (int64_t units : edge_sizes(70)) {
      SCOPED_TRACE(std::to_string(units) + " units");
      body(variants[v], units);
    }
  }
  EXPECT_GE(ran, 1);
}

// Pre-activations, states and gradients.
std::vector<float> input(int64_t n, uint64_t seed) { return reals(n, -2, 2, seed); }

TEST(Rnn, EveryVariantAgreesWithTheReference) {
  int count = 0;
  const RnnVariant* variants = rnn_variants(&count);
  each_variant(variants, count, [](const RnnVariant& variant, int64_t n) {
    const Guarded<float> x(input(n, 1), 1), h(input(n, 2), 1), dh(input(n, 3)), dn(input(n, 4));
    std::vector<float> want(static_cast<size_t>(n)), want_d(want);
    Guarded<float> got(n, 1), got_d(n);
    reference::rnn<float>({x.data(), h.data(), want.data()}, n);
    variant.forward({x.data(), h.data(), got.data()}, n, n);
    EXPECT_TRUE(close(got.values(), want, kUlps));
    for (bool next : {true, false}) {
      const float* second = next ? dn.data() : nullptr;
      reference::rnn_backward<float>({want.data(), dh.data(), second, want_d.data()}, n);
      variant.backward({want.data(), dh.data(), second, got_d.data()}, n, n);
      EXPECT_TRUE(close(got_d.values(), want_d, kUlps));
    }
  });
}

TEST(Lstm, EveryVariantAgreesWithTheReference) {
  int count = 0;
  const LstmVariant* variants = lstm_variants(&count);
  each_variant(variants, count, [](const LstmVariant& variant, int64_t n) {
    const Guarded<float> x(input(4 * n, 1), 1), h(input(4 * n, 2), 1), c(input(n, 3));
    std::vector<float> gates(static_cast<size_t>(4 * n)), h_out(static_cast<size_t>(n)), c_out(h_out);
    Guarded<float> got(4 * n, 1), got_h(n), got_c(n, 1);
    reference::lstm<float>({x.data(), h.data(), c.data(), gates.data(), h_out.data(), c_out.data()}, n);
    variant.forward({x.data(), h.data(), c.data(), got.data(), got_h.data(), got_c.data()}, n, n);
    EXPECT_TRUE(close(got.values(), gates, kUlps));
    EXPECT_TRUE(close(got_h.values(), h_out, kUlps));
    EXPECT_TRUE(close(got_c.values(), c_out, kUlps));
    const std::vector<float> dh = input(n, 4), dn = input(n, 5), dc_out = input(n, 6);
    for (int given = 0; given < 8; ++given) {
      std::vector<float> dgates(gates.size()), dc(c_out.size());
      Guarded<float> got_d(4 * n), got_dc(n, 1);
      LstmGradient<float> g = {gates.data(),
                               c.data(),
                               c_out.data(),
                               given & 1 ? dh.data() : nullptr,
                               given & 2 ? dn.data() : nullptr,
                               given & 4 ? dc_out.data() : nullptr,
                               dgates.data(),
                               dc.data()};
      reference::lstm_backward<float>(g, n);
      g.dgates = got_d.data(), g.dc = got_dc.data();
      variant.backward(g, n, n);
      EXPECT_TRUE(close(got_d.values(), dgates, kUlps));
      EXPECT_TRUE(close(got_dc.values(), dc, kUlps));
    }
  });
}

TEST(Gru, EveryVariantAgreesWithTheReference) {
  int count = 0;
  const GruVariant* variants = gru_variants(&count);
  each_variant(variants, count, [](const GruVariant& variant, int64_t n) {
    const Guarded<float> x(input(3 * n, 1), 1), hg(input(3 * n, 2), 1), h(input(n, 3));
    std::vector<float> gates(static_cast<size_t>(3 * n)), h_out(static_cast<size_t>(n));
    Guarded<float> got(3 * n, 1), got_h(n);
    reference::gru<float>({x.data(), hg.data(), h.data(), gates.data(), h_out.data()}, n);
    variant.forward({x.data(), hg.data(), h.data(), got.data(), got_h.data()}, n, n);
    EXPECT_TRUE(close(got.values(), gates, kUlps));
    EXPECT_TRUE(close(got_h.values(), h_out, kUlps));
    const std::vector<float> dh = input(n, 4), dn = input(n, 5);
    std::vector<float> dx(gates.size()), dhg(gates.size()), dprev(h_out.size());
    Guarded<float> got_dx(3 * n), got_dhg(3 * n, 1), got_dprev(n, 1);
    GruGradient<float> g = {gates.data(), hg.data(), h.data(),   dh.data(),
                            dn.data(),    dx.data(), dhg.data(), dprev.data()};
    reference::gru_backward<float>(g, n);
    g.dx_gates = got_dx.data(), g.dh_gates = got_dhg.data(), g.dh = got_dprev.data();
    variant.backward(g, n, n);
    EXPECT_TRUE(close(got_dx.values(), dx, kUlps));
    EXPECT_TRUE(close(got_dhg.values(), dhg, kUlps));
    EXPECT_TRUE(close(got_dprev.values(), dprev, kUlps));
  });
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// ORACLES.md 72: one unit, by hand.
TEST(Recurrent, OneStepIsTheScalarComputation) {
  Device device(1);
  const double x[4] = {0.1, -0.4, 0.7, 0.3}, h[4] = {-0.2, 0.5, 0.2, -0.6}, state = 0.8;
  double gates[4], h_out, c_out;
  ASSERT_OK(gx_lstm_cell(device, GX_FLOAT64, 1, 1, x, h, &state, gates, &h_out, &c_out));
  const double c = sigmoid(0.1) * 0.8 + sigmoid(-0.1) * std::tanh(0.9);
  EXPECT_NEAR(c_out, c, 1e-15);
  EXPECT_NEAR(h_out, sigmoid(-0.3) * std::tanh(c), 1e-15);
  ASSERT_OK(gx_gru_cell(device, GX_FLOAT64, 1, 1, x, h, &state, gates, &h_out));
  const double r = sigmoid(-0.1), z = sigmoid(0.1), n = std::tanh(0.7 + r * 0.2);
  EXPECT_NEAR(h_out, (1 - z) * n + z * 0.8, 1e-15);
  ASSERT_OK(gx_rnn_cell(device, GX_FLOAT64, 1, 1, x, h, &h_out));
  EXPECT_NEAR(h_out, std::tanh(-0.1), 1e-15);
}

// d loss / d at[i] against the central difference.
void expect_slope(std::vector<double>& at, const std::vector<double>& gradient, const std::function<double()>& loss) {
  constexpr double kStep = 1e-5;
  for (size_t i = 0; i < at.size(); ++i) {
    const double before = at[i];
    at[i] = before + kStep;
    const double up = loss();
    at[i] = before - kStep;
    const double slope = (up - loss()) / (2 * kStep);
    at[i] = before;
    EXPECT_NEAR(gradient[i], slope, 1e-5 * std::max(1.0, std::fabs(slope))) << i;
  }
}
std::vector<double> wide(const std::vector<float>& v) { return std::vector<double>(v.begin(), v.end()); }
double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

TEST(Recurrent, TheReferencesAreTheSlopes) {
  constexpr int64_t n = 3;
  std::vector<double> x = wide(input(4 * n, 1)), hg = wide(input(4 * n, 2)), s = wide(input(n, 3));
  const std::vector<double> dh = wide(input(n, 4)), dn = wide(input(n, 5)), dc_out = wide(input(n, 6));
  std::vector<double> both(static_cast<size_t>(n)), gates(static_cast<size_t>(4 * n)), h(both), c(both);
  for (size_t i = 0; i < both.size(); ++i) both[i] = dh[i] + dn[i];
  std::vector<double> dgates(gates), d2(gates), ds(both);

  const auto lstm = [&] {
    reference::lstm<double>({x.data(), hg.data(), s.data(), gates.data(), h.data(), c.data()}, n);
    return dot(h, both) + dot(c, dc_out);
  };
  lstm();
  reference::lstm_backward<double>(
      {gates.data(), s.data(), c.data(), dh.data(), dn.data(), dc_out.data(), dgates.data(), ds.data()}, n);
  expect_slope(x, dgates, lstm);
  expect_slope(hg, dgates, lstm);
  expect_slope(s, ds, lstm);

  x.resize(3 * n), hg.resize(3 * n), dgates.resize(3 * n), d2.resize(3 * n);
  const auto gru = [&] {
    reference::gru<double>({x.data(), hg.data(), s.data(), gates.data(), h.data()}, n);
    return dot(h, both);
  };
  gru();
  reference::gru_backward<double>(
      {gates.data(), hg.data(), s.data(), dh.data(), dn.data(), dgates.data(), d2.data(), ds.data()}, n);
  expect_slope(x, dgates, gru);
  expect_slope(hg, d2, gru);
  expect_slope(s, ds, gru);

  x.resize(n), hg.resize(n), dgates.resize(n);
  const auto rnn = [&] {
    reference::rnn<double>({x.data(), hg.data(), h.data()}, n);
    return dot(h, both);
  };
  rnn();
  reference::rnn_backward<double>({h.data(), dh.data(), dn.data(), dgates.data()}, n);
  expect_slope(x, dgates, rnn);
}

TEST(Recurrent, WorksInPlaceAndForEveryThreadCount) {
  constexpr int64_t rows = 37, units = 130, size = rows * units;
  const std::vector<float> x = input(4 * size, 1), hg = input(4 * size, 2), c = input(size, 3), dh = input(size, 4);
  std::vector<float> first;
  for (int32_t threads : thread_counts()) {
    Device device(threads);
    std::vector<float> all(static_cast<size_t>(16 * size));
    float *gates = all.data(), *h = gates + 4 * size, *c_out = h + size, *dgates = c_out + size;
    float *dc = dgates + 4 * size, *r = dc + size, *h2 = r + 3 * size, *h3 = h2 + size;
    ASSERT_OK(gx_lstm_cell(device, GX_FLOAT32, rows, units, x.data(), hg.data(), c.data(), gates, h, c_out));
    ASSERT_OK(gx_lstm_cell_backward(device, GX_FLOAT32, rows, units, gates, c.data(), c_out, dh.data(), nullptr,
                                    nullptr, dgates, dc));
    ASSERT_OK(gx_gru_cell(device, GX_FLOAT32, rows, units, x.data(), hg.data(), c.data(), r, h2));
    ASSERT_OK(gx_rnn_cell(device, GX_FLOAT32, rows, units, x.data(), hg.data(), h3));
    if (first.empty()) first = all;
    EXPECT_EQ(all, first) << threads << " threads";

    std::vector<float> a = x, state = c;
    ASSERT_OK(
        gx_lstm_cell(device, GX_FLOAT32, rows, units, a.data(), hg.data(), state.data(), a.data(), h2, state.data()));
    EXPECT_TRUE(close(a.data(), gates, 4 * size));
    EXPECT_TRUE(close(state.data(), c_out, size));
    a = x, state = c;
    ASSERT_OK(gx_gru_cell(device, GX_FLOAT32, rows, units, a.data(), hg.data(), state.data(), a.data(), state.data()));
    EXPECT_TRUE(close(a.data(), r, 3 * size));
    a = x;
    ASSERT_OK(gx_rnn_cell(device, GX_FLOAT32, rows, units, a.data(), hg.data(), a.data()));
    EXPECT_TRUE(close(a.data(), h3, size));
  }
}

TEST(Recurrent, NanStays) {
  Device device(1);
  std::vector<float> x(4, 0.5f), hg(4, 0.5f), gates(4);
  float c = 1, h = 0, c_out = 0;
  for (size_t i = 0; i < 4; ++i) {
    std::vector<float> bad = x;
    bad[i] = NAN;
    ASSERT_OK(gx_lstm_cell(device, GX_FLOAT32, 1, 1, bad.data(), hg.data(), &c, gates.data(), &h, &c_out));
    EXPECT_TRUE(std::isnan(h)) << i;
    if (i == 3) continue;
    ASSERT_OK(gx_gru_cell(device, GX_FLOAT32, 1, 1, bad.data(), hg.data(), &c, gates.data(), &h));
    EXPECT_TRUE(std::isnan(h)) << i;
  }
}

TEST(Recurrent, RefusesWhatItCannotDo) {
  Device device;
  float x[16] = {}, hg[16] = {}, s[4] = {}, gates[16], h[4], c[4], d[16], d2[16], ds[4];
  EXPECT_REFUSED("device", gx_lstm_cell(nullptr, GX_FLOAT32, 2, 2, x, hg, s, gates, h, c));
  EXPECT_REFUSED("format", gx_lstm_cell(device, GX_BITS, 2, 2, x, hg, s, gates, h, c));
  EXPECT_REFUSED("rows", gx_lstm_cell(device, GX_FLOAT32, -1, 2, x, hg, s, gates, h, c));
  EXPECT_REFUSED("units", gx_lstm_cell(device, GX_FLOAT32, 2, -1, x, hg, s, gates, h, c));
  EXPECT_REFUSED("63 bits", gx_lstm_cell(device, GX_FLOAT32, INT64_MAX / 2, 2, x, hg, s, gates, h, c));
  EXPECT_REFUSED("x_gates must not be null", gx_lstm_cell(device, GX_FLOAT32, 2, 2, nullptr, hg, s, gates, h, c));
  EXPECT_REFUSED("h_gates must not be null", gx_lstm_cell(device, GX_FLOAT32, 2, 2, x, nullptr, s, gates, h, c));
  EXPECT_REFUSED("c must not be null", gx_lstm_cell(device, GX_FLOAT32, 2, 2, x, hg, nullptr, gates, h, c));
  EXPECT_REFUSED("gates must not be null", gx_lstm_cell(device, GX_FLOAT32, 2, 2, x, hg, s, nullptr, h, c));
  EXPECT_REFUSED("overlap", gx_lstm_cell(device, GX_FLOAT32, 2, 2, x, hg, s, gates, c, c));
  EXPECT_REFUSED("overlap", gx_lstm_cell(device, GX_FLOAT32, 2, 2, x, hg, s, gates, s, c));
  EXPECT_REFUSED("overlap", gx_lstm_cell(device, GX_FLOAT32, 1, 2, x, hg, s, x + 1, h, c));
  EXPECT_REFUSED("gates must not be null",
                 gx_lstm_cell_backward(device, GX_FLOAT32, 2, 2, nullptr, s, c, h, nullptr, nullptr, d, ds));
  EXPECT_REFUSED("dgates must not be null",
                 gx_lstm_cell_backward(device, GX_FLOAT32, 2, 2, x, s, c, h, nullptr, nullptr, nullptr, ds));
  EXPECT_REFUSED("overlap", gx_lstm_cell_backward(device, GX_FLOAT32, 2, 2, x, s, c, h, nullptr, nullptr, d, s));
  EXPECT_REFUSED("h must not be null", gx_gru_cell(device, GX_FLOAT32, 2, 2, x, hg, nullptr, gates, h));
  EXPECT_REFUSED("overlap", gx_gru_cell(device, GX_FLOAT32, 2, 2, x, hg, s, hg, h));
  EXPECT_REFUSED("h_gates must not be null",
                 gx_gru_cell_backward(device, GX_FLOAT32, 2, 2, x, nullptr, s, h, nullptr, d, d2, ds));
  EXPECT_REFUSED("overlap", gx_gru_cell_backward(device, GX_FLOAT32, 2, 2, x, hg, s, h, nullptr, d, d, ds));
  EXPECT_REFUSED("h_out must not be null", gx_rnn_cell(device, GX_FLOAT32, 2, 2, x, hg, nullptr));
  EXPECT_REFUSED("overlap", gx_rnn_cell(device, GX_FLOAT32, 2, 2, x, hg, x + 1));
  EXPECT_REFUSED("dgates must not be null", gx_rnn_cell_backward(device, GX_FLOAT32, 2, 2, h, s, nullptr, nullptr));
  EXPECT_OK(gx_rnn_cell_backward(device, GX_FLOAT32, 2, 2, s, nullptr, nullptr, d));
  EXPECT_OK(gx_lstm_cell(device, GX_FLOAT32, 0, 2, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr));
}

}  // namespace
}  // namespace gx::test
