// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The cases of the family: the list, and what holds for all of them.

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "guarded.h"
#include "kernels/loss/bernoulli_log_likelihood/bernoulli_log_likelihood.h"
#include "kernels/loss/categorical_log_likelihood/categorical_log_likelihood.h"
#include "kernels/loss/discretised_logistic_mixture/discretised_logistic_mixture.h"
#include "kernels/loss/gaussian_kl/gaussian_kl.h"
#include "kernels/loss/gaussian_log_density/gaussian_log_density.h"
#include "kernels/loss/gaussian_mixture_log_density/gaussian_mixture_log_density.h"
#include "kernels/loss/mmd/mmd.h"
#include "kernels/loss/parzen_log_likelihood/parzen_log_likelihood.h"
#include "loss_case.h"

namespace gx::test {
namespace {

const float* floats(const void* p) { return static_cast<const float*>(p); }
float* floats(void* p) { return static_cast<float*>(p); }

template <class Variant>
std::vector<KernelLine> lines(const Variant* variants, int count) {
  std::vector<KernelLine> all;
  for (int v = 0; v < count; ++v) all.push_back(variants[v].line);
  return all;
}
#define GX_VARIANTS(op)                         \
  int count = 0;                                \
  const auto* variants = op##_variants(&count); \
  c.variants = lines(variants, count)

LossCase bernoulli(int64_t rows, int64_t units) {
  LossCase c = {"bernoulli", {reals(rows * units, -6, 6, 1), reals(rows * units, 0, 1, 2)}, {true, true}, rows};
  c.forward = [=](gx_device* d, gx_format f, const Inputs& in, void* out) {
    return gx_bernoulli_log_likelihood(d, f, rows, units, in[0], in[1], out);
  };
  c.backward = [=](gx_device* d, gx_format f, const Inputs& in, const void* dy, const Outputs& to) {
    return gx_bernoulli_log_likelihood_backward(d, f, rows, units, in[0], in[1], dy, to[0], to[1]);
  };
  GX_VARIANTS(bernoulli_log_likelihood);
  c.run = [=](int v, gx_device& d, const Inputs& in, float* out) {
    bernoulli_log_likelihood(variants[v], d,
                             {rows, units, floats(in[0]), floats(in[1]), out, nullptr, nullptr, nullptr, nullptr});
  };
  c.run_backward = [=](int v, gx_device& d, const Inputs& in, const float* dy, const Outputs& to) {
    bernoulli_log_likelihood_backward(
        variants[v], d,
        {rows, units, floats(in[0]), floats(in[1]), nullptr, dy, floats(to[0]), floats(to[1]), nullptr});
  };
  return c;
}

LossCase bernoulli_bits(int64_t rows, int64_t units) {
  LossCase c = {"bernoulli of bits", {reals(rows * units, -6, 6, 1)}, {true}, rows};
  const std::vector<uint32_t> bits = packed(rows, units, 0.4, 2);
  c.forward = [=](gx_device* d, gx_format f, const Inputs& in, void* out) {
    const gx_states x = {const_cast<uint32_t*>(bits.data()), rows, units, GX_BITS};
    return gx_bernoulli_log_likelihood_bits(d, f, in[0], &x, out);
  };
  c.backward = [=](gx_device* d, gx_format f, const Inputs& in, const void* dy, const Outputs& to) {
    const gx_states x = {const_cast<uint32_t*>(bits.data()), rows, units, GX_BITS};
    return gx_bernoulli_log_likelihood_bits_backward(d, f, in[0], &x, dy, to[0]);
  };
  GX_VARIANTS(bernoulli_log_likelihood);
  c.run = [=](int v, gx_device& d, const Inputs& in, float* out) {
    bernoulli_log_likelihood(variants[v], d,
                             {rows, units, floats(in[0]), nullptr, out, nullptr, nullptr, nullptr, bits.data()});
  };
  c.run_backward = [=](int v, gx_device& d, const Inputs& in, const float* dy, const Outputs& to) {
    bernoulli_log_likelihood_backward(
        variants[v], d, {rows, units, floats(in[0]), nullptr, nullptr, dy, floats(to[0]), nullptr, bits.data()});
  };
  return c;
}

LossCase categorical(int64_t rows, int64_t classes) {
  LossCase c = {"categorical", {reals(rows * classes, -5, 5, 3), reals(rows * classes, 0, 1, 4)}, {true, true}, rows};
  c.forward = [=](gx_device* d, gx_format f, const Inputs& in, void* out) {
    return gx_categorical_log_likelihood(d, f, rows, classes, in[0], nullptr, in[1], out);
  };
  c.backward = [=](gx_device* d, gx_format f, const Inputs& in, const void* dy, const Outputs& to) {
    return gx_categorical_log_likelihood_backward(d, f, rows, classes, in[0], nullptr, in[1], dy, to[0], to[1]);
  };
  GX_VARIANTS(categorical_log_likelihood);
  c.run = [=](int v, gx_device& d, const Inputs& in, float* out) {
    categorical_log_likelihood(variants[v], d,
                               {rows, classes, floats(in[0]), nullptr, floats(in[1]), out, nullptr, nullptr, nullptr});
  };
  c.run_backward = [=](int v, gx_device& d, const Inputs& in, const float* dy, const Outputs& to) {
    categorical_log_likelihood_backward(
        variants[v], d,
        {rows, classes, floats(in[0]), nullptr, floats(in[1]), nullptr, dy, floats(to[0]), floats(to[1])});
  };
  c.value = {2e-5, 3e-6, true};
  return c;
}

LossCase labels(int64_t rows, int64_t classes) {
  LossCase c = categorical(rows, classes);
  std::vector<int64_t> label(static_cast<size_t>(rows));
  for (size_t r = 0; r < label.size(); ++r) label[r] = int64_t(r * 7 + 3) % classes;
  c.name = "labels";
  c.operands.pop_back();
  c.differentiable.pop_back();
  c.forward = [=](gx_device* d, gx_format f, const Inputs& in, void* out) {
    return gx_categorical_log_likelihood(d, f, rows, classes, in[0], label.data(), nullptr, out);
  };
  c.backward = [=](gx_device* d, gx_format f, const Inputs& in, const void* dy, const Outputs& to) {
    return gx_categorical_log_likelihood_backward(d, f, rows, classes, in[0], label.data(), nullptr, dy, to[0],
                                                  nullptr);
  };
  GX_VARIANTS(categorical_log_likelihood);
  c.run = [=](int v, gx_device& d, const Inputs& in, float* out) {
    categorical_log_likelihood(variants[v], d,
                               {rows, classes, floats(in[0]), label.data(), nullptr, out, nullptr, nullptr, nullptr});
  };
  c.run_backward = [=](int v, gx_device& d, const Inputs& in, const float* dy, const Outputs& to) {
    categorical_log_likelihood_backward(
        variants[v], d, {rows, classes, floats(in[0]), label.data(), nullptr, nullptr, dy, floats(to[0]), nullptr});
  };
  return c;
}

LossCase gaussian(int64_t rows, int64_t units, gx_extent mean, gx_extent logvar) {
  const auto size = [=](gx_extent e) { return e == GX_EACH ? rows * units : e == GX_PER_UNIT ? units : 1; };
  LossCase c = {"gaussian " + std::to_string(mean) + std::to_string(logvar),
                {reals(rows * units, -2, 2, 5), reals(size(mean), -2, 2, 6), reals(size(logvar), -1, 1, 7)},
                {true, true, true},
                rows};
  c.forward = [=](gx_device* d, gx_format f, const Inputs& in, void* out) {
    return gx_gaussian_log_density(d, f, rows, units, mean, logvar, in[0], in[1], in[2], out);
  };
  c.backward = [=](gx_device* d, gx_format f, const Inputs& in, const void* dy, const Outputs& to) {
    return gx_gaussian_log_density_backward(d, f, rows, units, mean, logvar, in[0], in[1], in[2], dy, to[0], to[1],
                                            to[2]);
  };
  GX_VARIANTS(gaussian_log_density);
  const auto args = [=](const Inputs& in) {
    GaussianLogDensity<float> a = {};
    a.rows = rows, a.units = units, a.mean_extent = mean, a.logvar_extent = logvar;
    a.x = floats(in[0]), a.mean = floats(in[1]), a.logvar = floats(in[2]);
    return a;
  };
  c.run = [=](int v, gx_device& d, const Inputs& in, float* out) {
    auto a = args(in);
    a.out = out;
    gaussian_log_density(variants[v], d, a);
  };
  c.run_backward = [=](int v, gx_device& d, const Inputs& in, const float* dy, const Outputs& to) {
    auto a = args(in);
    a.dy = dy, a.dx = floats(to[0]), a.dmean = floats(to[1]), a.dlogvar = floats(to[2]);
    gaussian_log_density_backward(variants[v], d, a);
  };
  return c;
}

LossCase kl(int64_t rows, int64_t units, bool standard) {
  LossCase c = {standard ? "kl to N(0, I)" : "kl",
                {reals(rows * units, -2, 2, 8), reals(rows * units, -2, 2, 9), reals(rows * units, -2, 2, 10),
                 reals(rows * units, -2, 2, 11)},
                {true, true, true, true},
                rows};
  if (standard) c.operands.resize(2), c.differentiable.resize(2);
  const auto at = [=](const auto& all, size_t i) { return i < all.size() ? all[i] : nullptr; };
  c.forward = [=](gx_device* d, gx_format f, const Inputs& in, void* out) {
    return gx_gaussian_kl(d, f, rows, units, in[0], in[1], at(in, 2), at(in, 3), out);
  };
  c.backward = [=](gx_device* d, gx_format f, const Inputs& in, const void* dy, const Outputs& to) {
    return gx_gaussian_kl_backward(d, f, rows, units, in[0], in[1], at(in, 2), at(in, 3), dy, to[0], to[1], at(to, 2),
                                   at(to, 3));
  };
  GX_VARIANTS(gaussian_kl);
  const auto args = [=](const Inputs& in) {
    GaussianKl<float> a = {};
    a.rows = rows, a.units = units, a.mean = floats(in[0]), a.logvar = floats(in[1]);
    a.p_mean = floats(at(in, 2)), a.p_logvar = floats(at(in, 3));
    return a;
  };
  c.run = [=](int v, gx_device& d, const Inputs& in, float* out) {
    auto a = args(in);
    a.out = out;
    gaussian_kl(variants[v], d, a);
  };
  c.run_backward = [=](int v, gx_device& d, const Inputs& in, const float* dy, const Outputs& to) {
    auto a = args(in);
    a.dy = dy, a.dmean = floats(to[0]), a.dlogvar = floats(to[1]);
    a.dp_mean = floats(at(to, 2)), a.dp_logvar = floats(at(to, 3));
    gaussian_kl_backward(variants[v], d, a);
  };
  return c;
}

LossCase mixture(int64_t rows, int64_t units, int64_t components) {
  const int64_t size = rows * units * components;
  LossCase c = {
      "gaussian mixture of " + std::to_string(components),
      {reals(rows * units, -2, 2, 12), reals(size, -2, 2, 13), reals(size, -2, 2, 14), reals(size, -1, 1, 15)},
      {true, true, true, true},
      rows};
  c.forward = [=](gx_device* d, gx_format f, const Inputs& in, void* out) {
    return gx_gaussian_mixture_log_density(d, f, rows, units, components, in[0], in[1], in[2], in[3], out);
  };
  c.backward = [=](gx_device* d, gx_format f, const Inputs& in, const void* dy, const Outputs& to) {
    const gx_gaussian_mixture_backward_params p = {rows,  units, components, 0,     in[0], in[1], in[2],
                                                   in[3], dy,    to[0],      to[1], to[2], to[3]};
    return gx_gaussian_mixture_log_density_backward(d, f, &p);
  };
  GX_VARIANTS(gaussian_mixture_log_density);
  const auto args = [=](const Inputs& in) {
    GaussianMixture<float> a = {};
    a.rows = rows, a.units = units, a.components = components;
    a.x = floats(in[0]), a.logits = floats(in[1]), a.mean = floats(in[2]), a.log_sigma = floats(in[3]);
    return a;
  };
  c.run = [=](int v, gx_device& d, const Inputs& in, float* out) {
    auto a = args(in);
    a.out = out;
    gaussian_mixture_log_density(variants[v], d, a);
  };
  c.run_backward = [=](int v, gx_device& d, const Inputs& in, const float* dy, const Outputs& to) {
    auto a = args(in);
    a.dy = dy, a.dx = floats(to[0]), a.dlogits = floats(to[1]), a.dmean = floats(to[2]), a.dlog_sigma = floats(to[3]);
    gaussian_mixture_log_density_backward(variants[v], d, a);
  };
  return c;
}

// Pixels on the levels, the lowest and the highest among them.
std::vector<float> levels_of(int64_t n, int64_t levels) {
  std::vector<float> x = integers(n, 0, levels - 1, 16);
  for (size_t i = 0; i < x.size(); ++i) {
    if (i % 5 == 1) x[i] = 0;
    if (i % 7 == 2) x[i] = float(levels - 1);
    x[i] = float(2 * double(x[i]) / double(levels - 1) - 1);
  }
  return x;
}

LossCase logistic(int64_t rows, int64_t pixels, int64_t channels, int64_t components, int64_t levels) {
  const int64_t planes = logistic_planes(channels, components);
  LossCase c = {"logistic mixture of " + std::to_string(channels) + "x" + std::to_string(components),
                {levels_of(rows * channels * pixels, levels), reals(rows * planes * pixels, -1.5, 1.5, 17)},
                {false, true},
                rows};
  // Log scales about -2.5, as trained models have them.
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t channel = 0; channel < channels; ++channel) {
      for (int64_t k = 0; k < components; ++k) {
        for (int64_t i = 0; i < pixels; ++i) {
          c.operands[1][size_t((r * planes + logistic_plane(channels, components, channel, kLogScale, k)) * pixels +
                               i)] -= 2.5f;
        }
      }
    }
  }
  const gx_logistic_mixture m = {rows, channels, pixels, components, levels, -3.5};
  c.forward = [=](gx_device* d, gx_format f, const Inputs& in, void* out) {
    return gx_discretised_logistic_mixture(d, f, &m, in[0], in[1], out);
  };
  c.backward = [=](gx_device* d, gx_format f, const Inputs& in, const void* dy, const Outputs& to) {
    return gx_discretised_logistic_mixture_backward(d, f, &m, in[0], in[1], dy, to[1]);
  };
  GX_VARIANTS(discretised_logistic_mixture);
  const auto args = [=](const Inputs& in) {
    LogisticMixture<float> a = {};
    a.rows = rows, a.channels = channels, a.pixels = pixels, a.components = components, a.levels = levels;
    a.min_log_scale = m.min_log_scale, a.x = floats(in[0]), a.parameters = floats(in[1]);
    return a;
  };
  c.run = [=](int v, gx_device& d, const Inputs& in, float* out) {
    auto a = args(in);
    a.out = out;
    discretised_logistic_mixture(variants[v], d, a);
  };
  c.run_backward = [=](int v, gx_device& d, const Inputs& in, const float* dy, const Outputs& to) {
    auto a = args(in);
    a.dy = dy, a.dparameters = floats(to[1]);
    discretised_logistic_mixture_backward(variants[v], d, a);
  };
  c.gradient = {4e-5, 4e-4, true};
  return c;
}

LossCase parzen(int64_t rows, int64_t units) {
  const int64_t n = 3 * rows + 1;
  LossCase c = {"parzen", {reals(rows * units, 0, 1, 18), reals(n * units, 0, 1, 19)}, {false, false}, rows};
  c.forward = [=](gx_device* d, gx_format f, const Inputs& in, void* out) {
    return gx_parzen_log_likelihood(d, f, 0.5, rows, n, units, in[0], in[1], out);
  };
  GX_VARIANTS(parzen_log_likelihood);
  c.run = [=](int v, gx_device& d, const Inputs& in, float* out) {
    parzen_log_likelihood(variants[v], d, {0.5, rows, n, units, floats(in[0]), floats(in[1]), out});
  };
  return c;
}

LossCase mmd_of(int64_t rows, int64_t units, bool unbiased) {
  static const double bandwidths[] = {0.5, 1, 2.5};
  const int64_t n = rows + 3;
  LossCase c = {unbiased ? "mmd, unbiased" : "mmd",
                {reals(rows * units, -1, 1, 20), reals(n * units, -0.5, 1.5, 21)},
                {true, true},
                1};
  const gx_mmd_params p = {rows, n, units, 3, bandwidths, unbiased};
  c.forward = [=](gx_device* d, gx_format f, const Inputs& in, void* out) {
    return gx_mmd(d, f, &p, in[0], in[1], out);
  };
  c.backward = [=](gx_device* d, gx_format f, const Inputs& in, const void* dy, const Outputs& to) {
    return gx_mmd_backward(d, f, &p, in[0], in[1], dy, to[0], to[1]);
  };
  GX_VARIANTS(mmd);
  const auto args = [=](const Inputs& in) {
    Mmd<float> m = {};
    m.rows = rows, m.n = n, m.units = units, m.bandwidth_count = 3, m.bandwidths = bandwidths, m.unbiased = unbiased;
    m.x = floats(in[0]), m.y = floats(in[1]);
    return m;
  };
  c.run = [=](int v, gx_device& d, const Inputs& in, float* out) {
    auto m = args(in);
    m.out = out;
    mmd(variants[v], d, m);
  };
  c.run_backward = [=](int v, gx_device& d, const Inputs& in, const float* dy, const Outputs& to) {
    auto m = args(in);
    m.dout = dy, m.dx = floats(to[0]), m.dy = floats(to[1]);
    mmd_backward(variants[v], d, m);
  };
  c.value = {1e-6, 1e-5, true};
  c.gradient = {1e-6, 1e-5, true};
  return c;
}

LossCase wasserstein(int64_t rows, int64_t n) {
  LossCase c = {"wasserstein1", {reals(rows, -1, 1, 22), reals(n, -0.5, 1.5, 23)}, {true, true}, 1};
  c.forward = [=](gx_device* d, gx_format f, const Inputs& in, void* out) {
    return gx_wasserstein1(d, f, rows, n, in[0], in[1], out);
  };
  c.backward = [=](gx_device* d, gx_format f, const Inputs& in, const void* dy, const Outputs& to) {
    return gx_wasserstein1_backward(d, f, rows, n, in[0], in[1], dy, to[0], to[1]);
  };
  return c;
}

}  // namespace

std::vector<LossCase> loss_cases(int64_t rows, int64_t units) {
  std::vector<LossCase> cases = {bernoulli(rows, units),
                                 bernoulli_bits(rows, units),
                                 categorical(rows, units),
                                 labels(rows, units),
                                 gaussian(rows, units, GX_EACH, GX_EACH),
                                 gaussian(rows, units, GX_EACH, GX_PER_UNIT),
                                 gaussian(rows, units, GX_PER_UNIT, GX_SHARED),
                                 gaussian(rows, units, GX_SHARED, GX_PER_UNIT),
                                 kl(rows, units, true),
                                 kl(rows, units, false),
                                 mixture(rows, units, 1),
                                 mixture(rows, units, 5),
                                 logistic(rows, units, 1, 4, 256),
                                 logistic(rows, units, 3, 3, 256),
                                 logistic(rows, units, 1, 2, 2),
                                 parzen(rows, units),
                                 mmd_of(rows + 1, units, false),
                                 mmd_of(rows + 1, units, true),
                                 wasserstein(units, units),
                                 wasserstein(units, rows)};
  for (LossCase& c : cases) {
    // A sum of `units` float terms of some units' size, and gradients of order 1.
    if (c.value.absolute == 0) c.value = {1e-5 + 3e-6 * double(units), 3e-6, true};
    if (c.gradient.absolute == 0) c.gradient = {3e-6, 1e-5, true};
  }
  return cases;
}

namespace {

std::vector<int64_t> sizes() {
  return quick() ? std::vector<int64_t>{1, 7, 17, 33}
                 : std::vector<int64_t>{1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65};
}

TEST(Loss, EveryVariantAgreesWithTheReference) {
  Device device(2);
  int ran = 0;
  for (int64_t units : sizes()) {
    for (const LossCase& c : loss_cases(5, units)) {
      LossRun<double> want(c);
      compute(c, device, want);
      for (size_t v = 0; v < c.variants.size(); ++v) {
        if (!usable(c.variants[v].isa)) continue;
        ++ran;
        SCOPED_TRACE(c.name + " of " + std::to_string(units) + ", variant " + std::to_string(v));
        LossRun<float> run(c);
        std::vector<std::unique_ptr<Guarded<float>>> in, to;
        Inputs inputs;
        Outputs outputs;
        for (size_t i = 0; i < run.operands.size(); ++i) {
          in.push_back(std::make_unique<Guarded<float>>(run.operands[i], 1));
          to.push_back(std::make_unique<Guarded<float>>(int64_t(run.gradients[i].size()), 1));
          inputs.push_back(in.back()->data());
          outputs.push_back(run.gradients[i].empty() ? nullptr : to.back()->data());
        }
        Guarded<float> out(c.results, 1);
        c.run(int(v), *static_cast<gx_device*>(device), inputs, out.data());
        EXPECT_TRUE(close(out, want.out, c.value));
        if (!c.run_backward) continue;
        c.run_backward(int(v), *static_cast<gx_device*>(device), inputs, run.dy.data(), outputs);
        for (size_t i = 0; i < to.size(); ++i) {
          Tolerance tolerance = c.gradient;
          // Shared by the rows, and by the units: as many terms.
          if (want.gradients[i].size() < run.operands[0].size()) tolerance.absolute *= double(5 * units);
          EXPECT_TRUE(close(*to[i], want.gradients[i], tolerance)) << "gradient " << i;
        }
      }
    }
  }
  EXPECT_GE(ran, 1);
}

TEST(Loss, GradientsAreTheSlopes) {
  Device device;
  constexpr double kStep = 1e-5;
  for (const LossCase& c : loss_cases(2, 3)) {
    if (!c.backward) continue;
    SCOPED_TRACE(c.name);
    LossRun<double> run(c);
    compute(c, device, run);
    const auto value = [&] {
      EXPECT_OK(c.forward(device, GX_FLOAT64, run.inputs(), run.out.data()));
      double sum = 0;
      for (size_t r = 0; r < run.out.size(); ++r) sum += run.dy[r] * run.out[r];
      return sum;
    };
    for (size_t i = 0; i < run.operands.size(); ++i) {
      if (!c.differentiable[i]) continue;
      std::vector<double> slopes;
      for (double& x : run.operands[i]) {
        const double at = x;
        x = at + kStep;
        const double above = value();
        x = at - kStep;
        slopes.push_back((above - value()) / (2 * kStep));
        x = at;
      }
      EXPECT_TRUE(close(run.gradients[i], slopes, {1e-8, 1e-5, true})) << "operand " << i;
    }
  }
}

TEST(Loss, GradientsThatAreNotWantedAreLeftOut) {
  Device device;
  for (const LossCase& c : loss_cases(3, 9)) {
    if (!c.backward) continue;
    SCOPED_TRACE(c.name);
    LossRun<float> all(c);
    compute(c, device, all);
    for (size_t wanted = 0; wanted < all.operands.size(); ++wanted) {
      if (!c.differentiable[wanted] || std::count(c.differentiable.begin(), c.differentiable.end(), true) < 2) continue;
      LossRun<float> one(c);
      Outputs to = one.outputs();
      for (size_t i = 0; i < to.size(); ++i) {
        if (i != wanted) to[i] = nullptr;
      }
      EXPECT_OK(c.backward(device, GX_FLOAT32, one.inputs(), one.dy.data(), to));
      EXPECT_EQ(one.gradients[wanted], all.gradients[wanted]);
    }
  }
}

// Large enough that rows are cut into spans, and sets into blocks.
TEST(Loss, ThreadsChangeNothingAndTwiceIsTheSame) {
  Device device(1);
  std::vector<LossCase> cases = {
      bernoulli(3, 20000), bernoulli_bits(3, 20001), gaussian(90, 700, GX_PER_UNIT, GX_SHARED),
      kl(3, 9000, false),  mixture(2, 3000, 3),      logistic(3, 400, 3, 3, 256),
      parzen(150, 40),     mmd_of(150, 9, false),    categorical(40, 300),
      wasserstein(99, 70)};
  for (const LossCase& c : cases) {
    SCOPED_TRACE(c.name);
    LossRun<float> first(c);
    ASSERT_OK(gx_device_set_threads(device, 1));
    compute(c, device, first);
    for (int32_t threads : thread_counts()) {
      ASSERT_OK(gx_device_set_threads(device, threads));
      LossRun<float> again(c);
      compute(c, device, again);
      EXPECT_EQ(again.out, first.out) << threads << " threads";
      EXPECT_EQ(again.gradients, first.gradients) << threads << " threads";
    }
    LossRun<double> wide(c);
    compute(c, device, wide);
    EXPECT_TRUE(close(first.out, wide.out, {1e-4, 1e-5}));
  }
}

TEST(Loss, TheSumOverNothingIsZero) {
  Device device;
  std::vector<LossCase> cases = {bernoulli(3, 0),
                                 bernoulli_bits(0, 37),
                                 gaussian(3, 0, GX_EACH, GX_SHARED),
                                 gaussian(0, 4, GX_PER_UNIT, GX_SHARED),
                                 kl(3, 0, false),
                                 mixture(3, 0, 2),
                                 logistic(3, 0, 3, 2, 256),
                                 bernoulli(0, 5),
                                 categorical(0, 5),
                                 kl(0, 5, true),
                                 mixture(0, 5, 2),
                                 logistic(0, 5, 1, 2, 256)};
  for (const LossCase& c : cases) {
    SCOPED_TRACE(c.name);
    LossRun<float> run(c);
    std::fill(run.out.begin(), run.out.end(), 7.0f);
    for (auto& gradient : run.gradients) std::fill(gradient.begin(), gradient.end(), 7.0f);
    compute(c, device, run);
    for (float out : run.out) EXPECT_EQ(out, 0);
    for (const auto& gradient : run.gradients) {
      for (float g : gradient) EXPECT_EQ(g, 0);
    }
    LossRun<double> wide(c);
    compute(c, device, wide);
    for (double out : wide.out) EXPECT_EQ(out, 0);
  }
}

TEST(Loss, NanStaysNan) {
  Device device;
  for (const LossCase& c : loss_cases(3, 5)) {
    for (size_t i = 0; i < c.operands.size(); ++i) {
      SCOPED_TRACE(c.name + ", operand " + std::to_string(i));
      LossRun<float> run(c);
      LossRun<double> wide(c);
      run.operands[i][0] = std::numeric_limits<float>::quiet_NaN();
      wide.operands[i][0] = run.operands[i][0];
      compute(c, device, run);
      compute(c, device, wide);
      EXPECT_TRUE(std::isnan(run.out[0]));
      EXPECT_TRUE(std::isnan(wide.out[0]));
      if (c.differentiable[i]) {
        bool any = false;
        for (const auto& g : run.gradients) any = any || (!g.empty() && std::isnan(g[0]));
        EXPECT_TRUE(any) << "a NaN operand shows in a gradient";
      }
    }
  }
}

TEST(Loss, OutputsMayNotOverlapOperands) {
  Device device;
  for (const LossCase& c : loss_cases(3, 5)) {
    SCOPED_TRACE(c.name);
    LossRun<float> run(c);
    for (const auto& operand : run.operands) {
      EXPECT_REFUSED("overlap", c.forward(device, GX_FLOAT32, run.inputs(), const_cast<float*>(operand.data())));
    }
    EXPECT_REFUSED("format", c.forward(device, GX_BITS, run.inputs(), run.out.data()));
    EXPECT_REFUSED("device", c.forward(nullptr, GX_FLOAT32, run.inputs(), run.out.data()));
    EXPECT_REFUSED("out must not be null", c.forward(device, GX_FLOAT32, run.inputs(), nullptr));
    EXPECT_REFUSED("aligned", c.forward(device, GX_FLOAT32, run.inputs(), reinterpret_cast<char*>(run.out.data()) + 1));
    for (size_t i = 0; i < run.operands.size(); ++i) {
      if (c.name == "categorical" && i == 1) continue;  // labels would be expected
      Inputs without = run.inputs();
      without[i] = nullptr;
      EXPECT_REFUSED("null", c.forward(device, GX_FLOAT32, without, run.out.data())) << i;
      if (c.backward) {
        EXPECT_REFUSED("null", c.backward(device, GX_FLOAT32, without, run.dy.data(), run.outputs())) << i;
      }
    }
    if (!c.backward) continue;
    EXPECT_REFUSED("null", c.backward(device, GX_FLOAT32, run.inputs(), nullptr, run.outputs()));
    EXPECT_REFUSED("device", c.backward(nullptr, GX_FLOAT32, run.inputs(), run.dy.data(), run.outputs()));
    EXPECT_REFUSED("format", c.backward(device, GX_BITS, run.inputs(), run.dy.data(), run.outputs()));
    Outputs onto = run.outputs();
    for (size_t i = 0; i < onto.size(); ++i) {
      if (onto[i]) onto[i] = const_cast<void*>(run.inputs()[i]);
    }
    EXPECT_REFUSED("overlap", c.backward(device, GX_FLOAT32, run.inputs(), run.dy.data(), onto));
  }
}

}  // namespace
}  // namespace gx::test
