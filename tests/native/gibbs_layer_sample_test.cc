// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Every line of the registry of gibbs.layer_sample, called through its variant, and the C entry, against the double
// reference.

#include <set>

#include "gibbs_support.h"
#include "kernels/gibbs/layer_sample/layer_sample.h"
#include "kernels/gibbs/layer_sample/reference.h"
#include "kernels/gibbs/machine.h"
#include "runtime/philox.h"

namespace gx::test::gibbs {
namespace {

enum class Observed { kNone, kShared, kPerRow };

struct Case {
  int64_t visible, hidden, rows;
  gx_layer target;
  gx_format given_format, sample_format;
  Values values;
  bool centered, row_beta;
  Observed observed;
  double density;  // share of units that are not 0 in `given`
  int64_t shift;   // moves every pointer off its natural alignment by that many elements
  uint64_t seed;

  int64_t in() const { return target == GX_HIDDEN ? visible : hidden; }
  int64_t out() const { return target == GX_HIDDEN ? hidden : visible; }
};

std::ostream& operator<<(std::ostream& o, const Case& c) {
  return o << c.visible << "x" << c.hidden << " rows " << c.rows
           << (c.target == GX_HIDDEN ? " to hidden" : " to visible")
           << (c.given_format == GX_BITS ? " from bits" : " from floats")
           << (c.sample_format == GX_BITS ? " to bits" : " to floats")
           << (c.values == Values::kIntegers ? " integers" : " reals") << (c.centered ? " centered" : "")
           << (c.row_beta ? " row_beta" : "") << " observed " << int(c.observed) << " density " << c.density
           << " shift " << c.shift << " seed " << c.seed;
}

// The inputs of a case, its truth, and the error bound of each x.
struct Problem {
  Case c;
  Random random;
  Machine machine;
  States given;
  Buffer<float> row_beta;
  float beta;
  gx_rng rng;
  States observed, start;  // start: what the sample buffer holds before the call
  gx::reference::Layer truth;
  std::vector<double> bound;  // of x

  explicit Problem(const Case& c)
      : c(c),
        random(c.seed),
        machine(c.visible, c.hidden, c.values, c.centered, random, 1, c.shift),
        given(c.rows, c.in(), c.given_format, c.shift),
        row_beta(c.rows, c.shift),
        observed(c.observed == Observed::kPerRow ? c.rows : 1, c.out(), GX_BITS, c.shift),
        start(c.rows, c.out(), c.sample_format) {
    const bool integers = c.values == Values::kIntegers;
    for (int64_t r = 0; r < c.rows; ++r) {
      for (int64_t k = 0; k < c.in(); ++k) {
        if (!random.coin(c.density)) continue;
        given.set(r, k,
                  c.given_format == GX_BITS ? 1.0f
                  : integers                ? float(random.integer(1, 3))
                                            : float(random.real(0, 1)));
      }
      row_beta[r] = integers ? float(random.integer(-1, 2)) : float(random.real(-0.5, 1.5));
    }
    beta = integers ? 2.0f : 0.7f;
    rng = {random.next(), random.next() >> 8};
    observed.fill_binary(random, 0.5);
    start.fill_binary(random, 0.5);
    if (c.sample_format == GX_FLOAT32 && !integers) {
      for (int64_t r = 0; r < c.rows; ++r) start.set(r, 0, 0.25f);  // an intensity, to be kept where it is observed
    }
    const gx_rbm rbm = machine.view();
    gx_layer_sample_params params = entry();
    truth = gx::reference::layer_sample(rbm, params);

    // The sum of K products and a bias in any order errs by at most K + 1 roundings of the sum of magnitudes, the
    // effective bias by as many, and beta by one.
    const float* offset = c.target == GX_HIDDEN ? rbm.mu : rbm.lambda;
    const double roundings = double(offset ? 2 * c.in() : c.in()) + 3;
    const auto factor = [&](int64_t k, int64_t n) {
      return std::fabs(double(c.target == GX_HIDDEN ? machine.W[k * c.hidden + n] : machine.W[n * c.hidden + k]));
    };
    std::vector<double> base(size_t(c.out()), 0.0);
    for (int64_t n = 0; n < c.out(); ++n) {
      base[size_t(n)] = std::fabs(c.target == GX_HIDDEN ? machine.c[n] : machine.b[n]);
      for (int64_t k = 0; offset && k < c.in(); ++k) base[size_t(n)] += factor(k, n) * std::fabs(double(offset[k]));
    }
    for (int64_t r = 0; r < c.rows; ++r) {
      const double b = std::fabs(double(c.row_beta ? row_beta[r] : beta));
      for (int64_t n = 0; n < c.out(); ++n) {
        double magnitude = base[size_t(n)];
        for (int64_t k = 0; k < c.in(); ++k) magnitude += factor(k, n) * double(given.get(r, k));
        bound.push_back(integers ? 0 : roundings * kEps * b * magnitude);
      }
    }
  }

  gx_layer_sample_params entry() {
    gx_layer_sample_params p = {};
    p.target = c.target;
    p.given = given.view();
    p.beta = beta;
    p.row_beta = c.row_beta ? row_beta.data() : nullptr;
    p.rng = rng;
    return p;
  }
  bool is_observed(int64_t r, int64_t n) const {
    return c.observed != Observed::kNone && observed.get(c.observed == Observed::kShared ? 0 : r, n) != 0;
  }
};

struct Outputs {
  Buffer<float> x, p;
  States sample;

  explicit Outputs(const Problem& q)
      : x(q.c.rows * q.c.out(), q.c.shift), p(q.c.rows * q.c.out(), q.c.shift), sample(q.start.copy()) {
    // What a kernel must overwrite.
    std::fill(x.begin(), x.end(), NAN);
    std::fill(p.begin(), p.end(), NAN);
  }
};

// p may err by what x's error does to it, and by the promise of sigmoid, 3 ULP, of normal results.
double p_bound(double p, double x_bound) { return 0.25 * x_bound + 8 * kEps * p + 0x1p-126; }

// x, p and samples of one run against the truth of the problem. Counts the samples that rounding may decide.
void expect_true(const Problem& q, const Outputs& out, int64_t* undecided) {
  EXPECT_TRUE(within(out.x, q.truth.x, q.bound));
  EXPECT_TRUE(out.sample.padding_is_zero());
  for (int64_t r = 0; r < q.c.rows; ++r) {
    for (int64_t n = 0; n < q.c.out(); ++n) {
      const size_t at = size_t(r * q.c.out() + n);
      const double p = q.truth.p[at], off = p_bound(p, q.bound[at]);
      const float shown = out.p[int64_t(at)], sampled = out.sample.get(r, n), u = q.truth.uniform[at];
      if (q.is_observed(r, n)) {
        ASSERT_EQ(sampled, q.start.get(r, n)) << "observed unit " << r << ", " << n;
        ASSERT_EQ(shown, sampled) << "observed unit " << r << ", " << n;
        continue;
      }
      ASSERT_LE(std::fabs(shown - p), off) << "p " << shown << " of unit " << r << ", " << n << ", expected " << p;
      // The sample is that of the p shown, but where the last places of p decide.
      if (std::fabs(u - shown) > 8 * kEps * shown) {
        ASSERT_EQ(sampled, u < shown ? 1.0f : 0.0f)
            << "unit " << r << ", " << n << " with p " << shown << " and uniform " << u;
      }
      if (std::fabs(u - p) > off) {
        ASSERT_EQ(sampled, u < p ? 1.0f : 0.0f);
      } else {
        ++*undecided;
      }
    }
  }
}

// Runs a variant straight from the registry.
void run_variant(gx_device& device, Problem& q, const gx::LayerSampleVariant& variant, Outputs& out) {
  gx::Machine machine(device, q.machine.view());
  gx::LayerSample layer = machine.layer(q.c.target, *q.given.view());
  const gx_layer_sample_params params = q.entry();
  layer.beta = params.beta;
  layer.row_beta = params.row_beta;
  layer.stream =
      gx::philox_stream(q.rng.seed, q.rng.step, q.c.target == GX_HIDDEN ? GX_PURPOSE_HIDDEN : GX_PURPOSE_VISIBLE);
  layer.x = out.x.data();
  layer.p = out.p.data();
  gx::set_sample(layer, *out.sample.view());
  if (q.c.observed != Observed::kNone) {
    layer.observed = q.observed.raw.data();
    layer.observed_stride = q.c.observed == Observed::kShared ? 0 : words_of(q.c.out());
  }
  machine.for_each_tile_of(layer, variant.walk, variant.run);
}

std::vector<const gx::LayerSampleVariant*> variants_for(gx_format given) {
  int count;
  const gx::LayerSampleVariant* all = gx::layer_sample_variants(&count);
  std::vector<const gx::LayerSampleVariant*> fit;
  for (int i = 0; i < count; ++i) {
    const bool of_bits = all[i].walk == gx::Walk::kTables || all[i].walk == gx::Walk::kBitRows;
    if (gx::usable(all[i].line.isa) && of_bits == (given == GX_BITS)) fit.push_back(&all[i]);
  }
  return fit;
}

std::set<const gx::LayerSampleVariant*> ran;
void expect_all_ran() {
  for (const gx_format given : {GX_FLOAT32, GX_BITS}) {
    const auto fit = variants_for(given);
    EXPECT_GE(fit.size(), 2u * (1 + gx_cpu_isa()));
    for (const auto* v : fit) EXPECT_TRUE(ran.count(v)) << v->line.variant << ", instruction set " << v->line.isa;
  }
}

void expect_same_outputs(const Outputs& a, const Outputs& b) {
  EXPECT_TRUE(same_bits(a.x, b.x));
  EXPECT_TRUE(same_bits(a.p, b.p));
  EXPECT_TRUE(same_bits(a.sample.raw, b.sample.raw));
}

void test_case(gx_device& device, const Case& c, int64_t* samples, int64_t* undecided) {
  SCOPED_TRACE(testing::Message() << c);
  Problem q(c);
  const std::vector<float> W = q.machine.W.copy();
  const std::vector<uint32_t> given = q.given.raw.copy(), observed = q.observed.raw.copy();
  for (const gx::LayerSampleVariant* v : variants_for(c.given_format)) {
    SCOPED_TRACE(testing::Message() << v->line.variant << ", instruction set " << v->line.isa);
    Outputs once(q), again(q);
    device.threads = 1;
    run_variant(device, q, *v, once);
    expect_true(q, once, undecided);
    *samples += c.rows * c.out();
    device.threads = c.seed % 4 == 0 ? 2 : 1;
    run_variant(device, q, *v, again);
    expect_same_outputs(once, again);
    ran.insert(v);
  }
  if (c.observed == Observed::kNone) {
    Outputs once(q);
    gx_layer_sample_params params = q.entry();
    params.x = once.x.data();
    params.p = once.p.data();
    params.sample = once.sample.view();
    const gx_rbm rbm = q.machine.view();
    for (const int threads : {1, 2, 3, 5}) {
      device.threads = threads;
      Outputs out(q);
      params.x = out.x.data();
      params.p = out.p.data();
      params.sample = out.sample.view();
      ASSERT_OK(gx_rbm_layer_sample(&device, &rbm, &params));
      if (threads == 1) {
        expect_true(q, out, undecided);
        once = std::move(out);
      } else {
        expect_same_outputs(once, out);
      }
    }
    // Each output asked for alone is the output asked for with the others.
    for (int which = 0; which < 3; ++which) {
      Outputs out(q);
      params.x = which == 0 ? out.x.data() : nullptr;
      params.p = which == 1 ? out.p.data() : nullptr;
      params.sample = which == 2 ? out.sample.view() : nullptr;
      ASSERT_OK(gx_rbm_layer_sample(&device, &rbm, &params));
      EXPECT_TRUE(which != 0 || same_bits(once.x, out.x));
      EXPECT_TRUE(which != 1 || same_bits(once.p, out.p));
      EXPECT_TRUE(which != 2 || same_bits(once.sample.raw, out.sample.raw));
    }
  }
  EXPECT_TRUE(same_bits(W, q.machine.W.copy()));
  EXPECT_TRUE(same_bits(given, q.given.raw.copy()));
  EXPECT_TRUE(same_bits(observed, q.observed.raw.copy()));
}

// Every pair of sizes, the other properties in turn. Few samples may be within rounding of their threshold, or the test
// would not see what decides them.
void test_sizes(Values values) {
#if defined(__SANITIZE_ADDRESS__)
  const int64_t stride = quick() ? 31 : 5;
#else
  const int64_t stride = quick() ? 31 : 1;  // of all combinations; prime to the four of formats and targets
#endif
  Device device;
  Random random(20 + uint64_t(values));
  const std::vector<int64_t> rows = {0, 1, 2, 7, 8, 9, 100, 5, 6, 13};
  int64_t samples = 0, undecided = 0, at = int64_t(values);
  for (const int64_t visible : sizes()) {
    for (const int64_t hidden : sizes()) {
      for (const gx_layer target : {GX_VISIBLE, GX_HIDDEN}) {
        for (const gx_format given : {GX_FLOAT32, GX_BITS}) {
          if (++at % stride != 0) continue;
          Case c = {};
          c.visible = visible;
          c.hidden = hidden;
          c.rows = random.pick(rows);
          if (c.rows == 100 && visible * hidden > 64 * 64 && !random.coin(0.2)) c.rows = 8;
          c.target = target;
          c.given_format = given;
          c.sample_format = random.coin(0.5) ? GX_BITS : GX_FLOAT32;
          c.values = values;
          c.centered = random.coin(0.4);
          c.row_beta = random.coin(0.4);
          c.observed = Observed(random.integer(0, 2));
          c.density = random.pick(std::vector<double>{0, 0.1, 0.3, 0.6, 1});
          c.shift = random.integer(0, 3);
          c.seed = random.next();
          test_case(*device, c, &samples, &undecided);
          if (testing::Test::HasFatalFailure() || testing::Test::HasNonfatalFailure()) return;
        }
      }
    }
  }
  EXPECT_LT(double(undecided), 1e-3 * double(samples));
  expect_all_ran();
}

TEST(LayerSample, IntegersAreExactAtEverySize) { test_sizes(Values::kIntegers); }
TEST(LayerSample, RealsAreWithinRoundingAtEverySize) { test_sizes(Values::kReals); }

// Reproducer: tiles of 48 columns were read as 64, past the end of W. AddressSanitizer sees it.
TEST(LayerSample, ReadsNothingPastTheWeights) {
  Device device;
  int64_t samples = 0, undecided = 0;
  for (const int64_t hidden : {16, 32, 48, 80, 96, 112, 176}) {
    for (const int64_t visible : {32, 64, 128}) {
      for (const int64_t rows : {1, 3, 7, 8, 12}) {
        for (const gx_format given : {GX_FLOAT32, GX_BITS}) {
          for (const gx_layer target : {GX_VISIBLE, GX_HIDDEN}) {
            test_case(*device,
                      {visible, hidden, rows, target, given, GX_BITS, Values::kIntegers, false, false, Observed::kNone,
                       1.0, 0, 5},
                      &samples, &undecided);
          }
        }
      }
    }
  }
}

// Lists of nonzeros are made for a bounded number of rows at a time; later rows must find their own lists, random
// numbers and masks.
TEST(LayerSample, SparseStatesInSeveralBatchesOfRows) {
  Device device;
  int64_t samples = 0, undecided = 0;
  for (const Observed observed : {Observed::kNone, Observed::kShared, Observed::kPerRow}) {
    if (quick() && observed != Observed::kPerRow) continue;
    test_case(*device,
              {33001, 5, 150, GX_HIDDEN, GX_FLOAT32, GX_BITS, Values::kIntegers, false, true, observed, 0.02, 1, 11},
              &samples, &undecided);
  }
}

// More rows than one work item takes.
TEST(LayerSample, ManyRows) {
  Device device;
  int64_t samples = 0, undecided = 0;
  for (const gx_format given : {GX_FLOAT32, GX_BITS}) {
    test_case(*device,
              {9, 70, 2500, GX_HIDDEN, given, GX_BITS, Values::kIntegers, true, true, Observed::kNone, 0.5, 0, 12},
              &samples, &undecided);
    test_case(*device,
              {70, 33, 1025, GX_VISIBLE, given, GX_FLOAT32, Values::kReals, true, false, Observed::kPerRow, 0.5, 0, 13},
              &samples, &undecided);
  }
}

// p = 0 never fires, p = 1 always does.
TEST(LayerSample, SaturatedUnitsAreCertain) {
  Device device;
  Random random(3);
  Machine machine(2, 130, Values::kIntegers, false, random);
  std::fill(machine.W.begin(), machine.W.end(), 0.0f);
  for (int64_t j = 0; j < 130; ++j) machine.c[j] = j % 2 ? 200.0f : -200.0f;
  const gx_rbm rbm = machine.view();
  States given(400, 2, GX_BITS), sample(400, 130, GX_BITS);
  Buffer<float> p(400 * 130);
  gx_layer_sample_params params = {};
  params.target = GX_HIDDEN;
  params.given = given.view();
  params.beta = 1;
  params.rng = {1, 2};
  params.p = p.data();
  params.sample = sample.view();
  ASSERT_OK(gx_rbm_layer_sample(device, &rbm, &params));
  for (int64_t r = 0; r < 400; ++r) {
    for (int64_t j = 0; j < 130; ++j) {
      ASSERT_EQ(sample.get(r, j), float(j % 2));
      ASSERT_EQ(p[r * 130 + j], float(j % 2));
    }
  }
}

// The same at the ends of the uniform numbers: this seed draws exactly 0 for unit 2 at one step, and the greatest
// number below 1 for unit 34 at another.
TEST(LayerSample, TheEndsOfTheUniformNumbers) {
  const Device device(1);
  Random random(3);
  Machine machine(2, 64, Values::kIntegers, false, random);
  std::fill(machine.W.begin(), machine.W.end(), 0.0f);
  const gx_rbm rbm = machine.view();
  const States given(1, 2, GX_BITS);
  const auto sample_at = [&](float x, uint64_t step, int64_t unit, float uniform) {
    EXPECT_EQ(gx::uniform_of_word(gx::philox_word(gx::philox_stream(1, step, GX_PURPOSE_HIDDEN), 0, unit)), uniform);
    std::fill(machine.c.begin(), machine.c.end(), x);
    const States sample(1, 64, GX_BITS);
    gx_layer_sample_params params = {};
    params.target = GX_HIDDEN;
    params.given = given.view();
    params.beta = 1;
    params.rng = {1, step};
    params.sample = sample.view();
    EXPECT_OK(gx_rbm_layer_sample(device, &rbm, &params));
    return sample.get(0, unit);
  };
  for (const float x : {-1000.0f, -200.0f, -89.0f, -INFINITY}) EXPECT_EQ(sample_at(x, 205673, 2, 0), 0) << x;  // p = 0
  for (const float x : {-80.0f, -20.0f, 0.0f, 200.0f}) EXPECT_EQ(sample_at(x, 205673, 2, 0), 1) << x;
  constexpr float kMost = 1 - 0x1p-24f;
  for (const float x : {-5.0f, 0.0f, 16.0f}) EXPECT_EQ(sample_at(x, 374007, 34, kMost), 0) << x;
  for (const float x : {18.0f, 100.0f, INFINITY})
    EXPECT_EQ(sample_at(x, 374007, 34, kMost), 1) << x;  // p = 1 in float32
}

// The step and the seed name the stream in all of their 56 and 64 bits.
TEST(LayerSample, DrawsDependOnEveryBitOfTheStream) {
  Device device;
  Random random(4);
  Machine machine(3, 64, Values::kReals, false, random);
  const gx_rbm rbm = machine.view();
  States given(4, 3, GX_BITS);
  std::set<std::vector<uint32_t>> seen;
  std::vector<gx_rng> streams = {{0, 0}};
  for (int bit = 0; bit < 64; ++bit) streams.push_back({uint64_t(1) << bit, 0});
  for (int bit = 0; bit < 56; ++bit) streams.push_back({0, uint64_t(1) << bit});
  for (const gx_rng& rng : streams) {
    States sample(4, 64, GX_BITS);
    gx_layer_sample_params params = {};
    params.target = GX_HIDDEN;
    params.given = given.view();
    params.beta = 1;
    params.rng = rng;
    params.sample = sample.view();
    ASSERT_OK(gx_rbm_layer_sample(device, &rbm, &params));
    EXPECT_TRUE(seen.insert(sample.raw.copy()).second) << "seed " << rng.seed << " step " << rng.step;
  }
}

// One row of a batch draws what it draws alone at its place: sampling twice as many rows keeps the first half.
TEST(LayerSample, RowsDoNotDependOnTheirBatch) {
  Device device;
  Problem big({40, 70, 64, GX_HIDDEN, GX_BITS, GX_BITS, Values::kIntegers, false, false, Observed::kNone, 0.5, 0, 6});
  Outputs all(big);
  gx_layer_sample_params params = big.entry();
  params.sample = all.sample.view();
  const gx_rbm rbm = big.machine.view();
  ASSERT_OK(gx_rbm_layer_sample(device, &rbm, &params));
  for (const int64_t rows : {1, 7, 8, 33}) {
    gx_states given = *big.given.view();
    given.rows = rows;
    States sample(rows, 70, GX_BITS);
    params.given = &given;
    params.sample = sample.view();
    ASSERT_OK(gx_rbm_layer_sample(device, &rbm, &params));
    for (int64_t i = 0; i < sample.raw.size(); ++i) ASSERT_EQ(sample.raw[i], all.sample.raw[i]);
  }
}

// A test of this test: one weight turned over, one sample turned over, a NaN, or nothing written at all must be seen.
TEST(LayerSample, TheComparisonSeesWrongResults) {
  Device device;
  Problem q({33, 65, 9, GX_HIDDEN, GX_BITS, GX_BITS, Values::kReals, false, false, Observed::kNone, 0.5, 0, 8});
  const auto& variant = *variants_for(GX_BITS).front();
  Outputs good(q);
  run_variant(*device, q, variant, good);
  ASSERT_TRUE(within(good.x, q.truth.x, q.bound));

  q.machine.W[17 * 65 + 64] *= -1;
  Outputs bad(q);
  run_variant(*device, q, variant, bad);
  EXPECT_FALSE(within(bad.x, q.truth.x, q.bound));

  std::vector<float> x = good.x.copy();
  x.back() = NAN;
  EXPECT_FALSE(within(x, q.truth.x, q.bound));
  x.back() = float(q.truth.x.back() + 2 * q.bound.back() + 4e-7);
  EXPECT_FALSE(within(x, q.truth.x, q.bound));
  std::fill(x.begin(), x.end(), 0.0f);
  EXPECT_FALSE(within(x, q.truth.x, 1e9));
  x.pop_back();
  EXPECT_FALSE(within(x, q.truth.x, q.bound));
}

}  // namespace
}  // namespace gx::test::gibbs
