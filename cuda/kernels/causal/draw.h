// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a head draws for one image, by a warp, in double (equations: causal.h; the CPU's:
// native/kernels/causal/heads.cc). Lanes share levels, components, or channels of a Bernoulli head. Sums go over lanes'
// neighbouring shares in order.
#ifndef GENERATRIX_CUDA_KERNELS_CAUSAL_DRAW_H_
#define GENERATRIX_CUDA_KERNELS_CAUSAL_DRAW_H_

#include "generatrix/causal.h"
#include "runtime/philox.h"
#include "runtime/reduce.h"

namespace gx::cuda::causal {

template <class T>
struct Head {
  gx_causal_distribution distribution;
  int32_t image_channel, drawn, levels, components;
  int64_t parameters, first_parameter, first_unit;  // how many, and where among those of all heads
  double min_log_scale;
  const T* values;  // [levels]
};

template <class T>
struct Run {
  int64_t rows, channels, pixels;
  uint64_t seed, step;
  const T* observed;
  int32_t all_observed;
  T *x, *logits;
  double* log_likelihood;  // of the device, or null
};

// Parameters of an image: number k is first[k stride].
template <class T>
struct Parameters {
  const T* first;
  int64_t stride;
  __device__ double operator[](int64_t k) const { return double(first[k * stride]); }
  __device__ Parameters from(int64_t k) const { return {first + k * stride, stride}; }
};

struct Uniforms {
  PhiloxStream stream;
  int64_t row, first_unit;
  __device__ double operator()(int64_t unit) const {
    return double(uniform_of_word(philox_word(stream, row, first_unit + unit)));
  }
};

__device__ inline int lane() { return int(threadIdx.x) % kWarp; }

__device__ inline double softplus_in_double(double x) { return (x > 0 ? x : 0) + log1p(exp(-fabs(x))); }

// e^(l - greatest) of n numbers, lane by lane: [first, end) is the lane's share, `before` what the lanes before it sum
// to.
struct Weights {
  int64_t first, end;
  double most, before, total;
};
template <class T>
__device__ inline Weights weights_of(const Parameters<T>& l, int64_t n) {
  const int64_t share = (n + kWarp - 1) / kWarp;
  Weights w;
  w.first = min(n, lane() * share);
  w.end = min(n, w.first + share);
  double most = -INFINITY;
  for (int64_t k = w.first; k < w.end; ++k) most = l[k] > most ? l[k] : most;
  w.most = warp_max(most);
  double own = 0;
  for (int64_t k = w.first; k < w.end; ++k) own += exp(l[k] - w.most);
  double up_to = own;
#pragma unroll
  for (int by = 1; by < kWarp; by *= 2) {
    const double below = __shfl_up_sync(kAllLanes, up_to, by);
    if (lane() >= by) up_to += below;
  }
  w.total = __shfl_sync(kAllLanes, up_to, kWarp - 1);
  const double below = __shfl_up_sync(kAllLanes, up_to, 1);
  w.before = lane() == 0 ? 0 : below;
  return w;
}

// The first whose cumulative sum is above u times the total.
template <class T>
__device__ inline int64_t pick(const Parameters<T>& l, const Weights& w, int64_t n, double u) {
  int64_t found = n - 1;
  double reached = w.before;
  for (int64_t k = w.first; k < w.end && found == n - 1; ++k) {
    reached += exp(l[k] - w.most);
    if (reached > u * w.total && k < found) found = k;
  }
  return warp_min(found);
}

// The level whose value is nearest.
template <class T>
__device__ inline int64_t level_of(const T* values, int64_t levels, double x) {
  int64_t above = 0, end = levels;  // the first value that is not below x
  while (above < end) {
    const int64_t middle = (above + end) / 2;
    if (values[middle] < T(x)) {
      above = middle + 1;
    } else {
      end = middle;
    }
  }
  if (above == 0) return 0;
  if (above == levels) return levels - 1;
  return double(values[above]) - x < x - double(values[above - 1]) ? above : above - 1;
}

// The mixture at a pixel: x[c] are those of its channels that are known.
template <class T>
struct MixtureOfLogistics {
  const Head<T>& h;
  Parameters<T> l;

  __device__ int64_t plane(int64_t c, int64_t which, int64_t k) const {
    return h.components * (1 + c * (h.drawn == 1 ? 2 : 3) + which) + k;
  }
  __device__ double mean(int64_t c, int64_t k, const double (&x)[3]) const {
    const double m = l[plane(c, 0, k)];
    if (c == 0) return m;
    if (c == 1) return m + tanh(l[plane(0, 2, k)]) * x[0];
    return m + tanh(l[plane(1, 2, k)]) * x[0] + tanh(l[plane(2, 2, k)]) * x[1];
  }
  __device__ double log_scale(int64_t c, int64_t k) const {
    const double s = l[plane(c, 1, k)];
    return s < h.min_log_scale ? h.min_log_scale : s;
  }
  __device__ double draw(int64_t c, int64_t k, const double (&x)[3], const Uniforms& u) const {
    const double v = u(1 + c) + 0x1p-25;
    const double y = mean(c, k, x) + exp(log_scale(c, k)) * (log(v) - log1p(-v));
    const double cut = y < -1 ? -1 : y > 1 ? 1 : y, level = floor((cut + 1) / 2 * double(h.levels - 1) + 0.5);
    return double(h.values[isnan(level) ? 0 : int64_t(level)]);
  }
  __device__ double log_p(int64_t c, int64_t k, const double (&x)[3]) const {
    const double half = 1.0 / double(h.levels - 1), s = exp(-log_scale(c, k)), centre = x[c] - mean(c, k, x);
    double sum = 0;
    const bool lowest = x[c]<half - 1, highest = x[c]> 1 - half;
    if (!highest) sum -= softplus_in_double(-s * (centre + half));
    if (!lowest) sum -= softplus_in_double(s * (centre - half));
    if (!lowest && !highest) sum += log(-expm1(-2 * s * half));
    return sum;
  }
  // Of all channels. w: of the logits.
  __device__ double log_likelihood(const double (&x)[3], const Weights& w) const {
    const auto joint = [&](int64_t k) {
      double term = l[k];
      for (int64_t c = 0; c < h.drawn; ++c) term += log_p(c, k, x);
      return term;
    };
    double most = -INFINITY, sum = 0;
    for (int64_t k = lane(); k < h.components; k += kWarp) {
      const double term = joint(k);
      most = term > most ? term : most;
    }
    most = warp_max(most);
    for (int64_t k = lane(); k < h.components; k += kWarp) sum += exp(joint(k) - most);
    return most + log(warp_sum(sum)) - (w.most + log(w.total));
  }
};

// Draws a pixel of a row, or keeps what is observed there; image[c image_stride] gets the pixel too. Gives the log
// likelihood, 0 if nobody wants it; every lane has it.
template <class T>
__device__ inline double draw(const Head<T>& h, const Run<T>& run, int64_t row, int64_t pixel, const Parameters<T>& l,
                              T* image, int64_t image_stride) {
  const Uniforms u = {philox_stream(run.seed, run.step + uint64_t(pixel), GX_PURPOSE_UNIFORM), row, h.first_unit};
  const auto at = [&](int64_t c) { return (row * run.channels + h.image_channel + c) * run.pixels + pixel; };
  const auto kept = [&](int64_t c) { return run.all_observed || (run.observed && run.observed[at(c)] != T(0)); };
  const auto write = [&](int64_t c, bool observed, T value) {
    if (!observed) run.x[at(c)] = value;
    image[(h.image_channel + c) * image_stride] = value;
  };
  for (int64_t k = lane(); run.logits && k < h.parameters; k += kWarp) {
    run.logits[(h.first_parameter * run.rows + row * h.parameters + k) * run.pixels + pixel] = T(l[k]);
  }
  const bool scored = run.log_likelihood != nullptr;
  double sum = 0;
  if (h.distribution == GX_CAUSAL_BERNOULLI) {
    for (int64_t c = lane(); c < h.drawn; c += kWarp) {
      const bool observed = kept(c);
      T value;
      if (observed) {
        value = run.x[at(c)];
      } else {
        value = h.values[u(c) < 1 / (1 + exp(-l[c])) ? 1 : 0];
      }
      write(c, observed, value);
      if (!scored) continue;
      const double x = double(value);
      sum += isnan(x) ? x : -softplus_in_double(level_of(h.values, 2, x) == 1 ? -l[c] : l[c]);
    }
    return scored ? warp_sum(sum) : 0;
  }
  if (h.distribution == GX_CAUSAL_CATEGORICAL) {
    for (int64_t c = 0; c < h.drawn; ++c) {
      const Parameters<T> own = l.from(c * h.levels);
      const bool observed = kept(c);
      T value;
      Weights w = {};
      if (!observed || scored) w = weights_of(own, h.levels);
      if (observed) {
        value = run.x[at(c)];
      } else {
        value = h.values[pick(own, w, h.levels, u(c))];
      }
      if (lane() == 0) write(c, observed, value);
      const double x = double(value);
      if (scored) sum += isnan(x) ? x : own[level_of(h.values, h.levels, x)] - (w.most + log(w.total));
    }
    return sum;
  }
  const MixtureOfLogistics<T> mixture = {h, l};
  const Weights w = weights_of(l, h.components);
  const int64_t component = pick(l, w, h.components, u(0));
  double known[3] = {0, 0, 0};
#pragma unroll
  for (int c = 0; c < 3; ++c) {
    if (c >= h.drawn) break;
    const bool observed = kept(c);
    T value;
    if (observed) {
      value = run.x[at(c)];
    } else {
      value = T(mixture.draw(c, component, known, u));
    }
    known[c] = double(value);
    if (lane() == 0) write(c, observed, value);
  }
  return scored ? mixture.log_likelihood(known, w) : 0;
}

}  // namespace gx::cuda::causal

#endif  // GENERATRIX_CUDA_KERNELS_CAUSAL_DRAW_H_
