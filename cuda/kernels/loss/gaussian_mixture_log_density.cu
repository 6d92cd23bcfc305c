// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// out[r] = sum_i log sum_k pi_ki N(x_i; m_ki, s_ki^2) and its gradients: gx_gaussian_mixture_log_density, _backward
// (loss.h).
//
// A thread has a unit and walks its components, neighbours side by side in memory; rows as in by_rows.h. Backward walks
// them twice: the second time they come from the caches.
// Floor: bytes, each array once; per unit 4 + 12 K forward, 24 K + 4 (1 + gradient of x) backward.
//
// Registers by nvcc 13.0, sm_80 / sm_90a: 32 to 58 / 32 to 77; up to 48 bytes spilled in FLOAT64 alone.
//
// Not yet run on a GPU.

#include "kernels/loss/by_rows.h"
#include "kernels/loss/log_sum_exp.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

template <class T>
struct Mixture {
  int64_t units, components;
  const T *x, *logits, *mean, *log_sigma;

  struct Component {
    T logit, joint, z, inverse;  // joint: logit + log N; z = (x - m) / s; inverse = 1 / s
  };
  __device__ int64_t index(int64_t row, int64_t k, int64_t i) const { return (row * components + k) * units + i; }
  __device__ Component component(T of, int64_t at) const {
    Component c;
    c.logit = logits[at];
    const T ls = log_sigma[at];
    c.inverse = exp(-ls);
    c.z = (of - mean[at]) * c.inverse;
    c.joint = c.logit - (T(0.5) * c.z * c.z + (ls + T(0.91893853320467274178)));
    return c;
  }

  struct Sums {
    LogSumExp<T, T> joint, logits;
  };
  __device__ Sums sums(int64_t row, int64_t i) const {
    const T of = x[row * units + i];
    Sums s;
    for (int64_t k = 0; k < components; ++k) {
      const Component c = component(of, index(row, k, i));
      s.joint.add(c.joint);
      s.logits.add(c.logit);
    }
    return s;
  }
};

template <class T>
struct LogDensity {
  Mixture<T> mixture;
  T* out;
  template <int N>
  __device__ double sum(int64_t row, int64_t i) const {
    static_assert(N == 1);
    const auto s = mixture.sums(row, i);
    return double((s.joint.shift() - s.logits.most) + (log(s.joint.sum) - log(s.logits.sum)));
  }
  __device__ void write(int64_t row, double sum) const { out[row] = T(sum); }
};

template <class T>
struct MixtureSlopes {
  Mixture<T> mixture;
  int64_t pseudo_gradient;  // 0 or 1; no padding in a kernel's argument, of which the emulator looks at every word
  const T* dy;
  T *dx, *dlogits, *dmean, *dlog_sigma;
  template <int N>
  __device__ void each(int64_t row, int64_t i) const {
    static_assert(N == 1);
    const int64_t unit = row * mixture.units + i;
    const T of = mixture.x[unit], g = dy[row];
    const auto s = mixture.sums(row, i);
    const T scale = g / s.joint.sum, logit_scale = g / s.logits.sum;
    T by_x = 0;
    for (int64_t k = 0; k < mixture.components; ++k) {
      const int64_t at = mixture.index(row, k, i);
      const auto c = mixture.component(of, at);
      const T share = scale * exp(c.joint - s.joint.shift()), slope = share * c.z * c.inverse;
      by_x -= slope;
      if (dlogits) dlogits[at] = share - logit_scale * exp(c.logit - s.logits.most);
      if (dmean) dmean[at] = pseudo_gradient ? share * c.z : slope;
      if (dlog_sigma) dlog_sigma[at] = share * (c.z * c.z - T(1));
    }
    if (dx) dx[unit] = by_x;
  }
};

template <class T>
Mixture<T> mixture_of(int64_t units, int64_t components, const void* x, const void* logits, const void* mean,
                      const void* log_sigma) {
  return {units,
          components,
          static_cast<const T*>(x),
          static_cast<const T*>(logits),
          static_cast<const T*>(mean),
          static_cast<const T*>(log_sigma)};
}

}  // namespace

gx_status gx_gaussian_mixture_log_density(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                          int64_t components, const void* x, const void* logits, const void* mean,
                                          const void* log_sigma, void* out) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const auto m = mixture_of<T>(units, components, x, logits, mean, log_sigma);
      sum_rows_of_cost(device, rows, units, 4 * components, LogDensity<T>{m, static_cast<T*>(out)});
    });
  });
}

gx_status gx_gaussian_mixture_log_density_backward(gx_device* device, gx_format format,
                                                   const gx_gaussian_mixture_backward_params* params) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const gx_gaussian_mixture_backward_params& p = *params;
      const MixtureSlopes<T> f = {mixture_of<T>(p.units, p.components, p.x, p.logits, p.mean, p.log_sigma),
                                  p.pseudo_gradient != 0,
                                  static_cast<const T*>(p.dy),
                                  static_cast<T*>(p.dx),
                                  static_cast<T*>(p.dlogits),
                                  static_cast<T*>(p.dmean),
                                  static_cast<T*>(p.dlog_sigma)};
      each_of_rows_of_cost(device, p.rows, p.units, 4 * p.components, f);
    });
  });
}

}  // namespace gx::cuda
