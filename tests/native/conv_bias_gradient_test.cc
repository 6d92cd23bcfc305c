// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The gradient through activation and bias of a convolution: every variant against the reference, the reference against
// differences.

#include "kernels/conv/conv_bias_gradient/conv_bias_gradient.h"

#include <cmath>
#include <limits>

#include "compare.h"
#include "guarded.h"
#include "kernels/linear/check.h"
#include "runtime/device.h"
#include "support.h"

namespace gx::test {
namespace {

constexpr double kEps = std::numeric_limits<float>::epsilon();
const int kActivations[] = {GX_ACTIVATION_NONE, GX_ACTIVATION_RELU,    GX_ACTIVATION_LEAKY_RELU, GX_ACTIVATION_ELU,
                            GX_ACTIVATION_TANH, GX_ACTIVATION_SIGMOID, GX_ACTIVATION_SOFTPLUS};

gx_conv_bias_params planes(int64_t batch, int64_t channels, int64_t pixels, int activation = GX_ACTIVATION_NONE) {
  return {batch, channels, pixels, gx_activation(activation), activation == GX_ACTIVATION_ELU ? 0.7 : 0.2};
}
int64_t count_of(const gx_conv_bias_params& p) { return p.batch * p.channels * p.pixels; }

std::vector<gx_conv_bias_params> shapes() {
  std::vector<gx_conv_bias_params> list;
  for (int activation : kActivations) {
    list.push_back(planes(3, 5, 21, activation));
    list.push_back(planes(2, 3, 64, activation));
  }
  for (int64_t n : edge_sizes(70)) {
    if (n == 0) continue;
    list.push_back(planes(3, 2, n, GX_ACTIVATION_TANH));
    list.push_back(planes(n, 2, 3));
    list.push_back(planes(2, n, 5, GX_ACTIVATION_SIGMOID));
  }
  list.push_back(planes(20, 3, 4097, GX_ACTIVATION_ELU));  // several parts of a channel
  list.push_back(planes(1, 2, 40000));
  return list;
}

struct Operands {
  std::vector<float> dy, y, dz, db;
  explicit Operands(const gx_conv_bias_params& p, bool whole = false) {
    const int64_t n = count_of(p);
    dy = whole ? integers(n, -4, 4, 1) : reals(n, -1, 1, 1);
    y = whole ? integers(n, -1, 1, 2) : reals(n, -2, 2, 2);
    for (float& v : y) {
      if (!whole || p.activation > GX_ACTIVATION_LEAKY_RELU) {
        v = float(reference::activation(p.activation, p.activation_p, double(v)));
      }
    }
    dz.resize(dy.size()), db.resize(size_t(p.channels));
    reference::conv_bias_gradient(p, dy.data(), p.activation == GX_ACTIVATION_NONE ? nullptr : y.data(), dz.data(),
                                  db.data());
  }
};

template <class F>
void each_variant(F f) {
  int count = 0, ran = 0;
  const ConvBiasGradientVariant* const variants = conv_bias_gradient_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    f(variants[v]);
  }
  EXPECT_GE(ran, 1);
}

// dz is a product of two floats of which one was rounded; its sum, in double, is rounded once more.
void expect_right(const ConvBiasGradientVariant& variant, const gx_conv_bias_params& p, bool whole) {
  const Operands o(p, whole);
  const bool exact = whole && p.activation <= GX_ACTIVATION_RELU;
  const Tolerance of_dz = {exact ? 0 : 4 * kEps, exact ? 0 : 4 * kEps, true};
  const double terms = double(p.batch * p.pixels);
  const Tolerance of_db = {exact ? 0 : kEps * (4 + 4 * std::sqrt(terms)), exact ? 0 : 2 * kEps, true};
  const Guarded<float> dy(o.dy, 1), y(o.y, 3);
  for (int wanted = 1; wanted < 8; ++wanted) {  // bits: dz, db, dz in the place of dy
    const bool in_place = wanted & 4;
    if (in_place && !(wanted & 1)) continue;
    Device device(2);
    Workspace workspace(*device);
    Team team(*device, workspace);
    Guarded<float> apart(int64_t(o.dy.size()), 1), same(o.dy, 1), db(p.channels, 1);
    Guarded<float>& dz = in_place ? same : apart;
    const bool reads_y = p.activation != GX_ACTIVATION_NONE;
    variant.run(p, in_place ? same.data() : dy.data(), reads_y ? y.data() : nullptr, wanted & 1 ? dz.data() : nullptr,
                wanted & 2 ? db.data() : nullptr, team);
    const std::string what = std::to_string(p.batch) + "x" + std::to_string(p.channels) + "x" +
                             std::to_string(p.pixels) + " activation " + std::to_string(p.activation) + " wanted " +
                             std::to_string(wanted) + " isa " + std::to_string(int(variant.line.isa));
    if (wanted & 1) {
      EXPECT_TRUE(close(dz.values(), o.dz, of_dz)) << what;
    }
    if (wanted & 2) {
      EXPECT_TRUE(close(db.values(), o.db, of_db)) << what;
    }
  }
}

TEST(ConvBiasGradient, EveryVariantAgreesWithTheReference) {
  each_variant([](const ConvBiasGradientVariant& variant) {
    for (const gx_conv_bias_params& p : shapes()) {
      expect_right(variant, p, false);
      expect_right(variant, p, true);
    }
  });
}

TEST(ConvBiasGradient, TheReferenceIsTheSlope) {
  for (int a : kActivations) {
    const gx_conv_bias_params p = planes(2, 3, 5, a);
    const std::vector<float> drawn = reals(count_of(p), -2, 2, 7), weights = reals(count_of(p), -1, 1, 8);
    const std::vector<double> z(drawn.begin(), drawn.end()), dy(weights.begin(), weights.end());
    std::vector<double> y(z.size()), dz(z.size()), db(3), b(3);
    const auto loss = [&](std::vector<double> at, size_t channel, double shift) {
      double sum = 0;
      for (size_t i = 0; i < at.size(); ++i) {
        const double bias = i / 5 % 3 == channel ? shift : 0;
        sum += dy[i] * reference::activation(p.activation, p.activation_p, at[i] + bias);
      }
      return sum;
    };
    for (size_t i = 0; i < z.size(); ++i) y[i] = reference::activation(p.activation, p.activation_p, z[i]);
    reference::conv_bias_gradient(p, dy.data(), y.data(), dz.data(), db.data());
    constexpr double kStep = 1e-6;
    for (size_t i = 0; i < z.size(); ++i) {
      std::vector<double> up = z, down = z;
      up[i] += kStep, down[i] -= kStep;
      EXPECT_NEAR(dz[i], (loss(up, 3, 0) - loss(down, 3, 0)) / (2 * kStep), 1e-6) << "activation " << a;
    }
    for (size_t c = 0; c < 3; ++c) {
      EXPECT_NEAR(db[c], (loss(z, c, kStep) - loss(z, c, -kStep)) / (2 * kStep), 1e-6) << "activation " << a;
    }
  }
}

TEST(ConvBiasGradient, BitsDoNotDependOnThreadsAndDoublesAreTheReference) {
  const gx_conv_bias_params p = planes(40, 7, 1023, GX_ACTIVATION_TANH);
  const Operands o(p);
  std::vector<float> first;
  for (int32_t threads : thread_counts()) {
    Device device(threads);
    std::vector<float> all(o.dz.size() + o.db.size());
    ASSERT_OK(
        gx_conv_bias_gradient(device, GX_FLOAT32, &p, o.dy.data(), o.y.data(), all.data(), all.data() + o.dz.size()));
    if (first.empty()) first = all;
    EXPECT_EQ(all, first) << threads << " threads";
  }
  const std::vector<double> dy(o.dy.begin(), o.dy.end()), y(o.y.begin(), o.y.end());
  std::vector<double> want(dy.size()), want_db(7), got(dy.size()), got_db(7);
  Device device(2);
  reference::conv_bias_gradient(p, dy.data(), y.data(), want.data(), want_db.data());
  ASSERT_OK(gx_conv_bias_gradient(device, GX_FLOAT64, &p, dy.data(), y.data(), got.data(), got_db.data()));
  EXPECT_EQ(got, want);
  EXPECT_EQ(got_db, want_db);
}

TEST(ConvBiasGradient, NanStaysInItsChannel) {
  for (int activation : kActivations) {
    const gx_conv_bias_params p = planes(2, 3, 19, activation);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    for (bool in_y : {false, true}) {
      if (in_y && activation == GX_ACTIVATION_NONE) continue;
      Operands o(p);
      (in_y ? o.y : o.dy)[19 + 7] = nan;
      Device device(1);
      ASSERT_OK(gx_conv_bias_gradient(device, GX_FLOAT32, &p, o.dy.data(), o.y.data(), o.dz.data(), o.db.data()));
      for (size_t i = 0; i < o.dz.size(); ++i) EXPECT_EQ(std::isnan(o.dz[i]), i == 19 + 7) << activation;
      for (size_t c = 0; c < 3; ++c) EXPECT_EQ(std::isnan(o.db[c]), c == 1) << activation;
    }
  }
}

TEST(ConvBiasGradient, NothingGivesZeros) {
  Device device(2);
  for (const gx_conv_bias_params& p : {planes(0, 3, 5, GX_ACTIVATION_TANH), planes(2, 3, 0)}) {
    std::vector<float> db(3, NAN);
    std::vector<double> db64(3, NAN);
    EXPECT_OK(gx_conv_bias_gradient(device, GX_FLOAT32, &p, nullptr, nullptr, nullptr, db.data()));
    EXPECT_OK(gx_conv_bias_gradient(device, GX_FLOAT64, &p, nullptr, nullptr, nullptr, db64.data()));
    EXPECT_EQ(db, std::vector<float>(3));
    EXPECT_EQ(db64, std::vector<double>(3));
  }
  const gx_conv_bias_params none = planes(2, 0, 5);
  EXPECT_OK(gx_conv_bias_gradient(device, GX_FLOAT32, &none, nullptr, nullptr, nullptr, nullptr));
}

TEST(ConvBiasGradient, RefusesWhatItCannotDo) {
  Device device;
  std::vector<float> dy(24), y(24), dz(24), db(3);
  gx_conv_bias_params p = planes(2, 3, 4, GX_ACTIVATION_TANH);
  const auto run = [&](const gx_conv_bias_params& q) {
    return gx_conv_bias_gradient(device, GX_FLOAT32, &q, dy.data(), y.data(), dz.data(), db.data());
  };
  const auto with = [&](const float* from, const float* of, float* to, float* sums) {
    return gx_conv_bias_gradient(device, GX_FLOAT32, &p, from, of, to, sums);
  };
  EXPECT_OK(run(p));
  EXPECT_OK(with(dy.data(), y.data(), dy.data(), nullptr));
  EXPECT_OK(with(dy.data(), y.data(), nullptr, nullptr));
  EXPECT_REFUSED("device", gx_conv_bias_gradient(nullptr, GX_FLOAT32, &p, dy.data(), y.data(), dz.data(), db.data()));
  EXPECT_REFUSED("params",
                 gx_conv_bias_gradient(device, GX_FLOAT32, nullptr, dy.data(), y.data(), dz.data(), db.data()));
  EXPECT_REFUSED("format", gx_conv_bias_gradient(device, GX_BITS, &p, dy.data(), y.data(), dz.data(), db.data()));
  EXPECT_REFUSED("dy must not be null", with(nullptr, y.data(), dz.data(), db.data()));
  EXPECT_REFUSED("y must not be null", with(dy.data(), nullptr, dz.data(), db.data()));
  EXPECT_REFUSED("overlap", with(dy.data(), y.data(), y.data(), db.data()));
  EXPECT_REFUSED("overlap", with(dy.data(), y.data(), dy.data() + 1, db.data()));
  EXPECT_REFUSED("overlap", with(dy.data(), y.data(), dz.data(), dy.data()));
  EXPECT_REFUSED("overlap", with(dy.data(), y.data(), dz.data(), y.data()));
  EXPECT_REFUSED("overlap", with(dy.data(), y.data(), dz.data(), dz.data()));
  EXPECT_REFUSED("batch", run(planes(-1, 3, 4)));
  EXPECT_REFUSED("channels", run(planes(2, -1, 4)));
  EXPECT_REFUSED("pixels", run(planes(2, 3, -1)));
  EXPECT_REFUSED("activation", run(planes(2, 3, 4, 7)));
  EXPECT_REFUSED("activation", run(planes(2, 3, 4, -1)));
  p.activation_p = -1;
  EXPECT_REFUSED("activation_p", run(p));
  EXPECT_REFUSED("dy", run(planes(int64_t(1) << 40, int64_t(1) << 40, 2)));
}

}  // namespace
}  // namespace gx::test
