// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_dequantise and its gradient (coupling.h).
//
// Grid: rows.h. With noise a thread takes one Philox counter, whose four words belong to units 16 apart: half a warp
// reads 64 bytes at a time, and no word is computed twice. Else a thread takes packs of 4 floats. Log-determinants are
// sums in double, in parts and a second pass over them.
//
// Memory: x is read and y written once, 8 bytes an element; backward 12. Arithmetic with noise: some 25 instructions of
// Philox and, with logit, two logarithms for an element.
//
// nvcc 13.0: 56 to 75 registers with noise, at most 54 without; no spills.
//
// Not yet run on a GPU.

#include <cmath>

#include "generatrix/coupling.h"
#include "kernels/coupling/rows.h"
#include "kernels/elementwise/functions.h"
#include "runtime/check.h"
#include "runtime/entries.h"
#include "runtime/philox.h"

namespace gx::cuda {

using namespace coupling;

namespace {

// What elements share.
struct Dequantising {
  double levels, low, rest, range, log_range;  // rest = 1 - high
  int64_t logit;
};

// p and 1 - p, each by its own sum: where p is near 1, its rounding is not that of 1 - p. u and its complement come
// times 1 / scale.
template <class T>
__device__ inline T logit_of(const Dequantising& m, T scale, T u, T one_less_u, double& sum) {
  const T p = T(m.low) + scale * u, q = T(m.rest) + scale * one_less_u;
  if (!(p > T(0) && q > T(0))) {
    sum += double(NAN);
    return T(NAN);
  }
  const T log_p = log(p), log_q = log(q);
  sum += double(T(m.log_range) - (log_p + log_q));
  return log_p - log_q;
}

// (k + noise) / levels with k the level. In float the sum stays within ((k, k + 1)), k = 0 apart, when it is rounded,
// so that its quotient is of the level k: k + 1 times 1 - 2^-24 is the float before k + 1, k times 1 + 2^-23 one after
// k.
__device__ inline float within_level(float k, float noise) {
  return fminf((k + 1.0f) * (1 - 0x1p-24f), fmaxf(k * (1 + 0x1p-23f), k + noise));
}
__device__ inline double within_level(double k, double noise) { return k + noise; }

// The elements of a row, in the order of counters: 16 to 64 units.
template <class T, bool kLogit>
struct WithNoise {
  static constexpr int kSums = 1;
  Dequantising m;
  PhiloxStream stream;
  int64_t units;
  const T* x;
  T* y;

  __device__ void operator()(const Part& part, double (&sums)[1]) const {
    const int64_t at = part.row * units;
    double sum = 0;
    for (int64_t i = part.first + part.lane; i < part.last; i += part.lanes) {
      const int64_t first = i / kCountersPerBlock * kUnitsPerBlock + i % kCountersPerBlock;
      T v[4];
#pragma unroll
      for (int k = 0; k < 4; ++k) {
        const int64_t unit = first + k * kCountersPerBlock;
        v[k] = unit < units ? x[at + unit] : T(0);
      }
      uint32_t words[4];
      philox(uint32_t(i), uint32_t(part.row), stream.c2, stream.c3, stream.k0, stream.k1, words);
#pragma unroll
      for (int k = 0; k < 4; ++k) {
        const int64_t unit = first + k * kCountersPerBlock;
        if (unit < units) y[at + unit] = image(v[k], T(uniform_of_word(words[k])), sum);
      }
    }
    sums[0] += sum;
  }
  __device__ T image(T v, T noise, double& sum) const {
    const T most = T(m.levels - 1), k = rint(v * most);
    if (kLogit) return logit_of(m, T(m.range / m.levels), k + noise, (most - k) + (T(1) - noise), sum);
    const T u = within_level(k, noise) / T(m.levels);
    if (k != k) sum += double(NAN);
    return k == k ? u : k;
  }
};

// Without noise, or back.
template <class T, int N, bool kInverse>
struct Plain {
  static constexpr int kSums = 1;
  Dequantising m;
  int64_t units;
  const T* x;
  T* y;

  __device__ void operator()(const Part& part, double (&sums)[1]) const {
    const int64_t at = part.row * units;
    double sum = 0;
    each_pack<2, N>(
        part, [&](int64_t e) { return load_pack<N>(x + at + e); },
        [&](int64_t e, const Pack<T, N>& v) {
          Pack<T, N> result;
#pragma unroll
          for (int k = 0; k < N; ++k) result.v[k] = kInverse ? back(v.v[k], sum) : image(v.v[k], sum);
          store_pack(y + at + e, result);
        });
    sums[0] += sum;
  }
  __device__ T image(T u, double& sum) const {
    if (m.logit) return logit_of(m, T(m.range), u, T(1) - u, sum);
    if (u != u) sum += double(NAN);
    return u;
  }
  __device__ T back(T u, double& sum) const {
    if (m.logit) {
      const T size = fabs(u);
      sum += double((-size - T(2) * log1p(exp(-size))) - T(m.log_range));
      u = (sigmoid(u) - T(m.low)) / T(m.range);
    } else if (u != u) {
      sum += double(NAN);
    }
    return m.levels > 0 ? T(intensity(double(u))) : u;
  }
  // In double, where levels u does not round up to the next level.
  __device__ double intensity(double u) const {
    const double level = floor(m.levels * u), most = m.levels - 1;
    return (level < 0 ? 0 : level > most ? most : level) / most;
  }
};

template <class T, int N>
struct Gradient {
  static constexpr int kSums = 1, kPack = N;
  Dequantising m;
  int64_t units, inverse;
  const T *x, *dy;
  const double* dlog_det;  // or null
  T* dx;

  __device__ void operator()(int64_t n, int64_t e, double (&)[1][N]) const {
    const int64_t at = n * units + e;
    const Pack<T, N> v = load_pack<N>(x + at), g = load_pack<N>(dy + at);
    const T c = dlog_det ? T(dlog_det[n]) : T(0);
    Pack<T, N> d;
#pragma unroll
    for (int k = 0; k < N; ++k)
      d.v[k] = m.logit ? (inverse ? back(v.v[k], g.v[k], c) : slope(v.v[k], g.v[k], c)) : g.v[k];
    store_pack(dx + at, d);
  }
  __device__ T slope(T u, T g, T c) const {
    const T p = T(m.low) + T(m.range) * u, q = T(m.rest) + T(m.range) * (T(1) - u);
    return p > T(0) && q > T(0) ? (g + c * (p - q)) * T(m.range) / (p * q) : T(NAN);
  }
  // With e = e^-|x|: sigmoid(x) sigmoid(-x) = e / (1 + e)^2, and their difference is +-(1 - e) / (1 + e).
  __device__ T back(T x, T g, T c) const {
    const T e = exp(-fabs(x)), reciprocal = T(1) / (T(1) + e), difference = (T(1) - e) * reciprocal;
    return g * (e * reciprocal * reciprocal) / T(m.range) + c * (x > T(0) ? -difference : difference);
  }
};

Dequantising shared_of(const gx_dequantise_params& p) {
  return {double(p.levels), p.low, 1 - p.high, p.high - p.low, std::log(p.high - p.low), p.logit != 0};
}

template <class T>
void forward(gx_device* device, const gx_dequantise_params& p, const gx_rng& rng, const T* x, const double* in, T* y,
             double* out) {
  const Dequantising m = shared_of(p);
  if (p.levels > 0 && !p.inverse) {
    const int64_t counters = (p.units + kUnitsPerBlock - 1) / kUnitsPerBlock * kCountersPerBlock;
    const Rows rows = rows_of(p.rows, counters, kRowSpan / 4, 2);
    const PhiloxStream stream = philox_stream(rng.seed, rng.step, GX_PURPOSE_DEQUANTISE);
    if (p.logit) {
      sum_rows(device, rows, WithNoise<T, true>{m, stream, p.units, x, y}, in, out);
    } else {
      sum_rows(device, rows, WithNoise<T, false>{m, stream, p.units, x, y}, in, out);
    }
    return;
  }
  const Rows rows = rows_of(p.rows, p.units);
  const bool wide = packs<T>({x, y}, {p.units});
  if (p.inverse) {
    if (wide) return sum_rows(device, rows, Plain<T, kPack<T>, true>{m, p.units, x, y}, in, out);
    return sum_rows(device, rows, Plain<T, 1, true>{m, p.units, x, y}, in, out);
  }
  if (wide) return sum_rows(device, rows, Plain<T, kPack<T>, false>{m, p.units, x, y}, in, out);
  sum_rows(device, rows, Plain<T, 1, false>{m, p.units, x, y}, in, out);
}

}  // namespace

gx_status gx_dequantise(gx_device* device, gx_format format, const gx_dequantise_params* params, gx_rng rng,
                        const void* x, const double* log_det_in, void* y, double* log_det_out) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      forward(device, *params, rng, static_cast<const T*>(x), log_det_in, static_cast<T*>(y), log_det_out);
    });
  });
}

gx_status gx_dequantise_backward(gx_device* device, gx_format format, const gx_dequantise_params* params, const void* x,
                                 const void* dy, const double* dlog_det, void* dx) {
  return guarded([&] {
    const gx_dequantise_params& p = *params;
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const T *const from = static_cast<const T*>(x), *const g = static_cast<const T*>(dy);
      T* const to = static_cast<T*>(dx);
      const int64_t inverse = p.inverse != 0;
      if (packs<T>({x, dy, dx}, {p.units})) {
        map_examples(gpu_of(device), p.rows, p.units,
                     Gradient<T, kPack<T>>{shared_of(p), p.units, inverse, from, g, dlog_det, to});
      } else {
        map_examples(gpu_of(device), p.rows, p.units,
                     Gradient<T, 1>{shared_of(p), p.units, inverse, from, g, dlog_det, to});
      }
    });
  });
}

}  // namespace gx::cuda
