// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// out[r] = sum_i (w - v - 1 + (e^v + (m - n)^2) e^-w) / 2 and its gradients: gx_gaussian_kl, gx_gaussian_kl_backward
// (loss.h). Shapes and grid: by_rows.h. e^(v - w) - 1 is taken in one piece, so that little is lost where q is near p.
//
// Floor: bytes, each array once; per unit 16 bytes forward (8 with p = N(0, I)), 16 more for four gradients.
//
// Registers by nvcc 13.0, sm_80 / sm_90a: 31 to 54 / 32 to 64; up to 24 bytes spilled in FLOAT64 alone.
//
// Not yet run on a GPU.

#include "kernels/loss/by_rows.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

template <class T>
struct Pair {
  int64_t units;
  const T *mean, *logvar, *p_mean, *p_logvar;  // p both null: N(0, I)

  template <int N>
  struct Terms {
    Pack<T, N> log_ratio, excess, difference, precision;  // v - w, e^(v - w) - 1, m - n, e^-w
  };
  template <int N>
  __device__ Terms<N> at(int64_t row, int64_t i) const {
    const int64_t first = row * units + i;
    Terms<N> t;
    t.log_ratio = load<N>(logvar + first);
    t.difference = load<N>(mean + first);
    if (p_mean) {
      const auto n = load<N>(p_mean + first), w = load<N>(p_logvar + first);
#pragma unroll
      for (int k = 0; k < N; ++k) {
        t.log_ratio.v[k] -= w.v[k];
        t.difference.v[k] -= n.v[k];
        t.precision.v[k] = exp(-w.v[k]);
      }
    } else {
#pragma unroll
      for (int k = 0; k < N; ++k) t.precision.v[k] = T(1);
    }
#pragma unroll
    for (int k = 0; k < N; ++k) t.excess.v[k] = expm1(t.log_ratio.v[k]);
    return t;
  }
};

template <class T>
struct Divergence {
  Pair<T> pair;
  T* out;
  template <int N>
  __device__ double sum(int64_t row, int64_t i) const {
    const auto t = pair.template at<N>(row, i);
    double sum = 0;
#pragma unroll
    for (int k = 0; k < N; ++k) {
      sum += double(T(0.5) *
                    ((t.excess.v[k] - t.log_ratio.v[k]) + t.difference.v[k] * t.difference.v[k] * t.precision.v[k]));
    }
    return sum;
  }
  __device__ void write(int64_t row, double sum) const { out[row] = T(sum); }
};

template <class T>
struct KlSlopes {
  Pair<T> pair;
  const T* dy;
  T *dmean, *dlogvar, *dp_mean, *dp_logvar;
  template <int N>
  __device__ void each(int64_t row, int64_t i) const {
    const int64_t at = row * pair.units + i;
    const T g = dy[row];
    const auto t = pair.template at<N>(row, i);
    Pack<T, N> m, v, n, w;
#pragma unroll
    for (int k = 0; k < N; ++k) {
      const T scaled = t.difference.v[k] * t.precision.v[k];
      m.v[k] = g * scaled;
      n.v[k] = -m.v[k];
      v.v[k] = T(0.5) * g * t.excess.v[k];
      w.v[k] = T(-0.5) * g * (t.excess.v[k] + t.difference.v[k] * scaled);
    }
    if (dmean) store(dmean + at, m);
    if (dlogvar) store(dlogvar + at, v);
    if (dp_mean) store(dp_mean + at, n);
    if (dp_logvar) store(dp_logvar + at, w);
  }
};

template <class T>
Pair<T> pair_of(int64_t units, const void* mean, const void* logvar, const void* p_mean, const void* p_logvar) {
  return {units, static_cast<const T*>(mean), static_cast<const T*>(logvar), static_cast<const T*>(p_mean),
          static_cast<const T*>(p_logvar)};
}
template <class T>
bool wide(const Pair<T>& p) {
  return packs_fit<T>(p.units, p.mean, p.logvar, p.p_mean, p.p_logvar);
}

}  // namespace

gx_status gx_gaussian_kl(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* mean,
                         const void* logvar, const void* p_mean, const void* p_logvar, void* out) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const auto pair = pair_of<T>(units, mean, logvar, p_mean, p_logvar);
      sum_rows<T>(device, rows, units, wide(pair), Divergence<T>{pair, static_cast<T*>(out)});
    });
  });
}

gx_status gx_gaussian_kl_backward(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* mean,
                                  const void* logvar, const void* p_mean, const void* p_logvar, const void* dy,
                                  void* dmean, void* dlogvar, void* dp_mean, void* dp_logvar) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const auto pair = pair_of<T>(units, mean, logvar, p_mean, p_logvar);
      const KlSlopes<T> f = {pair,
                             static_cast<const T*>(dy),
                             static_cast<T*>(dmean),
                             static_cast<T*>(dlogvar),
                             static_cast<T*>(dp_mean),
                             static_cast<T*>(dp_logvar)};
      const bool fits = wide(pair) && packs_fit<T>(units, f.dmean, f.dlogvar, f.dp_mean, f.dp_logvar);
      each_of_rows<T>(device, rows, units, fits, f);
    });
  });
}

}  // namespace gx::cuda
