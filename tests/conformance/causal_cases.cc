// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// causal.h: networks of every kind of node and head, with one to several images to a block; drawing, completing,
// scoring.

#include <cmath>

#include "case.h"
#include "causal_programs.h"

namespace gx::test {
namespace {

template <class T>
const void* on_device(Run& run, const void* from, int64_t count) {
  const T* const values = static_cast<const T*>(from);
  return run.array(std::vector<T>(values, values + count));
}

// The case's program with its arrays in the device's memory.
template <class T>
gx_causal_program program_of(Run& run, CausalCase& c, int64_t rows) {
  const gx_causal_program p = c.program<T>();
  for (int64_t i = 0; i < p.nodes; ++i) {
    gx_causal_node& n = c.node(i);
    if (n.W) n.W = on_device<T>(run, n.W, n.weights);
    if (n.b) n.b = on_device<T>(run, n.b, n.biases);
    if (n.values) n.values = on_device<T>(run, n.values, rows * n.channels);
  }
  for (int64_t h = 0; h < p.heads; ++h) c.head(h).values = on_device<T>(run, c.head(h).values, c.head(h).levels);
  return p;
}

struct Given {
  std::vector<float> x, observed;  // empty: nothing is given
};

// Sums may take another order than the CPU's; a draw would have to lie within that of its threshold to differ.
void sample_on(Run& run, CausalCase& c, int64_t rows, const Given& given = {}, bool also_without = false) {
  const int64_t images = rows * c.channels * c.height * c.width, pixels = c.height * c.width;
  const gx_causal_program p =
      run.format() == GX_FLOAT64 ? program_of<double>(run, c, rows) : program_of<float>(run, c, rows);
  std::vector<double> log_likelihood(size_t(rows), 9), evaluations;  // in host memory
  std::vector<int64_t> counted(static_cast<size_t>(pixels), -1);
  gx_causal_run r = {};
  r.rows = rows;
  r.rng = {7, 3};
  r.observed = given.observed.empty() ? nullptr : run.real(given.observed);
  r.all_observed = !given.x.empty() && given.observed.empty();
  r.x = given.x.empty() ? run.out(images, {1e-6, 0, true}) : run.inout(given.x, {1e-6, 0, true});
  r.logits = run.out(rows * c.parameters() * pixels, {1e-5, 1e-5});
  r.log_likelihood = log_likelihood.data();
  r.evaluations = counted.data();
  run.ok(gx_causal_sample(run.device(), run.format(), &p, &r));
  run.host(log_likelihood, {2e-4, 1e-5});
  evaluations.assign(counted.begin(), counted.end());
  run.host(evaluations, {});
  if (!also_without) return;
  // Without what is optional, the same draws.
  r.logits = nullptr, r.log_likelihood = nullptr, r.evaluations = nullptr;
  r.x = given.x.empty() ? run.out(images, {1e-6, 0, true}) : run.inout(given.x, {1e-6, 0, true});
  run.ok(gx_causal_sample(run.device(), run.format(), &p, &r));
}

struct Network {
  const char* name;
  CausalCase (*make)(int64_t rows);
};
const Network kNetworks[] = {
    {"plain", [](int64_t) { return plain(); }},           {"gated", [](int64_t rows) { return gated(rows); }},
    {"colours", [](int64_t) { return colours(); }},       {"mixture_of_1", [](int64_t) { return mixture(1); }},
    {"mixture_of_3", [](int64_t) { return mixture(3); }}, {"deep", [](int64_t) { return deep(); }}};

GX_CASES(draw) {
  for (const Network& n : kNetworks) {
    add_case("causal", n.name, [n](Run& run) {
      CausalCase c = n.make(2);
      sample_on(run, c, 2);
    });
  }
  // On an emulated GPU of four multiprocessors: one image to a block, two, four, eight.
  for (const int64_t rows : {1, 6, 15, 17}) {
    add_case("causal", "rows_" + std::to_string(rows), [rows](Run& run) {
      CausalCase c = deep();
      sample_on(run, c, rows, {}, true);
    });
  }
}

// Every other pixel is given, or all; what is given lies on the levels.
GX_CASES(complete) {
  for (const Network& n : kNetworks) {
    for (const bool all : {false, true}) {
      add_case("causal", std::string(all ? "score_" : "complete_") + n.name, [n, all](Run& run) {
        constexpr int64_t kRows = 1;
        CausalCase c = n.make(kRows);
        const int64_t images = kRows * c.channels * c.height * c.width, levels = c.head(0).levels;
        Given given;
        given.x = integers(images, 0, levels - 1, 4);
        for (float& x : given.x) x = levels == 2 ? x : float(2 * double(x) / double(levels - 1) - 1);
        if (!all) {
          given.observed = integers(images, 0, 1, 5);
          for (size_t i = 0; i < given.x.size(); ++i) {
            if (given.observed[i] == 0) given.x[i] = NAN;  // never read
          }
        }
        sample_on(run, c, kRows, given);
      });
    }
  }
}

GX_CASE(causal, every_function) {
  for (int f = GX_EXP; f <= GX_EXPM1; ++f) {
    CausalCase c(1, 1, 2);
    const int64_t x = c.conv(3, {{c.input(), causal_taps(3, false)}}, GX_ACTIVATION_SIGMOID);
    c.draws(GX_CAUSAL_BERNOULLI, c.conv(1, {{c.unary(x, gx_unary_function(f), 0.5)}}), 0, 0, 1);
    sample_on(run, c, 3);
  }
  for (int f = GX_ADD; f <= GX_PRELU; ++f) {
    CausalCase c(1, 1, 2);
    const int64_t x = c.conv(6, {{c.input(), causal_taps(3, false)}}, GX_ACTIVATION_SIGMOID);
    const int64_t y = c.binary(gx_binary_function(f), {x, {}, 0, 3}, {x, {}, 3, 3});
    // And as what follows a convolution, on either side.
    const int64_t z = c.conv(3, {{y}}, GX_ACTIVATION_SIGMOID);
    const int64_t left = c.binary(gx_binary_function(f), {z}, {y}), again = c.conv(3, {{left}}, GX_ACTIVATION_SIGMOID);
    const int64_t right = c.binary(gx_binary_function(f), {left}, {again});
    c.draws(GX_CAUSAL_BERNOULLI, c.conv(1, {{c.concat_elu(right)}}), 0, 0, 1);
    sample_on(run, c, 3);
  }
}

// Maps that no shared memory holds; with images side by side, some do not fit and fewer do.
GX_CASES(wide) {
  for (const int64_t channels : {300, 2200, 2600}) {
    add_case("causal", "wide_" + std::to_string(channels), [channels](Run& run) {
      CausalCase c(1, 2, 22);
      const int64_t x = c.conv(channels, {{c.input(), causal_taps(3, false)}}, GX_ACTIVATION_TANH);
      c.draws(GX_CAUSAL_BERNOULLI, c.conv(2, {{x, causal_taps(3, true)}}), 1, 0, 1);
      sample_on(run, c, 1);
    });
  }
}

// As many functions after one another as there are, and a head with all levels of a byte.
GX_CASE(causal, many_functions_and_levels) {
  CausalCase c(1, 3, 3);
  int64_t x = c.conv(5, {{c.input(), causal_taps(3, false)}}, GX_ACTIVATION_ELU);
  for (const gx_unary_function f : {GX_TANH, GX_SQUARE, GX_SOFTPLUS, GX_SIGMOID, GX_EXP, GX_LOG1P, GX_SILU}) {
    x = c.unary(x, f, 0.5);
  }
  c.draws(GX_CAUSAL_CATEGORICAL, c.conv(256, {{x}}), 0, 0, 1, 256);
  sample_on(run, c, 3);
}

// Bernoulli channels side by side.
GX_CASE(causal, many_channels) {
  CausalCase c(40, 2, 3);
  const int64_t x = c.conv(7, {{c.input(), causal_taps(3, false)}}, GX_ACTIVATION_TANH);
  c.draws(GX_CAUSAL_BERNOULLI, c.conv(40, {{x}}), 0, 0, 40);
  sample_on(run, c, 3);
}

GX_CASE(causal, no_rows) {
  CausalCase c = plain();
  const gx_causal_program p = run.format() == GX_FLOAT64 ? program_of<double>(run, c, 0) : program_of<float>(run, c, 0);
  std::vector<int64_t> counted(static_cast<size_t>(c.height * c.width), -1);
  gx_causal_run r = {};
  r.x = run.out(0, {});
  r.evaluations = counted.data();
  run.ok(gx_causal_sample(run.device(), run.format(), &p, &r));
  run.host(std::vector<double>(counted.begin(), counted.end()), {});
}

}  // namespace
}  // namespace gx::test
