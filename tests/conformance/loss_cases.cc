// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// loss.h. Rows that a warp takes, that a block takes and that are cut into parts; in packs of 16 bytes and, shifted by
// an element, without.

#include <cmath>

#include "case.h"

namespace gx::test {
namespace {

struct Shape {
  int64_t rows, units;
  int64_t shift;  // of every array, in elements
};
const Shape kShapes[] = {{5, 1, 0}, {3, 33, 0}, {9, 260, 0}, {9, 260, 1}, {2, 2052, 0}, {1, 9004, 0}, {2, 9001, 1}};

std::string name_of(const char* what, const Shape& s) {
  return std::string(what) + "_" + std::to_string(s.rows) + "x" + std::to_string(s.units) + (s.shift ? "_shifted" : "");
}

// Operands and gradients of a case, shifted.
struct Arrays {
  Run& run;
  int64_t shift;
  uint64_t seed = 1;

  int64_t bytes() const { return shift * (run.format() == GX_FLOAT64 ? 8 : 4); }
  const void* in(std::vector<float> values) {
    values.insert(values.begin(), size_t(shift), 99.0f);
    return static_cast<const char*>(run.real(values)) + bytes();
  }
  const void* in(int64_t n, double low, double high) { return in(reals(n, low, high, seed++)); }
  // What stands before a shifted result stays NaN, on every device.
  void* out(int64_t n, Tolerance tolerance) {
    tolerance.zeros_allowed = true;
    return static_cast<char*>(run.out(n + shift, tolerance)) + bytes();
  }
};

Tolerance value_of(int64_t units) { return {1e-5 + 3e-6 * double(units), 3e-6}; }
const Tolerance kGradient = {3e-6, 1e-5};

GX_CASES(bernoulli) {
  for (const Shape& s : kShapes) {
    const int64_t n = s.rows * s.units;
    add_case("loss", name_of("bernoulli", s), [s, n](Run& run) {
      Arrays a{run, s.shift};
      const void *l = a.in(n, -6, 6), *x = a.in(n, 0, 1), *dy = a.in(s.rows, 0.5, 1.5);
      void *out = a.out(s.rows, value_of(s.units)), *dl = a.out(n, kGradient), *dx = a.out(n, kGradient);
      void* only = a.out(n, kGradient);
      run.ok(gx_bernoulli_log_likelihood(run.device(), run.format(), s.rows, s.units, l, x, out));
      run.ok(gx_bernoulli_log_likelihood_backward(run.device(), run.format(), s.rows, s.units, l, x, dy, dl, dx));
      run.ok(
          gx_bernoulli_log_likelihood_backward(run.device(), run.format(), s.rows, s.units, l, x, dy, nullptr, only));
    });
    add_case("loss", name_of("bernoulli_bits", s), [s, n](Run& run) {
      Arrays a{run, s.shift};
      const void *l = a.in(n, -6, 6), *dy = a.in(s.rows, 0.5, 1.5);
      const gx_states x = run.bits(s.rows, s.units, packed(s.rows, s.units, 0.4, 2));
      void *out = a.out(s.rows, value_of(s.units)), *dl = a.out(n, kGradient);
      run.ok(gx_bernoulli_log_likelihood_bits(run.device(), run.format(), l, &x, out));
      run.ok(gx_bernoulli_log_likelihood_bits_backward(run.device(), run.format(), l, &x, dy, dl));
    });
  }
}

// Sure units, infinities, NaN: in a row each.
GX_CASE(loss, bernoulli_of_extremes) {
  const float inf = INFINITY;
  const void* l = run.real({40, -40, 90, -90, inf, 1, -inf, 2, NAN, 3, 1000, -1000});
  const void* x = run.real({1, 0, 0, 1, 0.5f, 1, 0.5f, 0, 1, 0, 1, 0});
  const void* dy = run.real({1, 1, 1, 1, 1, 1});
  void *out = run.out(6, {1e-6, 3e-6, true}), *dl = run.out(12, {1e-6, 1e-5}), *dx = run.out(12, {0, 0});
  run.ok(gx_bernoulli_log_likelihood(run.device(), run.format(), 6, 2, l, x, out));
  run.ok(gx_bernoulli_log_likelihood_backward(run.device(), run.format(), 6, 2, l, x, dy, dl, dx));
}

GX_CASES(categorical) {
  for (const Shape& s : kShapes) {
    const int64_t n = s.rows * s.units;
    add_case("loss", name_of("categorical", s), [s, n](Run& run) {
      Arrays a{run, s.shift};
      const void *l = a.in(n, -5, 5), *t = a.in(n, 0, 2.0 / double(s.units)), *dy = a.in(s.rows, 0.5, 1.5);
      void *out = a.out(s.rows, {2e-5, 3e-6}), *dl = a.out(n, kGradient), *dt = a.out(n, {1e-5, 1e-5});
      run.ok(gx_categorical_log_likelihood(run.device(), run.format(), s.rows, s.units, l, nullptr, t, out));
      run.ok(gx_categorical_log_likelihood_backward(run.device(), run.format(), s.rows, s.units, l, nullptr, t, dy, dl,
                                                    dt));
    });
    add_case("loss", name_of("labels", s), [s, n](Run& run) {
      Arrays a{run, s.shift};
      std::vector<int64_t> labels;  // in host memory
      for (int64_t r = 0; r < s.rows; ++r) labels.push_back((r * 7 + 3) % s.units);
      const void *l = a.in(n, -5, 5), *dy = a.in(s.rows, 0.5, 1.5);
      void *out = a.out(s.rows, {2e-5, 3e-6}), *dl = a.out(n, kGradient);
      run.ok(
          gx_categorical_log_likelihood(run.device(), run.format(), s.rows, s.units, l, labels.data(), nullptr, out));
      run.ok(gx_categorical_log_likelihood_backward(run.device(), run.format(), s.rows, s.units, l, labels.data(),
                                                    nullptr, dy, dl, nullptr));
    });
  }
}

// Classes that cannot be, all of them, NaN; a target of 0 on one that cannot be adds nothing.
GX_CASE(loss, categorical_of_extremes) {
  const float inf = INFINITY;
  const void* l = run.real({-inf, 1, 2, -inf, -inf, -inf, 1, NAN, 2, 500, -500, 499, -inf, 0, -inf});
  const void* t = run.real({0, 0.5f, 0.5f, 1, 0, 0, 1, 0, 0, 0.5f, 0, 0.5f, 0.5f, 0.5f, 0});
  void* out = run.out(5, {1e-5, 3e-6, true});
  run.ok(gx_categorical_log_likelihood(run.device(), run.format(), 5, 3, l, nullptr, t, out));
}

const char* const kExtents[] = {"each", "unit", "shared"};

GX_CASES(gaussian) {
  for (int mean = GX_EACH; mean <= GX_SHARED; ++mean) {
    for (int logvar = GX_EACH; logvar <= GX_SHARED; ++logvar) {
      for (const Shape& s : {Shape{5, 3, 0}, Shape{70, 132, 0}, Shape{3, 260, 1}, Shape{1, 2100, 0}}) {
        const gx_extent m = gx_extent(mean), v = gx_extent(logvar);
        const std::string name = std::string("gaussian_") + kExtents[mean] + "_" + kExtents[logvar];
        add_case("loss", name_of(name.c_str(), s), [s, m, v](Run& run) {
          const int64_t n = s.rows * s.units;
          const auto size = [&](gx_extent e) { return e == GX_EACH ? n : e == GX_PER_UNIT ? s.units : 1; };
          const auto gradient = [&](gx_extent e) {
            return Tolerance{3e-6 * (e == GX_EACH ? 1 : e == GX_PER_UNIT ? double(s.rows) : double(n)), 1e-5};
          };
          Arrays a{run, s.shift};
          const void *x = a.in(n, -2, 2), *mu = a.in(size(m), -2, 2), *lv = a.in(size(v), -1, 1);
          const void* dy = a.in(s.rows, 0.5, 1.5);
          void *out = a.out(s.rows, value_of(s.units)), *dx = a.out(n, kGradient);
          void *dm = a.out(size(m), gradient(m)), *dv = a.out(size(v), gradient(v)),
               *only = a.out(size(v), gradient(v));
          run.ok(gx_gaussian_log_density(run.device(), run.format(), s.rows, s.units, m, v, x, mu, lv, out));
          run.ok(gx_gaussian_log_density_backward(run.device(), run.format(), s.rows, s.units, m, v, x, mu, lv, dy, dx,
                                                  dm, dv));
          run.ok(gx_gaussian_log_density_backward(run.device(), run.format(), s.rows, s.units, m, v, x, mu, lv, dy,
                                                  nullptr, nullptr, only));
        });
      }
    }
  }
}

GX_CASES(kl) {
  for (const Shape& s : kShapes) {
    for (const bool standard : {false, true}) {
      add_case("loss", name_of(standard ? "kl_to_standard" : "kl", s), [s, standard](Run& run) {
        const int64_t n = s.rows * s.units;
        Arrays a{run, s.shift};
        const void *m = a.in(n, -2, 2), *v = a.in(n, -2, 2), *pm = nullptr, *pv = nullptr, *dy = a.in(s.rows, 0.5, 1.5);
        const Tolerance gradient = {1e-5, 1e-5};
        void *dpm = nullptr, *dpv = nullptr;
        void *out = a.out(s.rows, value_of(4 * s.units)), *dm = a.out(n, gradient), *dv = a.out(n, gradient);
        if (!standard) {
          pm = a.in(n, -2, 2), pv = a.in(n, -2, 2);
          dpm = a.out(n, gradient), dpv = a.out(n, {3e-5, 1e-5});
        }
        run.ok(gx_gaussian_kl(run.device(), run.format(), s.rows, s.units, m, v, pm, pv, out));
        run.ok(
            gx_gaussian_kl_backward(run.device(), run.format(), s.rows, s.units, m, v, pm, pv, dy, dm, dv, dpm, dpv));
      });
    }
  }
}

GX_CASES(gaussian_mixture) {
  for (const Shape& s : {Shape{5, 1, 0}, Shape{3, 33, 0}, Shape{2, 700, 0}, Shape{1, 3000, 1}}) {
    for (const int64_t components : {1, 5}) {
      const std::string name = "gaussian_mixture_of_" + std::to_string(components);
      add_case("loss", name_of(name.c_str(), s), [s, components](Run& run) {
        const int64_t n = s.rows * s.units, size = n * components;
        Arrays a{run, s.shift};
        const void *x = a.in(n, -2, 2), *l = a.in(size, -2, 2), *m = a.in(size, -2, 2), *ls = a.in(size, -1, 1);
        const void* dy = a.in(s.rows, 0.5, 1.5);
        const Tolerance gradient = {4e-5, 2e-5};  // z^2 up to 100
        void *out = a.out(s.rows, value_of(4 * s.units)), *dx = a.out(n, gradient), *dl = a.out(size, gradient);
        void *dm = a.out(size, gradient), *ds = a.out(size, gradient), *pseudo = a.out(size, gradient);
        run.ok(
            gx_gaussian_mixture_log_density(run.device(), run.format(), s.rows, s.units, components, x, l, m, ls, out));
        gx_gaussian_mixture_backward_params p = {s.rows, s.units, components, 0, x, l, m, ls, dy, dx, dl, dm, ds};
        run.ok(gx_gaussian_mixture_log_density_backward(run.device(), run.format(), &p));
        p = {s.rows, s.units, components, 1, x, l, m, ls, dy, nullptr, nullptr, pseudo, nullptr};
        run.ok(gx_gaussian_mixture_log_density_backward(run.device(), run.format(), &p));
      });
    }
  }
}

// No component reaches x, and one that has no weight.
GX_CASE(loss, gaussian_mixture_of_extremes) {
  const float inf = INFINITY;
  const void* x = run.real({0, 1e30f, 1});
  const void *l = run.real({0, 0, 0, -inf, 0, 1}), *m = run.real({0, 0, 0, 5, 1, 1});
  const void* ls = run.real({0, 0, 0, 0, 0, 0});
  void* out = run.out(1, {1e-5, 3e-6});
  run.ok(gx_gaussian_mixture_log_density(run.device(), run.format(), 1, 1, 2, x, l, m, ls, out));
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

GX_CASES(logistic) {
  struct Of {
    int64_t channels, components, levels;
  };
  for (const Of& of : {Of{1, 4, 256}, Of{3, 3, 256}, Of{1, 2, 2}}) {
    for (const Shape& s : {Shape{5, 1, 0}, Shape{3, 33, 0}, Shape{2, 500, 1}}) {
      const std::string name = "logistic_" + std::to_string(of.channels) + "_of_" + std::to_string(of.components) +
                               "_" + std::to_string(of.levels);
      add_case("loss", name_of(name.c_str(), s), [s, of](Run& run) {
        const int64_t planes = of.components * (of.channels == 1 ? 3 : 10);
        std::vector<float> parameters = reals(s.rows * planes * s.units, -1.5, 1.5, 17);
        for (size_t i = 0; i < parameters.size(); ++i) {  // log scales about -2.5, as trained models have them
          const int64_t plane = int64_t(i) / s.units % planes - of.components;
          const int64_t which = plane < 0 ? -1 : plane / of.components % (of.channels == 1 ? 2 : 3);
          if (which == 1) parameters[i] -= 2.5f;
        }
        Arrays a{run, s.shift};
        const void *x = a.in(levels_of(s.rows * of.channels * s.units, of.levels)), *p = a.in(parameters);
        const void* dy = a.in(s.rows, 0.5, 1.5);
        void* out = a.out(s.rows, value_of(4 * s.units));
        void* dp = a.out(s.rows * planes * s.units, {4e-5, 4e-4});
        const gx_logistic_mixture m = {s.rows, of.channels, s.units, of.components, of.levels, -3.5};
        run.ok(gx_discretised_logistic_mixture(run.device(), run.format(), &m, x, p, out));
        run.ok(gx_discretised_logistic_mixture_backward(run.device(), run.format(), &m, x, p, dy, dp));
      });
    }
  }
}

// --- Distances

GX_CASES(parzen) {
  struct Of {
    int64_t rows, n, units, shift;
  };
  for (const Of& of : {Of{1, 1, 1, 0}, Of{5, 70, 33, 1}, Of{65, 200, 20, 0}, Of{3, 130, 150, 0}, Of{2, 3, 0, 0}}) {
    const std::string name =
        "parzen_" + std::to_string(of.rows) + "_" + std::to_string(of.n) + "_" + std::to_string(of.units);
    add_case("loss", name, [of](Run& run) {
      Arrays a{run, of.shift};
      const void *x = a.in(of.rows * of.units, 0, 1), *samples = a.in(of.n * of.units, 0, 1);
      void* out = a.out(of.rows, value_of(of.units));
      run.ok(gx_parzen_log_likelihood(run.device(), run.format(), 0.5, of.rows, of.n, of.units, x, samples, out));
    });
  }
}

GX_CASES(mmd) {
  struct Of {
    int64_t rows, n, units, shift;
  };
  for (const Of& of : {Of{2, 2, 1, 0}, Of{5, 9, 33, 1}, Of{66, 130, 9, 0}, Of{70, 3, 150, 0}}) {
    for (const int unbiased : {0, 1}) {
      const std::string name = std::string(unbiased ? "mmd_unbiased_" : "mmd_") + std::to_string(of.rows) + "_" +
                               std::to_string(of.n) + "_" + std::to_string(of.units);
      add_case("loss", name, [of, unbiased](Run& run) {
        const double bandwidths[] = {0.5, 1, 2.5};  // in host memory
        const gx_mmd_params p = {of.rows, of.n, of.units, 3, bandwidths, unbiased};
        Arrays a{run, of.shift};
        const void *x = a.in(of.rows * of.units, -1, 1), *y = a.in(of.n * of.units, -0.5, 1.5);
        const void* dout = a.in(1, 0.5, 1.5);
        void* out = a.out(1, {2e-6, 1e-5});
        void *dx = a.out(of.rows * of.units, {1e-6, 1e-5}), *dy = a.out(of.n * of.units, {1e-6, 1e-5});
        void* only = a.out(of.n * of.units, {1e-6, 1e-5});
        run.ok(gx_mmd(run.device(), run.format(), &p, x, y, out));
        run.ok(gx_mmd_backward(run.device(), run.format(), &p, x, y, dout, dx, dy));
        run.ok(gx_mmd_backward(run.device(), run.format(), &p, x, y, dout, nullptr, only));
      });
    }
  }
}

// Of equal sets the V statistic is 0, whatever the rounding of its parts.
GX_CASE(loss, mmd_of_equal_sets) {
  const double bandwidth = 0.7;
  const gx_mmd_params p = {80, 80, 20, 1, &bandwidth, 0};
  const std::vector<float> points = reals(1600, -1, 1, 3);
  const void *x = run.real(points), *y = run.real(points);
  void* out = run.out(1, {0, 0, true});
  run.ok(gx_mmd(run.device(), run.format(), &p, x, y, out));
}

GX_CASES(wasserstein) {
  struct Of {
    int64_t rows, n;
    bool ties;
  };
  for (const Of& of : {Of{1, 1, false}, Of{7, 7, false}, Of{33, 100, false}, Of{100, 33, true}, Of{1, 1500, false},
                       Of{3000, 2, true}, Of{1100, 1100, false}}) {
    const std::string name = "wasserstein_" + std::to_string(of.rows) + "_" + std::to_string(of.n);
    add_case("loss", name, [of](Run& run) {
      Arrays a{run, 0};
      const void* x = a.in(of.ties ? integers(of.rows, -4, 4, 1) : reals(of.rows, -1, 1, 1));
      const void* y = a.in(of.ties ? integers(of.n, -3, 5, 2) : reals(of.n, -0.5, 1.5, 2));
      const void* dout = a.in(1, 0.5, 1.5);
      void *out = a.out(1, {1e-5, 1e-5}), *dx = a.out(of.rows, {1e-7, 1e-5}), *dy = a.out(of.n, {1e-7, 1e-5});
      void* only = a.out(of.rows, {1e-7, 1e-5});
      run.ok(gx_wasserstein1(run.device(), run.format(), of.rows, of.n, x, y, out));
      run.ok(gx_wasserstein1_backward(run.device(), run.format(), of.rows, of.n, x, y, dout, dx, dy));
      run.ok(gx_wasserstein1_backward(run.device(), run.format(), of.rows, of.n, x, y, dout, only, nullptr));
    });
  }
}

GX_CASE(loss, wasserstein_with_nan) {
  const void *x = run.real({1, NAN, 3}), *y = run.real({1, 2}), *dout = run.real({1});
  void *out = run.out(1, {}), *dx = run.out(3, {}), *dy = run.out(2, {});
  run.ok(gx_wasserstein1(run.device(), run.format(), 3, 2, x, y, out));
  run.ok(gx_wasserstein1_backward(run.device(), run.format(), 3, 2, x, y, dout, dx, dy));
}

// --- Nothing to sum

GX_CASE(loss, sums_over_nothing) {
  const Tolerance zero = {0, 0, true};
  const void *some = run.real({1, 2, 3}), *none = run.real({}), *dy = run.real({1, 1, 1});
  void *out[5], *shared = run.out(1, zero), *per_unit = run.out(3, zero);
  for (void*& o : out) o = run.out(3, zero);
  run.ok(gx_bernoulli_log_likelihood(run.device(), run.format(), 3, 0, none, none, out[0]));
  run.ok(gx_gaussian_kl(run.device(), run.format(), 3, 0, none, none, nullptr, nullptr, out[1]));
  run.ok(gx_gaussian_mixture_log_density(run.device(), run.format(), 3, 0, 2, none, none, none, none, out[2]));
  const gx_logistic_mixture m = {3, 3, 0, 2, 256, -7};
  run.ok(gx_discretised_logistic_mixture(run.device(), run.format(), &m, none, none, out[3]));
  run.ok(gx_gaussian_log_density(run.device(), run.format(), 3, 0, GX_EACH, GX_SHARED, none, none, some, out[4]));
  run.ok(gx_gaussian_log_density_backward(run.device(), run.format(), 3, 0, GX_EACH, GX_SHARED, none, none, some, dy,
                                          nullptr, nullptr, shared));
  run.ok(gx_gaussian_log_density_backward(run.device(), run.format(), 0, 3, GX_PER_UNIT, GX_SHARED, none, some, some,
                                          none, nullptr, per_unit, nullptr));
  run.ok(gx_categorical_log_likelihood(run.device(), run.format(), 0, 5, none, nullptr, none, out[0]));
}

}  // namespace
}  // namespace gx::test
