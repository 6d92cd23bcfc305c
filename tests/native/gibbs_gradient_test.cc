// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Contrastive divergence statistics against the double reference, for every variant and every walk of the transposed
// states.

#include <set>

#include "gibbs_support.h"
#include "kernels/gibbs/gradient/gradient.h"
#include "kernels/gibbs/gradient/reference.h"
#include "kernels/gibbs/product/tiles.h"
#include "kernels/gibbs/product/transposed_states.h"

namespace gx::test::gibbs {
namespace {

struct Trial {
  int64_t visible, hidden, data_rows, model_rows;
  gx_format data_format, model_format;
  Values values;
  bool centered;
  double density;
  int64_t shift;
  uint64_t seed;
};

std::ostream& operator<<(std::ostream& o, const Trial& s) {
  return o << s.visible << "x" << s.hidden << " rows " << s.data_rows << ", " << s.model_rows << " formats "
           << s.data_format << ", " << s.model_format << (s.values == Values::kIntegers ? " integers" : " reals")
           << (s.centered ? " centered" : "") << " density " << s.density << " seed " << s.seed;
}

struct Inputs {
  Trial s;
  Random random;
  Machine machine;
  States data_v, model_v;
  Buffer<float> data_h, model_h;

  explicit Inputs(const Trial& s)
      : s(s),
        random(s.seed),
        machine(s.visible, s.hidden, s.values, s.centered, random, 1, s.shift),
        data_v(s.data_rows, s.visible, s.data_format, s.shift),
        model_v(s.model_rows, s.visible, s.model_format, s.shift),
        data_h(s.data_rows * s.hidden, s.shift),
        model_h(s.model_rows * s.hidden, s.shift) {
    const bool integers = s.values == Values::kIntegers;
    for (States* v : {&data_v, &model_v}) {
      for (int64_t r = 0; r < v->rows; ++r) {
        for (int64_t i = 0; i < s.visible; ++i) {
          if (random.coin(s.density)) v->set(r, i, integers ? float(random.integer(1, 2)) : float(random.real(0, 1)));
        }
      }
    }
    for (Buffer<float>* h : {&data_h, &model_h}) {
      for (float& x : *h) x = integers ? float(random.integer(0, 2)) : float(random.real(0, 1));
    }
  }
};

struct Results {
  Buffer<float> dW, db, dc, mean_v, mean_h;
  explicit Results(const Trial& s)
      : dW(s.visible * s.hidden, s.shift),
        db(s.visible, s.shift),
        dc(s.hidden, s.shift),
        mean_v(s.visible, s.shift),
        mean_h(s.hidden, s.shift) {
    for (Buffer<float>* a : all()) std::fill(a->begin(), a->end(), NAN);
  }
  std::vector<Buffer<float>*> all() { return {&dW, &db, &dc, &mean_v, &mean_h}; }
};

gx_gradient_params entry(const Inputs& in, Results& out) {
  return {in.data_v.view(), in.data_h.data(), in.model_v.view(), in.model_h.data(), out.dW.data(),
          out.db.data(),    out.dc.data(),    out.mean_v.data(), out.mean_h.data()};
}

// Error bounds. A side's sum of products errs by a rounding per sample of the sum of magnitudes; the means are summed
// in double.
struct Bounds {
  std::vector<double> dW, db, dc, mean_v, mean_h;

  Bounds(const Inputs& in, bool exact) {
    const Trial& s = in.s;
    std::vector<double> products(size_t(s.visible * s.hidden), 0.0), v_mean(size_t(s.visible), 0.0),
        h_mean(size_t(s.hidden), 0.0);
    const auto add = [&](const States& v, const Buffer<float>& h) {
      const double n = double(v.rows), roundings = n + 4;
      for (int64_t r = 0; r < v.rows; ++r) {
        for (int64_t i = 0; i < s.visible; ++i) {
          v_mean[size_t(i)] += v.get(r, i) / n;
          for (int64_t j = 0; j < s.hidden; ++j) {
            products[size_t(i * s.hidden + j)] += roundings * std::fabs(double(v.get(r, i)) * h[r * s.hidden + j]) / n;
          }
        }
        for (int64_t j = 0; j < s.hidden; ++j) h_mean[size_t(j)] += std::fabs(h[r * s.hidden + j]) / n;
      }
    };
    add(in.data_v, in.data_h);
    add(in.model_v, in.model_h);
    const double eps = exact ? 0 : kEps;
    for (int64_t i = 0; i < s.visible; ++i) {
      db.push_back(eps * 2 * v_mean[size_t(i)]);
      for (int64_t j = 0; j < s.hidden; ++j) {
        const double mu = s.centered ? std::fabs(in.machine.mu[i]) : 0,
                     lambda = s.centered ? std::fabs(in.machine.lambda[j]) : 0;
        dW.push_back(eps *
                     (products[size_t(i * s.hidden + j)] + 8 * (mu * h_mean[size_t(j)] + lambda * v_mean[size_t(i)])));
      }
    }
    for (int64_t j = 0; j < s.hidden; ++j) dc.push_back(eps * 2 * h_mean[size_t(j)]);
    mean_v = db;
    mean_h = dc;
  }
};

void expect_true(const Results& got, const gx::reference::GradientResult& want, const Bounds& bound) {
  EXPECT_TRUE(within(got.dW, want.dW, bound.dW)) << "dW";
  EXPECT_TRUE(within(got.db, want.db, bound.db)) << "db";
  EXPECT_TRUE(within(got.dc, want.dc, bound.dc)) << "dc";
  EXPECT_TRUE(within(got.mean_v, want.mean_v, bound.mean_v)) << "mean_v";
  EXPECT_TRUE(within(got.mean_h, want.mean_h, bound.mean_h)) << "mean_h";
}

bool power_of_two(int64_t n) { return (n & (n - 1)) == 0; }

std::set<gx::Walk> walks;

// A variant straight from the registry, fed as the entry feeds it. db and mean_v are not its work: they are taken from
// `entry_result`.
void run_variant(gx_device& device, const Inputs& in, const gx::GradientVariant& variant, const Results& entry_result,
                 Results& out) {
  const gx_rbm rbm = in.machine.view();
  gx::Workspace workspace(device);
  gx::Gradient g = {};
  g.visible = rbm.visible;
  g.hidden = rbm.hidden;
  g.mu = rbm.mu;
  g.lambda = rbm.lambda;
  g.db = entry_result.db.data();
  g.dW = out.dW.data();
  g.dc = out.dc.data();
  g.mean_h = out.mean_h.data();
  g.data = {{}, {}, in.data_h.data(), in.s.data_rows};
  g.model = {{}, {}, in.model_h.data(), in.s.model_rows};
  g.data.v = gx::transposed_states(workspace, 1, *in.data_v.view(), &g.data.walk);
  g.model.v = gx::transposed_states(workspace, 1, *in.model_v.view(), &g.model.walk);
  walks.insert({g.data.walk, g.model.walk});
  const gx::Tiles tiles(g.visible, g.hidden, 1);
  const gx::TileScratch scratch(workspace, tiles, 1, 2);
  gx::for_each_tile(tiles, 1, [&](int64_t tile, int64_t m0, int64_t m1, int t) {
    variant.run(g, tile, m0, m1, scratch.product(t), scratch.sums(t, 0), scratch.sums(t, 1));
  });
  std::copy(entry_result.db.begin(), entry_result.db.end(), out.db.begin());
  std::copy(entry_result.mean_v.begin(), entry_result.mean_v.end(), out.mean_v.begin());
}

void test_trial(gx_device* device, const Trial& s) {
  SCOPED_TRACE(testing::Message() << s);
  const Inputs in(s);
  const gx_rbm rbm = in.machine.view();
  Results first(s);
  gx_gradient_params params = entry(in, first);
  const auto want = gx::reference::gradient(rbm, params);
  const Bounds bound(in, s.values == Values::kIntegers && power_of_two(s.data_rows) && power_of_two(s.model_rows));
  for (const int32_t threads : thread_counts()) {
    if (threads > 1 && s.seed % 4 != 0) break;
    ASSERT_OK(gx_device_set_threads(device, threads));
    Results got(s);
    params = entry(in, got);
    ASSERT_OK(gx_rbm_gradient(device, &rbm, &params));
    expect_true(got, want, bound);
    if (threads == 1) {
      first = std::move(got);
    } else {
      for (size_t i = 0; i < 5; ++i)
        EXPECT_TRUE(same_bits(*got.all()[i], *first.all()[i])) << i << ", threads " << threads;
    }
  }
  int count;
  const gx::GradientVariant* variants = gx::gradient_variants(&count);
  for (int i = 0; i < count; ++i) {
    if (!gx::usable(variants[i].line.isa)) continue;
    SCOPED_TRACE(variants[i].line.isa);
    Results got(s);
    run_variant(*device, in, variants[i], first, got);
    expect_true(got, want, bound);
  }
  // Without the means, the rest is the same.
  Results bare(s);
  params = entry(in, bare);
  params.mean_v = params.mean_h = nullptr;
  ASSERT_OK(gx_rbm_gradient(device, &rbm, &params));
  EXPECT_TRUE(same_bits(bare.dW, first.dW));
  EXPECT_TRUE(same_bits(bare.db, first.db));
  EXPECT_TRUE(same_bits(bare.dc, first.dc));
}

TEST(Gradient, EqualsTheReferenceAtEverySize) {
  const Device device(1);
  Random random(30);
  const std::vector<int64_t> rows = {1, 2, 8, 15, 16, 17, 31, 32, 33, 64, 100, 128, 129, 150};
  for (const int64_t visible : sizes()) {
    for (const int64_t hidden : sizes()) {
      if (random.coin(quick() ? 0.95 : 0.6)) continue;
      Trial s = {};
      s.visible = visible;
      s.hidden = hidden;
      s.data_rows = random.pick(rows);
      s.model_rows = random.coin(0.3) ? s.data_rows : random.pick(rows);
      s.data_format = random.coin(0.5) ? GX_BITS : GX_FLOAT32;
      s.model_format = random.coin(0.5) ? GX_BITS : GX_FLOAT32;
      s.values = random.coin(0.5) ? Values::kIntegers : Values::kReals;
      s.centered = random.coin(0.5);
      s.density = random.pick(std::vector<double>{0.05, 0.3, 0.8});
      s.shift = random.integer(0, 3);
      s.seed = random.next();
      test_trial(device, s);
      if (testing::Test::HasFailure()) return;
    }
  }
  EXPECT_EQ(walks, (std::set<gx::Walk>{gx::Walk::kTables, gx::Walk::kSparse, gx::Walk::kDense}));
}

// Several tiles of hidden units times several chunks of visible ones.
TEST(Gradient, OfManyVisibleUnits) {
  const Device device(1);
  for (const gx_format format : {GX_FLOAT32, GX_BITS}) {
    for (const double density : {0.1, 0.7}) {
      test_trial(device, {1500, 70, 64, 32, format, format, Values::kIntegers, true, density, 0, 4});
    }
  }
}

// Oracle 11: turning every visible unit over, with its offset, turns the gradient over.
TEST(Gradient, OfFlippedDataIsMirrored) {
  const Device device(2);
  Random random(31);
  Machine machine(40, 30, Values::kIntegers, true, random);
  Machine mirrored(40, 30, Values::kIntegers, true, random);
  for (int64_t i = 0; i < 40; ++i) machine.mu[i] = float(random.integer(0, 4)) / 4, mirrored.mu[i] = 1 - machine.mu[i];
  for (int64_t j = 0; j < 30; ++j) mirrored.lambda[j] = machine.lambda[j] = float(random.integer(0, 4)) / 4;
  const Trial s = {40, 30, 64, 32, GX_BITS, GX_BITS, Values::kIntegers, true, 0.3, 0, 9};
  Inputs in(s), flipped(s);
  for (States* v : {&flipped.data_v, &flipped.model_v}) {
    for (int64_t r = 0; r < v->rows; ++r) {
      for (int64_t i = 0; i < 40; ++i) v->set(r, i, 1 - v->get(r, i));
    }
  }
  Results a(s), b(s);
  const gx_rbm rbm = machine.view(), mirror = mirrored.view();
  gx_gradient_params params = entry(in, a);
  ASSERT_OK(gx_rbm_gradient(device, &rbm, &params));
  params = entry(flipped, b);
  ASSERT_OK(gx_rbm_gradient(device, &mirror, &params));
  for (Buffer<float>* x : {&b.dW, &b.db}) {
    for (float& e : *x) e = -e;
  }
  EXPECT_TRUE(close(b.dW, a.dW));
  EXPECT_TRUE(close(b.db, a.db));
  EXPECT_TRUE(close(b.dc, a.dc));
}

// Oracle 6: with exact expectations the statistics are the gradient of the mean log-likelihood, centered or not. At W =
// 0 and b = 0 the model's visible states are uniform, so that all of them, once each, are its exact batch.
TEST(Gradient, IsTheSlopeOfTheLogLikelihood) {
  const Device device(2);
  for (const bool centered : {false, true}) {
    SCOPED_TRACE(centered);
    Random random(32);
    constexpr int64_t kVisible = 5, kHidden = 4, kRows = 6;
    Machine machine(kVisible, kHidden, Values::kReals, centered, random);
    std::fill(machine.W.begin(), machine.W.end(), 0.0f);
    std::fill(machine.b.begin(), machine.b.end(), 0.0f);
    States data(kRows, kVisible, GX_BITS), model = all_states(kVisible, GX_BITS);
    data.fill_binary(random, 0.4);
    Buffer<float> data_h(kRows * kHidden), model_h(model.rows * kHidden), dW(kVisible * kHidden), db(kVisible),
        dc(kHidden);
    for (int64_t at = 0; at < data_h.size(); ++at) data_h[at] = float(sigmoid(machine.c[at % kHidden]));
    for (int64_t at = 0; at < model_h.size(); ++at) model_h[at] = float(sigmoid(machine.c[at % kHidden]));
    const gx_rbm rbm = machine.view();
    const gx_gradient_params params = {data.view(), data_h.data(), model.view(), model_h.data(), dW.data(),
                                       db.data(),   dc.data(),     nullptr,      nullptr};
    ASSERT_OK(gx_rbm_gradient(device, &rbm, &params));
    const auto mean_log_likelihood = [&] {
      const Plain plain(machine.view());
      double sum = 0;
      for (int64_t r = 0; r < kRows; ++r) sum += plain.log_weight(data.code(r));
      return sum / kRows - plain.log_partition();
    };
    const auto expect_slope = [&](const Buffer<float>& parameter, const Buffer<float>& gradient) {
      for (int64_t i = 0; i < parameter.size(); ++i) {
        constexpr float kStep = 0x1p-10f;  // exact in float; the third derivative leaves an error of 1e-7
        const float kept = parameter[i];
        parameter[i] = kept + kStep;
        const double up = parameter[i], high = mean_log_likelihood();
        parameter[i] = kept - kStep;
        const double down = parameter[i], low = mean_log_likelihood();
        parameter[i] = kept;
        EXPECT_NEAR(gradient[i], (high - low) / (up - down), 1e-6) << i;
      }
    };
    expect_slope(machine.W, dW);
    expect_slope(machine.b, db);
    expect_slope(machine.c, dc);
  }
}

// A test of these tests: a state or a probability turned over is seen.
TEST(Gradient, TheComparisonSeesWrongResults) {
  const Device device(1);
  const Trial s = {33, 65, 40, 32, GX_BITS, GX_FLOAT32, Values::kReals, true, 0.4, 0, 10};
  Inputs in(s);
  Results got(s);
  const gx_rbm rbm = in.machine.view();
  gx_gradient_params params = entry(in, got);
  const auto want = gx::reference::gradient(rbm, params);
  const Bounds bound(in, false);
  in.data_v.set(39, 32, 1 - in.data_v.get(39, 32));
  ASSERT_OK(gx_rbm_gradient(device, &rbm, &params));
  EXPECT_FALSE(within(got.dW, want.dW, bound.dW));
  EXPECT_FALSE(within(got.db, want.db, bound.db));
  EXPECT_TRUE(within(got.dc, want.dc, bound.dc));
  in.data_v.set(39, 32, 1 - in.data_v.get(39, 32));
  in.model_h[31 * 65 + 64] += 0.01f;
  ASSERT_OK(gx_rbm_gradient(device, &rbm, &params));
  EXPECT_FALSE(within(got.dW, want.dW, bound.dW));
  EXPECT_FALSE(within(got.dc, want.dc, bound.dc));
}

TEST(TransposeBits, SwapsRowsAndColumns) {
  Random random(33);
  uint32_t square[32], turned[32];
  for (uint32_t& word : square) word = uint32_t(random.next());
  std::copy(square, square + 32, turned);
  gx::transpose_bits(turned);
  for (int r = 0; r < 32; ++r) {
    for (int c = 0; c < 32; ++c) ASSERT_EQ(square[r] >> c & 1, turned[c] >> r & 1);
  }
}

}  // namespace
}  // namespace gx::test::gibbs
