// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_channel_affine and its gradient (coupling.h): y = x e^l_c + b_c, its inverse, the log-determinants.
//
// Grid: rows.h. Forward: a block for 4096 elements of an example, fewer threads for short ones; the factors are
// computed where they are used, one for a pack of 4 floats within a channel, and l is summed element by element in
// double, so that a part knows its share of the log-determinant. Backward: a block for a part of an example's channel,
// or down the examples where channels have fewer than 64 elements; the two sums of a channel are in double.
//
// Memory: forward 8 bytes an element (x, y), backward 12 (x, dy, dx).
//
// Variants: packs of 16 bytes, or single elements where an address or a size is no multiple of that.
//
// nvcc 13.0: forward 40 to 48 registers, gradients 64 to 80; no spills in float.
//
// Not yet run on a GPU.

#include <type_traits>

#include "kernels/coupling/densities.h"
#include "kernels/coupling/rows.h"
#include "kernels/coupling/scales.h"
#include "runtime/entries.h"

namespace gx::cuda {

using namespace coupling;

namespace {

template <class T>
struct ChannelFactors {
  Divider spatial;             // elements of a channel
  const T *log_scale, *shift;  // or null
  // l and b of N elements.
  template <int N>
  __device__ void of(int64_t e, Pack<T, N>& l, Pack<T, N>& b) const {
    if (spatial.divisor == 1) {  // addresses suit
      l = log_scale ? load_pack<N>(log_scale + e) : Pack<T, N>{};
      b = shift ? load_pack<N>(shift + e) : Pack<T, N>{};
      return;
    }
    const bool each = spatial.divisor % N != 0;
    const int64_t first = spatial.quotient(e);
    l.v[0] = log_scale ? log_scale[first] : T(0), b.v[0] = shift ? shift[first] : T(0);
#pragma unroll
    for (int k = 1; k < N; ++k) {
      l.v[k] = l.v[0], b.v[k] = b.v[0];
      if (!each) continue;
      const int64_t c = spatial.quotient(e + k);
      if (log_scale) l.v[k] = log_scale[c];
      if (shift) b.v[k] = shift[c];
    }
  }
};

template <class T, int N, class Direction>
struct Forward {
  static constexpr int kSums = 1;
  static constexpr bool kInverse = Direction::kInverse;
  using Base = typename Direction::Base;
  ChannelFactors<T> factors;
  int64_t size;
  const T* x;
  T* y;

  __device__ void operator()(const Part& part, double (&sums)[1]) const {
    const int64_t at = part.row * size;
    double sum = 0;
    each_pack<2, N>(
        part, [&](int64_t e) { return load_pack<N>(x + at + e); },
        [&](int64_t e, const Pack<T, N>& v) {
          Pack<T, N> l, b, result;
          factors.of(e, l, b);
          T factor = factor_of<kInverse>(l.v[0]);
#pragma unroll
          for (int k = 0; k < N; ++k) {
            if (k > 0 && factors.spatial.divisor % N != 0) factor = factor_of<kInverse>(l.v[k]);
            const T image = scaled<kInverse>(v.v[k], factor, b.v[k]);
            result.v[k] = image;
            sum += image == image ? double(kInverse ? -l.v[k] : l.v[k]) : double(NAN);
            if (Base::kThere) sum += Base::log_density(image);
          }
          store_pack(y + at + e, result);
        });
    sums[0] += sum;
  }
};

// terms: of the gradients of the log-scale, forward, and of the shift.
template <class T, int N, class Direction>
struct Backward {
  static constexpr int kSums = 2, kPack = N;
  static constexpr bool kInverse = Direction::kInverse;
  using Base = typename Direction::Base;
  ChannelFactors<T> factors;
  int64_t size;
  const T *x, *dy;
  const double* dlog_det;  // or null
  T* dx;                   // or null

  __device__ void operator()(int64_t n, int64_t e, double (&terms)[2][N]) const {
    const int64_t at = n * size + e;
    const Pack<T, N> v = load_pack<N>(x + at), gradient = load_pack<N>(dy + at);
    const double by_log_det = dlog_det ? dlog_det[n] : 0;
    Pack<T, N> l, b, result;
    factors.of(e, l, b);
    T factor = factor_of<kInverse>(l.v[0]);
#pragma unroll
    for (int k = 0; k < N; ++k) {
      if (k > 0 && factors.spatial.divisor % N != 0) factor = factor_of<kInverse>(l.v[k]);
      const T y = scaled<kInverse>(v.v[k], factor, b.v[k]);
      T g = gradient.v[k];
      if (Base::kThere) g += T(by_log_det) * Base::slope(y);
      result.v[k] = g * factor;
      terms[0][k] = double(g) * double(kInverse ? y : v.v[k] * factor) + by_log_det;
      terms[1][k] = double(kInverse ? -result.v[k] : g);
    }
    if (dx) store_pack(dx + at, result);
  }
};

template <class T>
struct PutGradient {
  T* to;  // or null
  double sign;
  __device__ void operator()(int64_t c, double sum) const {
    if (to) to[c] = T(sign * sum);
  }
};

template <class T>
ChannelFactors<T> factors_of(const gx_channel_affine_params& p, const void* log_scale, const void* shift) {
  return {Divider::by(p.spatial), static_cast<const T*>(log_scale), static_cast<const T*>(shift)};
}

// body(pack, direction), the pack a constant, for addresses of x and of what is like it.
template <class T, class Body>
void with_pack(const gx_channel_affine_params& p, const ChannelFactors<T>& f, bool suits, gx_base base,
               const Body& body) {
  const bool factors_suit = p.spatial != 1 || packs<T>({f.log_scale, f.shift}, {});
  with_direction(p.inverse != 0, base, [&](auto direction) {
    if (suits && factors_suit) return body(std::integral_constant<int, kPack<T>>(), direction);
    body(std::integral_constant<int, 1>(), direction);
  });
}

template <class T>
void forward(gx_device* device, const gx_channel_affine_params& p, const ChannelFactors<T>& f, const T* x,
             const double* log_det_in, T* y, double* log_det_out) {
  const int64_t size = p.channels * p.spatial;
  with_pack(p, f, packs<T>({x, y}, {size}), p.base, [&](auto pack, auto direction) {
    sum_rows(device, rows_of(p.examples, size), Forward<T, decltype(pack)::value, decltype(direction)>{f, size, x, y},
             log_det_in, log_det_out);
  });
}

template <class T>
void backward(gx_device* device, const gx_channel_affine_params& p, const ChannelFactors<T>& f, const T* x, const T* dy,
              const double* dlog_det, T* dx, T* dlog_scale, T* dshift) {
  const int64_t size = p.channels * p.spatial;
  const bool suits = packs<T>({x, dy, dx}, {size}) && (p.spatial < kShortChannel || p.spatial % kPack<T> == 0);
  with_pack(p, f, suits, dlog_det ? p.base : GX_BASE_NONE, [&](auto pack, auto direction) {
    const Backward<T, decltype(pack)::value, decltype(direction)> map = {f, size, x, dy, dlog_det, dx};
    if (!dlog_scale && !dshift) return map_examples(gpu_of(device), p.examples, size, map);
    const PutGradient<T> put[2] = {{dlog_scale, p.inverse ? -1.0 : 1.0}, {dshift, 1.0}};
    sum_channels(device, p.examples, p.channels, p.spatial, map, put);
  });
}

}  // namespace

gx_status gx_channel_affine(gx_device* device, gx_format format, const gx_channel_affine_params* params, const void* x,
                            const void* log_scale, const void* shift, const double* log_det_in, void* y,
                            double* log_det_out) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      forward(device, *params, factors_of<T>(*params, log_scale, shift), static_cast<const T*>(x), log_det_in,
              static_cast<T*>(y), log_det_out);
    });
  });
}

gx_status gx_channel_affine_backward(gx_device* device, gx_format format, const gx_channel_affine_params* params,
                                     const void* x, const void* log_scale, const void* shift, const void* dy,
                                     const double* dlog_det, void* dx, void* dlog_scale, void* dshift) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      backward(device, *params, factors_of<T>(*params, log_scale, shift), static_cast<const T*>(x),
               static_cast<const T*>(dy), dlog_det, static_cast<T*>(dx), static_cast<T*>(dlog_scale),
               static_cast<T*>(dshift));
    });
  });
}

}  // namespace gx::cuda
