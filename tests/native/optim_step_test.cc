// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Every rule over the registry against its reference, against first steps in closed form, over models of many segments,
// and what each entry refuses.

#include <cmath>
#include <deque>
#include <functional>
#include <limits>

#include "compare.h"
#include "guarded.h"
#include "kernels/optim/adadelta/adadelta.h"
#include "kernels/optim/adagrad/adagrad.h"
#include "kernels/optim/adam/adam.h"
#include "kernels/optim/rmsprop/rmsprop.h"
#include "kernels/optim/sgd/sgd.h"
#include "support.h"

namespace gx::test {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kEps = 0x1p-24;
constexpr gx_step kPlain = {0.1, 1, kInf, 0, 0};

// One parameter tensor with its gradient, states and average; the states are above 0, as second moments are.
template <class T>
struct Tensors {
  Tensors(int64_t n, uint64_t seed, int64_t offset = 0)
      : p(cast(reals(n, -2, 2, seed)), offset),
        g(cast(reals(n, -3, 3, seed + 1)), offset),
        s0(cast(reals(n, 0.5, 1, seed + 2)), offset),
        s1(cast(reals(n, 0.5, 1, seed + 3)), offset),
        s2(cast(reals(n, -0.5, 0.5, seed + 4)), offset),
        ema(cast(reals(n, -2, 2, seed + 5)), offset) {}

  static std::vector<T> cast(const std::vector<float>& v) { return {v.begin(), v.end()}; }

  // As a rule with these states (bits) takes it.
  gx_segment segment(int states, bool average) {
    return {p.size(),
            p.data(),
            g.data(),
            states & 1 ? s0.data() : nullptr,
            states & 2 ? s1.data() : nullptr,
            states & 4 ? s2.data() : nullptr,
            average ? ema.data() : nullptr};
  }
  StepPart<T> part(int states, bool average) { return optim::part<T>(segment(states, average), 0, p.size()); }
  std::vector<Guarded<T>*> all() { return {&p, &s0, &s1, &s2, &ema, &g}; }

  Guarded<T> p, g, s0, s1, s2, ema;
};

template <class T, class U>
void expect_close(Tensors<T>& got, Tensors<U>& want, Tolerance tolerance) {
  const char* names[] = {"p", "s0", "s1", "s2", "ema", "g"};
  for (size_t i = 0; i < 6; ++i) EXPECT_TRUE(close(*got.all()[i], *want.all()[i], tolerance)) << names[i];
}

bool same(Tensors<float>& a, Tensors<float>& b) {
  for (size_t i = 0; i < 6; ++i) {
    if (std::memcmp(a.all()[i]->data(), b.all()[i]->data(), size_t(a.p.size()) * 4) != 0) return false;
  }
  return true;
}

// A rule's variants against its reference in double, at the sizes where vectors end, off the grid, with and without
// everything around the rule.
template <class Rule, class Variant>
void compare_variants(const Variant* (*variants)(int*), void (*reference)(const Rule&, const StepPart<double>&),
                      Rule rule, int states) {
  int count, ran = 0;
  const Variant* list = variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(list[v].line.isa)) continue;
    ++ran;
    for (const int64_t n : edge_sizes(100)) {
      for (const bool full : {false, true}) {
        SCOPED_TRACE(testing::Message() << list[v].line.op << " isa " << list[v].line.isa << " n " << n << " full "
                                        << full << " states " << states);
        rule.frame = full ? StepFrame{0.75, 1.5, 0.01, 0.125} : StepFrame{1, kInf, 0, 1};
        Tensors<float> got(n, uint64_t(n), n % 3);
        Tensors<double> want(n, uint64_t(n));
        list[v].run(rule, got.part(states, full));
        reference(rule, want.part(states, full));
        expect_close(got, want, {8 * kEps, 16 * kEps, n == 0});
        if (testing::Test::HasFailure()) return;
      }
    }
  }
  EXPECT_GT(ran, 0);
}

TEST(Sgd, EveryVariantEqualsTheReference) {
  for (const double momentum : {0.0, 0.9}) {
    for (const bool nesterov : {false, true}) {
      compare_variants<SgdRule>(sgd_variants, reference::sgd<double>, {{}, 0.1, momentum, nesterov && momentum > 0},
                                momentum > 0 ? 1 : 0);
    }
  }
}
TEST(Adagrad, EveryVariantEqualsTheReference) {
  compare_variants<AdagradRule>(adagrad_variants, reference::adagrad<double>, {{}, 0.1, 1e-10}, 1);
}
TEST(Adadelta, EveryVariantEqualsTheReference) {
  compare_variants<AdadeltaRule>(adadelta_variants, reference::adadelta<double>, {{}, 0.5, 0.1, 1e-6}, 3);
}
TEST(RmsProp, EveryVariantEqualsTheReference) {
  for (const double momentum : {0.0, 0.9}) {
    for (const bool centered : {false, true}) {
      compare_variants<RmspropRule>(rmsprop_variants, reference::rmsprop<double>,
                                    {{}, 0.01, 0.01, 1e-8, momentum, centered},
                                    1 | (momentum > 0 ? 2 : 0) | (centered ? 4 : 0));
    }
  }
}
TEST(Adam, EveryVariantEqualsTheReference) {
  for (const bool amsgrad : {false, true}) {
    for (const double keep : {1.0, 0.999}) {
      compare_variants<AdamRule>(adam_variants, reference::adam<double>,
                                 {{}, keep, 0.1, 0.001, 0.01, 1.5, 1e-8, amsgrad}, amsgrad ? 7 : 3);
    }
  }
}

// --- Through the C ABI
// ------------------------------------------------------------------------------------------------

struct Rule {
  const char* name;
  int states;
  std::function<gx_status(gx_device*, gx_format, const gx_step&, int64_t, const gx_segment*)> step;
};

std::vector<Rule> rules() {
  return {{"sgd", 0,
           [](gx_device* d, gx_format f, const gx_step& step, int64_t n, const gx_segment* s) {
             const gx_sgd_params params = {step, 0, 0};
             return gx_sgd(d, f, &params, n, s);
           }},
          {"sgd with Nesterov's momentum", 1,
           [](gx_device* d, gx_format f, const gx_step& step, int64_t n, const gx_segment* s) {
             const gx_sgd_params params = {step, 0.9, 1};
             return gx_sgd(d, f, &params, n, s);
           }},
          {"adagrad", 1,
           [](gx_device* d, gx_format f, const gx_step& step, int64_t n, const gx_segment* s) {
             const gx_adagrad_params params = {step, 1e-10};
             return gx_adagrad(d, f, &params, n, s);
           }},
          {"adadelta", 3,
           [](gx_device* d, gx_format f, const gx_step& step, int64_t n, const gx_segment* s) {
             const gx_adadelta_params params = {step, 0.9, 1e-6};
             return gx_adadelta(d, f, &params, n, s);
           }},
          {"rmsprop", 7,
           [](gx_device* d, gx_format f, const gx_step& step, int64_t n, const gx_segment* s) {
             const gx_rmsprop_params params = {step, 0.99, 1e-8, 0.9, 1};
             return gx_rmsprop(d, f, &params, n, s);
           }},
          {"adam", 3,
           [](gx_device* d, gx_format f, const gx_step& step, int64_t n, const gx_segment* s) {
             const gx_adam_params params = {step, 0.9, 0.999, 1e-8, 3, 0, 0};
             return gx_adam(d, f, &params, n, s);
           }},
          {"adamw with amsgrad", 7, [](gx_device* d, gx_format f, const gx_step& step, int64_t n, const gx_segment* s) {
             const gx_adam_params params = {step, 0.9, 0.999, 1e-8, 3, 1, 1};
             return gx_adam(d, f, &params, n, s);
           }}};
}

constexpr gx_step kFull = {0.05, 0.75, 1.5, 0.01, 0.875};

TEST(OptimStep, DoesNotDependOnSegmentsOrThreads) {
  const int64_t sizes[] = {3, 0, 70000, 1, 257, 0, 16384, 15};
  Device device(1);
  for (const Rule& rule : rules()) {
    SCOPED_TRACE(rule.name);
    std::deque<Tensors<float>> alone, together;  // its elements stay where they are
    std::vector<gx_segment> segments;
    for (const int64_t n : sizes) {
      alone.emplace_back(n, uint64_t(n), 1);
      const gx_segment one = alone.back().segment(rule.states, true);
      ASSERT_OK(rule.step(device, GX_FLOAT32, kFull, 1, &one));
    }
    for (const int32_t threads : thread_counts()) {
      ASSERT_OK(gx_device_set_threads(device, threads));
      together.clear(), segments.clear();
      for (const int64_t n : sizes) {
        together.emplace_back(n, uint64_t(n));
        segments.push_back(together.back().segment(rule.states, true));
      }
      ASSERT_OK(rule.step(device, GX_FLOAT32, kFull, 8, segments.data()));
      for (size_t i = 0; i < 8; ++i) EXPECT_TRUE(same(together[i], alone[i])) << "segment " << i;
    }
  }
}

TEST(OptimStep, TakesNoSegmentsAndEmptyOnes) {
  Device device;
  const gx_segment empty = {};
  for (const Rule& rule : rules()) {
    EXPECT_OK(rule.step(device, GX_FLOAT32, kPlain, 0, nullptr));
    EXPECT_OK(rule.step(device, GX_FLOAT32, kPlain, 1, &empty));
    EXPECT_OK(rule.step(device, GX_FLOAT64, kPlain, 1, &empty));
  }
}

TEST(OptimStep, InDoubleIsTheReferenceAndNearTheFloats) {
  Device device;
  for (const Rule& rule : rules()) {
    SCOPED_TRACE(rule.name);
    Tensors<float> floats(1000, 5);
    Tensors<double> doubles(1000, 5);
    for (int i = 0; i < 2; ++i) {
      const gx_segment f = floats.segment(rule.states, true), d = doubles.segment(rule.states, true);
      ASSERT_OK(rule.step(device, GX_FLOAT32, kFull, 1, &f));
      ASSERT_OK(rule.step(device, GX_FLOAT64, kFull, 1, &d));
    }
    expect_close(floats, doubles, {16 * kEps, 32 * kEps});
  }
}

// What every rule must let through: a NaN gradient is seen, others are not touched; rates of 0 move nothing.
TEST(OptimStep, NanReachesItsParameterAlone) {
  Device device;
  for (const Rule& rule : rules()) {
    SCOPED_TRACE(rule.name);
    for (const float bad : {NAN, INFINITY, -INFINITY}) {
      const bool clips = std::isinf(bad);
      Tensors<float> t(40, 8), clean(40, 8);
      t.g[17] = t.g[39] = bad;
      gx_step step = kFull;
      if (clips) step.clip_value = kInf;
      for (Tensors<float>* each : {&t, &clean}) {
        const gx_segment s = each->segment(rule.states, true);
        ASSERT_OK(rule.step(device, GX_FLOAT32, step, 1, &s));
      }
      for (const int64_t i : {17, 39}) {
        EXPECT_FALSE(std::isfinite(t.p[i])) << bad;
        EXPECT_FALSE(std::isfinite(t.ema[i])) << bad;
        t.p[i] = clean.p[i];
      }
      EXPECT_TRUE(close(t.p, clean.p));
    }
  }
}

// A value is clipped after it is scaled, and before the decay is added.
TEST(OptimStep, PreparesTheGradientInOrder) {
  Device device;
  for (const gx_format format : {GX_FLOAT32, GX_FLOAT64}) {
    std::vector<float> p = {1, 1, 1, 1}, g = {8, -8, 1, 0};
    std::vector<double> pd(p.begin(), p.end()), gd(g.begin(), g.end());
    const gx_sgd_params params = {{1, 0.5, 2, 0.25, 0}, 0, 0};
    const bool single = format == GX_FLOAT32;
    const gx_segment s = {4,
                          single ? static_cast<void*>(p.data()) : pd.data(),
                          single ? static_cast<void*>(g.data()) : gd.data(),
                          nullptr,
                          nullptr,
                          nullptr,
                          nullptr};
    ASSERT_OK(gx_sgd(device, format, &params, 1, &s));
    if (single) pd.assign(p.begin(), p.end());
    EXPECT_EQ(pd, (std::vector<double>{1 - 2.25, 1 + 1.75, 1 - 0.75, 0.75}));
  }
}

// From states of zeros the first step has a closed form, exact where it is a sign.
struct FirstStep {
  std::vector<float> p = std::vector<float>(4, 3.0f), g = {2, -4, 0.5f, -1}, s0 = std::vector<float>(4), s1 = s0,
                     s2 = s0, ema = p;
  gx_segment segment(int states) {
    return {4,
            p.data(),
            g.data(),
            states & 1 ? s0.data() : nullptr,
            states & 2 ? s1.data() : nullptr,
            states & 4 ? s2.data() : nullptr,
            ema.data()};
  }
};

TEST(OptimStep, FirstStepsHaveTheirClosedForm) {
  Device device;
  const gx_step step = {0.5, 1, kInf, 0, 0.75};
  {  // integers: exact
    FirstStep t;
    const gx_segment s = t.segment(1);
    const gx_sgd_params params = {step, 0.5, 0};
    ASSERT_OK(gx_sgd(device, GX_FLOAT32, &params, 1, &s));
    EXPECT_EQ(t.p, (std::vector<float>{2, 5, 2.75f, 3.5f}));
    EXPECT_EQ(t.s0, t.g);
    EXPECT_EQ(t.ema, (std::vector<float>{2.75f, 3.5f, 2.9375f, 3.125f}));
    ASSERT_OK(gx_sgd(device, GX_FLOAT32, &params, 1, &s));  // velocity 1.5 g
    EXPECT_EQ(t.p, (std::vector<float>{0.5f, 8, 2.375f, 4.25f}));
    FirstStep n;
    const gx_segment sn = n.segment(1);
    const gx_sgd_params nesterov = {step, 0.5, 1};
    ASSERT_OK(gx_sgd(device, GX_FLOAT32, &nesterov, 1, &sn));  // g + 0.5 g
    EXPECT_EQ(n.p, (std::vector<float>{1.5f, 6, 2.625f, 3.75f}));
  }
  const auto expect_moves = [&](const FirstStep& t, const std::function<double(double)>& d) {
    for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(t.p[i], 3 - 0.5 * d(t.g[i]), 1e-6) << i;
  };
  {  // g / |g|
    FirstStep t;
    const gx_segment s = t.segment(1);
    const gx_adagrad_params params = {step, 0};
    ASSERT_OK(gx_adagrad(device, GX_FLOAT32, &params, 1, &s));
    EXPECT_EQ(t.p, (std::vector<float>{2.5f, 3.5f, 2.5f, 3.5f}));
    ASSERT_OK(gx_adagrad(device, GX_FLOAT32, &params, 1, &s));  // g / sqrt(2 g^2)
    EXPECT_NEAR(t.p[1], 3.5 + 0.5 / std::sqrt(2.0), 1e-6);
  }
  {  // sqrt(epsilon) g / sqrt((1 - rho) g^2 + epsilon)
    FirstStep t;
    const gx_segment s = t.segment(3);
    const gx_adadelta_params params = {step, 0.75, 0.01};
    ASSERT_OK(gx_adadelta(device, GX_FLOAT32, &params, 1, &s));
    expect_moves(t, [](double g) { return 0.1 * g / std::sqrt(0.25 * g * g + 0.01); });
    for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(t.s1[i], 0.25 * std::pow((3 - t.p[i]) / 0.5, 2), 1e-6);
  }
  {  // g / sqrt((1 - alpha) g^2)
    FirstStep t;
    const gx_segment s = t.segment(1);
    const gx_rmsprop_params params = {step, 0.75, 0, 0, 0};
    ASSERT_OK(gx_rmsprop(device, GX_FLOAT32, &params, 1, &s));
    expect_moves(t, [](double g) { return g > 0 ? 2.0 : -2.0; });
  }
  {  // centered: the variance is (1 - alpha) alpha g^2
    FirstStep t;
    const gx_segment s = t.segment(5);
    const gx_rmsprop_params params = {step, 0.75, 0, 0, 1};
    ASSERT_OK(gx_rmsprop(device, GX_FLOAT32, &params, 1, &s));
    expect_moves(t, [](double g) { return (g > 0 ? 1 : -1) / std::sqrt(0.25 * 0.75); });
  }
  for (const int32_t amsgrad : {0, 1}) {  // Adam's first step is the sign, whatever the betas
    for (const gx_step& each : {step, gx_step{0.5, 1, kInf, 0.125, 0.75}}) {
      FirstStep t;
      const gx_segment s = t.segment(amsgrad ? 7 : 3);
      const gx_adam_params params = {each, 0.9, 0.999, 0, 1, 1, amsgrad};
      ASSERT_OK(gx_adam(device, GX_FLOAT32, &params, 1, &s));
      for (size_t i = 0; i < 4; ++i) {
        EXPECT_NEAR(t.p[i], 3 * (1 - 0.5 * each.weight_decay) - 0.5 * (t.g[i] > 0 ? 1 : -1), 1e-6);
      }
    }
  }
}

// A constant gradient: Adam's corrected moments are g and g^2 at any step, so that each step is the rate.
TEST(Adam, ItsBiasIsCorrectedAtAnyStep) {
  Device device;
  FirstStep t;
  const gx_segment s = t.segment(3);
  for (int64_t step = 1; step <= 2000; ++step) {
    const gx_adam_params params = {{0.001, 1, kInf, 0, 0}, 0.9, 0.999, 0, step, 0, 0};
    ASSERT_OK(gx_adam(device, GX_FLOAT32, &params, 1, &s));
  }
  for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(t.p[i], 3 - 2 * (t.g[i] > 0 ? 1 : -1), 1e-3);
}

// The moments stay exactly where they have arrived: no drift by the rounding of beta and 1 - beta.
TEST(Adam, MomentsStandStill) {
  Device device;
  std::vector<float> p = {0}, g = {3}, m = {3}, v = {9};
  const gx_segment s = {1, p.data(), g.data(), m.data(), v.data(), nullptr, nullptr};
  for (int i = 0; i < 100; ++i) {
    const gx_adam_params params = {kPlain, 0.9, 0.999, 1e-8, 1000000, 0, 0};
    ASSERT_OK(gx_adam(device, GX_FLOAT32, &params, 1, &s));
  }
  EXPECT_EQ(m[0], 3);
  EXPECT_EQ(v[0], 9);
}

TEST(OptimStep, RefusesBadArguments) {
  Device device;
  std::vector<float> a(8), b(8), c(8), d(8), e(8), f(8);
  for (const Rule& rule : rules()) {
    SCOPED_TRACE(rule.name);
    const gx_segment good = {8,
                             a.data(),
                             b.data(),
                             rule.states & 1 ? c.data() : nullptr,
                             rule.states & 2 ? d.data() : nullptr,
                             rule.states & 4 ? e.data() : nullptr,
                             f.data()};
    const auto run = [&](const gx_segment& s, gx_step step = kPlain) {
      return rule.step(device, GX_FLOAT32, step, 1, &s);
    };
    const auto with = [&](auto change) {
      gx_segment s = good;
      change(s);
      return s;
    };
    ASSERT_OK(run(good));
    EXPECT_REFUSED("device", rule.step(nullptr, GX_FLOAT32, kPlain, 1, &good));
    EXPECT_REFUSED("format must be", rule.step(device, GX_BITS, kPlain, 1, &good));
    EXPECT_REFUSED("number of segments must be at least 0, got -1", rule.step(device, GX_FLOAT32, kPlain, -1, &good));
    EXPECT_REFUSED("the segments must not be null", rule.step(device, GX_FLOAT32, kPlain, 1, nullptr));
    EXPECT_REFUSED("the count of segment 0 must be at least 0, got -8", run(with([](auto& s) { s.count = -8; })));
    EXPECT_REFUSED("p of segment 0 must fit", run(with([](auto& s) { s.count = INT64_MAX / 2; })));
    EXPECT_REFUSED("p of segment 0 must not be null", run(with([](auto& s) { s.p = nullptr; })));
    EXPECT_REFUSED("g of segment 0 must not be null", run(with([](auto& s) { s.g = nullptr; })));
    EXPECT_REFUSED("p of segment 0 must be aligned",
                   run(with([](auto& s) { s.p = static_cast<char*>(s.p) + 2, s.count = 7; })));
    const bool has0 = rule.states & 1, has2 = rule.states & 4;
    EXPECT_REFUSED(has0 ? "s0 of segment 0 must not be null" : "s0 of segment 0 must be null",
                   run(with([&](auto& s) { s.s0 = has0 ? nullptr : c.data(); })));
    EXPECT_REFUSED(has2 ? "s2 of segment 0 must not be null" : "s2 of segment 0 must be null",
                   run(with([&](auto& s) { s.s2 = has2 ? nullptr : c.data(); })));
    EXPECT_REFUSED("must not overlap", run(with([](auto& s) { s.g = s.p; })));
    EXPECT_REFUSED("must not overlap", run(with([](auto& s) { s.ema = s.p; })));
    EXPECT_REFUSED("must not overlap", run(with([](auto& s) { s.ema = static_cast<float*>(s.p) + 4, s.count = 5; })));
    EXPECT_REFUSED("the rate must be", run(good, {-1, 1, kInf, 0, 0}));
    EXPECT_REFUSED("the rate must be", run(good, {NAN, 1, kInf, 0, 0}));
    EXPECT_REFUSED("gradient scale must be finite", run(good, {1, INFINITY, kInf, 0, 0}));
    EXPECT_REFUSED("clip value must be above 0", run(good, {1, 1, 0, 0, 0}));
    EXPECT_REFUSED("clip value must be above 0", run(good, {1, 1, NAN, 0, 0}));
    EXPECT_REFUSED("weight decay", run(good, {1, 1, kInf, -0.1, 0}));
    EXPECT_REFUSED("average's decay", run(good, {1, 1, kInf, 0, 1.5}));
  }
  const gx_sgd_params sgd = {kPlain, 1, 0}, still = {kPlain, 0, 1}, odd = {kPlain, 0.5, 2};
  EXPECT_REFUSED("params", gx_sgd(device, GX_FLOAT32, nullptr, 0, nullptr));
  EXPECT_REFUSED("the momentum must be at least 0 and below 1, got 1", gx_sgd(device, GX_FLOAT32, &sgd, 0, nullptr));
  EXPECT_REFUSED("momentum above 0", gx_sgd(device, GX_FLOAT32, &still, 0, nullptr));
  EXPECT_REFUSED("nesterov", gx_sgd(device, GX_FLOAT32, &odd, 0, nullptr));
  const gx_adagrad_params adagrad = {kPlain, -1};
  EXPECT_REFUSED("params", gx_adagrad(device, GX_FLOAT32, nullptr, 0, nullptr));
  EXPECT_REFUSED("epsilon", gx_adagrad(device, GX_FLOAT32, &adagrad, 0, nullptr));
  const gx_adadelta_params rho = {kPlain, -0.5, 1e-6}, zero = {kPlain, 0.9, 0};
  EXPECT_REFUSED("params", gx_adadelta(device, GX_FLOAT32, nullptr, 0, nullptr));
  EXPECT_REFUSED("rho", gx_adadelta(device, GX_FLOAT32, &rho, 0, nullptr));
  EXPECT_REFUSED("epsilon", gx_adadelta(device, GX_FLOAT32, &zero, 0, nullptr));
  EXPECT_REFUSED("params", gx_rmsprop(device, GX_FLOAT32, nullptr, 0, nullptr));
  for (const auto& [params, part] : {std::pair<gx_rmsprop_params, const char*>{{kPlain, 1, 0, 0, 0}, "alpha"},
                                     {{kPlain, 0.9, NAN, 0, 0}, "epsilon"},
                                     {{kPlain, 0.9, 0, -1, 0}, "momentum"},
                                     {{kPlain, 0.9, 0, 0, -1}, "centered"}}) {
    EXPECT_REFUSED(part, gx_rmsprop(device, GX_FLOAT32, &params, 0, nullptr));
  }
  EXPECT_REFUSED("params", gx_adam(device, GX_FLOAT32, nullptr, 0, nullptr));
  for (const auto& [params, part] : {std::pair<gx_adam_params, const char*>{{kPlain, 1, 0.9, 0, 1, 0, 0}, "beta1"},
                                     {{kPlain, 0.9, NAN, 0, 1, 0, 0}, "beta2"},
                                     {{kPlain, 0.9, 0.9, -1, 1, 0, 0}, "epsilon"},
                                     {{kPlain, 0.9, 0.9, 0, 0, 0, 0}, "the step t must be at least 1, got 0"},
                                     {{kPlain, 0.9, 0.9, 0, 1, 3, 0}, "decoupled"},
                                     {{kPlain, 0.9, 0.9, 0, 1, 0, 3}, "amsgrad"}}) {
    EXPECT_REFUSED(part, gx_adam(device, GX_FLOAT32, &params, 0, nullptr));
  }
}

// Across segments too, in any order; only gradients may be shared.
TEST(OptimStep, RefusesSegmentsThatOverlap) {
  Device device;
  std::vector<float> a(100), g(100), m(100), v(100);
  const gx_adam_params params = {kPlain, 0.9, 0.999, 1e-8, 1, 0, 0};
  const auto at = [&](int64_t p, int64_t grad, int64_t state) {
    return gx_segment{10, &a[size_t(p)], &g[size_t(grad)], &m[size_t(state)], &v[size_t(state)], nullptr, nullptr};
  };
  const auto run = [&](std::vector<gx_segment> s) {
    return gx_adam(device, GX_FLOAT32, &params, int64_t(s.size()), s.data());
  };
  EXPECT_OK(run({at(0, 0, 0), at(10, 0, 10), at(20, 5, 20)}));
  EXPECT_REFUSED("p of segment 0 and p of segment 2 must not overlap",
                 run({at(50, 0, 0), at(10, 0, 10), at(59, 0, 20)}));
  EXPECT_REFUSED("of segment 1 and s", run({at(0, 0, 11), at(10, 0, 5)}));
  gx_segment reads = at(0, 0, 0);
  reads.g = &a[45];
  EXPECT_REFUSED("g of segment 0 and p of segment 1 must not overlap", run({reads, at(50, 0, 50)}));
  EXPECT_REFUSED("p of segment 1 and g of segment 0 must not overlap", run({reads, at(40, 0, 50)}));
  std::vector<gx_segment> huge = {at(0, 0, 0), at(10, 0, 10)};
  huge[0].count = huge[1].count = INT64_MAX / 4 - 100;
  EXPECT_REFUSED("must", run(huge));
}

}  // namespace
}  // namespace gx::test
