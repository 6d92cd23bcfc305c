// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The sampler as a Markov chain: its exact transition matrix leaves the machine's distribution alone (oracle 8), and
// long chains have it (oracle 7), with clamped units, temperatures and offsets. Machines of at most 10 units, so that
// the truth is a sum.

#include "gibbs_support.h"

namespace gx::test::gibbs {
namespace {

// p of a layer given every state of the other one, [states][units].
std::vector<double> conditionals(gx_device* device, const Machine& machine, gx_layer target, float beta) {
  const int64_t given_units = target == GX_HIDDEN ? machine.visible : machine.hidden;
  const int64_t units = target == GX_HIDDEN ? machine.hidden : machine.visible;
  const States given = all_states(given_units, GX_BITS);
  Buffer<float> p(given.rows * units);
  gx_layer_sample_params params = {};
  params.target = target;
  params.given = given.view();
  params.beta = beta;
  params.p = p.data();
  const gx_rbm rbm = machine.view();
  EXPECT_OK(gx_rbm_layer_sample(device, &rbm, &params));
  return std::vector<double>(p.begin(), p.end());
}

// [from states][to states] from independent units.
std::vector<double> transition(const std::vector<double>& p, int64_t given_units, int64_t units) {
  const int64_t from = int64_t(1) << given_units, to = int64_t(1) << units;
  std::vector<double> t(size_t(from * to), 1.0);
  for (int64_t a = 0; a < from; ++a) {
    for (int64_t b = 0; b < to; ++b) {
      for (int64_t i = 0; i < units; ++i) {
        const double on = p[size_t(a * units + i)];
        t[size_t(a * to + b)] *= b >> i & 1 ? on : 1 - on;
      }
    }
  }
  return t;
}

// Oracle 8: with T = P(h | v) P(v | h) of the kernel's own probabilities, pi T = pi and pi_v T_vw = pi_w T_wv.
TEST(Stationary, TheTransitionMatrixKeepsTheDistribution) {
  const Device device(1);
  Random random(90);
  for (const auto& [visible, hidden] : std::vector<std::pair<int64_t, int64_t>>{{1, 1}, {5, 5}, {6, 4}, {3, 7}}) {
    for (const bool centered : {false, true}) {
      for (const float beta : {1.0f, 0.4f}) {
        const Machine machine(visible, hidden, Values::kReals, centered, random, 1.5);
        const std::vector<double> pi = Plain(machine.view()).distribution(beta);
        const std::vector<double> up = transition(conditionals(device, machine, GX_HIDDEN, beta), visible, hidden);
        const std::vector<double> down = transition(conditionals(device, machine, GX_VISIBLE, beta), hidden, visible);
        const size_t states = pi.size(), between = size_t(1) << hidden;
        std::vector<double> T(states * states, 0.0), after(states, 0.0);
        for (size_t v = 0; v < states; ++v) {
          for (size_t h = 0; h < between; ++h) {
            for (size_t w = 0; w < states; ++w) T[v * states + w] += up[v * between + h] * down[h * states + w];
          }
        }
        for (size_t v = 0; v < states; ++v) {
          for (size_t w = 0; w < states; ++w) {
            after[w] += pi[v] * T[v * states + w];
            // Each factor of T is a probability to a relative 1e-6 or so.
            ASSERT_NEAR(pi[v] * T[v * states + w], pi[w] * T[w * states + v], 1e-5 * pi[v] * T[v * states + w] + 1e-30);
          }
        }
        EXPECT_TRUE(within(after, pi, 2e-6)) << visible << "x" << hidden << " beta " << beta;
      }
    }
  }
}

// Chi-square of counted states against probabilities; cells that expect fewer than 5 are put together.
struct ChiSquare {
  double value = 0;
  int degrees = -1;
  double limit() const { return degrees + 5 * std::sqrt(2.0 * degrees); }  // five standard deviations
};
ChiSquare chi_square(const std::vector<double>& counts, const std::vector<double>& p) {
  double total = 0, rest = 0, rest_expected = 0;
  for (const double c : counts) total += c;
  ChiSquare chi;
  const auto add = [&](double count, double expected) {
    chi.value += (count - expected) * (count - expected) / expected;
    ++chi.degrees;
  };
  for (size_t i = 0; i < counts.size(); ++i) {
    if (p[i] * total >= 5) {
      add(counts[i], p[i] * total);
    } else {
      rest += counts[i];
      rest_expected += p[i] * total;
    }
  }
  if (rest_expected > 1)
    add(rest, rest_expected);
  else
    EXPECT_LT(rest, 10);
  return chi;
}

constexpr int64_t kChains = 20000, kSteps = 30;

std::vector<double> count_states(const States& v) {
  std::vector<double> counts(size_t(1) << v.units, 0.0);
  for (int64_t r = 0; r < v.rows; ++r) counts[size_t(v.code(r))] += 1;
  return counts;
}

// Independent chains, long enough to forget their start: the machine's mixing time is a few steps at these weights.
TEST(Stationary, LongChainsHaveTheDistributionOfTheMachine) {
  const Device device(2);
  Random random(91);
  for (const gx_format format : {GX_BITS, GX_FLOAT32}) {
    for (const bool centered : {false, true}) {
      const Machine machine(6, 4, Values::kReals, centered, random, 0.8);
      const Plain plain(machine.view());
      States v(kChains, 6, format), h(kChains, 4, GX_BITS);
      v.fill_binary(random, 0.9);
      // A third of the chains at each of three temperatures.
      const std::vector<float> betas = {1.0f, 0.5f, 1.4f};
      Buffer<float> row_beta(kChains);
      for (int64_t r = 0; r < kChains; ++r) row_beta[r] = betas[size_t(r % 3)];
      const gx_rbm rbm = machine.view();
      gx_chain_params params = {};
      params.steps = kSteps;
      params.row_beta = row_beta.data();
      params.rng = {random.next(), 0};
      params.v = v.view();
      params.h = h.view();
      ASSERT_OK(gx_rbm_chain(device, &rbm, &params));
      for (size_t t = 0; t < betas.size(); ++t) {
        std::vector<double> counts(64, 0.0), hidden(16, 0.0), p_hidden(16, 0.0);
        for (int64_t r = int64_t(t); r < kChains; r += 3)
          counts[size_t(v.code(r))] += 1, hidden[size_t(h.code(r))] += 1;
        const ChiSquare chi = chi_square(counts, plain.distribution(betas[t]));
        EXPECT_LT(chi.value, chi.limit()) << "visible, beta " << betas[t];
        EXPECT_GT(chi.degrees, 20);
        const double log_z = plain.log_partition(betas[t]);
        for (uint64_t s = 0; s < 16; ++s) {
          for (uint64_t w = 0; w < 64; ++w)
            p_hidden[size_t(s)] += std::exp(betas[t] * plain.negative_energy(w, s) - log_z);
        }
        const ChiSquare chi_hidden = chi_square(hidden, p_hidden);
        EXPECT_LT(chi_hidden.value, chi_hidden.limit()) << "hidden, beta " << betas[t];
      }
    }
  }
}

// With some units held, the others have their conditional distribution: shared masks and masks per row.
TEST(Stationary, ClampedChainsHaveTheConditional) {
  const Device device(2);
  Random random(92);
  const Machine machine(7, 3, Values::kReals, true, random, 0.8);
  const std::vector<double> pi = Plain(machine.view()).distribution();
  for (const bool per_row : {false, true}) {
    const std::vector<uint64_t> masks = {0b0010011, 0b1100000};
    const uint64_t held = 0b1010001;
    States v(kChains, 7, GX_BITS), observed(per_row ? kChains : 1, 7, GX_BITS);
    for (int64_t r = 0; r < kChains; ++r) v.set_code(r, held);
    for (int64_t r = 0; r < observed.rows; ++r) observed.set_code(r, masks[size_t(r % 2)]);
    const gx_rbm rbm = machine.view();
    gx_chain_params params = {};
    params.steps = kSteps;
    params.beta = 1;
    params.rng = {random.next(), 5};
    params.v = v.view();
    params.observed = observed.view();
    ASSERT_OK(gx_rbm_chain(device, &rbm, &params));
    for (size_t t = 0; t < (per_row ? 2u : 1u); ++t) {
      std::vector<double> counts(128, 0.0), p(128, 0.0);
      for (int64_t r = int64_t(t); r < kChains; r += per_row ? 2 : 1) counts[size_t(v.code(r))] += 1;
      double total = 0;
      for (uint64_t code = 0; code < 128; ++code) {
        const bool agrees = (code & masks[t]) == (held & masks[t]);
        ASSERT_TRUE(agrees || counts[code] == 0) << "an observed unit moved";
        total += p[code] = agrees ? pi[code] : 0;
      }
      for (double& x : p) x /= total;
      const ChiSquare chi = chi_square(counts, p);
      EXPECT_LT(chi.value, chi.limit());
      EXPECT_GT(chi.degrees, 8);
    }
  }
}

// Oracle 7 of a sampler: the mean of v h over chains is the model's, each within 5 standard errors.
TEST(Stationary, CorrelationsAreTheModels) {
  const Device device(2);
  Random random(93);
  const Machine machine(5, 5, Values::kReals, true, random, 0.8);
  const Plain plain(machine.view());
  States v(kChains, 5, GX_BITS);
  Buffer<float> p_h(kChains * 5);
  const gx_rbm rbm = machine.view();
  gx_chain_params params = {};
  params.steps = kSteps;
  params.beta = 1;
  params.rng = {random.next(), 5};
  params.v = v.view();
  params.p_h = p_h.data();
  ASSERT_OK(gx_rbm_chain(device, &rbm, &params));
  const double log_z = plain.log_partition();
  for (int64_t i = 0; i < 5; ++i) {
    for (int64_t j = 0; j < 5; ++j) {
      double want = 0, mean = 0, square = 0;
      for (uint64_t a = 0; a < 32; ++a) {
        for (uint64_t s = 0; s < 32; ++s) {
          if (a >> i & s >> j & 1) want += std::exp(plain.negative_energy(a, s) - log_z);
        }
      }
      for (int64_t r = 0; r < kChains; ++r) {
        const double x = v.get(r, i) * double(p_h[r * 5 + j]);
        mean += x / kChains;
        square += x * x / kChains;
      }
      EXPECT_LT(std::fabs(mean - want), 5 * std::sqrt((square - mean * mean) / kChains)) << i << ", " << j;
    }
  }
}

// A test of these tests: a weight off by 0.2, or a bias off by as much, is seen.
TEST(Stationary, TheStatisticsSeeAWrongMachine) {
  const Device device(2);
  Random random(94);
  Machine machine(6, 4, Values::kReals, false, random, 0.8);
  States v(kChains, 6, GX_BITS);
  const gx_rbm rbm = machine.view();
  gx_chain_params params = {};
  params.steps = kSteps;
  params.beta = 1;
  params.rng = {1, 0};
  params.v = v.view();
  ASSERT_OK(gx_rbm_chain(device, &rbm, &params));
  const std::vector<double> counts = count_states(v);
  const ChiSquare right = chi_square(counts, Plain(machine.view()).distribution());
  EXPECT_LT(right.value, right.limit());
  machine.W[3] += 0.2f;
  const ChiSquare wrong = chi_square(counts, Plain(machine.view()).distribution());
  EXPECT_GT(wrong.value, wrong.limit());
  machine.W[3] -= 0.2f;
  machine.b[2] += 0.2f;
  const ChiSquare biased = chi_square(counts, Plain(machine.view()).distribution());
  EXPECT_GT(biased.value, biased.limit());
}

}  // namespace
}  // namespace gx::test::gibbs
