// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Arrays from nothing, or from the same values in another format: gx_fill, gx_arange, gx_one_hot, gx_convert
// (arrays.h).
//
// A thread writes 16 bytes of the result (of gx_convert: four elements, 16 bytes on one side and twice 16 on the
// other). gx_arange is a product and a sum, each rounded, as on the CPU; gx_one_hot finds its row by a division and
// compares. Floor: the bytes written, and those that gx_convert reads.
//
// nvcc, sm_80 and sm_90a: 24 to 32 registers, no spills.
// Not yet run on a GPU.

#include <type_traits>

#include "runtime/check.h"
#include "runtime/divider.h"
#include "runtime/entries.h"
#include "runtime/map.h"

namespace gx::cuda {
namespace {

template <class T>
struct Constant {
  T value;
  __device__ T operator()() const { return value; }
};

struct Same {
  template <class T>
  __device__ T operator()(T x) const {
    return x;
  }
};

// y[i] = f(i), N neighbours at a time.
template <int N, class F, class T>
__global__ void __launch_bounds__(256) generate(F f, int64_t n, T* y) {
  for (int64_t i = N * grid_place(); i + N <= n; i += N * grid_size()) {
    Pack<T, N> result;
    f(i, result);
    *reinterpret_cast<Pack<T, N>*>(y + i) = result;
  }
  for (int64_t i = n / N * N + grid_place(); i < n; i += grid_size()) {
    Pack<T, 1> result;
    f(i, result);
    y[i] = result.v[0];
  }
}

template <class F, class T>
void generate_all(Gpu& gpu, F f, int64_t n, T* y) {
  constexpr int N = kPack<T>;
  const bool wide = aligned(y);
  launch(gpu, {blocks_for(gpu, n, 256 * (wide ? N : 1)), 256}, wide ? generate<N, F, T> : generate<1, F, T>, f, n, y);
}

struct Arange {
  double start, step;
  template <class T, int N>
  __device__ void operator()(int64_t i, Pack<T, N>& y) const {
#pragma unroll
    for (int k = 0; k < N; ++k) y.v[k] = T(__dadd_rn(start, __dmul_rn(double(i + k), step)));
  }
};

struct OneHot {
  const int64_t* index;
  Divider classes;
  template <class T, int N>
  __device__ void operator()(int64_t i, Pack<T, N>& y) const {
    int64_t row = classes.quotient(i), c = i - row * classes.divisor;
#pragma unroll
    for (int k = 0; k < N; ++k) {
      y.v[k] = T(index[row] == c);
      if (k + 1 < N && ++c == classes.divisor) ++row, c = 0;
    }
  }
};

template <bool kWide, class From, class To>
__global__ void __launch_bounds__(256) convert(int64_t n, const From* from, To* to) {
  for (int64_t i = 4 * grid_place(); i < n; i += 4 * grid_size()) {
    if (kWide && i + 4 <= n) {
      constexpr int kIn = kPack<From>, kOut = kPack<To>;
      From given[4];
#pragma unroll
      for (int k = 0; k < 4; k += kIn) {
        const auto pack = *reinterpret_cast<const Pack<From, kIn>*>(from + i + k);
#pragma unroll
        for (int j = 0; j < kIn; ++j) given[k + j] = pack.v[j];
      }
#pragma unroll
      for (int k = 0; k < 4; k += kOut) {
        Pack<To, kOut> pack;
#pragma unroll
        for (int j = 0; j < kOut; ++j) pack.v[j] = To(given[k + j]);
        *reinterpret_cast<Pack<To, kOut>*>(to + i + k) = pack;
      }
    } else {
      for (int64_t k = i; k < i + 4 && k < n; ++k) to[k] = To(from[k]);
    }
  }
}

}  // namespace

gx_status gx_fill(gx_device* device, gx_format format, double value, int64_t n, void* y) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      map(gpu_of(device), n, Constant<T>{T(value)}, static_cast<T*>(y));
    });
  });
}

gx_status gx_arange(gx_device* device, gx_format format, double start, double step, int64_t n, void* y) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      generate_all(gpu_of(device), Arange{start, step}, n, static_cast<T*>(y));
    });
  });
}

gx_status gx_one_hot(gx_device* device, gx_format format, int64_t count, int64_t classes, const int64_t* index,
                     void* y) {
  return guarded([&] {
    if (count == 0 || classes == 0) return;
    Gpu& gpu = gpu_of(device);
    Workspace workspace(*device);
    const OneHot f = {upload(gpu, workspace, index, count), Divider::by(classes)};
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      generate_all(gpu, f, count * classes, static_cast<T*>(y));
    });
  });
}

gx_status gx_convert(gx_device* device, int64_t n, gx_format from_format, const void* from, gx_format to_format,
                     void* to) {
  return guarded([&] {
    Gpu& gpu = gpu_of(device);
    with_real(from_format, [&](auto source) {
      with_real(to_format, [&](auto target) {
        using From = decltype(source);
        using To = decltype(target);
        if constexpr (sizeof(From) == sizeof(To)) {
          using Bits = std::conditional_t<sizeof(To) == 8, uint64_t, uint32_t>;  // NaN keeps its own
          map(gpu, n, Same(), static_cast<Bits*>(to), static_cast<const Bits*>(from));
        } else {
          const bool wide = aligned(from) && aligned(to);
          launch(gpu, {blocks_for(gpu, n, 1024), 256}, wide ? convert<true, From, To> : convert<false, From, To>, n,
                 static_cast<const From*>(from), static_cast<To*>(to));
        }
      });
    });
  });
}

}  // namespace gx::cuda
