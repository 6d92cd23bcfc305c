// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// States as floats and as bits: the same bits as the CPU's.

#include <cmath>

#include "case.h"

namespace gx::test {
namespace {

gx_states floats_of(const float* data, int64_t rows, int64_t units) {
  return {const_cast<float*>(data), rows, units, GX_FLOAT32};
}

struct Size {
  int64_t rows, units;
};
const Size kSizes[] = {{1, 1}, {3, 31}, {2, 32}, {5, 33}, {3, 64}, {7, 100}, {2, 255}, {4, 260}, {3, 1025}};
std::string name_of(const Size& s) { return std::to_string(s.rows) + "x" + std::to_string(s.units); }

GX_CASES(states) {
  for (const Size& s : kSizes) {
    for (const int64_t shift : {0, 1}) {
      const std::string name = name_of(s) + (shift ? "_shifted" : "");
      const int64_t n = s.rows * s.units;
      add_case(
          "states_convert", name,
          [s, n, shift](Run& run) {
            std::vector<float> values = reals(n + shift, 0, 1, 1);
            values[size_t(n / 2 + shift)] = NAN;
            if (n > 1) values[size_t(n - 1 + shift)] = 0.5f;  // the threshold itself
            const gx_states f = floats_of(run.floats(values) + shift, s.rows, s.units);
            const gx_states b = run.bits(s.rows, s.units, packed(s.rows, s.units, 0.4, 2));
            const gx_states to_bits = run.out_bits(s.rows, s.units), bits_again = run.out_bits(s.rows, s.units);
            const gx_states to_floats = floats_of(run.out_floats(n + shift, {0, 0, true}) + shift, s.rows, s.units);
            const gx_states again = floats_of(run.out_floats(n + shift, {}) + shift, s.rows, s.units);
            run.ok(gx_states_convert(run.device(), &f, 0.5f, &to_bits));
            run.ok(gx_states_convert(run.device(), &b, 0.5f, &to_floats));
            run.ok(gx_states_convert(run.device(), &f, 0.5f, &again));
            run.ok(gx_states_convert(run.device(), &b, 0.5f, &bits_again));
          },
          Formats::kFloat);
      add_case(
          "states_bernoulli", name,
          [s, n, shift](Run& run) {
            const gx_rng rng = {uint64_t(99 + n), uint64_t(3) << 33};
            std::vector<float> p = reals(n + shift, 0, 1, 1);
            p[size_t(shift)] = 1;
            if (n > 3) p[size_t(shift + 1)] = 0, p[size_t(shift + 2)] = NAN;
            const float* chance = run.floats(p) + shift;
            const gx_states b = run.out_bits(s.rows, s.units);
            const gx_states f = floats_of(run.out_floats(n + shift, {}) + shift, s.rows, s.units);
            run.ok(gx_states_bernoulli(run.device(), chance, rng, &b));
            run.ok(gx_states_bernoulli(run.device(), chance, rng, &f));
            float* same = run.out_floats(n, {});
            const gx_states before = floats_of(chance, s.rows, s.units), in_place = floats_of(same, s.rows, s.units);
            run.ok(gx_states_convert(run.device(), &before, 0, &in_place));
            run.ok(gx_states_bernoulli(run.device(), same, rng, &in_place));
          },
          Formats::kFloat);
    }
    add_case(
        "states_gather", name_of(s),
        [s](Run& run) {
          const std::vector<int64_t> index = {s.rows - 1, 0, 0, s.rows / 2, s.rows - 1};
          const gx_states b = run.bits(s.rows, s.units, packed(s.rows, s.units, 0.5, 1));
          const gx_states f = floats_of(run.floats(reals(s.rows * s.units, 0, 1, 2)), s.rows, s.units);
          const gx_states to_bits = run.out_bits(5, s.units);
          const gx_states to_floats = floats_of(run.out_floats(5 * s.units, {}), 5, s.units);
          run.ok(gx_states_gather(run.device(), &b, index.data(), &to_bits));
          run.ok(gx_states_gather(run.device(), &f, index.data(), &to_floats));
        },
        Formats::kFloat);
  }
  // Many rows, so that the grid takes several turns.
  add_case(
      "states_bernoulli", "more_than_a_grid",
      [](Run& run) {
        const int64_t rows = 8300, units = 70;
        const float* p = run.floats(reals(rows * units, 0, 1, 1));
        const gx_states b = run.out_bits(rows, units);
        run.ok(gx_states_bernoulli(run.device(), p, {5, 6}, &b));
      },
      Formats::kFloat);
  for (const Size s : {Size{1, 1}, Size{31, 33}, Size{40, 128}, Size{100, 255}, Size{700, 7}, Size{9001, 3}}) {
    add_case(
        "states_mean", name_of(s),
        [s](Run& run) {
          const gx_states f = floats_of(run.floats(reals(s.rows * s.units, 0, 1, 1)), s.rows, s.units);
          const gx_states b = run.bits(s.rows, s.units, packed(s.rows, s.units, 0.5, 2));
          float* of_floats = run.out_floats(s.units, {0, kEpsilon});
          float* of_bits = run.out_floats(s.units, {0, 0, true});
          run.ok(gx_states_mean(run.device(), &f, of_floats));
          run.ok(gx_states_mean(run.device(), &b, of_bits));
        },
        Formats::kFloat);
  }
}

}  // namespace
}  // namespace gx::test
