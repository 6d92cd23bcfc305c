// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The update against its formulas written out in double, for every variant, and what moving offsets must leave alone.

#include "gibbs_support.h"
#include "kernels/gibbs/update/update.h"
#include "runtime/isa.h"

namespace gx::test::gibbs {
namespace {

struct Trial {
  int64_t visible, hidden;
  float rate, momentum, weight_decay, sparsity_target, sparsity_cost, offset_rate;
  bool mu, lambda;
  int64_t shift;
  uint64_t seed;
};

std::ostream& operator<<(std::ostream& o, const Trial& t) {
  return o << t.visible << "x" << t.hidden << " rate " << t.rate << " momentum " << t.momentum << " decay "
           << t.weight_decay << " sparsity " << t.sparsity_cost << " to " << t.sparsity_target << " offset rate "
           << t.offset_rate << (t.mu ? " mu" : "") << (t.lambda ? " lambda" : "") << " seed " << t.seed;
}

// The arrays of an update: ours to read, the library's to change.
struct Arrays {
  Trial t;
  Random random;
  Machine machine;
  Buffer<float> sW, sb, sc, dW, db, dc, mean_v, mean_h;

  explicit Arrays(const Trial& t)
      : t(t),
        random(t.seed),
        machine(t.visible, t.hidden, Values::kReals, true, random, 1, t.shift),
        sW(t.visible * t.hidden, t.shift),
        sb(t.visible, t.shift),
        sc(t.hidden, t.shift),
        dW(t.visible * t.hidden, t.shift),
        db(t.visible, t.shift),
        dc(t.hidden, t.shift),
        mean_v(t.visible, t.shift),
        mean_h(t.hidden, t.shift) {
    for (Buffer<float>* a : {&sW, &sb, &sc, &dW, &db, &dc}) {
      for (float& x : *a) x = float(random.real(-1, 1));
    }
    for (Buffer<float>* a : {&mean_v, &mean_h}) {
      for (float& x : *a) x = float(random.uniform());
    }
  }
  gx_update_params params() {
    const bool means = t.offset_rate > 0;
    return {t.visible,
            t.hidden,
            machine.W.data(),
            machine.b.data(),
            machine.c.data(),
            sW.data(),
            sb.data(),
            sc.data(),
            dW.data(),
            db.data(),
            dc.data(),
            t.mu ? machine.mu.data() : nullptr,
            t.lambda ? machine.lambda.data() : nullptr,
            t.mu && means ? mean_v.data() : nullptr,
            (t.lambda && means) || t.sparsity_cost > 0 ? mean_h.data() : nullptr,
            t.rate,
            t.momentum,
            t.weight_decay,
            t.sparsity_target,
            t.sparsity_cost,
            t.offset_rate};
  }
  std::vector<Buffer<float>*> changed() {
    return {&machine.W, &machine.b, &machine.c, &sW, &sb, &sc, &machine.mu, &machine.lambda};
  }
};

// One parameter with its velocity: the new values and their error bounds.
struct Moved {
  std::vector<double> s, s_bound, x, x_bound;
};
Moved moved(const Trial& t, const Buffer<float>& s, const Buffer<float>& d, const Buffer<float>& x, double decay,
            const Buffer<float>* mean) {
  Moved m;
  for (int64_t i = 0; i < x.size(); ++i) {
    const double sparse = mean ? double(t.sparsity_cost) * (double(t.sparsity_target) - (*mean)[i]) : 0;
    const double sparse_size = mean ? double(t.sparsity_cost) * (double(t.sparsity_target) + (*mean)[i]) : 0;
    m.s.push_back(double(t.momentum) * s[i] + double(t.rate) * (d[i] + sparse - decay * x[i]));
    m.s_bound.push_back(
        8 * kEps *
        (std::fabs(t.momentum * s[i]) + std::fabs(t.rate) * (std::fabs(d[i]) + sparse_size + decay * std::fabs(x[i]))));
    m.x.push_back(x[i] + m.s.back());
    m.x_bound.push_back(m.s_bound.back() + 2 * kEps * (std::fabs(x[i]) + std::fabs(m.s.back())));
  }
  return m;
}

struct Expected {
  Moved W, b, c;
  std::vector<double> mu, lambda;

  explicit Expected(Arrays& a)
      : W(moved(a.t, a.sW, a.dW, a.machine.W, a.t.weight_decay, nullptr)),
        b(moved(a.t, a.sb, a.db, a.machine.b, 0, nullptr)),
        c(moved(a.t, a.sc, a.dc, a.machine.c, 0, a.t.sparsity_cost > 0 ? &a.mean_h : nullptr)) {
    const auto offsets = [&](const Buffer<float>& offset, const Buffer<float>& mean, bool moves) {
      std::vector<double> to(offset.begin(), offset.end());
      for (int64_t u = 0; moves && u < offset.size(); ++u)
        to[size_t(u)] += double(a.t.offset_rate) * (double(mean[u]) - offset[u]);
      return to;
    };
    mu = offsets(a.machine.mu, a.mean_v, a.t.mu);
    lambda = offsets(a.machine.lambda, a.mean_h, a.t.lambda);
  }

  // The biases follow the offsets, by what these have moved after rounding.
  void follow(const std::vector<float>& old_mu, const std::vector<float>& old_lambda, const Arrays& got) {
    const int64_t visible = got.t.visible, hidden = got.t.hidden;
    for (int64_t i = 0; i < visible; ++i) {
      for (int64_t j = 0; j < hidden; ++j) {
        const double w = W.x[size_t(i * hidden + j)];
        const double dlambda = double(got.machine.lambda[j]) - old_lambda[size_t(j)],
                     dmu = double(got.machine.mu[i]) - old_mu[size_t(i)];
        b.x[size_t(i)] += w * dlambda;
        c.x[size_t(j)] += w * dmu;
        b.x_bound[size_t(i)] +=
            W.x_bound[size_t(i * hidden + j)] * std::fabs(dlambda) + double(hidden + 4) * kEps * std::fabs(w * dlambda);
        c.x_bound[size_t(j)] +=
            W.x_bound[size_t(i * hidden + j)] * std::fabs(dmu) + double(visible + 4) * kEps * std::fabs(w * dmu);
      }
    }
    for (Moved* m : {&b, &c}) {
      for (size_t i = 0; i < m->x.size(); ++i) m->x_bound[i] += kEps * std::fabs(m->x[i]);
    }
  }
};

void test_trial(const Device& device, const Trial& t) {
  SCOPED_TRACE(testing::Message() << t);
  Arrays first(t);
  for (const int32_t threads : thread_counts()) {
    ASSERT_OK(gx_device_set_threads(device, threads));
    Arrays a(t);
    Expected want(a);
    const std::vector<float> mu = a.machine.mu.copy(), lambda = a.machine.lambda.copy();
    gx_update_params params = a.params();
    ASSERT_OK(gx_rbm_update(device, &params));
    if (threads > 1) {
      for (size_t i = 0; i < 8; ++i)
        ASSERT_TRUE(same_bits(*a.changed()[i], *first.changed()[i])) << i << ", threads " << threads;
      continue;
    }
    EXPECT_TRUE(within(a.machine.mu, want.mu, t.mu ? 4 * kEps : 0));
    EXPECT_TRUE(within(a.machine.lambda, want.lambda, t.lambda ? 4 * kEps : 0));
    want.follow(mu, lambda, a);
    EXPECT_TRUE(within(a.sW, want.W.s, want.W.s_bound)) << "sW";
    EXPECT_TRUE(within(a.machine.W, want.W.x, want.W.x_bound)) << "W";
    EXPECT_TRUE(within(a.sb, want.b.s, want.b.s_bound)) << "sb";
    EXPECT_TRUE(within(a.machine.b, want.b.x, want.b.x_bound)) << "b";
    EXPECT_TRUE(within(a.sc, want.c.s, want.c.s_bound)) << "sc";
    EXPECT_TRUE(within(a.machine.c, want.c.x, want.c.x_bound)) << "c";
    first = std::move(a);
  }
}

TEST(Update, FollowsItsFormulas) {
  const Device device(1);
  Random random(40);
  for (const int64_t hidden : {1, 3, 8, 16, 17, 63, 64, 65, 255, 256, 257, 600}) {
    for (const int64_t visible : {1, 2, 31, 64}) {
      for (int setting = 0; setting < 6; ++setting) {
        Trial t = {visible, hidden, 0.1f, 0, 0, 0, 0, 0, false, false, random.integer(0, 3), random.next()};
        if (setting >= 1) t.momentum = 0.9f;
        if (setting == 2 || setting == 5) t.weight_decay = 0.01f;
        if (setting == 3 || setting == 5) t.sparsity_cost = 0.2f, t.sparsity_target = 0.1f;
        if (setting >= 4)
          t.offset_rate = 0.3f, t.mu = setting == 5 || random.coin(0.5), t.lambda = setting == 5 || !t.mu;
        test_trial(device, t);
        if (testing::Test::HasFailure()) return;
      }
    }
  }
}

TEST(Update, EveryVariantFollowsTheFormulas) {
  int count;
  const gx::UpdateVariant* variants = gx::update_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!gx::usable(variants[v].line.isa)) continue;
    SCOPED_TRACE(variants[v].line.isa);
    for (const int64_t hidden : {1, 7, 8, 9, 16, 31, 33, 64, 100}) {
      for (const int64_t shift : {0, 1}) {
        Arrays a({5, hidden, 0.1f, 0.5f, 0.02f, 0, 0, 1, true, true, shift, uint64_t(hidden)});
        const Expected want(a);
        Buffer<float> b_shift(5, shift), c_shift(hidden, shift);
        std::fill(b_shift.begin(), b_shift.end(), NAN);
        std::fill(c_shift.begin(), c_shift.end(), NAN);
        // Two strips, one of them without a shift of the biases.
        const int64_t middle = hidden / 3;
        gx::UpdateStrip strip = {5,           hidden,      0,       middle, a.machine.W.data(),
                                 a.sW.data(), a.dW.data(), 0.1f,    0.5f,   0.02f,
                                 nullptr,     nullptr,     nullptr, nullptr};
        variants[v].run(strip);
        strip.n0 = middle;
        strip.n1 = hidden;
        strip.dmu = a.mean_v.data();
        strip.dlambda = a.mean_h.data();
        strip.b_shift = b_shift.data();
        strip.c_shift = c_shift.data();
        variants[v].run(strip);
        EXPECT_TRUE(within(a.sW, want.W.s, want.W.s_bound));
        EXPECT_TRUE(within(a.machine.W, want.W.x, want.W.x_bound));
        std::vector<double> b(5, 0.0), c(size_t(hidden), 0.0);
        for (int64_t i = 0; i < 5; ++i) {
          for (int64_t j = middle; j < hidden; ++j) {
            b[size_t(i)] += double(a.machine.W[i * hidden + j]) * a.mean_h[j];
            c[size_t(j)] += double(a.machine.W[i * hidden + j]) * a.mean_v[i];
          }
        }
        EXPECT_TRUE(within(b_shift, b, 4 * kEps * double(hidden)));
        for (int64_t j = 0; j < middle; ++j) EXPECT_TRUE(std::isnan(c_shift[j]));
        for (int64_t j = middle; j < hidden; ++j) EXPECT_NEAR(c_shift[j], c[size_t(j)], 40 * kEps);
      }
    }
  }
}

// Oracle 11: offsets move without moving the distribution. With a rate of 0 no state's probability changes; with
// another, it is that of the machine that moved at its old offsets.
TEST(Update, MovingOffsetsKeepTheDistribution) {
  const Device device(1);
  for (const float rate : {0.0f, 0.3f}) {
    for (const float offset_rate : {0.01f, 1.0f}) {
      Arrays moves({5, 4, rate, 0, 0.1f, 0, 0, offset_rate, true, true, 0, 77});
      Arrays stays({5, 4, rate, 0, 0.1f, 0, 0, 0, true, true, 0, 77});
      std::fill(moves.sW.begin(), moves.sW.end(), 0.0f);
      std::fill(stays.sW.begin(), stays.sW.end(), 0.0f);
      gx_update_params a = moves.params(), b = stays.params();
      ASSERT_OK(gx_rbm_update(device, &a));
      ASSERT_OK(gx_rbm_update(device, &b));
      const Plain x(moves.machine.view()), y(stays.machine.view());
      for (uint64_t v = 0; v < 32; ++v) {
        for (uint64_t h = 0; h < 16; ++h) ASSERT_NEAR(x.negative_energy(v, h), y.negative_energy(v, h), 200 * kEps);
      }
      EXPECT_NE(moves.machine.mu[0], stays.machine.mu[0]);
      EXPECT_TRUE(offset_rate < 1 || close(moves.machine.lambda, moves.mean_h, {4 * kEps, 0, false}));
    }
  }
}

// Sizes past one work item of columns: wide layers move their b in parts.
TEST(Update, OfAWideLayer) {
  const Device device(1);
  test_trial(device, {9, 5000, 0.05f, 0.5f, 0.001f, 0.1f, 0.1f, 0.1f, true, true, 1, 78});
}

// A test of these tests.
TEST(Update, TheComparisonSeesWrongResults) {
  const Device device(1);
  Arrays a({7, 33, 0.1f, 0.5f, 0.02f, 0, 0, 0, false, false, 0, 79});
  const Expected want(a);
  a.dW[7 * 33 - 1] += 1e-4f;
  gx_update_params params = a.params();
  ASSERT_OK(gx_rbm_update(device, &params));
  EXPECT_FALSE(within(a.machine.W, want.W.x, want.W.x_bound));
  EXPECT_FALSE(within(a.sW, want.W.s, want.W.s_bound));
  EXPECT_TRUE(within(a.machine.b, want.b.x, want.b.x_bound));
}

}  // namespace
}  // namespace gx::test::gibbs
