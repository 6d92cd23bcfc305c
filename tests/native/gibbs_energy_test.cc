// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// E, F and log PL against enumeration in double (oracles 5 and 26) on small machines, against their formulas on larger
// ones.

#include "gibbs_support.h"
#include "kernels/gibbs/log_pseudo_likelihood/log_pseudo_likelihood.h"
#include "kernels/gibbs/machine.h"
#include "kernels/gibbs/softplus_sum/softplus_sum.h"

namespace gx::test::gibbs {
namespace {

// x_j = c'_j + (v W)_j of one row in double, and the sum of magnitudes that bounds its error in float32.
struct Field {
  std::vector<double> x, magnitude;

  Field(const Machine& machine, const Plain& plain, const States& v, int64_t r) {
    for (int64_t j = 0; j < machine.hidden; ++j) {
      double sum = plain.c[size_t(j)], size = std::fabs(machine.c[j]);
      for (int64_t i = 0; i < machine.visible; ++i) {
        const double w = plain.w(i, j);
        sum += double(v.get(r, i)) * w;
        size += std::fabs(w) * (double(v.get(r, i)) + (machine.centered ? std::fabs(machine.mu[i]) : 0));
      }
      x.push_back(sum);
      magnitude.push_back(size);
    }
  }
  double total() const {
    double sum = 0;
    for (const double m : magnitude) sum += m;
    return sum;
  }
};

// b'.v in double, and the sum of magnitudes.
std::pair<double, double> visible_part(const Machine& machine, const Plain& plain, const States& v, int64_t r) {
  double sum = 0, size = 0;
  for (int64_t i = 0; i < machine.visible; ++i) {
    sum += plain.b[size_t(i)] * double(v.get(r, i));
    double b_size = std::fabs(machine.b[i]);
    for (int64_t j = 0; machine.centered && j < machine.hidden; ++j)
      b_size += std::fabs(plain.w(i, j) * machine.lambda[j]);
    size += b_size * double(v.get(r, i));
  }
  return {sum, size};
}

// Roundings of one float sum of this machine, and some for the functions applied to it.
double roundings(const Machine& m) { return double(m.centered ? 2 * (m.visible + m.hidden) : m.visible) + 12; }

void fill(States& s, Random& random, bool binary) {
  s.fill_binary(random, 0.4);
  if (binary || s.format == GX_BITS) return;
  for (int64_t r = 0; r < s.rows; ++r) {
    for (int64_t i = 0; i < s.units; ++i) s.set(r, i, random.coin(0.6) ? float(random.uniform()) : 0.0f);
  }
}

TEST(Energy, EqualsItsDefinitionOnAllStates) {
  const Device device(2);
  Random random(50);
  for (const bool centered : {false, true}) {
    const Machine machine(5, 4, Values::kReals, centered, random);
    const Plain plain(machine.view());
    const gx_rbm rbm = machine.view();
    for (const gx_format v_format : {GX_BITS, GX_FLOAT32}) {
      for (const gx_format h_format : {GX_BITS, GX_FLOAT32}) {
        States v(32 * 16, 5, v_format, 1), h(32 * 16, 4, h_format, 1);
        std::vector<double> want;
        for (uint64_t code = 0; code < 32 * 16; ++code) {
          v.set_code(int64_t(code), code % 32);
          h.set_code(int64_t(code), code / 32);
          want.push_back(-plain.negative_energy(code % 32, code / 32));
        }
        Guarded<double> energy(32 * 16);
        ASSERT_OK(gx_rbm_energy(device, &rbm, v.view(), h.view(), energy.data()));
        EXPECT_TRUE(within(energy, want, 60 * kEps));
      }
    }
  }
}

TEST(Energy, OfLargerMachinesAndIntensities) {
  const Device device(1);
  Random random(51);
  for (const int64_t visible : {1, 31, 64, 100, 129}) {
    for (const int64_t hidden : {1, 33, 64, 127}) {
      for (const int64_t rows : {1, 7, 17}) {
        const Machine machine(visible, hidden, Values::kReals, random.coin(0.5), random, 1, 1);
        States v(rows, visible, random.coin(0.5) ? GX_BITS : GX_FLOAT32, 1),
            h(rows, hidden, random.coin(0.5) ? GX_BITS : GX_FLOAT32);
        fill(v, random, false);
        fill(h, random, false);
        const Plain plain(machine.view());
        std::vector<double> want, bound;
        for (int64_t r = 0; r < rows; ++r) {
          const Field field(machine, plain, v, r);
          const auto [sum, size] = visible_part(machine, plain, v, r);
          double e = -sum, e_size = size;
          for (int64_t j = 0; j < hidden; ++j) {
            e -= double(h.get(r, j)) * field.x[size_t(j)];
            e_size += double(h.get(r, j)) * field.magnitude[size_t(j)];
          }
          want.push_back(e);
          bound.push_back(roundings(machine) * kEps * e_size);
        }
        const gx_rbm rbm = machine.view();
        std::vector<double> first;
        for (const int32_t threads : thread_counts()) {
          if (threads > 1 && rows < 17) break;
          ASSERT_OK(gx_device_set_threads(device, threads));
          Guarded<double> energy(rows);
          ASSERT_OK(gx_rbm_energy(device, &rbm, v.view(), h.view(), energy.data()));
          ASSERT_TRUE(within(energy, want, bound)) << visible << "x" << hidden << " rows " << rows;
          if (first.empty()) first = energy.values();
          EXPECT_TRUE(same_bits(first, energy.values()));
        }
      }
    }
  }
}

// Oracle 5: F(v) = -log sum_h exp(-E(v, h)), with the sum done term by term.
TEST(FreeEnergy, SumsTheHiddenStatesOut) {
  const Device device(2);
  Random random(52);
  for (const auto& [visible, hidden] : std::vector<std::pair<int64_t, int64_t>>{{1, 1}, {6, 7}, {9, 5}, {3, 10}}) {
    for (const bool centered : {false, true}) {
      const Machine machine(visible, hidden, Values::kReals, centered, random, 1.5);
      const Plain plain(machine.view());
      const gx_rbm rbm = machine.view();
      const int64_t rows = int64_t(1) << visible;
      Buffer<float> row_beta(rows, 1);
      for (float& b : row_beta) b = float(random.real(0, 2));
      for (const gx_format format : {GX_BITS, GX_FLOAT32}) {
        const States v = all_states(visible, format);
        for (const float* betas : {static_cast<const float*>(nullptr), static_cast<const float*>(row_beta.data())}) {
          std::vector<double> want;
          for (int64_t r = 0; r < rows; ++r) want.push_back(-plain.log_weight(uint64_t(r), betas ? row_beta[r] : 0.7f));
          Guarded<double> f(rows);
          ASSERT_OK(gx_rbm_free_energy(device, &rbm, v.view(), 0.7f, betas, f.data()));
          EXPECT_TRUE(within(f, want, 400 * kEps)) << visible << "x" << hidden << " format " << format;
        }
      }
    }
  }
}

TEST(FreeEnergy, EveryVariantSumsSoftplus) {
  const Device device(1);
  Random random(53);
  int count;
  const gx::SoftplusSumVariant* variants = gx::softplus_sum_variants(&count);
  int runs = 0;
  for (const int64_t visible : sizes()) {
    for (const int64_t hidden : sizes()) {
      if (random.coin(quick() ? 0.9 : 0.6)) continue;
      const int64_t rows = random.pick(std::vector<int64_t>{1, 2, 7, 8, 9, 33});
      const Machine machine(visible, hidden, Values::kReals, random.coin(0.3), random, 1, random.integer(0, 3));
      const gx_format format = random.coin(0.5) ? GX_BITS : GX_FLOAT32;
      States v(rows, visible, format);
      fill(v, random, random.coin(0.3));
      const float beta = float(random.real(-1, 1.5));
      const Plain plain(machine.view());
      std::vector<double> want, bound, want_f, bound_f;
      for (int64_t r = 0; r < rows; ++r) {
        const Field field(machine, plain, v, r);
        const auto [sum, size] = visible_part(machine, plain, v, r);
        double total = 0;
        for (const double x : field.x) total += softplus(double(beta) * x);
        want.push_back(total);
        bound.push_back(kEps * (roundings(machine) * std::fabs(beta) * field.total() + 8 * total));
        want_f.push_back(-double(beta) * sum - total);
        bound_f.push_back(bound.back() + kEps * roundings(machine) * std::fabs(beta) * size);
      }
      const gx_rbm rbm = machine.view();
      for (int i = 0; i < count; ++i) {
        if (!gx::usable(variants[i].line.isa)) continue;
        for (const gx::Walk walk : {gx::Walk::kTables, gx::Walk::kBitRows, gx::Walk::kSparse, gx::Walk::kDense}) {
          if ((walk == gx::Walk::kTables || walk == gx::Walk::kBitRows) != (format == GX_BITS)) continue;
          gx::Machine m(*device, rbm);
          gx::LayerSample layer = m.layer(GX_HIDDEN, *v.view());
          layer.beta = beta;
          const int64_t tiles = (hidden + 63) / 64;
          std::vector<double> partial(size_t(tiles * rows), NAN);
          m.for_each_tile_of(
              layer, walk,
              [&](const gx::LayerSample& a, int64_t tile, int64_t m0, int64_t m1, const gx::ProductScratch& s,
                  float* sums) { variants[i].run(a, walk, tile, m0, m1, s, sums, partial.data() + tile * rows); });
          std::vector<double> got(size_t(rows), 0.0);
          for (size_t at = 0; at < partial.size(); ++at) got[at % size_t(rows)] += partial[at];
          ASSERT_TRUE(within(got, want, bound)) << visible << "x" << hidden << " rows " << rows << " walk " << int(walk)
                                                << " on instruction set " << variants[i].line.isa;
          ++runs;
        }
      }
      std::vector<double> first;
      for (const int32_t threads : {1, 3}) {
        if (threads > 1 && rows < 33) break;
        ASSERT_OK(gx_device_set_threads(device, threads));
        Guarded<double> f(rows);
        ASSERT_OK(gx_rbm_free_energy(device, &rbm, v.view(), beta, nullptr, f.data()));
        ASSERT_TRUE(within(f, want_f, bound_f)) << visible << "x" << hidden << " rows " << rows;
        if (first.empty()) first = f.values();
        EXPECT_TRUE(same_bits(first, f.values()));
      }
    }
  }
  EXPECT_GT(runs, 25 * (1 + gx_cpu_isa()));
}

// Oracle 28: nothing overflows far out.
TEST(FreeEnergy, OfSaturatedUnitsIsFinite) {
  const Device device(1);
  Random random(54);
  Machine machine(3, 40, Values::kReals, false, random);
  for (int64_t j = 0; j < 40; ++j) machine.c[j] = j % 2 ? 1000.0f : -1000.0f;
  const Plain plain(machine.view());
  const gx_rbm rbm = machine.view();
  const States v = all_states(3, GX_BITS);
  Guarded<double> f(8);
  ASSERT_OK(gx_rbm_free_energy(device, &rbm, v.view(), 1, nullptr, f.data()));
  for (int64_t r = 0; r < 8; ++r) {
    double want = 0;
    for (int64_t i = 0; i < 3; ++i) want -= v.get(r, i) * plain.b[size_t(i)];
    for (int64_t j = 0; j < 40; ++j) {
      double x = plain.c[size_t(j)];
      for (int64_t i = 0; i < 3; ++i) x += v.get(r, i) * plain.w(i, j);
      want -= softplus(x);
    }
    EXPECT_NEAR(f[r], want, 40 * 4000 * kEps);
  }
}

// Oracle 26: sum_i log p(v_i | the others), each from two sums over all hidden states.
TEST(LogPseudoLikelihood, IsTheSumOfTheConditionals) {
  const Device device(2);
  Random random(55);
  for (const auto& [visible, hidden] : std::vector<std::pair<int64_t, int64_t>>{{1, 1}, {6, 5}, {3, 9}}) {
    for (const bool centered : {false, true}) {
      const Machine machine(visible, hidden, Values::kReals, centered, random, 1.5);
      const Plain plain(machine.view());
      const gx_rbm rbm = machine.view();
      std::vector<double> want;
      for (uint64_t v = 0; v < uint64_t(1) << visible; ++v) {
        double sum = 0;
        for (int64_t i = 0; i < visible; ++i) {
          const double here = plain.log_weight(v), there = plain.log_weight(v ^ uint64_t(1) << i);
          sum += here - log_sum_exp({here, there});
        }
        want.push_back(sum);
      }
      for (const gx_format format : {GX_BITS, GX_FLOAT32}) {
        const States v = all_states(visible, format);
        Guarded<double> pl(v.rows);
        ASSERT_OK(gx_rbm_log_pseudo_likelihood(device, &rbm, v.view(), pl.data()));
        EXPECT_TRUE(within(pl, want, 600 * kEps)) << visible << "x" << hidden;
      }
    }
  }
}

TEST(LogPseudoLikelihood, EveryVariantAtEverySize) {
  const Device device(1);
  Random random(56);
  int count;
  const gx::LogPseudoLikelihoodVariant* variants = gx::log_pseudo_likelihood_variants(&count);
  for (const int64_t visible : {1, 2, 31, 65}) {
    for (const int64_t hidden : sizes()) {
      const int64_t rows = random.integer(1, 5);
      const Machine machine(visible, hidden, Values::kReals, random.coin(0.4), random, 1, random.integer(0, 3));
      const Plain plain(machine.view());
      States v(rows, visible, random.coin(0.5) ? GX_BITS : GX_FLOAT32);
      fill(v, random, true);
      std::vector<double> want, bound;
      std::vector<Field> fields;
      for (int64_t r = 0; r < rows; ++r) {
        fields.emplace_back(machine, plain, v, r);
        double sum = 0;
        for (int64_t i = 0; i < visible; ++i) {
          const double s = v.get(r, i) != 0 ? -1 : 1;
          double gain = s * plain.b[size_t(i)];
          for (int64_t j = 0; j < hidden; ++j) {
            gain += softplus(fields.back().x[size_t(j)] + s * plain.w(i, j)) - softplus(fields.back().x[size_t(j)]);
          }
          sum -= softplus(gain);
        }
        want.push_back(sum);
        // Each conditional is a difference of softplus in float32 of every hidden unit's field.
        bound.push_back(double(visible) * kEps *
                        (roundings(machine) * (fields.back().total() + double(hidden)) + double(hidden)));
      }
      const gx_rbm rbm = machine.view();
      Guarded<double> pl(rows);
      ASSERT_OK(gx_rbm_log_pseudo_likelihood(device, &rbm, v.view(), pl.data()));
      ASSERT_TRUE(within(pl, want, bound)) << visible << "x" << hidden << " rows " << rows;
      std::vector<double> first = pl.values();
      ASSERT_OK(gx_device_set_threads(device, 3));
      ASSERT_OK(gx_rbm_log_pseudo_likelihood(device, &rbm, v.view(), pl.data()));
      EXPECT_TRUE(same_bits(first, pl.values()));
      ASSERT_OK(gx_device_set_threads(device, 1));
      for (int i = 0; i < count; ++i) {
        if (!gx::usable(variants[i].line.isa)) continue;
        for (int64_t r = 0; r < rows; ++r) {
          Guarded<float> x(hidden, 1), sign(visible, 1), b(visible), scratch(hidden, 3);
          for (int64_t j = 0; j < hidden; ++j) x[j] = float(fields[size_t(r)].x[size_t(j)]);
          for (int64_t n = 0; n < visible; ++n) sign[n] = 1 - 2 * v.get(r, n), b[n] = float(plain.b[size_t(n)]);
          const double got =
              variants[i].run({visible, hidden, machine.W.data(), b.data(), x.data(), sign.data(), scratch.data()});
          ASSERT_NEAR(got, want[size_t(r)], bound[size_t(r)])
              << visible << "x" << hidden << " on instruction set " << variants[i].line.isa;
        }
      }
    }
  }
}

// A batch is cut into parts of 16 MiB of hidden units: a later part must find its rows.
TEST(Energy, OfBatchesInSeveralParts) {
  const Device device(1);
  Random random(57);
  constexpr int64_t kHidden = 1 << 20, kRows = 6;
  const Machine machine(2, kHidden, Values::kIntegers, false, random);
  const gx_rbm rbm = machine.view();
  States v(kRows, 2, GX_BITS), h(kRows, kHidden, GX_BITS);
  v.fill_binary(random, 0.5);
  h.fill_binary(random, 0.5);
  Guarded<double> energy(kRows), pl(kRows), one(1);
  ASSERT_OK(gx_rbm_energy(device, &rbm, v.view(), h.view(), energy.data()));
  ASSERT_OK(gx_rbm_log_pseudo_likelihood(device, &rbm, v.view(), pl.data()));
  for (int64_t r = 0; r < kRows; ++r) {
    double want = 0;
    for (int64_t i = 0; i < 2; ++i) want -= machine.b[i] * v.get(r, i);
    for (int64_t j = 0; j < kHidden; ++j) {
      if (h.get(r, j) != 0) want -= machine.c[j] + v.get(r, 0) * machine.W[j] + v.get(r, 1) * machine.W[kHidden + j];
    }
    EXPECT_EQ(energy[r], want) << r;
    const gx_states row = {v.raw.data() + r, 1, 2, GX_BITS};
    ASSERT_OK(gx_rbm_log_pseudo_likelihood(device, &rbm, &row, one.data()));
    EXPECT_EQ(pl[r], one[0]) << r;
  }
}

TEST(Energy, OfNoRowsIsNothing) {
  const Device device(1);
  Random random(58);
  const Machine machine(3, 2, Values::kReals, true, random);
  const gx_rbm rbm = machine.view();
  const gx_states v = {nullptr, 0, 3, GX_BITS}, h = {nullptr, 0, 2, GX_BITS};
  EXPECT_OK(gx_rbm_energy(device, &rbm, &v, &h, nullptr));
  EXPECT_OK(gx_rbm_free_energy(device, &rbm, &v, 1, nullptr, nullptr));
  EXPECT_OK(gx_rbm_log_pseudo_likelihood(device, &rbm, &v, nullptr));
}

// A test of these tests: one weight of 4160 turned over is seen by all three.
TEST(Energy, TheComparisonSeesAFlippedWeight) {
  const Device device(1);
  Random random(59);
  Machine machine(64, 65, Values::kReals, false, random);
  States v(1, 64, GX_BITS), h(1, 65, GX_BITS);
  v.set_code(0, ~uint64_t(0));
  for (int64_t j = 0; j < 65; ++j) h.set(0, j, 1);
  const gx_rbm rbm = machine.view();
  Guarded<double> energy(1), f(1), pl(1), energy2(1), f2(1), pl2(1);
  ASSERT_OK(gx_rbm_energy(device, &rbm, v.view(), h.view(), energy.data()));
  ASSERT_OK(gx_rbm_free_energy(device, &rbm, v.view(), 1, nullptr, f.data()));
  ASSERT_OK(gx_rbm_log_pseudo_likelihood(device, &rbm, v.view(), pl.data()));
  machine.W[63 * 65 + 64] *= -1;
  ASSERT_OK(gx_rbm_energy(device, &rbm, v.view(), h.view(), energy2.data()));
  ASSERT_OK(gx_rbm_free_energy(device, &rbm, v.view(), 1, nullptr, f2.data()));
  ASSERT_OK(gx_rbm_log_pseudo_likelihood(device, &rbm, v.view(), pl2.data()));
  const double bound = 80 * kEps * 64 * 65;
  EXPECT_FALSE(within(energy2, energy.values(), bound));
  EXPECT_FALSE(within(f2, f.values(), bound / 65));
  EXPECT_FALSE(within(pl2, pl.values(), bound / 65));
}

}  // namespace
}  // namespace gx::test::gibbs
