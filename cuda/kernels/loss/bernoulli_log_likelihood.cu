// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// out[r] = sum_i x l - softplus(l), dl = dy (x - sigmoid(l)), dx = dy l: gx_bernoulli_log_likelihood, _backward, _bits,
// _bits_backward (loss.h). Shapes and grid: by_rows.h.
//
// Floor: bytes, each array once; per unit 8 bytes forward and 16 backward, 4 1/8 and 8 1/8 with x as bits.
//
// Registers by nvcc 13.0, sm_80 / sm_90a: 31 to 56 / 32 to 61; 8 bytes spilled where floats are not in packs.
//
// Not yet run on a GPU.

#include "kernels/elementwise/functions.h"
#include "kernels/loss/by_rows.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

template <class T>
struct DenseTargets {
  const T* x;
  template <int N>
  __device__ Pack<T, N> at(int64_t row, int64_t units, int64_t i) const {
    return load<N>(x + row * units + i);
  }
};
template <class T>
struct BitTargets {
  const uint32_t* x;
  // i is a multiple of N, which divides a word's 32.
  template <int N>
  __device__ Pack<T, N> at(int64_t row, int64_t units, int64_t i) const {
    const uint32_t word = x[row * ((units + 31) / 32) + i / 32] >> (i % 32);
    Pack<T, N> t;
#pragma unroll
    for (int k = 0; k < N; ++k) t.v[k] = T(word >> k & 1);
    return t;
  }
};

template <class T, class Targets>
struct LogLikelihood {
  int64_t units;
  const T* logits;
  Targets targets;
  T* out;
  template <int N>
  __device__ double sum(int64_t row, int64_t i) const {
    const auto l = load<N>(logits + row * units + i);
    const auto x = targets.template at<N>(row, units, i);
    double sum = 0;
#pragma unroll
    for (int k = 0; k < N; ++k) {
      // The positive part goes off first, so that the small rest of a sure and right unit is not rounded away.
      const T positive = l.v[k] > T(0) ? l.v[k] : T(0);
      sum += double((x.v[k] * l.v[k] - positive) - log1p(exp(-fabs(l.v[k]))));
    }
    return sum;
  }
  __device__ void write(int64_t row, double sum) const { out[row] = T(sum); }
};

template <class T, class Targets>
struct Slopes {
  int64_t units;
  const T* logits;
  Targets targets;
  const T* dy;
  T *dlogits, *dx;
  template <int N>
  __device__ void each(int64_t row, int64_t i) const {
    const int64_t at = row * units + i;
    const T g = dy[row];
    const auto l = load<N>(logits + at);
    Pack<T, N> result;
    if (dlogits) {
      const auto x = targets.template at<N>(row, units, i);
#pragma unroll
      for (int k = 0; k < N; ++k) result.v[k] = g * (x.v[k] - sigmoid(l.v[k]));
      store(dlogits + at, result);
    }
    if (!dx) return;
#pragma unroll
    for (int k = 0; k < N; ++k) result.v[k] = g * l.v[k];
    store(dx + at, result);
  }
};

template <class T>
const T* as(const void* p) {
  return static_cast<const T*>(p);
}
template <class T>
T* as(void* p) {
  return static_cast<T*>(p);
}

}  // namespace

gx_status gx_bernoulli_log_likelihood(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                      const void* logits, const void* x, void* out) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const LogLikelihood<T, DenseTargets<T>> f = {units, as<T>(logits), {as<T>(x)}, as<T>(out)};
      sum_rows<T>(device, rows, units, packs_fit<T>(units, as<T>(logits), as<T>(x)), f);
    });
  });
}

gx_status gx_bernoulli_log_likelihood_backward(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                               const void* logits, const void* x, const void* dy, void* dlogits,
                                               void* dx) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const Slopes<T, DenseTargets<T>> f = {units, as<T>(logits), {as<T>(x)}, as<T>(dy), as<T>(dlogits), as<T>(dx)};
      each_of_rows<T>(device, rows, units, packs_fit<T>(units, f.logits, f.targets.x, f.dlogits, f.dx), f);
    });
  });
}

gx_status gx_bernoulli_log_likelihood_bits(gx_device* device, gx_format format, const void* logits, const gx_states* x,
                                           void* out) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const LogLikelihood<T, BitTargets<T>> f = {x->units, as<T>(logits), {as<uint32_t>(x->data)}, as<T>(out)};
      sum_rows<T>(device, x->rows, x->units, packs_fit<T>(x->units, f.logits), f);
    });
  });
}

gx_status gx_bernoulli_log_likelihood_bits_backward(gx_device* device, gx_format format, const void* logits,
                                                    const gx_states* x, const void* dy, void* dlogits) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const Slopes<T, BitTargets<T>> f = {x->units,  as<T>(logits),  {as<uint32_t>(x->data)},
                                          as<T>(dy), as<T>(dlogits), nullptr};
      each_of_rows<T>(device, x->rows, x->units, packs_fit<T>(x->units, f.logits, f.dlogits), f);
    });
  });
}

}  // namespace gx::cuda
