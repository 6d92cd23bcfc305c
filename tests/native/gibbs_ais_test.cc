// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Annealed importance sampling: the log-weight of a path, the path itself, and E[exp(log w)] = Z_1 / Z_0 (oracles 9 and
// 10).

#include "gibbs_support.h"
#include "kernels/gibbs/ais/ais.h"
#include "kernels/gibbs/machine.h"
#include "runtime/philox.h"

namespace gx::test::gibbs {
namespace {

long double softplus_l(long double x) { return std::max(x, 0.0L) + std::log1p(std::exp(-std::fabs(x))); }

// A machine between its base and itself, in long double, so that differences of neighbouring temperatures keep their
// digits.
struct Path {
  Plain plain;
  std::vector<double> a;

  Path(const Machine& machine, const Buffer<float>& base) : plain(machine.view()), a(base.begin(), base.end()) {}

  // log p*_to(v) - log p*_from(v)
  long double step(const States& v, int64_t row, double to, double from) const {
    const long double t = to, f = from;
    long double sum = 0;
    for (int64_t i = 0; i < plain.visible; ++i)
      sum += v.get(row, i) * (t - f) * ((long double)plain.b[size_t(i)] - a[size_t(i)]);
    for (int64_t j = 0; j < plain.hidden; ++j) {
      const long double x = field(v, row, j);
      sum += softplus_l(t * x) - softplus_l(f * x);
    }
    return sum;
  }
  // The size of what step() adds up, per unit of beta: every term of it is a difference of betas times at most this.
  double size(const States& v, int64_t row) const {
    double sum = 0;
    for (int64_t i = 0; i < plain.visible; ++i)
      sum += v.get(row, i) * (std::fabs(plain.b[size_t(i)]) + std::fabs(a[size_t(i)]));
    for (int64_t j = 0; j < plain.hidden; ++j) {
      double magnitude = std::fabs(plain.c[size_t(j)]) + 1;
      for (int64_t i = 0; i < plain.visible; ++i) magnitude += v.get(row, i) * std::fabs(plain.w(i, j));
      sum += magnitude;
    }
    return sum;
  }
  double field(const States& v, int64_t row, int64_t j) const {
    double x = plain.c[size_t(j)];
    for (int64_t i = 0; i < plain.visible; ++i) x += v.get(row, i) * plain.w(i, j);
    return x;
  }
  double base_log_z() const {
    double z = double(plain.hidden) * std::log(2.0);
    for (const double x : a) z += softplus(x);
    return z;
  }
};

Buffer<float> base_biases(int64_t visible, Random& random) {
  Buffer<float> base(visible, 1);
  for (float& x : base) x = float(random.real(-1, 1));
  return base;
}

std::vector<double> anneal(gx_device* device, const Machine& machine, const Buffer<float>& base,
                           const std::vector<double>& betas, bool from_base, gx_rng rng, const States& v) {
  Guarded<double> log_weights(v.rows);
  const gx_rbm rbm = machine.view();
  const gx_ais_params params = {betas.data(), int64_t(betas.size()), base.data(), from_base, rng,
                                v.view(),     log_weights.data()};
  EXPECT_OK(gx_rbm_ais(device, &rbm, &params));
  return log_weights.values();
}

// Roundings that one float sum of this machine takes, and the functions after it.
double roundings(const Machine& m) { return double(m.centered ? 2 * (m.visible + m.hidden) : m.visible) + 24; }

TEST(Ais, TwoTemperaturesAreAClosedForm) {
  const Device device(1);
  Random random(80);
  for (const int64_t visible : {1, 3, 32, 33, 65, 130}) {
    for (const int64_t hidden : {1, 2, 31, 64, 65, 100}) {
      for (const gx_format format : {GX_BITS, GX_FLOAT32}) {
        const Machine machine(visible, hidden, Values::kReals, random.coin(0.5), random, 0.5, 1);
        const Buffer<float> base = base_biases(visible, random);
        const Path path(machine, base);
        const int64_t rows = random.pick(std::vector<int64_t>{1, 7, 8, 30});
        States v(rows, visible, format, 1);
        const gx_rng rng = {random.next(), random.next() >> 9};
        const std::vector<double> got = anneal(device, machine, base, {0, 1}, true, rng, v);
        EXPECT_TRUE(v.padding_is_zero());
        const gx::PhiloxStream stream = gx::philox_stream(rng.seed, rng.step, GX_PURPOSE_BASE);
        std::vector<double> want, bound;
        for (int64_t r = 0; r < rows; ++r) {
          want.push_back(double(path.step(v, r, 1, 0)));
          bound.push_back(roundings(machine) * kEps * path.size(v, r));
          for (int64_t i = 0; i < visible; ++i) {
            const double p = sigmoid(base[i]), u = gx::uniform_of_word(gx::philox_word(stream, r, i));
            ASSERT_GT(std::fabs(u - p), 8 * kEps);
            ASSERT_EQ(v.get(r, i), u < p ? 1.0f : 0.0f);
          }
        }
        EXPECT_TRUE(within(got, want, bound)) << visible << "x" << hidden;
        // Back again from where it came: the same weight with the other sign, and the states as they are.
        const States kept = v.copy();
        const std::vector<double> back = anneal(device, machine, base, {1, 0}, false, rng, v);
        for (double& w : want) w = -w;
        EXPECT_TRUE(within(back, want, bound));
        EXPECT_TRUE(same_bits(v.raw, kept.raw));
      }
    }
  }
}

// Oracle 9, without chance: with two temperatures the base's probabilities weight every start, so that the expectation
// is a sum.
TEST(Ais, TwoTemperaturesAreUnbiasedExactly) {
  const Device device(1);
  Random random(81);
  for (int64_t visible = 1; visible <= 4; ++visible) {
    for (const bool reverse : {false, true}) {
      const Machine machine(visible, 4, Values::kReals, true, random, 2);
      const Buffer<float> base = base_biases(visible, random);
      const Path path(machine, base);
      const States v = all_states(visible, GX_BITS);
      const std::vector<double> log_w = anneal(
          device, machine, base, reverse ? std::vector<double>{1, 0} : std::vector<double>{0, 1}, false, {1, 2}, v);
      const std::vector<double> target = path.plain.distribution();
      double mean = 0;
      for (int64_t r = 0; r < v.rows; ++r) {
        double p = 1;
        for (int64_t i = 0; i < visible; ++i) p *= v.get(r, i) != 0 ? sigmoid(base[i]) : 1 - sigmoid(base[i]);
        mean += (reverse ? target[size_t(r)] : p) * std::exp(log_w[size_t(r)]);
      }
      const double ratio = path.plain.log_partition() - path.base_log_z();
      EXPECT_NEAR(std::log(mean), reverse ? -ratio : ratio, 200 * kEps) << visible;
    }
  }
}

struct Schedule {
  const char* name;
  std::vector<double> betas;
};
std::vector<Schedule> schedules() {
  const auto between = [](double from, double to, int count) {
    std::vector<double> betas;
    for (int k = 0; k < count; ++k) betas.push_back(from + (to - from) * k / (count - 1));
    return betas;
  };
  return {{"even", between(0, 1, 6)},
          {"backward", between(1, 0, 6)},
          {"repeated", {0, 0, 0.3, 0.3, 0.3, 1, 1}},
          {"short", {0, 1e-4, 2e-4, 3.5e-4}},
          {"tiny steps", {0.5, 0.5 + 1e-9, 0.5 + 2e-9, 0.5 + 2.5e-9}},
          {"tiny steps down", {0.9, 0.9 - 1e-7, 0.9 - 1.1e-7}},
          {"from inside", {0.2, 0.6, 0.7}}};
}

// The path comes out of runs whose schedule ends early: a run of k temperatures leaves the states that the k-th weight
// is made of. Each step must be the Gibbs step at its temperature, and each weight must keep its precision however near
// the temperatures are.
TEST(Ais, WeightsAreThoseOfThePath) {
  const Device device(1);
  Random random(82);
  for (const Schedule& schedule : schedules()) {
    for (const auto& [visible, hidden] :
         std::vector<std::pair<int64_t, int64_t>>{{6, 5}, {33, 70}, {100, 17}, {70, 128}}) {
      SCOPED_TRACE(testing::Message() << schedule.name << ", " << visible << "x" << hidden);
      const Machine machine(visible, hidden, Values::kReals, random.coin(0.5), random, 0.5);
      const Buffer<float> base = base_biases(visible, random);
      const Path path(machine, base);
      constexpr int64_t kRows = 11;
      const bool from_base = schedule.betas[0] == 0;
      States start(kRows, visible, random.coin(0.5) ? GX_BITS : GX_FLOAT32);
      start.fill_binary(random, 0.5);
      const gx_rng rng = {random.next(), 7};
      std::vector<States> v;  // v[k]: the states before weight k + 1
      std::vector<double> log_w;
      for (size_t count = 2; count <= schedule.betas.size(); ++count) {
        v.push_back(start.copy());
        log_w = anneal(device, machine, base, {schedule.betas.begin(), schedule.betas.begin() + int64_t(count)},
                       from_base, rng, v.back());
      }
      std::vector<double> want(kRows, 0.0), bound(kRows, 0.0);
      for (size_t k = 1; k < schedule.betas.size(); ++k) {
        const double to = schedule.betas[k], from = schedule.betas[k - 1];
        for (int64_t r = 0; r < kRows; ++r) {
          want[size_t(r)] += double(path.step(v[k - 1], r, to, from));
          // The difference of two doubles near 1 is exact, so all error is relative to it.
          bound[size_t(r)] += std::fabs(to - from) * roundings(machine) * kEps * path.size(v[k - 1], r);
        }
      }
      EXPECT_TRUE(within(log_w, want, bound));

      // The steps of the path, replayed with the same random numbers.
      for (size_t k = 1; k + 1 < schedule.betas.size(); ++k) {
        const double beta = schedule.betas[k];
        const gx::PhiloxStream up = gx::philox_stream(rng.seed, rng.step + k, GX_PURPOSE_HIDDEN);
        const gx::PhiloxStream down = gx::philox_stream(rng.seed, rng.step + k, GX_PURPOSE_VISIBLE);
        for (int64_t r = 0; r < kRows; ++r) {
          std::vector<bool> h;
          for (int64_t j = 0; j < hidden; ++j) {
            const double p = sigmoid(beta * path.field(v[k - 1], r, j)),
                         u = gx::uniform_of_word(gx::philox_word(up, r, j));
            ASSERT_GT(std::fabs(u - p), 1e-6) << "rounding decides; take another seed";
            h.push_back(u < p);
          }
          for (int64_t i = 0; i < visible; ++i) {
            double y = path.plain.b[size_t(i)];
            for (int64_t j = 0; j < hidden; ++j) y += h[size_t(j)] ? path.plain.w(i, j) : 0;
            const double p = sigmoid(beta * y + (1 - beta) * path.a[size_t(i)]),
                         u = gx::uniform_of_word(gx::philox_word(down, r, i));
            ASSERT_GT(std::fabs(u - p), 1e-6) << "rounding decides; take another seed";
            ASSERT_EQ(v[k].get(r, i), u < p ? 1.0f : 0.0f) << "step " << k << ", row " << r << ", unit " << i;
          }
        }
      }
    }
  }
}

// Thread counts and formats do not show.
TEST(Ais, IsTheSameForEveryThreadCountAndFormat) {
  const Device device(1);
  Random random(83);
  const Machine machine(70, 130, Values::kReals, true, random, 0.3);
  const Buffer<float> base = base_biases(70, random);
  States v(40, 70, GX_BITS);
  const std::vector<double> betas = {0, 0.1, 0.5, 0.7, 1};
  const std::vector<double> first = anneal(device, machine, base, betas, true, {5, 6}, v);
  for (const gx_format format : {GX_BITS, GX_FLOAT32}) {
    for (const int32_t threads : thread_counts()) {
      ASSERT_OK(gx_device_set_threads(device, threads));
      States other(40, 70, format);
      other.fill_binary(random, 0.5);  // a start from the base does not read it
      EXPECT_TRUE(same_bits(anneal(device, machine, base, betas, true, {5, 6}, other), first));
      EXPECT_TRUE(same_bits(other.as(GX_BITS).raw, v.raw));
    }
  }
}

// Oracle 10: from a machine to itself the weight is 1 for every path, whatever the schedule.
TEST(Ais, BetweenEqualsHasNoVariance) {
  const Device device(2);
  Random random(84);
  Machine machine(40, 30, Values::kReals, false, random);
  std::fill(machine.W.begin(), machine.W.end(), 0.0f);
  std::fill(machine.c.begin(), machine.c.end(), 0.0f);
  Buffer<float> base(40);
  std::copy(machine.b.begin(), machine.b.end(), base.begin());
  for (const Schedule& schedule : schedules()) {
    States v(50, 40, GX_BITS);
    for (const double w : anneal(device, machine, base, schedule.betas, schedule.betas[0] == 0, {1, 1}, v))
      ASSERT_EQ(w, 0) << schedule.name;
  }
  const Machine any(40, 30, Values::kReals, false, random);
  States v(50, 40, GX_BITS);
  for (const double w : anneal(device, any, base, {0.4, 0.4, 0.4, 0.4}, false, {1, 1}, v)) ASSERT_EQ(w, 0);
}

// Oracle 9 with intermediate temperatures, in both directions: the mean of exp(log w) over many chains against Z_1 /
// Z_0 by enumeration, within 4.5 of its standard errors (the seeds are fixed; a correct sampler fails with a chance of
// 7e-6 per draw of seeds).
TEST(Ais, IsUnbiasedOnSmallSchedules) {
  const Device device(2);
  Random random(85);
  constexpr int64_t kChains = 20000;
  for (const bool centered : {false, true}) {
    const Machine machine(6, 5, Values::kReals, centered, random, 1);
    const Buffer<float> base = base_biases(6, random);
    const Path path(machine, base);
    const double ratio = path.plain.log_partition() - path.base_log_z();
    const std::vector<double> target = path.plain.distribution();
    for (const std::vector<double>& betas : {std::vector<double>{0, 0.5, 1},
                                             {0, 0.2, 0.4, 0.6, 0.8, 1},
                                             {0, 0, 0.5, 0.5, 0.5, 1, 1},
                                             {1, 0.5, 0},
                                             {1, 0.7, 0.7, 0.3, 0, 0}}) {
      const bool reverse = betas[0] == 1;
      States v(kChains, 6, GX_BITS);
      for (int64_t r = 0; reverse && r < kChains; ++r) {
        double u = random.uniform();
        uint64_t code = 0;
        while (code + 1 < 64 && u >= target[code]) u -= target[code++];
        v.set_code(r, code);
      }
      const std::vector<double> log_w = anneal(device, machine, base, betas, !reverse, {86 + betas.size(), 1}, v);
      double mean = 0, square = 0;
      for (const double w : log_w) {
        const double scaled = std::exp(w - (reverse ? -ratio : ratio));
        mean += scaled / kChains;
        square += scaled * scaled / kChains;
      }
      const double error = std::sqrt((square - mean * mean) / kChains);
      EXPECT_GT(error, 0);
      EXPECT_LT(error, 0.05);
      EXPECT_LT(std::fabs(mean - 1), 4.5 * error) << "betas from " << betas[0] << ", " << betas.size() << " of them";
    }
  }
}

// Both passes of every variant, straight from the registry.
TEST(Ais, EveryVariantOfBothPasses) {
  const Device device(1);
  Random random(87);
  int count, runs = 0;
  const gx::AisVariant* variants = gx::ais_variants(&count);
  for (const int64_t visible : {1, 17, 32, 64, 65, 129}) {
    for (const int64_t hidden : {1, 15, 33, 48, 64, 127}) {
      const int64_t rows = random.pick(std::vector<int64_t>{1, 2, 9, 20});
      const Machine machine(visible, hidden, Values::kReals, false, random, 0.5, random.integer(0, 3));
      const Buffer<float> base = base_biases(visible, random);
      const Path path(machine, base);
      States v(rows, visible, GX_BITS, 1), h(rows, hidden, GX_BITS, 1);
      v.fill_binary(random, 0.5);
      h.fill_binary(random, 0.5);
      Buffer<float> difference(visible, 1);
      for (int64_t i = 0; i < visible; ++i) difference[i] = machine.b[i] - base[i];
      const gx_rbm rbm = machine.view();
      for (int i = 0; i < count; ++i) {
        if (!gx::usable(variants[i].line.isa)) continue;
        for (const gx::Walk walk : {gx::Walk::kTables, gx::Walk::kBitRows}) {
          for (const double before : {0.25, 0.75}) {
            SCOPED_TRACE(testing::Message() << visible << "x" << hidden << " rows " << rows << " walk " << int(walk)
                                            << " before " << before << " on instruction set " << variants[i].line.isa);
            gx::Machine m(*device, rbm);
            gx::AisPass pass = {};
            pass.walk = walk;
            pass.beta = 0.5;
            pass.beta_before = before;
            pass.base = base.data();
            pass.dot_with = difference.data();
            const auto run = [&](gx_layer target, const States& given, States& sample, gx::AisKernel kernel) {
              pass.layer = m.layer(target, *given.view());
              gx::set_sample(pass.layer, *sample.view());
              pass.layer.stream = gx::philox_stream(3, 4, 5);
              const int64_t tiles = (pass.layer.out_units + 63) / 64;
              std::vector<double> partial(size_t(tiles * rows), NAN), total(size_t(rows), 0.0);
              pass.partial = partial.data();
              m.for_each_tile_of(
                  pass.layer, walk,
                  [&](const gx::LayerSample&, int64_t tile, int64_t m0, int64_t m1, const gx::ProductScratch& s,
                      float* sums) { kernel(pass, tile, m0, m1, s, sums); });
              for (size_t at = 0; at < partial.size(); ++at) total[at % size_t(rows)] += partial[at];
              return total;
            };
            const gx::PhiloxStream stream = gx::philox_stream(3, 4, 5);
            const auto expect_samples = [&](const States& sample, const auto& field) {
              for (int64_t r = 0; r < rows; ++r) {
                for (int64_t n = 0; n < sample.units; ++n) {
                  const double p = sigmoid(field(r, n)), u = gx::uniform_of_word(gx::philox_word(stream, r, n));
                  if (std::fabs(u - p) > 1e-5) {
                    ASSERT_EQ(sample.get(r, n), u < p ? 1.0f : 0.0f) << r << ", " << n;
                  }
                }
              }
              EXPECT_TRUE(sample.padding_is_zero());
            };
            States up(rows, hidden, GX_BITS, 1), down(rows, visible, GX_BITS, 1);
            const std::vector<double> ratio = run(GX_HIDDEN, v, up, variants[i].hidden);
            const std::vector<double> dot = run(GX_VISIBLE, h, down, variants[i].visible);
            for (int64_t r = 0; r < rows; ++r) {
              double want = 0, want_dot = 0;
              for (int64_t j = 0; j < hidden; ++j) {
                const double x = path.field(v, r, j);
                want += double(softplus_l(0.5L * x) - softplus_l((long double)before * x));
              }
              for (int64_t n = 0; n < visible; ++n) want_dot += down.get(r, n) * double(difference[n]);
              EXPECT_NEAR(ratio[size_t(r)], want, 0.25 * roundings(machine) * kEps * path.size(v, r));
              EXPECT_NEAR(dot[size_t(r)], want_dot, 1e-12);
            }
            expect_samples(up, [&](int64_t r, int64_t j) { return 0.5 * path.field(v, r, j); });
            expect_samples(down, [&](int64_t r, int64_t n) {
              double y = path.plain.b[size_t(n)];
              for (int64_t j = 0; j < hidden; ++j) y += h.get(r, j) * path.plain.w(n, j);
              return 0.5 * y + 0.5 * base[n];
            });
            ++runs;
          }
        }
      }
    }
  }
  EXPECT_EQ(runs, 36 * 4 * (1 + gx_cpu_isa()));
}

// A test of these tests: one weight turned over is seen in the log-weight, at temperatures 1e-9 apart.
TEST(Ais, TheComparisonSeesAFlippedWeight) {
  const Device device(1);
  Random random(88);
  Machine machine(64, 65, Values::kReals, false, random, 0.5);
  const Buffer<float> base = base_biases(64, random);
  const Path path(machine, base);
  States v(1, 64, GX_BITS);
  v.set_code(0, ~uint64_t(0));
  const std::vector<double> betas = {0.5, 0.5 + 1e-9};
  const std::vector<double> want = {double(path.step(v, 0, betas[1], betas[0]))};
  const double bound = (betas[1] - betas[0]) * roundings(machine) * kEps * path.size(v, 0);
  EXPECT_TRUE(within(anneal(device, machine, base, betas, false, {1, 1}, v), want, bound));
  machine.W[63 * 65 + 64] *= -1;
  EXPECT_FALSE(within(anneal(device, machine, base, betas, false, {1, 1}, v), want, bound));
}

}  // namespace
}  // namespace gx::test::gibbs
