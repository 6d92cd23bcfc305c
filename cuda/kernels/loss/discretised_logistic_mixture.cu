// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// out[r] = sum over pixels of log sum_k pi_k prod_c P_kc(x_c) and its gradient: gx_discretised_logistic_mixture,
// _backward (loss.h).
//
// With u = e^-|a|, v = e^-|b| and the mass factor 1 - e^-d, log P = log((1 - e^-d) / ((1 + u) (1 + v))) - max(-a, 0) -
// max(b, 0): a cell takes four exponentials, one logarithm and one division, its derivatives products of the same
// numbers. A thread has a pixel and walks its components, neighbours side by side in memory; rows as in by_rows.h.
// Backward walks twice: sums, then gradients, with the cells computed anew rather than kept in memory.
//
// Floor, K = 10 and three channels: 412 bytes a pixel forward, 812 backward; and 30 (60) cells of some 60 instructions,
// of which six are special functions, which is as much time again.
//
// Registers by nvcc 13.0, sm_80 / sm_90a: 36 to 102 / 38 to 128; up to 72 bytes spilled in FLOAT64 alone.
//
// Not yet run on a GPU.

#include "kernels/loss/by_rows.h"
#include "kernels/loss/discretised_logistic_mixture/discretised_logistic_mixture.h"
#include "kernels/loss/log_sum_exp.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

// Below this, log(1 - e^-d) is log d - d / 2 and d / (e^d - 1) is 1 - d / 2, up to d^2.
template <class T>
constexpr T kNarrow = sizeof(T) == 8 ? T(1e-8) : T(1e-4);

template <class T>
struct Cell {
  T log_p, by_mean, by_log_scale;
};

template <class T>
struct Pixels {
  int64_t pixels, components;
  T half, least, log_width;  // half the distance of two levels, the least log scale, log(2 half)
  T unused;                  // no padding in a kernel's argument, of which the emulator looks at every word
  const T *x, *parameters;

  template <bool kDerivatives>
  __device__ Cell<T> cell(T x, T mean, T log_scale) const {
    const T floored = log_scale < least ? least : log_scale;  // NaN stays
    const T centre = x - mean, s = exp(-floored);
    const T a = s * (centre + half), b = s * (centre - half), d = T(2) * s * half;
    const T one_u = T(1) + exp(-fabs(a)), one_v = T(1) + exp(-fabs(b));
    const bool narrow = d < kNarrow<T>;  // where d itself may underflow
    const bool lowest = x<half - T(1), highest = x> T(1) - half, between = !lowest && !highest;
    const T mass = narrow ? T(1) - T(0.5) * d : -expm1(-d);
    const T inverse = T(1) / (one_u * one_v);
    Cell<T> cell = {log(inverse * (lowest ? one_v : highest ? one_u : mass)), T(0), T(0)};
    if (!highest && a < T(0)) cell.log_p += a;
    if (!lowest && b > T(0)) cell.log_p -= b;
    if (narrow && between) cell.log_p += log_width - floored;
    if constexpr (kDerivatives) {
      // S(-a) and S(b), where their terms have a part.
      const T above = highest ? T(0) : inverse * one_v * (a < T(0) ? T(1) : one_u - T(1));
      const T below = lowest ? T(0) : inverse * one_u * (b < T(0) ? one_v - T(1) : T(1));
      const T spread = !between ? T(0) : narrow ? mass : d * (T(1) - mass) / mass;  // d / (e^d - 1)
      cell.by_mean = s * (below - above);
      cell.by_log_scale = log_scale < least ? T(0) : b * below - a * above - spread;
    }
    return cell;
  }
};

template <class T, int kChannels>
struct LogisticMixture {
  Pixels<T> p;
  static constexpr int kEach = kChannels == 1 ? 2 : 3;  // parameters of a component for a channel

  __device__ int64_t planes() const { return p.components * (1 + kChannels * kEach); }
  __device__ int64_t plane(int c, LogisticParameter which, int64_t k) const {
    return p.components * (1 + c * kEach + which) + k;
  }

  // Component k at pixel i of a row whose planes begin at `parameters`.
  struct Component {
    T logit, joint, t[3];
    Cell<T> cell[kChannels];
  };
  template <bool kDerivatives>
  __device__ Component component(const T* parameters, int64_t i, int64_t k, const T (&x)[kChannels]) const {
    const auto at = [&](int64_t plane) { return parameters[plane * p.pixels + i]; };
    Component of;
    of.logit = of.joint = at(k);
    T shift[kChannels] = {};
    if constexpr (kChannels == 3) {
#pragma unroll
      for (int c = 0; c < 3; ++c) of.t[c] = tanh(at(plane(c, kCoefficient, k)));
      shift[1] = of.t[0] * x[0];
      shift[2] = of.t[1] * x[0] + of.t[2] * x[1];
    }
#pragma unroll
    for (int c = 0; c < kChannels; ++c) {
      of.cell[c] = p.template cell<kDerivatives>(x[c], at(plane(c, kMean, k)) + shift[c], at(plane(c, kLogScale, k)));
      of.joint += of.cell[c].log_p;
    }
    return of;
  }
  __device__ void pixel(int64_t row, int64_t i, T (&x)[kChannels]) const {
#pragma unroll
    for (int c = 0; c < kChannels; ++c) x[c] = p.x[(row * kChannels + c) * p.pixels + i];
  }

  struct Sums {
    LogSumExp<T, T> joint, logits;
  };
  __device__ Sums sums(const T* parameters, int64_t i, const T (&x)[kChannels]) const {
    Sums s;
    for (int64_t k = 0; k < p.components; ++k) {
      const Component of = component<false>(parameters, i, k, x);
      s.joint.add(of.joint);
      s.logits.add(of.logit);
    }
    return s;
  }
};

template <class T, int kChannels>
struct LogLikelihood {
  LogisticMixture<T, kChannels> m;
  T* out;
  template <int N>
  __device__ double sum(int64_t row, int64_t i) const {
    static_assert(N == 1);
    T x[kChannels];
    m.pixel(row, i, x);
    const auto s = m.sums(m.p.parameters + row * m.planes() * m.p.pixels, i, x);
    return double((s.joint.shift() - s.logits.most) + (log(s.joint.sum) - log(s.logits.sum)));
  }
  __device__ void write(int64_t row, double sum) const { out[row] = T(sum); }
};

template <class T, int kChannels>
struct LogisticSlopes {
  LogisticMixture<T, kChannels> m;
  const T* dy;
  T* dparameters;
  template <int N>
  __device__ void each(int64_t row, int64_t i) const {
    static_assert(N == 1);
    const T* const parameters = m.p.parameters + row * m.planes() * m.p.pixels;
    T* const to = dparameters + row * m.planes() * m.p.pixels + i;
    T x[kChannels];
    m.pixel(row, i, x);
    const auto s = m.sums(parameters, i, x);
    const T g = dy[row], scale = g / s.joint.sum, logit_scale = g / s.logits.sum;
    for (int64_t k = 0; k < m.p.components; ++k) {
      const auto of = m.template component<true>(parameters, i, k, x);
      const T share = scale * exp(of.joint - s.joint.shift());
      const auto write = [&](int64_t plane, T value) { to[plane * m.p.pixels] = value; };
      write(k, share - logit_scale * exp(of.logit - s.logits.most));
#pragma unroll
      for (int c = 0; c < kChannels; ++c) {
        write(m.plane(c, kMean, k), share * of.cell[c].by_mean);
        write(m.plane(c, kLogScale, k), share * of.cell[c].by_log_scale);
      }
      if constexpr (kChannels == 3) {
        const T by_t[3] = {of.cell[1].by_mean * x[0], of.cell[2].by_mean * x[0], of.cell[2].by_mean * x[1]};
#pragma unroll
        for (int c = 0; c < 3; ++c) {
          write(m.plane(c, kCoefficient, k), share * (by_t[c] * (T(1) - of.t[c] * of.t[c])));
        }
      }
    }
  }
};

// Calls body(a value of T, the mixture) with the number of channels fixed.
template <class Body>
void with_mixture(gx_format format, const gx_logistic_mixture& m, const void* x, const void* parameters, Body&& body) {
  with_real(format, [&](auto zero) {
    using T = decltype(zero);
    const double half = 1.0 / double(m.levels - 1);
    const Pixels<T> p = {m.pixels,
                         m.components,
                         T(half),
                         T(m.min_log_scale),
                         T(std::log(2 * half)),
                         T(0),
                         static_cast<const T*>(x),
                         static_cast<const T*>(parameters)};
    if (m.channels == 1) {
      body(zero, LogisticMixture<T, 1>{p});
    } else {
      body(zero, LogisticMixture<T, 3>{p});
    }
  });
}

template <class T, int kChannels>
void forward(gx_device* device, int64_t rows, const LogisticMixture<T, kChannels>& m, T* out) {
  sum_rows_of_cost(device, rows, m.p.pixels, 8 * kChannels * m.p.components, LogLikelihood<T, kChannels>{m, out});
}
template <class T, int kChannels>
void backward(gx_device* device, int64_t rows, const LogisticMixture<T, kChannels>& m, const T* dy, T* dparameters) {
  each_of_rows_of_cost(device, rows, m.p.pixels, 8 * kChannels * m.p.components,
                       LogisticSlopes<T, kChannels>{m, dy, dparameters});
}

}  // namespace

gx_status gx_discretised_logistic_mixture(gx_device* device, gx_format format, const gx_logistic_mixture* mixture,
                                          const void* x, const void* parameters, void* out) {
  return guarded([&] {
    with_mixture(format, *mixture, x, parameters, [&](auto zero, const auto& m) {
      forward(device, mixture->rows, m, static_cast<decltype(zero)*>(out));
    });
  });
}

gx_status gx_discretised_logistic_mixture_backward(gx_device* device, gx_format format,
                                                   const gx_logistic_mixture* mixture, const void* x,
                                                   const void* parameters, const void* dy, void* dparameters) {
  return guarded([&] {
    with_mixture(format, *mixture, x, parameters, [&](auto zero, const auto& m) {
      using T = decltype(zero);
      backward(device, mixture->rows, m, static_cast<const T*>(dy), static_cast<T*>(dparameters));
    });
  });
}

}  // namespace gx::cuda
