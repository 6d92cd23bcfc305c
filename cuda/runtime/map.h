// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// y[i] = f(x1[i], x2[i], ..) over whole arrays, 16 bytes an access where the addresses allow it. A thread owns the
// elements it writes, so results do not depend on the launch, and y may be one of the x.
#ifndef GENERATRIX_CUDA_RUNTIME_MAP_H_
#define GENERATRIX_CUDA_RUNTIME_MAP_H_

#include "runtime/gpu.h"

namespace gx::cuda {

// N neighbouring elements, read and written at once.
template <class T, int N>
struct __align__(sizeof(T) * N) Pack {
  T v[N];
};

template <class T>
constexpr int kPack = int(16 / sizeof(T));

inline bool aligned(const void* p) { return reinterpret_cast<uintptr_t>(p) % 16 == 0; }

// The place of the thread in the grid, and the threads of it: for loops over more than one grid.
__device__ inline int64_t grid_place() { return int64_t(blockIdx.x) * blockDim.x + threadIdx.x; }
__device__ inline int64_t grid_size() { return int64_t(gridDim.x) * blockDim.x; }

namespace detail {

template <int N, class F, class T, class... X>
__global__ void __launch_bounds__(256) map(F f, int64_t n, T* y, const X*... x) {
  const int64_t packs = n / N;
  for (int64_t i = grid_place(); i < packs; i += grid_size()) {
    Pack<T, N> result;
    const auto apply = [&](const Pack<X, N>... given) {
#pragma unroll
      for (int k = 0; k < N; ++k) result.v[k] = f(given.v[k]...);
    };
    apply(reinterpret_cast<const Pack<X, N>*>(x)[i]...);
    reinterpret_cast<Pack<T, N>*>(y)[i] = result;
  }
  for (int64_t i = packs * N + grid_place(); i < n; i += grid_size()) y[i] = f(x[i]...);
}

}  // namespace detail

template <class F, class T, class... X>
void map(Gpu& gpu, int64_t n, F f, T* y, const X*... x) {
  constexpr int kN = kPack<T>;
  const bool wide = aligned(y) && (aligned(x) && ...);
  const unsigned blocks = blocks_for(gpu, n, 256 * (wide ? kN : 1));
  launch(gpu, {blocks, 256}, wide ? detail::map<kN, F, T, X...> : detail::map<1, F, T, X...>, f, n, y, x...);
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_RUNTIME_MAP_H_
