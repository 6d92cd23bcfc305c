// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/causal/heads.h"

#include <algorithm>
#include <cmath>

#include "runtime/philox.h"

namespace gx {
namespace {

double softplus(double x) { return (x > 0 ? x : 0) + std::log1p(std::exp(-std::fabs(x))); }

// The parameters of one row.
template <class T>
struct Lane {
  const T* first;
  int64_t stride;
  double operator[](int64_t k) const { return double(first[k * stride]); }
};

// u(unit) of one pixel and row.
struct Uniforms {
  PhiloxStream stream;
  int64_t row, first_unit;
  double operator()(int64_t unit) const { return double(uniform_of_word(philox_word(stream, row, first_unit + unit))); }
};

template <class T>
double greatest(const Lane<T>& l, int64_t n) {
  double most = l[0];
  for (int64_t k = 1; k < n; ++k) most = l[k] > most ? l[k] : most;
  return most;
}

template <class T>
double log_sum_exp(const Lane<T>& l, int64_t n) {
  const double most = greatest(l, n);
  double sum = 0;
  for (int64_t k = 0; k < n; ++k) sum += std::exp(l[k] - most);
  return most + std::log(sum);
}

template <class T>
int64_t pick(const Lane<T>& l, int64_t n, double u) {
  const double most = greatest(l, n);
  double sum = 0, reached = 0;
  for (int64_t k = 0; k < n; ++k) sum += std::exp(l[k] - most);
  for (int64_t k = 0; k + 1 < n; ++k) {
    reached += std::exp(l[k] - most);
    if (reached > u * sum) return k;
  }
  return n - 1;
}

// The level whose value is nearest.
template <class T>
int64_t level_of(const T* values, int64_t levels, double x) {
  const int64_t above = std::lower_bound(values, values + levels, T(x)) - values;
  if (above == 0) return 0;
  if (above == levels) return levels - 1;
  return double(values[above]) - x < x - double(values[above - 1]) ? above : above - 1;
}

// The mixture at a pixel: x[c] are those of its channels that are known.
template <class T>
struct Mixture {
  const gx_causal_head& h;
  Lane<T> l;

  int64_t plane(int64_t c, int64_t which, int64_t k) const {
    return h.components * (1 + c * (h.drawn == 1 ? 2 : 3) + which) + k;
  }
  double mean(int64_t c, int64_t k, const double* x) const {
    const auto t = [&](int64_t i) { return std::tanh(l[plane(i, 2, k)]); };
    const double m = l[plane(c, 0, k)];
    return c == 0 ? m : c == 1 ? m + t(0) * x[0] : m + t(1) * x[0] + t(2) * x[1];
  }
  double log_scale(int64_t c, int64_t k) const {
    const double s = l[plane(c, 1, k)];
    return s < h.min_log_scale ? h.min_log_scale : s;
  }
  double draw(int64_t c, const double* x, const Uniforms& u) const {
    const int64_t k = pick(l, h.components, u(0));
    const double v = u(1 + c) + 0x1p-25;
    const double y = mean(c, k, x) + std::exp(log_scale(c, k)) * (std::log(v) - std::log1p(-v));
    const double cut = y < -1 ? -1 : y > 1 ? 1 : y, level = std::floor((cut + 1) / 2 * double(h.levels - 1) + 0.5);
    return double(static_cast<const T*>(h.values)[std::isnan(level) ? 0 : int64_t(level)]);
  }
  // log P of x[c], loss.h.
  double log_p(int64_t c, int64_t k, const double* x) const {
    const double half = 1.0 / double(h.levels - 1), s = std::exp(-log_scale(c, k)), m = mean(c, k, x);
    double sum = 0;
    const bool lowest = x[c]<half - 1, highest = x[c]> 1 - half;
    if (!highest) sum -= softplus(-s * (x[c] + half - m));
    if (!lowest) sum -= softplus(s * (x[c] - half - m));
    if (!lowest && !highest) sum += std::log(-std::expm1(-2 * s * half));
    return sum;
  }
  double log_likelihood(const double* x) const {
    double sum = 0, most = -INFINITY;
    for (int pass = 0; pass < 2; ++pass) {
      for (int64_t k = 0; k < h.components; ++k) {
        double joint = l[k];
        for (int64_t c = 0; c < h.drawn; ++c) joint += log_p(c, k, x);
        if (pass == 0) most = joint > most ? joint : most;
        if (pass == 1) sum += std::exp(joint - most);
      }
    }
    return most + std::log(sum) - log_sum_exp(l, h.components);
  }
};

// A channel that is drawn by itself, of `levels` parameters (a Bernoulli variable has one).
template <class T>
double draw(const gx_causal_head& h, const Lane<T>& l, double u) {
  const int64_t level = h.distribution == GX_CAUSAL_BERNOULLI ? u < 1 / (1 + std::exp(-l[0])) : pick(l, h.levels, u);
  return double(static_cast<const T*>(h.values)[level]);
}
template <class T>
double log_p(const gx_causal_head& h, const Lane<T>& l, double x) {
  if (std::isnan(x)) return x;
  const int64_t level = level_of(static_cast<const T*>(h.values), h.levels, x);
  if (h.distribution == GX_CAUSAL_BERNOULLI) return -softplus(level == 1 ? -l[0] : l[0]);
  return l[level] - log_sum_exp(l, h.levels);
}

// Where a head's parameters and draws stand among those of all.
struct Place {
  int64_t parameters = 0, units = 0;
  Place(const gx_causal_program& p, int64_t head) {
    for (int64_t i = 0; i < head; ++i) {
      parameters += causal_parameters(p.head[i]);
      units += causal_units(p.head[i]);
    }
  }
};

}  // namespace

template <class T>
void causal_draw(const CausalDraws<T>& draws, int64_t head, int64_t pixel, const T* parameters, int64_t lanes,
                 int64_t first_row, int64_t rows, T* image) {
  const gx_causal_program& p = draws.program;
  const gx_causal_run& run = draws.run;
  const gx_causal_head& h = p.head[head];
  const int64_t pixels = p.height * p.width, count = causal_parameters(h);
  const bool mixed = h.distribution == GX_CAUSAL_LOGISTIC_MIXTURE;
  const Place before(p, head);
  T* const x = static_cast<T*>(run.x);
  const T* const observed = static_cast<const T*>(run.observed);
  T* const logits = static_cast<T*>(run.logits);
  const PhiloxStream stream = philox_stream(run.rng.seed, run.rng.step + uint64_t(pixel), GX_PURPOSE_UNIFORM);
  image += h.image_channel * lanes;
  for (int64_t c = 0; c < h.drawn; ++c) {
    for (int64_t r = rows; r < lanes; ++r) image[c * lanes + r] = 0;
  }
  for (int64_t r = 0; r < rows; ++r) {
    const int64_t row = first_row + r;
    const Lane<T> l = {parameters + r, lanes};
    const Uniforms u = {stream, row, before.units};
    double sum = 0, known[3] = {0, 0, 0};  // a mixture's channels, at most 3, depend on one another
    for (int64_t c = 0; c < h.drawn; ++c) {
      T& at = x[(row * p.channels + h.image_channel + c) * pixels + pixel];
      const bool kept = run.all_observed || (observed && observed[&at - x] != 0);
      if (mixed) {
        if (!kept) at = T(Mixture<T>{h, l}.draw(c, known, u));
        known[c] = double(at);
      } else {
        const Lane<T> own = {l.first + c * (count / h.drawn) * lanes, lanes};
        if (!kept) at = T(draw(h, own, u(c)));
        if (run.log_likelihood) sum += log_p(h, own, double(at));
      }
      image[c * lanes + r] = at;
    }
    if (run.log_likelihood) run.log_likelihood[row] += mixed ? Mixture<T>{h, l}.log_likelihood(known) : sum;
    for (int64_t k = 0; logits && k < count; ++k) {
      logits[(before.parameters * run.rows + row * count + k) * pixels + pixel] = T(l[k]);
    }
  }
}

template void causal_draw<float>(const CausalDraws<float>&, int64_t, int64_t, const float*, int64_t, int64_t, int64_t,
                                 float*);
template void causal_draw<double>(const CausalDraws<double>&, int64_t, int64_t, const double*, int64_t, int64_t,
                                  int64_t, double*);

}  // namespace gx
