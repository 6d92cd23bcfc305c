// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_rbm_chain is gx_rbm_layer_sample back and forth: the same bits, with observed units put back after each step.

#include <optional>

#include "gibbs_support.h"

namespace gx::test::gibbs {
namespace {

enum class Observed { kNone, kShared, kPerRow };

struct Trial {
  int64_t visible = 70, hidden = 37, rows = 9, steps = 1;
  gx_format v_format = GX_BITS;
  std::optional<gx_format> h_format = GX_BITS;
  Values values = Values::kIntegers;
  bool intensities = false, centered = false, row_beta = false;
  Observed observed = Observed::kNone;
  int64_t shift = 0;
  uint64_t seed = 1;
};

std::ostream& operator<<(std::ostream& o, const Trial& s) {
  return o << s.visible << "x" << s.hidden << " rows " << s.rows << " steps " << s.steps << " v format " << s.v_format
           << " h format " << (s.h_format ? int(*s.h_format) : -1)
           << (s.values == Values::kIntegers ? " integers" : " reals") << (s.intensities ? " intensities" : "")
           << (s.centered ? " centered" : "") << (s.row_beta ? " row_beta" : "") << " observed " << int(s.observed)
           << " seed " << s.seed;
}

struct Inputs {
  Trial s;
  Random random;
  Machine machine;
  States v, observed;
  Buffer<float> row_beta;
  gx_rng rng;

  explicit Inputs(const Trial& s)
      : s(s),
        random(s.seed),
        machine(s.visible, s.hidden, s.values, s.centered, random, 0.5, s.shift),
        v(s.rows, s.visible, s.v_format, s.shift),
        observed(s.observed == Observed::kPerRow ? s.rows : 1, s.visible, GX_BITS, s.shift),
        row_beta(s.rows, s.shift) {
    v.fill_binary(random, 0.4);
    if (s.intensities) {  // quarters, so that integer machines stay exact
      for (int64_t r = 0; r < s.rows; ++r) {
        for (int64_t i = 0; i < s.visible; ++i) v.set(r, i, float(random.integer(0, 4)) / 4);
      }
    }
    observed.fill_binary(random, 0.5);
    for (float& b : row_beta) b = float(random.integer(1, 3)) / 2;
    rng = {random.next(), random.next() >> 9};
  }
  float beta() const { return 0.5f; }
  const float* row_betas() const { return s.row_beta ? row_beta.data() : nullptr; }
};

struct Results {
  States v, h;
  Buffer<float> p_v, p_h;
  explicit Results(const Inputs& in)
      : v(in.v.copy()),
        h(in.s.rows, in.s.hidden, in.s.h_format.value_or(GX_BITS), in.s.shift),
        p_v(in.s.rows * in.s.visible, in.s.shift),
        p_h(in.s.rows * in.s.hidden, in.s.shift) {
    std::fill(p_v.begin(), p_v.end(), NAN);
    std::fill(p_h.begin(), p_h.end(), NAN);
  }
};

void run_chain(gx_device* device, const Inputs& in, Results& out) {
  const gx_rbm rbm = in.machine.view();
  gx_chain_params a = {};
  a.steps = in.s.steps;
  a.beta = in.beta();
  a.row_beta = in.row_betas();
  a.rng = in.rng;
  a.v = out.v.view();
  a.observed = in.s.observed == Observed::kNone ? nullptr : in.observed.view();
  a.h = in.s.h_format && in.s.steps > 0 ? out.h.view() : nullptr;
  a.p_v = in.s.steps > 0 ? out.p_v.data() : nullptr;
  a.p_h = out.p_h.data();
  ASSERT_OK(gx_rbm_chain(device, &rbm, &a));
}

// Bits of `to` from one call of layer_sample.
void sample(gx_device* device, const Inputs& in, gx_layer target, uint64_t step, const States& given, const States* to,
            float* p) {
  const gx_rbm rbm = in.machine.view();
  gx_layer_sample_params a = {};
  a.target = target;
  a.given = given.view();
  a.beta = in.beta();
  a.row_beta = in.row_betas();
  a.rng = {in.rng.seed, step};
  a.sample = to ? to->view() : nullptr;
  a.p = p;
  ASSERT_OK(gx_rbm_layer_sample(device, &rbm, &a));
}

// The chain by hand. States between steps travel as bits, except where observed intensities must be kept.
void by_hand(gx_device* device, const Inputs& in, Results& out) {
  States v = in.v.copy();
  const gx_format between = in.s.observed == Observed::kNone ? GX_BITS : in.s.v_format;
  for (int64_t k = 0; k < in.s.steps; ++k) {
    States h(in.s.rows, in.s.hidden, GX_BITS);
    sample(device, in, GX_HIDDEN, in.rng.step + uint64_t(k), v, &h, nullptr);
    States next(in.s.rows, in.s.visible, GX_BITS);
    sample(device, in, GX_VISIBLE, in.rng.step + uint64_t(k), h, &next, out.p_v.data());
    States kept = next.as(k == in.s.steps - 1 ? in.s.v_format : between);
    for (int64_t r = 0; in.s.observed != Observed::kNone && r < in.s.rows; ++r) {
      for (int64_t i = 0; i < in.s.visible; ++i) {
        if (in.observed.get(in.s.observed == Observed::kShared ? 0 : r, i) == 0) continue;
        kept.set(r, i, in.v.get(r, i));
        out.p_v[r * in.s.visible + i] = in.v.get(r, i);
      }
    }
    v = std::move(kept);
    out.h = h.as(in.s.h_format.value_or(GX_BITS));
  }
  out.v = v.copy();
  sample(device, in, GX_HIDDEN, 0, v, nullptr, out.p_h.data());
}

void expect_same(const Trial& s, const Results& got, const Results& want) {
  EXPECT_TRUE(same_bits(got.v.raw, want.v.raw));
  if (s.steps > 0) {
    EXPECT_TRUE(same_bits(got.p_v, want.p_v));
    EXPECT_TRUE(!s.h_format || same_bits(got.h.raw, want.h.raw));
  }
  EXPECT_TRUE(same_bits(got.p_h, want.p_h));
  EXPECT_TRUE(got.v.padding_is_zero());
  EXPECT_TRUE(got.h.padding_is_zero());
}

void test_trial(const Trial& s, const Device& device) {
  SCOPED_TRACE(testing::Message() << s);
  const Inputs in(s);
  Results want(in);
  EXPECT_OK(gx_device_set_threads(device, 1));
  by_hand(device, in, want);
  for (const int32_t threads : thread_counts()) {
    if (threads > 1 && s.seed % 3 != 0) break;
    EXPECT_OK(gx_device_set_threads(device, threads));
    Results got(in);
    run_chain(device, in, got);
    expect_same(s, got, want);
  }
}

TEST(Chain, IsLayerSampleBackAndForth) {
  const Device device(1);
  Trial s;
  for (const int64_t rows : {0, 1, 7, 9, 40}) {
    for (s.steps = 0; s.steps <= 3; ++s.steps) {
      for (const gx_format v : {GX_BITS, GX_FLOAT32}) {
        for (const Observed observed : {Observed::kNone, Observed::kShared, Observed::kPerRow}) {
          for (const std::optional<gx_format> h : {std::optional<gx_format>(), {GX_BITS}, {GX_FLOAT32}}) {
            ++s.seed;
            s.rows = rows;
            s.v_format = v;
            s.observed = observed;
            s.h_format = h;
            s.intensities = v == GX_FLOAT32 && s.seed % 2 == 0;
            s.centered = s.seed % 3 == 0;
            s.row_beta = s.seed % 5 < 2;
            s.shift = int64_t(s.seed % 4);
            // Real weights only where the states travel in one format: then the order of the sums is the same as well.
            s.values = v == GX_BITS && s.seed % 2 == 0 ? Values::kReals : Values::kIntegers;
            test_trial(s, device);
            if (testing::Test::HasFailure()) return;
          }
        }
      }
    }
  }
}

TEST(Chain, AtEdgesOfWordsAndTiles) {
  const Device device(1);
  Trial s;
  s.steps = 2;
  s.rows = 3;
  for (const int64_t visible : {1, 31, 32, 33, 63, 64, 65, 128, 129}) {
    for (const int64_t hidden : {1, 32, 33, 64, 65, 127}) {
      ++s.seed;
      s.visible = visible;
      s.hidden = hidden;
      s.observed = Observed(s.seed % 3);
      s.v_format = s.seed % 2 ? GX_BITS : GX_FLOAT32;
      s.values = s.v_format == GX_BITS ? Values::kReals : Values::kIntegers;
      test_trial(s, device);
      if (testing::Test::HasFailure()) return;
    }
  }
}

// A chain of five steps is a chain of two and one of three, when the step of the stream goes on.
TEST(Chain, GoesOnWhereItStopped) {
  const Device device(2);
  Trial s;
  s.values = Values::kReals;
  s.rows = 20;
  s.steps = 5;
  const Inputs whole(s);
  Results at_once(whole);
  run_chain(device, whole, at_once);
  Results in_parts(whole);
  s.steps = 2;
  Inputs part(s);
  run_chain(device, part, in_parts);
  part.s.steps = 3;
  part.rng.step += 2;
  run_chain(device, part, in_parts);
  expect_same(s, in_parts, at_once);
}

// Padding of the mask may hold anything: there is no such unit.
TEST(Chain, IgnoresPaddingOfTheMask) {
  const Device device(1);
  Trial s;
  s.visible = 33;
  s.observed = Observed::kPerRow;
  const Inputs in(s);
  Results clean(in), dirty(in);
  run_chain(device, in, clean);
  for (int64_t r = 0; r < s.rows; ++r) in.observed.raw[2 * r + 1] |= ~1u;
  run_chain(device, in, dirty);
  expect_same(s, dirty, clean);
}

}  // namespace
}  // namespace gx::test::gibbs
