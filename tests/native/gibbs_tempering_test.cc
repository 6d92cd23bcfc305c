// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Swaps between replicas against their definition, and what they must leave alone: the joint distribution of the
// replicas.

#include "gibbs_support.h"
#include "runtime/philox.h"

namespace gx::test::gibbs {
namespace {

struct Outcome {
  States v;
  std::vector<int64_t> accepted;
  double closest = 1;  // how near a uniform number came to its threshold
};

gx_tempering_params params_of(const std::vector<float>& betas, int parity, gx_rng rng, const States& v,
                              int64_t* accepted) {
  return {betas.data(), int64_t(betas.size()), parity, rng, v.view(), accepted};
}

// -log sum_h exp(-beta E(v, h)) of a row, in double.
double free_energy(const Plain& plain, const States& v, int64_t row, double beta) {
  double f = 0;
  for (int64_t i = 0; i < plain.visible; ++i) f -= beta * plain.b[size_t(i)] * v.get(row, i);
  for (int64_t j = 0; j < plain.hidden; ++j) {
    double x = plain.c[size_t(j)];
    for (int64_t i = 0; i < plain.visible; ++i) x += plain.w(i, j) * v.get(row, i);
    f -= softplus(beta * x);
  }
  return f;
}

Outcome by_definition(const Plain& plain, const std::vector<float>& betas, int parity, gx_rng rng, const States& v,
                      std::vector<int64_t> accepted) {
  Outcome run = {v.copy(), std::move(accepted)};
  const int64_t replicas = int64_t(betas.size()), chains = v.rows / replicas;
  const gx::PhiloxStream stream = gx::philox_stream(rng.seed, rng.step, GX_PURPOSE_SWAP);
  for (int64_t r = parity; r + 1 < replicas; r += 2) {
    for (int64_t c = 0; c < chains; ++c) {
      const int64_t a = r * chains + c, b = a + chains;
      const double here = betas[size_t(r)], there = betas[size_t(r + 1)];
      const double p = std::exp(std::min(0.0, free_energy(plain, v, a, here) + free_energy(plain, v, b, there) -
                                                  free_energy(plain, v, b, here) - free_energy(plain, v, a, there)));
      const double u = gx::uniform_of_word(gx::philox_word(stream, c, r));
      run.closest = std::min(run.closest, p < 1 ? std::fabs(u - p) : 1.0);
      if (u >= p) continue;
      ++run.accepted[size_t(r)];
      for (int64_t i = 0; i < v.units; ++i) {
        run.v.set(a, i, v.get(b, i));
        run.v.set(b, i, v.get(a, i));
      }
    }
  }
  return run;
}

TEST(Tempering, SwapsByItsDefinition) {
  const Device device(1);
  Random random(70);
  int64_t swaps = 0, pairs = 0;
  for (int at = 0; at < 120; ++at) {
    const int64_t replicas = random.integer(1, 5), chains = random.integer(0, 9);
    const int64_t visible = random.pick(std::vector<int64_t>{1, 5, 32, 33, 70}), hidden = random.integer(1, 70);
    const Machine machine(visible, hidden, Values::kReals, random.coin(0.5), random, 0.5);
    States v(replicas * chains, visible, random.coin(0.5) ? GX_BITS : GX_FLOAT32);
    v.fill_binary(random, 0.5);
    if (v.format == GX_FLOAT32 && v.rows > 0) v.set(0, 0, 0.25f);  // intensities travel whole
    std::vector<float> betas;
    for (int64_t r = 0; r < replicas; ++r) betas.push_back(float(random.real(0, 1)));
    const int parity = int(random.integer(0, 1));
    const gx_rng rng = {random.next(), random.next() >> 8};
    std::vector<int64_t> before(size_t(replicas), 0);
    for (int64_t& n : before) n = random.integer(0, 5);  // counts are added to what is there
    const Outcome want = by_definition(Plain(machine.view()), betas, parity, rng, v, before);
    ASSERT_GT(want.closest, 1e-5) << "rounding decides; take another seed";
    const gx_rbm rbm = machine.view();
    for (const int32_t threads : thread_counts()) {
      if (threads > 1 && at % 6 != 0) break;
      ASSERT_OK(gx_device_set_threads(device, threads));
      States got = v.copy();
      Guarded<int64_t> accepted(replicas - 1);
      std::copy(before.begin(), before.end() - 1, accepted.begin());
      const gx_tempering_params params = params_of(betas, parity, rng, got, replicas > 1 ? accepted.data() : nullptr);
      ASSERT_OK(gx_rbm_tempering_swap(device, &rbm, &params));
      ASSERT_TRUE(same_bits(got.raw, want.v.raw)) << at;
      for (int64_t r = 0; r + 1 < replicas; ++r)
        ASSERT_EQ(accepted[r], want.accepted[size_t(r)]) << at << ", pair " << r;
    }
    for (int64_t r = parity; r + 1 < replicas; r += 2) {
      swaps += want.accepted[size_t(r)] - before[size_t(r)];
      pairs += chains;
    }
  }
  EXPECT_GT(swaps, pairs / 4);  // both outcomes are tested
  EXPECT_LT(swaps, pairs * 9 / 10);
}

TEST(Tempering, BetweenEqualTemperaturesAlwaysSwaps) {
  const Device device(2);
  Random random(71);
  const Machine machine(40, 30, Values::kReals, true, random, 2);
  States v(2 * 500, 40, GX_BITS);
  v.fill_binary(random, 0.5);
  const States before = v.copy();
  const gx_rbm rbm = machine.view();
  int64_t accepted = 0;
  const std::vector<float> betas = {0.5f, 0.5f};
  const gx_tempering_params params = params_of(betas, 0, {1, 2}, v, &accepted);
  ASSERT_OK(gx_rbm_tempering_swap(device, &rbm, &params));
  EXPECT_EQ(accepted, 500);
  for (int64_t r = 0; r < 500; ++r) {
    for (int64_t i = 0; i < 40; ++i) {
      ASSERT_EQ(v.get(r, i), before.get(r + 500, i));
      ASSERT_EQ(v.get(r + 500, i), before.get(r, i));
    }
  }
}

// Replicas drawn from their own distributions keep their joint distribution, and every exchange (a, b) -> (b, a) is as
// frequent as its reverse: detailed balance. Both by chi-square of a fixed seed, to 5 standard deviations of it.
TEST(Tempering, KeepsTheJointDistribution) {
  const Device device(2);
  Random random(72);
  constexpr int64_t kVisible = 3, kChains = 60000;
  constexpr size_t kStates = 8;
  const Machine machine(kVisible, 4, Values::kReals, true, random, 2);
  const Plain plain(machine.view());
  const std::vector<float> betas = {0.2f, 1.0f};
  std::vector<std::vector<double>> p;
  for (const float beta : betas) p.push_back(plain.distribution(beta));
  States v(2 * kChains, kVisible, GX_BITS);
  for (int64_t r = 0; r < v.rows; ++r) {
    const std::vector<double>& mine = p[size_t(r / kChains)];
    double u = random.uniform();
    uint64_t code = 0;
    while (code + 1 < kStates && u >= mine[code]) u -= mine[code++];
    v.set_code(r, code);
  }
  const States before = v.copy();
  const gx_rbm rbm = machine.view();
  int64_t accepted = 0;
  const gx_tempering_params params = params_of(betas, 0, {73, 4}, v, &accepted);
  ASSERT_OK(gx_rbm_tempering_swap(device, &rbm, &params));
  EXPECT_GT(accepted, kChains / 10);
  EXPECT_LT(accepted, kChains * 9 / 10);

  std::vector<double> joint(kStates * kStates, 0.0), moved(kStates * kStates, 0.0);
  for (int64_t c = 0; c < kChains; ++c) {
    const size_t a = size_t(v.code(c)), b = size_t(v.code(c + kChains));
    joint[a * kStates + b] += 1;
    if (a != before.code(c)) moved[a * kStates + b] += 1;
  }
  double chi2 = 0, flow = 0;
  int cells = 0, flows = 0;
  for (size_t a = 0; a < kStates; ++a) {
    for (size_t b = 0; b < kStates; ++b) {
      const double want = p[0][a] * p[1][b] * kChains;
      ASSERT_GT(want, 5);
      chi2 += (joint[a * kStates + b] - want) * (joint[a * kStates + b] - want) / want;
      ++cells;
      const double forth = moved[a * kStates + b], back = moved[b * kStates + a];
      if (b <= a || forth + back < 10) continue;
      flow += (forth - back) * (forth - back) / (forth + back);
      ++flows;
    }
  }
  EXPECT_LT(chi2, cells - 1 + 5 * std::sqrt(2.0 * (cells - 1)));
  EXPECT_GT(flows, 20);
  EXPECT_LT(flow, flows + 5 * std::sqrt(2.0 * flows));
}

}  // namespace
}  // namespace gx::test::gibbs
