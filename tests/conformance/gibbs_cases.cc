// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The Gibbs family. Samples are compared bit by bit: weights are multiples of 2^-11 with up to 13 bits, so that sums
// are exact whatever their order and whatever parts a weight is taken in, and p differs by the roundings of an
// exponential alone. The family is float32: cases run in that format only.

#include <algorithm>
#include <cmath>

#include "case.h"

namespace gx::test {
namespace {

std::vector<float> lattice(int64_t n, double most, uint64_t seed) {
  std::vector<float> v = integers(n, int64_t(-most * 2048), int64_t(most * 2048), seed);
  for (float& x : v) x /= 2048;
  return v;
}

// A machine on the device. `real` weights have all their bits.
gx_rbm machine(Run& run, int64_t visible, int64_t hidden, bool centered = false, bool real = false) {
  const uint64_t seed = uint64_t(visible * 1000 + hidden);
  const auto make = [&](int64_t n, double most, uint64_t s) {
    return run.floats(real ? reals(n, -most, most, s) : lattice(n, most, s));
  };
  const double most = visible + hidden > 200 ? 0.25 : 1;
  const auto offsets = [&](int64_t n, uint64_t s) {  // quarters: products with the lattice are exact
    std::vector<float> v = integers(n, 0, 4, s);
    for (float& x : v) x /= 4;
    return run.floats(v);
  };
  return {visible,
          hidden,
          make(visible * hidden, most, seed),
          make(visible, 1, seed + 1),
          make(hidden, 1, seed + 2),
          centered ? offsets(visible, seed + 3) : nullptr,
          centered ? offsets(hidden, seed + 4) : nullptr};
}

gx_states floats(Run& run, int64_t rows, int64_t units, const std::vector<float>& values) {
  return {const_cast<float*>(run.floats(values)), rows, units, GX_FLOAT32};
}
std::vector<float> binary(int64_t n, uint64_t seed) { return integers(n, 0, 1, seed); }

const Tolerance kFields = {64 * kEpsilon, 4 * kEpsilon, true};
const Tolerance kChances = {8 * kEpsilon, 8 * kEpsilon, true};
const Tolerance kEnergies = {1e-4, 4 * kEpsilon};

struct Shape {
  int64_t rows, visible, hidden;
};
std::string name_of(const Shape& s) {
  return std::to_string(s.rows) + "_" + std::to_string(s.visible) + "x" + std::to_string(s.hidden);
}

// --- Layers
// ---------------------------------------------------------------------------------------

void layer(Run& run, const Shape& s, gx_layer target, bool packed, bool real) {
  const bool up = target == GX_HIDDEN;
  const int64_t from = up ? s.visible : s.hidden, to = up ? s.hidden : s.visible;
  const gx_rbm rbm = machine(run, s.visible, s.hidden, real, real);
  const gx_states given = packed ? run.bits(s.rows, from, gx::test::packed(s.rows, from, 0.4, 5))
                                 : floats(run, s.rows, from, lattice(s.rows * from, 0.01, 5));
  float* x = run.out_floats(s.rows * to, kFields);
  float* p = run.out_floats(s.rows * to, kChances);
  const gx_states sample = run.out_bits(s.rows, to, real ? 1e-4 : 0);
  gx_layer_sample_params a = {};
  a.target = target;
  a.given = &given;
  a.beta = 0.75f;
  a.row_beta = real ? run.floats(reals(s.rows, 0.5, 1.5, 6)) : nullptr;
  a.rng = {(uint64_t(7) << 32) + 11, (uint64_t(3) << 32) + 4};
  a.x = x;
  a.p = p;
  a.sample = &sample;
  run.ok(gx_rbm_layer_sample(run.device(), &rbm, &a));
}

GX_CASES(layers) {
  // Blocks of 32, 64, 128 and 256 rows of states on 4 multiprocessors; sizes around words, tiles, blocks and stages.
  for (const Shape& s : {Shape{1, 1, 1}, {3, 31, 33}, {33, 64, 65}, {100, 70, 96}, {128, 200, 210}, {300, 70, 72}}) {
    for (const gx_layer target : {GX_HIDDEN, GX_VISIBLE}) {
      for (const bool packed : {true, false}) {
        for (const bool real : {false, true}) {
          add_case(
              "gibbs",
              std::string("layer_") + (target == GX_HIDDEN ? "h_" : "v_") + (packed ? "bits_" : "floats_") +
                  (real ? "real_" : "exact_") + name_of(s),
              [=](Run& run) { layer(run, s, target, packed, real); }, Formats::kFloat);
        }
      }
    }
  }
  add_case(
      "gibbs", "layer_float_sample",
      [](Run& run) {
        const gx_rbm rbm = machine(run, 40, 70);
        const gx_states given = run.bits(21, 40, packed(21, 40, 0.5, 5));
        const gx_states sample = {run.out_floats(21 * 70, {}), 21, 70, GX_FLOAT32};
        gx_layer_sample_params a = {GX_HIDDEN, &given, 1, nullptr, {3, 4}, nullptr, nullptr, &sample};
        run.ok(gx_rbm_layer_sample(run.device(), &rbm, &a));
      },
      Formats::kFloat);
}

// Weights whose scales differ from unit to unit, and some that are tiny beside their unit's largest.
GX_CASES(layer_scales) {
  add_case(
      "gibbs", "layer_scales",
      [](Run& run) {
        const int64_t visible = 45, hidden = 20, rows = 9;
        std::vector<float> W = reals(visible * hidden, -1, 1, 3);
        for (int64_t i = 0; i < visible; ++i) {
          for (int64_t j = 0; j < hidden; ++j) {
            W[size_t(i * hidden + j)] *= std::ldexp(1.0f, int(j - 10) * 3) * (i % 3 == 0 ? 1.0f : 0x1p-12f);
          }
        }
        gx_rbm rbm = machine(run, visible, hidden);
        rbm.W = run.floats(W);
        rbm.c = run.floats(std::vector<float>(size_t(hidden), 0));
        std::vector<uint32_t> only_small(size_t(rows * 2), 0);
        for (int64_t r = 0; r < rows; ++r) {
          for (int64_t i = 0; i < visible; ++i) {
            if (i % 3 != 0 && (i + r) % 2) only_small[size_t(r * 2 + i / 32)] |= 1u << i % 32;
          }
        }
        const gx_states given = run.bits(rows, visible, only_small);
        gx_layer_sample_params a = {};
        a.target = GX_HIDDEN;
        a.given = &given;
        a.beta = 1;
        a.x = run.out_floats(rows * hidden, {1e-30, 1e-3});  // some sums cancel
        run.ok(gx_rbm_layer_sample(run.device(), &rbm, &a));
      },
      Formats::kFloat);
}

// --- Chains
// ---------------------------------------------------------------------------------------

struct ChainCase {
  const char* name;
  Shape shape;
  int64_t steps;
  bool packed;
  int observed;  // 0: none, 1: one row for all, 2: a row each
  bool centered;
};

void chain(Run& run, const ChainCase& c) {
  const auto [rows, visible, hidden] = c.shape;
  const gx_rbm rbm = machine(run, visible, hidden, c.centered);
  // Float starts are intensities, where nothing is observed.
  gx_states v = {};
  if (c.packed) {
    v = run.inout_bits(rows, visible, packed(rows, visible, 0.5, 8));
  } else {
    const std::vector<float> start = c.observed ? binary(rows * visible, 8) : lattice(rows * visible, 0.01, 8);
    v = {run.inout(start, {}), rows, visible, GX_FLOAT32};
  }
  const int64_t observed_rows = c.observed == 1 ? 1 : rows;
  const gx_states observed =
      c.observed ? run.bits(observed_rows, visible, packed(observed_rows, visible, 0.3, 9)) : gx_states{};
  const gx_states h = run.out_bits(rows, hidden);
  std::vector<float> betas(size_t(rows), 1.0f);
  for (size_t r = 0; r < betas.size(); ++r) betas[r] = r % 3 == 0 ? 0.5f : 1.25f;
  gx_chain_params a = {};
  a.steps = c.steps;
  a.beta = 1;
  a.row_beta = c.observed == 2 ? run.floats(betas) : nullptr;
  a.rng = {21, 1000};
  a.v = &v;
  a.observed = c.observed ? &observed : nullptr;
  a.h = &h;
  a.p_v = run.out_floats(rows * visible, kChances);
  a.p_h = run.out_floats(rows * hidden, kChances);
  run.ok(gx_rbm_chain(run.device(), &rbm, &a));
}

GX_CASES(chains) {
  for (const ChainCase& c : {
           ChainCase{"one_step", {20, 40, 24}, 1, true, 0, true},
           {"few_steps", {20, 40, 24}, 3, true, 1, false},
           {"many_steps", {20, 40, 24}, 9, true, 0, true},
           {"many_steps_observed", {37, 70, 30}, 6, true, 1, false},
           {"many_steps_observed_each", {150, 33, 65}, 6, true, 2, false},
           {"floats", {20, 40, 24}, 6, false, 0, false},
           {"floats_observed", {20, 40, 24}, 5, false, 2, false},
           {"one_unit", {3, 1, 1}, 6, true, 0, false},
           {"three_members", {96, 240, 240}, 4, true, 0, false},
           {"three_members_observed", {12, 240, 230}, 5, true, 2, false},
           {"weights_too_large", {20, 520, 300}, 5, true, 0, false},
       }) {
    add_case(
        "gibbs", std::string("chain_") + c.name, [c](Run& run) { chain(run, c); }, Formats::kFloat);
  }
}

// --- Annealed importance sampling
// ---------------------------------------------------------------------------------------

struct AisCase {
  const char* name;
  Shape shape;
  int64_t count;
  bool packed, from_base, reverse, centered;
};

void ais(Run& run, const AisCase& c) {
  const auto [rows, visible, hidden] = c.shape;
  const gx_rbm rbm = machine(run, visible, hidden, c.centered);
  std::vector<double> betas;
  for (int64_t k = 0; k < c.count; ++k) betas.push_back(double(k * k) / double((c.count - 1) * (c.count - 1)));
  if (c.reverse) std::reverse(betas.begin(), betas.end());
  gx_states v = {};
  if (c.packed) {
    v = run.inout_bits(rows, visible, packed(rows, visible, 0.5, 8));
  } else {
    const std::vector<float> start = binary(rows * visible, 8);
    v = {run.inout(start, {}), rows, visible, GX_FLOAT32};
  }
  std::vector<double> log_weights(static_cast<size_t>(rows));
  const gx_ais_params a = {betas.data(), c.count,           run.floats(lattice(visible, 1, 10)), c.from_base, {33, 70},
                           &v,           log_weights.data()};
  run.ok(gx_rbm_ais(run.device(), &rbm, &a));
  run.host(log_weights, {1e-5, 16 * kEpsilon});
}

GX_CASES(annealing) {
  for (const AisCase& c : {
           AisCase{"two", {5, 20, 10}, 2, true, true, false, false},
           {"base", {20, 40, 24}, 9, true, true, false, true},
           {"reverse", {20, 40, 24}, 7, true, false, true, false},
           {"floats", {9, 70, 33}, 6, false, true, false, false},
           {"floats_given", {9, 70, 33}, 6, false, false, true, false},
           {"three_members", {25, 240, 240}, 3, true, true, false, false},
           {"weights_too_large", {20, 520, 300}, 3, true, true, false, false},
           {"many_rows", {650, 192, 128}, 3, true, true, false, false},
       }) {
    add_case(
        "gibbs", std::string("ais_") + c.name, [c](Run& run) { ais(run, c); }, Formats::kFloat);
  }
}

// --- Statistics and the update
// ---------------------------------------------------------------------------------------

GX_CASES(gradients) {
  for (const Shape& s : {Shape{1, 1, 1}, {40, 33, 65}, {17, 64, 64}, {5, 130, 20}}) {
    for (const bool packed : {true, false}) {
      add_case(
          "gibbs", std::string("gradient_") + (packed ? "bits_" : "floats_") + name_of(s),
          [=](Run& run) {
            const int64_t model_rows = s.rows + 7;
            const gx_rbm rbm = machine(run, s.visible, s.hidden, packed);
            const auto states = [&](int64_t rows, uint64_t seed) {
              return packed ? run.bits(rows, s.visible, gx::test::packed(rows, s.visible, 0.4, seed))
                            : floats(run, rows, s.visible, reals(rows * s.visible, 0, 1, seed));
            };
            const gx_states data = states(s.rows, 1), model = states(model_rows, 2);
            const Tolerance mean = {4 * kEpsilon, 4 * kEpsilon, true};
            gx_gradient_params a = {};
            a.data_v = &data;
            a.data_h = run.floats(reals(s.rows * s.hidden, 0, 1, 3));
            a.model_v = &model;
            a.model_h = run.floats(reals(model_rows * s.hidden, 0, 1, 4));
            a.dW = run.out_floats(s.visible * s.hidden, {16 * kEpsilon, 16 * kEpsilon, true});
            a.db = run.out_floats(s.visible, mean);
            a.dc = run.out_floats(s.hidden, mean);
            if (s.rows != 17) {
              a.mean_v = run.out_floats(s.visible, mean);
              a.mean_h = run.out_floats(s.hidden, mean);
            }
            run.ok(gx_rbm_gradient(run.device(), &rbm, &a));
          },
          Formats::kFloat);
    }
  }
}

GX_CASES(updates) {
  for (const Shape& s : {Shape{0, 1, 1}, {0, 33, 65}, {1, 40, 64}, {0, 130, 20}}) {  // rows: misaligned by an element
    for (const int offsets : {0, 1, 2, 3}) {
      add_case(
          "gibbs", "update_" + name_of(s) + "_" + std::to_string(offsets),
          [=](Run& run) {
            const Tolerance t = {8 * kEpsilon, 8 * kEpsilon, true};
            uint64_t seed = 50;
            const auto changed = [&](int64_t n, double low) {
              return static_cast<float*>(run.inout(reals(n + s.rows, low, 1, seed++), t)) + s.rows;
            };
            const auto given = [&](int64_t n, double low) { return run.floats(reals(n, low, 1, seed++)); };
            gx_update_params a = {};
            a.visible = s.visible;
            a.hidden = s.hidden;
            a.W = changed(s.visible * s.hidden, -1);
            a.b = changed(s.visible, -1);
            a.c = changed(s.hidden, -1);
            a.sW = changed(s.visible * s.hidden, -1);
            a.sb = changed(s.visible, -1);
            a.sc = changed(s.hidden, -1);
            a.dW = given(s.visible * s.hidden, -1);
            a.db = given(s.visible, -1);
            a.dc = given(s.hidden, -1);
            if (offsets & 1) a.mu = changed(s.visible, 0);
            if (offsets & 2) a.lambda = changed(s.hidden, 0);
            a.mean_v = given(s.visible, 0);
            a.mean_h = given(s.hidden, 0);
            a.rate = 0.05f;
            a.momentum = 0.9f;
            a.weight_decay = 0.01f;
            a.sparsity_target = 0.1f;
            a.sparsity_cost = offsets == 3 ? 0.5f : 0;
            a.offset_rate = 0.25f;
            run.ok(gx_rbm_update(run.device(), &a));
          },
          Formats::kFloat);
    }
  }
}

// --- Energies and what is made of them
// ---------------------------------------------------------------------------------------

GX_CASES(energies) {
  for (const Shape& s : {Shape{1, 1, 1}, {33, 31, 65}, {20, 70, 130}}) {
    for (const bool packed : {true, false}) {
      add_case(
          "gibbs", std::string("energies_") + (packed ? "bits_" : "floats_") + name_of(s),
          [=](Run& run) {
            const gx_rbm rbm = machine(run, s.visible, s.hidden, packed, true);
            const auto states = [&](int64_t units, uint64_t seed, bool intensities) {
              return packed ? run.bits(s.rows, units, gx::test::packed(s.rows, units, 0.4, seed))
                            : floats(run, s.rows, units,
                                     intensities ? reals(s.rows * units, 0, 1, seed) : binary(s.rows * units, seed));
            };
            const gx_states v = states(s.visible, 1, true), h = states(s.hidden, 2, true);
            const gx_states on_off = states(s.visible, 3, false);
            const float* betas = run.floats(reals(s.rows, 0.25, 2, 4));
            std::vector<double> out(static_cast<size_t>(s.rows));
            run.ok(gx_rbm_energy(run.device(), &rbm, &v, &h, out.data()));
            run.host(out, {1e-4, 4 * kEpsilon, true});
            run.ok(gx_rbm_free_energy(run.device(), &rbm, &v, 0.5f, nullptr, out.data()));
            run.host(out, kEnergies);
            run.ok(gx_rbm_free_energy(run.device(), &rbm, &v, 0.5f, betas, out.data()));
            run.host(out, kEnergies);
            run.ok(gx_rbm_log_pseudo_likelihood(run.device(), &rbm, &on_off, out.data()));
            run.host(out, kEnergies);
          },
          Formats::kFloat);
    }
  }
}

GX_CASES(partitions) {
  for (const Shape& s : {Shape{0, 1, 1}, {1, 3, 70}, {1, 40, 5}, {0, 11, 14}, {1, 15, 9}, {0, 7300, 2}}) {
    add_case(
        "gibbs", "log_partition_" + name_of(s),
        [=](Run& run) {
          const gx_rbm rbm = machine(run, s.visible, s.hidden, s.rows == 1, true);
          double log_z = 0;
          run.ok(gx_rbm_log_partition(run.device(), &rbm, &log_z));
          run.host({log_z}, {1e-11, 1e-13});
        },
        Formats::kFloat);
  }
}

GX_CASES(tempering) {
  for (const int parity : {0, 1}) {
    for (const bool packed : {true, false}) {
      add_case(
          "gibbs", std::string("tempering_") + (packed ? "bits_" : "floats_") + std::to_string(parity),
          [=](Run& run) {
            const int64_t replicas = 5, chains = 7, rows = replicas * chains, visible = 70;
            const gx_rbm rbm = machine(run, visible, 20, packed);
            const std::vector<float> betas = {1, 0.9f, 0.7f, 0.5f, 0};
            gx_states v = {};
            if (packed) {
              v = run.inout_bits(rows, visible, gx::test::packed(rows, visible, 0.5, 8));
            } else {
              const std::vector<float> start = binary(rows * visible, 8);
              v = {run.inout(start, {}), rows, visible, GX_FLOAT32};
            }
            std::vector<int64_t> accepted = {10, 20, 30, 40};
            const gx_tempering_params a = {betas.data(), replicas, parity, {5, 6}, &v, accepted.data()};
            run.ok(gx_rbm_tempering_swap(run.device(), &rbm, &a));
            run.host(std::vector<double>(accepted.begin(), accepted.end()), {});
          },
          Formats::kFloat);
    }
  }
}

}  // namespace
}  // namespace gx::test
