// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Dense layers and their gradients: every variant against the reference, the reference against differences.

#include "kernels/linear/linear/linear.h"

#include <cmath>
#include <limits>

#include "compare.h"
#include "guarded.h"
#include "kernels/linear/check.h"
#include "kernels/linear/linear_backward/linear_backward.h"
#include "runtime/device.h"
#include "support.h"

namespace gx::test {
namespace {

constexpr double kEps = std::numeric_limits<float>::epsilon();

gx_linear_params layer(int64_t rows, int64_t inputs, int64_t outputs, int activation = 0) {
  return {rows, inputs, outputs, gx_activation(activation), activation == GX_ACTIVATION_ELU ? 0.7 : 0.2};
}
const int kActivations[] = {GX_ACTIVATION_NONE, GX_ACTIVATION_RELU,    GX_ACTIVATION_LEAKY_RELU, GX_ACTIVATION_ELU,
                            GX_ACTIVATION_TANH, GX_ACTIVATION_SIGMOID, GX_ACTIVATION_SOFTPLUS};

const std::vector<gx_linear_params>& layers() {
  static const std::vector<gx_linear_params> all = [] {
    std::vector<gx_linear_params> list;
    for (int activation : kActivations) list.push_back(layer(13, 21, 37, activation));
    for (int64_t n : edge_sizes(40)) {
      list.push_back(layer(n, 5, 18, GX_ACTIVATION_TANH));
      list.push_back(layer(3, n, 18, GX_ACTIVATION_SIGMOID));
      list.push_back(layer(3, 5, n, GX_ACTIVATION_NONE));
    }
    list.push_back(layer(150, 70, 90, GX_ACTIVATION_TANH));
    return list;
  }();
  return all;
}

struct Operands {
  std::vector<float> x, W, b, y, dy;
  explicit Operands(const gx_linear_params& p)
      : x(reals(p.rows * p.inputs, -1, 1, 1)),
        W(reals(p.outputs * p.inputs, -1, 1, 2)),
        b(reals(p.outputs, -1, 1, 3)),
        y(size_t(p.rows * p.outputs)),
        dy(reals(p.rows * p.outputs, -1, 1, 4)) {
    reference::linear(p, x.data(), W.data(), b.data(), y.data());
  }
};

TEST(Linear, EveryVariantAgreesWithTheReference) {
  int count = 0, ran = 0;
  const LinearVariant* variants = linear_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    for (const gx_linear_params& p : layers()) {
      for (bool bias : {true, false}) {
        Device device(2);
        Workspace workspace(*device);
        Team team(*device, workspace);
        const Operands o(p);
        const float* b = bias ? o.b.data() : nullptr;
        std::vector<float> want(o.y.size());
        Guarded<float> got(int64_t(want.size()), 1);
        reference::linear(p, o.x.data(), o.W.data(), b, want.data());
        variants[v].run(p, o.x.data(), o.W.data(), b, got.data(), team);
        EXPECT_TRUE(close(got.values(), want, {kEps * (4 + double(p.inputs)), 4 * kEps, true}))
            << p.rows << "x" << p.inputs << "x" << p.outputs << " activation " << p.activation;
        EXPECT_TRUE(got.intact());
      }
    }
  }
  EXPECT_GE(ran, 1);
}

TEST(LinearBackward, EveryVariantAgreesWithTheReference) {
  int count = 0, ran = 0;
  const LinearBackwardVariant* variants = linear_backward_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    for (const gx_linear_params& p : layers()) {
      Device device(2);
      Workspace workspace(*device);
      Team team(*device, workspace);
      const Operands o(p);
      std::vector<float> dx(o.x.size()), dW(o.W.size()), db(o.b.size());
      const LinearGradient<float> want = {o.dy.data(), o.y.data(), o.x.data(), o.W.data(),
                                          dx.data(),   dW.data(),  db.data()};
      reference::linear_backward(p, want);
      for (int wanted = 1; wanted < 8; ++wanted) {
        Guarded<float> got_dx(int64_t(dx.size()), 1), got_dW(int64_t(dW.size())), got_db(int64_t(db.size()), 1);
        LinearGradient<float> g = want;
        g.dx = wanted & 1 ? got_dx.data() : nullptr;
        g.dW = wanted & 2 ? got_dW.data() : nullptr;
        g.db = wanted & 4 ? got_db.data() : nullptr;
        variants[v].run(p, g, team);
        const std::string what = std::to_string(p.rows) + "x" + std::to_string(p.inputs) + "x" +
                                 std::to_string(p.outputs) + " activation " + std::to_string(p.activation);
        if (g.dx) {
          EXPECT_TRUE(close(got_dx.values(), dx, {kEps * (4 + double(p.outputs)), 0, true})) << what;
        }
        if (g.dW) {
          EXPECT_TRUE(close(got_dW.values(), dW, {kEps * (4 + double(p.rows)), 0, true})) << what;
        }
        if (g.db) {
          EXPECT_TRUE(close(got_db.values(), db, {kEps * (4 + double(p.rows)), 0, true})) << what;
        }
      }
    }
  }
  EXPECT_GE(ran, 1);
}

TEST(LinearBackward, TheReferenceIsTheSlope) {
  for (int activation : kActivations) {
    const gx_linear_params p = layer(2, 3, 4, activation);
    const Operands o(p);
    std::vector<double> x(o.x.begin(), o.x.end()), W(o.W.begin(), o.W.end()), b(o.b.begin(), o.b.end());
    const std::vector<double> dy(o.dy.begin(), o.dy.end());
    std::vector<double> y(dy.size()), dx(x.size()), dW(W.size()), db(b.size());
    const auto loss = [&] {
      double sum = 0;
      reference::linear(p, x.data(), W.data(), b.data(), y.data());
      for (size_t i = 0; i < y.size(); ++i) sum += dy[i] * y[i];
      return sum;
    };
    loss();
    reference::linear_backward(
        p, LinearGradient<double>{dy.data(), y.data(), x.data(), W.data(), dx.data(), dW.data(), db.data()});
    const auto check = [&](std::vector<double>& at, const std::vector<double>& gradient) {
      constexpr double kStep = 1e-5;
      for (size_t i = 0; i < at.size(); ++i) {
        const double before = at[i];
        at[i] = before + kStep;
        const double up = loss();
        at[i] = before - kStep;
        const double slope = (up - loss()) / (2 * kStep);
        at[i] = before;
        EXPECT_NEAR(gradient[i], slope, 1e-5 * std::max(1.0, std::fabs(slope))) << "activation " << activation;
      }
    };
    check(x, dx);
    check(W, dW);
    check(b, db);
  }
}

TEST(Linear, BitsDoNotDependOnThreadsAndDoublesAreTheReference) {
  const gx_linear_params p = layer(150, 170, 190, GX_ACTIVATION_TANH);
  const Operands o(p);
  std::vector<float> first;
  for (int32_t threads : thread_counts()) {
    Device device(threads);
    std::vector<float> all(o.y.size() + o.x.size() + o.W.size() + o.b.size());
    float* const y = all.data();
    float* const dx = y + o.y.size();
    float* const dW = dx + o.x.size();
    ASSERT_OK(gx_linear(device, GX_FLOAT32, &p, o.x.data(), o.W.data(), o.b.data(), y));
    ASSERT_OK(
        gx_linear_backward(device, GX_FLOAT32, &p, o.dy.data(), y, o.x.data(), o.W.data(), dx, dW, dW + o.W.size()));
    if (first.empty()) first = all;
    EXPECT_EQ(all, first) << threads << " threads";
  }
  const gx_linear_params small = layer(2, 3, 4, GX_ACTIVATION_ELU);
  const std::vector<double> x(o.x.begin(), o.x.begin() + 6), W(o.W.begin(), o.W.begin() + 12);
  std::vector<double> want(8), got(8);
  Device device(1);
  reference::linear(small, x.data(), W.data(), static_cast<double*>(nullptr), want.data());
  ASSERT_OK(gx_linear(device, GX_FLOAT64, &small, x.data(), W.data(), nullptr, got.data()));
  EXPECT_EQ(got, want);
}

TEST(Linear, NanStaysThroughEveryActivation) {
  Device device(1);
  for (int activation : kActivations) {
    const gx_linear_params p = layer(1, 1, 17, activation);
    std::vector<float> W(17, 1.0f), y(17), dy(17, 1.0f), db(17);
    const float x = NAN;
    ASSERT_OK(gx_linear(device, GX_FLOAT32, &p, &x, W.data(), nullptr, y.data()));
    ASSERT_OK(
        gx_linear_backward(device, GX_FLOAT32, &p, dy.data(), y.data(), nullptr, nullptr, nullptr, nullptr, db.data()));
    for (size_t i = 0; i < 17; ++i) {
      EXPECT_TRUE(std::isnan(y[i])) << activation;
      EXPECT_EQ(std::isnan(db[i]), activation != GX_ACTIVATION_NONE) << activation;
    }
  }
}

TEST(Linear, RefusesWhatItCannotDo) {
  Device device;
  float x[16] = {}, W[16] = {}, b[4] = {}, y[16] = {}, dx[16], dW[16], db[4];
  gx_linear_params p = layer(4, 4, 4, GX_ACTIVATION_TANH);
  const auto forward = [&](const gx_linear_params& q) { return gx_linear(device, GX_FLOAT32, &q, x, W, b, y); };
  EXPECT_OK(forward(p));
  EXPECT_REFUSED("device", gx_linear(nullptr, GX_FLOAT32, &p, x, W, b, y));
  EXPECT_REFUSED("params", gx_linear(device, GX_FLOAT32, nullptr, x, W, b, y));
  EXPECT_REFUSED("format", gx_linear(device, GX_BITS, &p, x, W, b, y));
  EXPECT_REFUSED("x must not be null", gx_linear(device, GX_FLOAT32, &p, nullptr, W, b, y));
  EXPECT_REFUSED("W must not be null", gx_linear(device, GX_FLOAT32, &p, x, nullptr, b, y));
  EXPECT_REFUSED("y must not be null", gx_linear(device, GX_FLOAT32, &p, x, W, b, nullptr));
  EXPECT_REFUSED("y and x must not overlap", gx_linear(device, GX_FLOAT32, &p, x, W, b, x));
  EXPECT_REFUSED("rows", forward(layer(-1, 4, 4)));
  EXPECT_REFUSED("inputs", forward(layer(4, -1, 4)));
  EXPECT_REFUSED("outputs", forward(layer(4, 4, -1)));
  EXPECT_REFUSED("activation", forward(layer(4, 4, 4, 7)));
  EXPECT_REFUSED("activation", forward(layer(4, 4, 4, -1)));
  gx_linear_params odd = p;
  odd.activation_p = -1;
  EXPECT_REFUSED("activation_p", forward(odd));
  odd.activation_p = NAN;
  EXPECT_REFUSED("activation_p", forward(odd));

  const auto backward = [&](const float* dy, const float* out, const float* in, const float* weight, float* to) {
    return gx_linear_backward(device, GX_FLOAT32, &p, dy, out, in, weight, to, dW, db);
  };
  EXPECT_OK(backward(y, y, x, W, dx));
  EXPECT_REFUSED("dy must not be null", backward(nullptr, y, x, W, dx));
  EXPECT_REFUSED("y must not be null", backward(y, nullptr, x, W, dx));
  EXPECT_REFUSED("x must not be null", backward(y, y, nullptr, W, dx));
  EXPECT_REFUSED("W must not be null", backward(y, y, x, nullptr, dx));
  EXPECT_REFUSED("dx and x must not overlap", backward(y, y, x, W, x));
  EXPECT_REFUSED("overlap", backward(y, y, x, W, dW));
  p.activation = GX_ACTIVATION_NONE;
  EXPECT_OK(backward(y, nullptr, x, nullptr, nullptr));
}

}  // namespace
}  // namespace gx::test
