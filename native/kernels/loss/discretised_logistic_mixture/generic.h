// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A vector of pixels at a time. Contract: discretised_logistic_mixture.h. With u = e^-|a|, v = e^-|b| and the mass
// factor 1 - e^-d, log P = log((1 - e^-d) / ((1 + u) (1 + v))) - max(-a, 0) - max(b, 0): a cell takes four
// exponentials, one logarithm and one division, and its derivatives nothing more than products of the same numbers.

#include "kernels/loss/discretised_logistic_mixture/discretised_logistic_mixture.h"
#include "kernels/loss/lanes.h"

#pragma GCC diagnostic ignored "-Wuninitialized"  // of the "undefined" vectors in GCC 12's AVX-512 headers (bug 105593)

namespace gx::GX_ISA {
namespace {

struct Cell {
  vf log_p, by_mean, by_log_scale;
};

struct CellConstants {
  vf half, least, log_width;  // log_width = log 2 h
};
// Below this, log(1 - e^-d) is log d - d / 2 and d / (e^d - 1) is 1 - d / 2, up to d^2.
constexpr float kNarrow = 1e-4f;

template <bool kDerivatives>
inline Cell cell(vf x, vf mean, vf log_scale, const CellConstants& constants) {
  const vf h = constants.half, centre = x - mean;
  const vf s = exp(-max(constants.least, log_scale));  // NaN stays
  const vf a = s * (centre + h), b = s * (centre - h), d = 2.0f * s * h;
  const vf u = exp_of_nonpositive(-magnitude(a)), v = exp_of_nonpositive(-magnitude(b));
  const vi narrow = d < kNarrow;  // where d itself may underflow
  const vf mass = narrow ? 1.0f - 0.5f * d : -expm1(-d), one_u = 1.0f + u, one_v = 1.0f + v;
  const vi lowest = x<h - 1.0f, highest = x> 1.0f - h;
  const vf inverse = 1.0f / (one_u * one_v);
  const vf inner = inverse * (lowest ? one_v : highest ? one_u : mass);
  Cell cell;
  cell.log_p = log(inner) - ((highest ? vf{} : max(splat(0.0f), -a)) + (lowest ? vf{} : max(splat(0.0f), b)));
  const vf log_d = constants.log_width - max(constants.least, log_scale);
  cell.log_p += narrow & ~(lowest | highest) ? log_d : vf{};
  if (!kDerivatives) return cell;
  vf above = inverse * one_v * (a < 0.0f ? splat(1.0f) : u);  // S(-a)
  vf below = inverse * one_u * (b < 0.0f ? v : splat(1.0f));  // S(b)
  above = highest ? vf{} : above;
  below = lowest ? vf{} : below;
  // d / (e^d - 1)
  const vf spread = lowest | highest ? vf{} : narrow ? mass : d * (1.0f - mass) / mass;
  cell.by_mean = s * (below - above);
  cell.by_log_scale = log_scale < constants.least ? vf{} : b * below - a * above - spread;
  return cell;
}

struct MixtureSums {
  vf most, sum;              // of the joint terms: greatest, and sum of e^(term - greatest)
  vf most_logit, logit_sum;  // of the logits
};

// The planes of one row and of the pixels from i on. In scratch, by plane as in the parameters: a component's joint
// term, then e^(term - greatest) (in the plane of its logit), and its derivatives.
struct Pixels {
  const LogisticMixture<float>& a;
  int64_t row, i;
  int n;
  float* scratch;

  int64_t index(int64_t plane) const {
    return (row * logistic_planes(a.channels, a.components) + plane) * a.pixels + i;
  }
  vf parameter(int64_t plane) const { return load_some(a.parameters + index(plane), n); }
  int64_t plane(int64_t c, LogisticParameter which, int64_t k) const {
    return logistic_plane(a.channels, a.components, c, which, k);
  }
  vf x(int64_t c) const { return load_some(a.x + (row * a.channels + c) * a.pixels + i, n); }
  void keep(int64_t plane, vf v) const { store(scratch + plane * kLanes, v); }
  vf kept(int64_t plane) const { return loadf(scratch + plane * kLanes); }
};

template <bool kDerivatives>
inline MixtureSums mixture_sums(const Pixels& p) {
  const LogisticMixture<float>& a = p.a;
  const vf half = splat(float(1.0 / double(a.levels - 1)));
  const CellConstants constants = {half, splat(float(a.min_log_scale)), log(2.0f * half)};
  const vf least = splat(-__builtin_inff());
  const vf x0 = p.x(0), x1 = a.channels == 3 ? p.x(1) : vf{}, x2 = a.channels == 3 ? p.x(2) : vf{};
  MixtureSums s = {least, {}, least, {}};
  for (int64_t k = 0; k < a.components; ++k) {
    const vf l = p.parameter(k);
    vf term = l;
    const auto channel = [&](int64_t c, vf x, vf shift) {
      const Cell cell_of = cell<kDerivatives>(x, p.parameter(p.plane(c, kMean, k)) + shift,
                                              p.parameter(p.plane(c, kLogScale, k)), constants);
      term += cell_of.log_p;
      if (kDerivatives) {
        p.keep(p.plane(c, kMean, k), cell_of.by_mean);
        p.keep(p.plane(c, kLogScale, k), cell_of.by_log_scale);
      }
      return kDerivatives ? cell_of.by_mean : vf{};
    };
    if (a.channels == 1) {
      channel(0, x0, vf{});
    } else {
      const vf t0 = tanh(p.parameter(p.plane(0, kCoefficient, k))), t1 = tanh(p.parameter(p.plane(1, kCoefficient, k))),
               t2 = tanh(p.parameter(p.plane(2, kCoefficient, k)));
      channel(0, x0, vf{});
      const vf by_mean1 = channel(1, x1, t0 * x0), by_mean2 = channel(2, x2, t1 * x0 + t2 * x1);
      if (kDerivatives) {
        p.keep(p.plane(0, kCoefficient, k), by_mean1 * x0 * (1.0f - t0 * t0));
        p.keep(p.plane(1, kCoefficient, k), by_mean2 * x0 * (1.0f - t1 * t1));
        p.keep(p.plane(2, kCoefficient, k), by_mean2 * x1 * (1.0f - t2 * t2));
      }
    }
    p.keep(k, term);
    s.most = max(term, s.most);
    s.most_logit = max(l, s.most_logit);
  }
  s.most = s.most == least ? vf{} : s.most;
  for (int64_t k = 0; k < a.components; ++k) {
    const vf e = exp_of_nonpositive(p.kept(k) - s.most);
    if (kDerivatives) p.keep(k, e);
    s.sum += e;
    s.logit_sum += exp_of_nonpositive(p.parameter(k) - s.most_logit);
  }
  return s;
}

}  // namespace

double discretised_logistic_mixture_vectors(const LogisticMixture<float>& a, int64_t row, int64_t first, int64_t count,
                                            float* scratch) {
  Total total;
  each_vector(count, [&](int64_t i, int n) {
    const MixtureSums s = mixture_sums<false>(Pixels{a, row, first + i, n, scratch});
    total.add((s.most - s.most_logit) + (log(s.sum) - log(s.logit_sum)), n);
  });
  return total.value();
}

void discretised_logistic_mixture_backward_vectors(const LogisticMixture<float>& a, int64_t row, int64_t first,
                                                   int64_t count, float* scratch) {
  const vf dy = splat(a.dy[row]);
  const int64_t planes = logistic_planes(a.channels, a.components);
  each_vector(count, [&](int64_t i, int n) {
    const Pixels p = {a, row, first + i, n, scratch};
    const MixtureSums s = mixture_sums<true>(p);
    const vf scale = dy / s.sum, logit_scale = dy / s.logit_sum;
    for (int64_t k = 0; k < a.components; ++k) {
      const vf g = scale * p.kept(k);
      const vf logit = g - logit_scale * exp_of_nonpositive(p.parameter(k) - s.most_logit);
      store_some(a.dparameters + p.index(k), logit, n);
      for (int64_t plane = k + a.components; plane < planes; plane += a.components) {
        store_some(a.dparameters + p.index(plane), g * p.kept(plane), n);
      }
    }
  });
}

}  // namespace gx::GX_ISA
