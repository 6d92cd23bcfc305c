// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Exact log Z against enumeration of both layers (oracle 1), of the smaller one where the other is wide, and closed
// forms (oracle 27).

#include "gibbs_support.h"
#include "kernels/gibbs/log_partition/log_partition.h"
#include "runtime/isa.h"

namespace gx::test::gibbs {
namespace {

double log_z(gx_device* device, const Machine& machine) {
  const gx_rbm rbm = machine.view();
  double z = NAN;
  EXPECT_OK(gx_rbm_log_partition(device, &rbm, &z));
  return z;
}

// The same machine with its layers exchanged.
Machine transposed(const Machine& m) {
  Random random(0);
  Machine t(m.hidden, m.visible, Values::kReals, m.centered, random);
  for (int64_t i = 0; i < m.visible; ++i) {
    for (int64_t j = 0; j < m.hidden; ++j) t.W[j * m.visible + i] = m.W[i * m.hidden + j];
  }
  std::copy(m.b.begin(), m.b.end(), t.c.begin());
  std::copy(m.c.begin(), m.c.end(), t.b.begin());
  std::copy(m.mu.begin(), m.mu.end(), t.lambda.begin());
  std::copy(m.lambda.begin(), m.lambda.end(), t.mu.begin());
  return t;
}

// By enumeration of the hidden layer alone: softplus adds the visible one up.
double by_hidden_states(const Machine& machine) {
  const Plain plain(machine.view());
  std::vector<double> terms;
  for (uint64_t h = 0; h < uint64_t(1) << plain.hidden; ++h) {
    double term = 0;
    for (int64_t j = 0; j < plain.hidden; ++j) term += h >> j & 1 ? plain.c[size_t(j)] : 0;
    for (int64_t i = 0; i < plain.visible; ++i) {
      double x = plain.b[size_t(i)];
      for (int64_t j = 0; j < plain.hidden; ++j) x += h >> j & 1 ? plain.w(i, j) : 0;
      term += softplus(x);
    }
    terms.push_back(term);
  }
  return log_sum_exp(terms);
}

// Everything is in double: 1e-12 of the size of the sum.
void expect_log_z(gx_device* device, const Machine& machine, double want) {
  const Machine turned = transposed(machine);
  for (const int32_t threads : thread_counts()) {
    ASSERT_OK(gx_device_set_threads(device, threads));
    const double bound = 1e-12 * (1 + std::fabs(want) + double(machine.visible + machine.hidden));
    EXPECT_NEAR(log_z(device, machine), want, bound) << machine.visible << "x" << machine.hidden;
    EXPECT_NEAR(log_z(device, turned), want, bound) << machine.hidden << "x" << machine.visible;
  }
}

TEST(LogPartition, EqualsTheSumOverBothLayers) {
  const Device device(1);
  Random random(60);
  for (const auto& [visible, hidden] :
       std::vector<std::pair<int64_t, int64_t>>{{1, 1}, {2, 1}, {7, 5}, {7, 7}, {3, 10}, {9, 5}, {4, 9}}) {
    for (const bool centered : {false, true}) {
      const Machine machine(visible, hidden, Values::kReals, centered, random, 2, 1);
      expect_log_z(device, machine, Plain(machine.view()).log_partition());
    }
  }
}

// The visible and the hidden enumeration agree on machines of several Gray code blocks, and past the 512 factors per
// lane that share a logarithm (4096 units of the wide layer with the widest vectors).
TEST(LogPartition, OfWideLayersAndSeveralBlocks) {
  const Device device(1);
  Random random(61);
  for (const auto& [visible, hidden] : std::vector<std::pair<int64_t, int64_t>>{
           {300, 4}, {65, 12}, {13, 13}, {1030, 3}, {2051, 2}, {4097, 2}, {8195, 3}}) {
    const Machine machine(visible, hidden, Values::kReals, visible < 100, random, 1);
    expect_log_z(device, machine, by_hidden_states(machine));
  }
}

// Oracle 27: without weights the units are independent.
TEST(LogPartition, WithoutWeightsIsASumOfSoftplus) {
  const Device device(2);
  Random random(62);
  for (const auto& [visible, hidden] :
       std::vector<std::pair<int64_t, int64_t>>{{5, 3}, {quick() ? 12 : 17, 40}, {5000, 6}}) {
    Machine machine(visible, hidden, Values::kReals, true, random, 3);
    std::fill(machine.W.begin(), machine.W.end(), 0.0f);
    double want = 0;
    for (const float x : machine.b) want += softplus(x);
    for (const float x : machine.c) want += softplus(x);
    expect_log_z(device, machine, want);
  }
}

// All factors 1 + exp(-|x|) are 2: more of them in one product than a double's exponent has room for.
TEST(LogPartition, OfThousandsOfIdleUnits) {
  const Device device(1);
  Random random(65);
  Machine machine(17000, 2, Values::kReals, false, random);
  for (Buffer<float>* a : {&machine.W, &machine.b, &machine.c}) std::fill(a->begin(), a->end(), 0.0f);
  expect_log_z(device, machine, 17002 * std::log(2.0));
}

// Terms that differ by thousands of nats, and biases of either sign: nothing overflows, nothing is lost.
TEST(LogPartition, OfExtremeMachinesIsFinite) {
  const Device device(1);
  Random random(63);
  for (const double scale : {100.0, 3000.0}) {
    const Machine machine(8, 11, Values::kReals, false, random, scale);
    const double want = by_hidden_states(machine);
    ASSERT_TRUE(std::isfinite(want));
    EXPECT_NEAR(log_z(device, machine), want, 1e-11 * std::fabs(want));
  }
}

// Every variant, block by block, also where a block does not begin at code 0.
TEST(LogPartition, EveryVariantSumsItsBlock) {
  int count, runs = 0;
  const gx::LogPartitionVariant* variants = gx::log_partition_variants(&count);
  Random random(64);
  for (const int64_t large : {1, 7, 8, 9, 100, 4096, 4104, 5000}) {
    constexpr int64_t kSmall = 5;
    constexpr int kBits = 3;
    const int64_t stride = (large + 7) / 8 * 8;
    Guarded<double> W(kSmall * stride), small_bias(kSmall), large_bias(stride);
    for (double& w : W) w = 0;
    for (double& b : small_bias) b = random.real(-1, 1);
    for (double& b : large_bias) b = -1e300;
    for (int64_t n = 0; n < large; ++n) {
      large_bias[n] = random.real(-2, 2);
      for (int64_t s = 0; s < kSmall; ++s) W[s * stride + n] = random.real(-2, 2);
    }
    for (uint64_t first = 0; first < 1 << kSmall; first += 1 << kBits) {
      std::vector<double> terms;
      for (uint64_t i = first; i < first + (1 << kBits); ++i) {
        const uint64_t code = i ^ i >> 1;
        double term = 0;
        for (int64_t s = 0; s < kSmall; ++s) term += code >> s & 1 ? small_bias[s] : 0;
        for (int64_t n = 0; n < large; ++n) {
          double x = large_bias[n];
          for (int64_t s = 0; s < kSmall; ++s) x += code >> s & 1 ? W[s * stride + n] : 0;
          term += softplus(x);
        }
        terms.push_back(term);
      }
      const double want = log_sum_exp(terms);
      for (int v = 0; v < count; ++v) {
        if (!gx::usable(variants[v].line.isa)) continue;
        Guarded<double> x(stride);
        const double got = variants[v].run(
            {kSmall, large, stride, W.data(), small_bias.data(), large_bias.data(), first, kBits, x.data()});
        EXPECT_NEAR(got, want, 1e-12 * (1 + std::fabs(want) + double(large)))
            << large << " on instruction set " << variants[v].line.isa;
        ++runs;
      }
    }
  }
  EXPECT_EQ(runs, 8 * 4 * (1 + gx_cpu_isa()));
}

}  // namespace
}  // namespace gx::test::gibbs
