// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Sampling by a program: floats against the double reference, the order of draws, rings, and what is refused. The suite
// runs once per instruction set.

#include <cmath>
#include <functional>
#include <limits>

#include "causal_programs.h"
#include "compare.h"
#include "guarded.h"
#include "kernels/causal/plan.h"

namespace gx::test {
namespace {

std::vector<CausalCase> cases(int64_t rows) {
  std::vector<CausalCase> all = {plain(), gated(rows), colours(), mixture(1), mixture(3), deep()};
  return all;
}

TEST(CausalSample, FloatsAreTheReferenceRounded) {
  for (int64_t rows : {1, 5, 17}) {
    int which = 0;
    for (CausalCase& c : cases(rows)) {
      Device device(2);
      const CausalResult<double> drawn = sample<double>(device, c, rows);
      const CausalResult<float> got = sample<float>(device, c, rows);
      EXPECT_TRUE(close(got.x, drawn.x, {1e-6, 0, true})) << "case " << which;
      EXPECT_TRUE(close(got.logits, drawn.logits, {4e-6, 4e-6})) << "case " << which;
      EXPECT_TRUE(close(got.log_likelihood, drawn.log_likelihood, {2e-4, 1e-5})) << "case " << which;
      EXPECT_EQ(got.evaluations, drawn.evaluations);
      // Scoring what was drawn gives the same parameters, bit by bit.
      const CausalResult<float> scored = sample<float>(device, c, rows, got.x);
      EXPECT_EQ(scored.x, got.x);
      EXPECT_EQ(scored.logits, got.logits) << "case " << which;
      EXPECT_EQ(scored.log_likelihood, got.log_likelihood);
      ++which;
    }
  }
}

TEST(CausalSample, EveryFunctionIsTheReference) {
  for (int f = GX_EXP; f <= GX_EXPM1; ++f) {
    CausalCase c(1, 2, 3);
    const int64_t x = c.conv(3, {{c.input(), causal_taps(3, false)}}, GX_ACTIVATION_SIGMOID);
    c.draws(GX_CAUSAL_BERNOULLI, c.conv(1, {{c.unary(x, gx_unary_function(f), 0.5)}}), 0, 0, 1);
    Device device(1);
    EXPECT_TRUE(close(sample<float>(device, c, 3).logits, sample<double>(device, c, 3).logits, {1e-6, 1e-6})) << f;
  }
  for (int f = GX_ADD; f <= GX_PRELU; ++f) {
    CausalCase c(1, 2, 3);
    const int64_t x = c.conv(6, {{c.input(), causal_taps(3, false)}}, GX_ACTIVATION_SIGMOID);
    const int64_t y = c.binary(gx_binary_function(f), {x, {}, 0, 3}, {x, {}, 3, 3});
    c.draws(GX_CAUSAL_BERNOULLI, c.conv(1, {{y}}), 0, 0, 1);
    Device device(1);
    EXPECT_TRUE(close(sample<float>(device, c, 3).logits, sample<double>(device, c, 3).logits, {1e-6, 1e-5})) << f;
  }
}

TEST(CausalSample, BitsDependNeitherOnThreadsNorOnTheBatch) {
  const int64_t most = quick() ? 40 : 150;
  for (CausalCase& c : cases(most)) {
    Device one(1);
    const CausalResult<float> all = sample<float>(one, c, most);
    for (int32_t threads : thread_counts()) {
      Device device(threads);
      const CausalResult<float> again = sample<float>(device, c, most);
      EXPECT_EQ(again.x, all.x) << threads << " threads";
      EXPECT_EQ(again.logits, all.logits) << threads << " threads";
      EXPECT_EQ(again.log_likelihood, all.log_likelihood) << threads << " threads";
    }
    for (int64_t rows : {1, 3, 16, 33}) {
      const CausalResult<float> few = sample<float>(one, c, rows);
      EXPECT_TRUE(std::equal(few.x.begin(), few.x.end(), all.x.begin())) << rows << " rows";
      EXPECT_TRUE(std::equal(few.log_likelihood.begin(), few.log_likelihood.end(), all.log_likelihood.begin()));
    }
    EXPECT_NE(sample<float>(one, c, most, {}, {}, 8).x, all.x) << "another seed";
  }
}

TEST(CausalSample, AnActivationIsComputedOnceAndAsManyForEveryPixel) {
  CausalCase c = plain(9, 8);
  Device device(1);
  const CausalResult<float> r = sample<float>(device, c, 1);
  const int64_t computed = c.nodes() - 1;  // all but the input
  for (size_t pixel = 0; pixel < r.evaluations.size(); ++pixel) EXPECT_EQ(r.evaluations[pixel], computed) << pixel;
  // What nothing needs is not computed: here the last vertical map (two nodes), and the bottom row of the vertical
  // stack.
  CausalCase g = gated(1);
  const std::vector<int64_t> evaluations = sample<float>(device, g, 1).evaluations;
  int64_t sum = 0;
  for (size_t pixel = 0; pixel < evaluations.size(); ++pixel) sum += evaluations[pixel];
  EXPECT_EQ(sum, (g.nodes() - 4) * g.height * g.width - 5 * g.width);
}

TEST(CausalSample, RowsThatNothingReadsAnyMoreAreGivenUp) {
  CausalCase c = plain(40, 3);
  const CausalPlan plan = causal_plan(c.program<float>());
  const int64_t image = c.nodes();
  for (int64_t n = 1; n < c.nodes(); ++n) EXPECT_LE(plan.rings[size_t(n)].rows, 2) << n;  // 3x3: the row above
  EXPECT_EQ(plan.rings[size_t(image)].rows, 3);                                           // 5x5
  Device device(1);
  EXPECT_TRUE(close(sample<float>(device, c, 2).logits, sample<double>(device, c, 2).logits, {4e-6, 4e-6}));
}

TEST(CausalSample, ObservedPixelsStayAndTheOthersAreDrawnGivenThem) {
  for (CausalCase& c : cases(5)) {
    Device device(2);
    const CausalResult<float> first = sample<float>(device, c, 5);
    std::vector<float> observed(first.x.size()), x = first.x;
    Source source(5);
    for (size_t i = 0; i < x.size(); ++i) {
      observed[i] = source.real(0, 1) < 0.5 ? 1.0f : 0.0f;
      if (observed[i] == 0) x[i] = NAN;  // never read
    }
    const CausalResult<float> again = sample<float>(device, c, 5, x, observed);
    EXPECT_EQ(again.x, first.x) << "what was drawn before and now is observed leads to the same draws";
    EXPECT_EQ(again.logits, first.logits);
    std::vector<double> want_x(x.begin(), x.end());
    const CausalResult<double> want =
        sample<double>(device, c, 5, want_x, std::vector<double>(observed.begin(), observed.end()), 9);
    const CausalResult<float> got = sample<float>(device, c, 5, x, observed, 9);
    EXPECT_TRUE(close(got.x, want.x, {1e-6, 0, true}));
    for (size_t i = 0; i < x.size(); ++i) {
      if (observed[i] != 0) {
        EXPECT_EQ(got.x[i], x[i]);
      }
    }
  }
}

// Oracle 29: the probabilities of all images sum to 1.
TEST(CausalSample, ProbabilitiesOfAllImagesSumToOne) {
  CausalCase bits = plain(3, 3), grey = gated(256), levels = mixture(1);
  grey.height = 1, grey.width = 4;
  for (int64_t n = 0; n < grey.nodes(); ++n) grey.node(n).height = 1, grey.node(n).width = 4;
  const auto total = [](CausalCase& c, int64_t rows, const std::function<double(int64_t, int64_t)>& value) {
    const int64_t pixels = c.height * c.width;
    std::vector<double> x;
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t i = 0; i < pixels; ++i) x.push_back(value(r, i));
    }
    double sum = 0;
    Device device(1);
    for (double l : sample<double>(device, c, rows, x).log_likelihood) sum += std::exp(l);
    return sum;
  };
  EXPECT_NEAR(total(bits, 512, [](int64_t r, int64_t i) { return double(r >> i & 1); }), 1, 1e-9);
  // Conditioned examples differ: those of one label must sum to 1, so all have the first one's.
  std::vector<double>& labels = grey.values_of_example();
  for (size_t i = 8; i < labels.size(); ++i) labels[i] = labels[i % 8];
  EXPECT_NEAR(total(grey, 256, [](int64_t r, int64_t i) { return 2 * double(r >> 2 * i & 3) / 3 - 1; }), 1, 1e-9);
}

TEST(CausalSample, DrawsHaveTheProbabilitiesOfTheHead) {
  // A network without weights: its parameters are the biases, so that pixels are independent and alike.
  const int64_t rows = quick() ? 500 : 4000;
  const auto constant = [](gx_causal_distribution d, int64_t parameters, int64_t levels, int64_t components) {
    CausalCase c(1, 2, 2);
    const int64_t node = c.conv(parameters, {{c.input(), causal_taps(3, false)}});
    for (double& w : c.weights_of(node)) w = 0;
    c.draws(d, node, 0, 0, 1, levels, components);
    return c;
  };
  for (CausalCase c : {constant(GX_CAUSAL_BERNOULLI, 1, 2, 0), constant(GX_CAUSAL_CATEGORICAL, 5, 5, 0),
                       constant(GX_CAUSAL_LOGISTIC_MIXTURE, 6, 6, 2)}) {
    Device device(2);
    const std::vector<float> x = sample<float>(device, c, rows).x;
    const int64_t levels = c.head(0).levels;
    for (int64_t k = 0; k < levels; ++k) {
      const double value = levels == 2 ? double(k) : 2 * double(k) / double(levels - 1) - 1;
      // The probability of a level, from the score of an image that has it everywhere.
      const double p = std::exp(sample<double>(device, c, 1, std::vector<double>(4, value)).log_likelihood[0] / 4);
      const double n = double(x.size());
      double seen = 0;
      for (float v : x) seen += std::fabs(v - value) < 1e-6;
      EXPECT_NEAR(seen / n, p, 5 * std::sqrt(p * (1 - p) / n) + 1e-9) << "level " << k;
    }
  }
}

// The score of a mixture is loss.h's, also far outside of what a network should say.
TEST(CausalSample, TheMixturesScoreIsTheLoss) {
  for (int64_t channels : {1, 3}) {
    for (double scale : {1.0, 30.0, 1000.0}) {
      CausalCase c = mixture(channels);
      for (double& w : c.weights_of(c.nodes() - 1)) w *= scale;
      Device device(1);
      const int64_t rows = 6;
      const CausalResult<double> r = sample<double>(device, c, rows);
      const gx_logistic_mixture loss = {rows, channels, c.height * c.width, 2, 8, -7};
      std::vector<double> want(rows), random(r.x.size());
      ASSERT_OK(gx_discretised_logistic_mixture(device, GX_FLOAT64, &loss, r.x.data(), r.logits.data(), want.data()));
      EXPECT_TRUE(close(r.log_likelihood, want, {1e-9, 1e-9})) << channels << " channels, scale " << scale;
      Source source(3);
      for (double& x : random) x = 2 * double(source.integer(0, 7)) / 7 - 1;
      const CausalResult<double> s = sample<double>(device, c, rows, random);
      ASSERT_OK(gx_discretised_logistic_mixture(device, GX_FLOAT64, &loss, s.x.data(), s.logits.data(), want.data()));
      EXPECT_TRUE(close(s.log_likelihood, want, {1e-9, 1e-9})) << channels << " channels, scale " << scale;
    }
  }
}

TEST(CausalSample, NothingOutsideTheArraysIsTouched) {
  CausalCase c = gated(17);
  Device device(2);
  Guarded<float> x(17 * 30, 1), logits(17 * 30 * 4, 1);
  Guarded<double> log_likelihood(17, 1);
  Guarded<int64_t> evaluations(30, 1);
  const gx_causal_program program = c.program<float>();
  gx_causal_run run = {17, {1, 2}, nullptr, 0, x.data(), logits.data(), log_likelihood.data(), evaluations.data()};
  ASSERT_OK(gx_causal_sample(device, GX_FLOAT32, &program, &run));
  for (float v : x) EXPECT_TRUE(std::isfinite(v));
  for (float v : logits) EXPECT_TRUE(std::isfinite(v));
  run.rows = 0;
  EXPECT_OK(gx_causal_sample(device, GX_FLOAT32, &program, &run));
}

TEST(CausalSample, ANetworkThatLooksAheadIsRefused) {
  Device device(1);
  const auto refuse = [&](CausalCase c, const char* part) {
    for (gx_format format : {GX_FLOAT32, GX_FLOAT64}) {
      std::vector<double> x(1000);
      const gx_causal_program program = format == GX_FLOAT64 ? c.program<double>() : c.program<float>();
      const gx_causal_run run = {1, {1, 1}, nullptr, 0, x.data(), nullptr, nullptr, nullptr};
      EXPECT_REFUSED(part, gx_causal_sample(device, format, &program, &run));
    }
  };
  CausalCase centre = plain();
  centre.tap(3).dh = centre.tap(3).dw = 0;  // of the first convolution
  refuse(centre, "head 0 at pixel (0, 0) needs pixel (0, 0) of node 0");
  CausalCase below = plain();
  below.tap(0).dh = 1, below.tap(0).dw = -1;
  refuse(below, "head 0 at pixel (0, 1) needs pixel (1, 0) of node 0");
  CausalCase blue = colours();
  blue.head(0).image_channel = 2, blue.head(2).image_channel = 0;  // green is drawn before red now
  refuse(blue, "image channels 0 to 0 are drawn later");
}

TEST(CausalSample, RefusesWhatIsWrong) {
  Device device(1);
  std::vector<float> x(4000), logits(20000);
  const auto attempt = [&](CausalCase& c, const std::function<void(gx_causal_program&, gx_causal_run&)>& change) {
    gx_causal_program program = c.program<float>();
    gx_causal_run run = {2, {1, 1}, nullptr, 0, x.data(), logits.data(), nullptr, nullptr};
    change(program, run);
    return gx_causal_sample(device, GX_FLOAT32, &program, &run);
  };
  const auto nothing = [](gx_causal_program&, gx_causal_run&) {};
  CausalCase good = gated(2);
  EXPECT_OK(attempt(good, nothing));
#define EXPECT_RUN_REFUSED(part, change) \
  EXPECT_REFUSED(part, attempt(good, [&](gx_causal_program& p, gx_causal_run& r) { (void)p, (void)r, change; }))
  EXPECT_RUN_REFUSED("rows", r.rows = -1);
  EXPECT_RUN_REFUSED("step", r.rng.step = ~uint64_t(0));
  EXPECT_RUN_REFUSED("x must not be null", r.x = nullptr);
  EXPECT_RUN_REFUSED("overlap", r.logits = r.x);
  EXPECT_RUN_REFUSED("overlap", r.observed = r.x);
  EXPECT_RUN_REFUSED("overlap", r.x = const_cast<void*>(p.node[1].W));
  EXPECT_RUN_REFUSED("the image's channels", p.channels = 0);
  EXPECT_RUN_REFUSED("the size of the image", p.height = 1 << 15);
  EXPECT_RUN_REFUSED("resolution", p.height = 4);
  EXPECT_RUN_REFUSED("nodes", p.nodes = 0);
  EXPECT_RUN_REFUSED("nodes", p.nodes = int64_t(1) << 40);
  EXPECT_RUN_REFUSED("node", p.node = nullptr);
  EXPECT_RUN_REFUSED("sources", p.source = nullptr);
  EXPECT_RUN_REFUSED("sources", p.sources = 3);
  EXPECT_RUN_REFUSED("taps", p.tap = nullptr);
  EXPECT_RUN_REFUSED("taps", p.taps = 3);
  EXPECT_RUN_REFUSED("heads", p.head = nullptr);
  EXPECT_RUN_REFUSED("heads", p.heads = 0);
#undef EXPECT_RUN_REFUSED
  EXPECT_REFUSED("device", gx_causal_sample(nullptr, GX_FLOAT32, nullptr, nullptr));
  EXPECT_REFUSED("program", gx_causal_sample(device, GX_FLOAT32, nullptr, nullptr));
  EXPECT_REFUSED("format", gx_causal_sample(device, GX_BITS, nullptr, nullptr));

  const auto changed = [&](CausalCase c, const std::function<void(CausalCase&)>& change) {
    c.program<float>();
    change(c);
    CausalCase broken = c;
    return attempt(broken, nothing);
  };
  constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();
  const int64_t last = good.nodes() - 1;
#define EXPECT_CASE_REFUSED(part, change) EXPECT_REFUSED(part, changed(gated(2), [&](CausalCase& c) { change; }))
  EXPECT_CASE_REFUSED("kind", c.node(1).kind = gx_causal_kind(9));
  EXPECT_CASE_REFUSED("channels of node", c.node(1).channels = 0);
  EXPECT_CASE_REFUSED("height", c.node(1).height = 0);
  EXPECT_CASE_REFUSED("width", c.node(1).width = kHuge);
  EXPECT_CASE_REFUSED("sources of node", c.node(1).first_source = kHuge);
  EXPECT_CASE_REFUSED("number of sources", c.node(1).sources = 0);
  EXPECT_CASE_REFUSED("image channels", c.node(0).first_channel = 1);
  EXPECT_CASE_REFUSED("activation", c.node(1).function = 99);
  EXPECT_CASE_REFUSED("function", c.node(5).function = 99);
  EXPECT_CASE_REFUSED("function", c.node(last - 1).function = -1);
  EXPECT_CASE_REFUSED("stride", c.node(1).stride[1] = 0);
  EXPECT_CASE_REFUSED("weights of node", c.node(1).row_step = kHuge);
  EXPECT_CASE_REFUSED("weights only", c.node(1).weights -= 1);
  EXPECT_CASE_REFUSED("weights only", (c.node(last).first_row = 1));
  EXPECT_CASE_REFUSED("biases", c.node(1).biases -= 1);
  EXPECT_CASE_REFUSED("p of", c.node(1).p = NAN);
  EXPECT_CASE_REFUSED("node before it", c.source(1).node = 2);
  EXPECT_CASE_REFUSED("node before it", c.source(0).node = -1);
  EXPECT_CASE_REFUSED("channels of a source", c.source(0).first_channel = kHuge);
  EXPECT_CASE_REFUSED("channels of a source", c.source(0).channels = 2);
  EXPECT_CASE_REFUSED("taps of a source", c.source(0).first_tap = kHuge);
  EXPECT_CASE_REFUSED("column", c.source(0).first_column = -1);
  EXPECT_CASE_REFUSED("dh of tap", c.tap(0).dh = 1 << 30);
  EXPECT_CASE_REFUSED("weight of tap", c.tap(0).weight = -1);
  EXPECT_CASE_REFUSED("weights only", c.tap(0).weight = 1 << 20);
  EXPECT_CASE_REFUSED("4 channels", c.node(7).channels = 3);
  EXPECT_CASE_REFUSED("distribution", c.head(0).distribution = gx_causal_distribution(3));
  EXPECT_CASE_REFUSED("node of head", c.head(0).node = last + 1);
  EXPECT_CASE_REFUSED("parameters of head", c.head(0).first_channel = 1);
  EXPECT_CASE_REFUSED("image channels of head", c.head(0).image_channel = 1);
  EXPECT_CASE_REFUSED("levels", c.head(0).levels = 1);
  EXPECT_CASE_REFUSED("components", c.head(0).distribution = GX_CAUSAL_LOGISTIC_MIXTURE);
#undef EXPECT_CASE_REFUSED
  CausalCase twice = colours();
  twice.head(1).image_channel = 0;
  EXPECT_REFUSED("one head", attempt(twice, nothing));
  CausalCase none = colours();
  EXPECT_REFUSED("must be drawn", attempt(none, [](gx_causal_program& p, gx_causal_run&) { p.heads = 2; }));
  CausalCase falling = plain();
  EXPECT_REFUSED("increase", attempt(falling, [](gx_causal_program& p, gx_causal_run&) {
                   static_cast<float*>(const_cast<void*>(p.head[0].values))[1] = 0;
                 }));
}

}  // namespace
}  // namespace gx::test
