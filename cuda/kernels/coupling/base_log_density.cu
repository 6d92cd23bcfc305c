// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_base_log_density and its gradient (coupling.h): out[r] = in[r] + sum_i log p(z[r][i]).
//
// Grid: rows.h; a block for 4096 elements of a row, fewer threads for short rows, a second pass over a row's parts.
// Backward a thread for each pack of 4 floats.
//
// Memory: 4 bytes an element are read, backward 4 more are written.
//
// nvcc 13.0: at most 40 registers in float, no spills.
//
// Not yet run on a GPU.

#include "kernels/coupling/densities.h"
#include "kernels/coupling/rows.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {

using namespace coupling;

namespace {

template <class T, int N, class Base>
struct LogDensity {
  static constexpr int kSums = 1;
  int64_t stride;
  const T* z;
  __device__ void operator()(const Part& part, double (&sums)[1]) const {
    const T* const row = z + part.row * stride;
    double sum = 0;
    each_pack<4, N>(
        part, [&](int64_t e) { return load_pack<N>(row + e); },
        [&](int64_t, const Pack<T, N>& v) {
#pragma unroll
          for (int k = 0; k < N; ++k) sum += Base::log_density(v.v[k]);
        });
    sums[0] += sum;
  }
};

template <class T, int N, class Base>
struct Slope {
  static constexpr int kSums = 1, kPack = N;
  int64_t units, stride;
  const T* z;
  const double* dout;
  T* dz;
  __device__ void operator()(int64_t n, int64_t e, double (&)[1][N]) const {
    const T c = T(dout[n]);
    Pack<T, N> v = load_pack<N>(z + n * stride + e);
#pragma unroll
    for (int k = 0; k < N; ++k) v.v[k] = c * Base::slope(v.v[k]);
    store_pack(dz + n * units + e, v);
  }
};

}  // namespace

gx_status gx_base_log_density(gx_device* device, gx_format format, int64_t rows, int64_t units, int64_t stride,
                              gx_base base, const void* z, const double* in, double* out) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const T* const from = static_cast<const T*>(z);
      with_base(base, [&](auto b) {
        using Base = decltype(b);
        const Rows each = rows_of(rows, units);
        if (packs<T>({z}, {units, stride})) {
          sum_rows(device, each, LogDensity<T, kPack<T>, Base>{stride, from}, in, out);
        } else {
          sum_rows(device, each, LogDensity<T, 1, Base>{stride, from}, in, out);
        }
      });
    });
  });
}

gx_status gx_base_log_density_backward(gx_device* device, gx_format format, int64_t rows, int64_t units, int64_t stride,
                                       gx_base base, const void* z, const double* dout, void* dz) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const T* const from = static_cast<const T*>(z);
      T* const to = static_cast<T*>(dz);
      with_base(base, [&](auto b) {
        using Base = decltype(b);
        if (packs<T>({z, dz}, {units, stride})) {
          map_examples(gpu_of(device), rows, units, Slope<T, kPack<T>, Base>{units, stride, from, dout, to});
        } else {
          map_examples(gpu_of(device), rows, units, Slope<T, 1, Base>{units, stride, from, dout, to});
        }
      });
    });
  });
}

}  // namespace gx::cuda
