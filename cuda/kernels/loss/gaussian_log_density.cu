// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// out[r] = sum_i -(log 2 pi + v + (x - m)^2 e^-v) / 2 and its gradients: gx_gaussian_log_density, _backward (loss.h).
//
// Forward, and gradients of which rows share none: by_rows.h. Gradients that rows share: a block takes 32 packs of
// units and a chunk of rows, a warp every eighth of its rows; it adds the slopes of its units in double, of which the
// warps' and then the chunks' sums are added in order (for a shared number, over the units too).
//
// Floor: bytes, each array once; per unit 4 bytes forward and 8 backward, and 4 (8) for each operand with numbers of
// its own for each.
//
// Registers by nvcc 13.0, sm_80 / sm_90a: 32 to 64 / 32 to 80; 16 bytes spilled in a backward of floats, up to 208 in
// FLOAT64.
//
// Not yet run on a GPU.

#include "kernels/loss/by_rows.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

template <int N, class T>
__device__ inline Pack<T, N> operand(gx_extent extent, const T* p, int64_t row, int64_t units, int64_t i) {
  if (extent != GX_SHARED) return load<N>(p + (extent == GX_EACH ? row * units : 0) + i);
  Pack<T, N> all;
  const T number = *p;
#pragma unroll
  for (int k = 0; k < N; ++k) all.v[k] = number;
  return all;
}

template <class T>
struct Density {
  int64_t units;
  gx_extent mean_extent, logvar_extent;
  const T *x, *mean, *logvar;

  template <int N>
  struct Terms {
    Pack<T, N> logvar, difference, scaled;  // v, x - m, (x - m) e^-v
  };
  template <int N>
  __device__ Terms<N> at(int64_t row, int64_t i) const {
    Terms<N> t;
    t.difference = load<N>(x + row * units + i);
    const auto m = operand<N>(mean_extent, mean, row, units, i);
    t.logvar = operand<N>(logvar_extent, logvar, row, units, i);
#pragma unroll
    for (int k = 0; k < N; ++k) {
      t.difference.v[k] -= m.v[k];
      t.scaled.v[k] = t.difference.v[k] * exp(-t.logvar.v[k]);
    }
    return t;
  }
  bool wide() const {
    return packs_fit<T>(units, x, mean_extent == GX_SHARED ? nullptr : mean,
                        logvar_extent == GX_SHARED ? nullptr : logvar);
  }
};

template <class T>
struct LogDensity {
  Density<T> density;
  T* out;
  template <int N>
  __device__ double sum(int64_t row, int64_t i) const {
    const auto t = density.template at<N>(row, i);
    double sum = 0;
#pragma unroll
    for (int k = 0; k < N; ++k) {
      sum += double(T(-0.5) * ((T(1.8378770664093454836) + t.logvar.v[k]) + t.difference.v[k] * t.scaled.v[k]));
    }
    return sum;
  }
  __device__ void write(int64_t row, double sum) const { out[row] = T(sum); }
};

template <class T>
struct DensitySlopes {
  Density<T> density;
  const T* dy;
  T *dx, *dmean, *dlogvar;  // the last two only where rows share nothing

  // slopes: by mean, by logvar
  template <int N>
  __device__ void slopes(int64_t row, int64_t i, Pack<T, N> (&slope)[2]) const {
    const int64_t at = row * density.units + i;
    const T g = dy[row];
    const auto t = density.template at<N>(row, i);
    Pack<T, N> by_x;
#pragma unroll
    for (int k = 0; k < N; ++k) {
      slope[0].v[k] = g * t.scaled.v[k];
      slope[1].v[k] = T(0.5) * g * (t.difference.v[k] * t.scaled.v[k] - T(1));
      by_x.v[k] = -slope[0].v[k];
    }
    if (dx) store(dx + at, by_x);
    if (dmean) store(dmean + at, slope[0]);
    if (dlogvar) store(dlogvar + at, slope[1]);
  }
  template <int N>
  __device__ void each(int64_t row, int64_t i) const {
    Pack<T, N> slope[2];
    slopes<N>(row, i, slope);
  }
};

constexpr int kThreads = 256, kWarps = kThreads / kWarp;

// sums[which]: of [units][chunks], or for an operand that all share [tiles * chunks]; null: not wanted.
struct SharedSums {
  gx_extent extent[2];
  double* sums[2];
};

// Blocks [tiles of units][chunks of rows].
template <int N, class T>
__global__ void __launch_bounds__(kThreads)
    shared_slopes(DensitySlopes<T> f, int64_t rows, int64_t rows_of_chunk, SharedSums to) {
  GX_SHARED(double, parts, 2 * N * kThreads);
  const int lane = int(threadIdx.x) % kWarp, warp = int(threadIdx.x) / kWarp;
  const int64_t units = f.density.units, tile = int64_t(blockIdx.x) * kWarp * N, i = tile + lane * N;
  const int64_t chunk = blockIdx.y, row1 = min(rows, (chunk + 1) * rows_of_chunk);
  double sums[2][N] = {};
  for (int64_t row = chunk * rows_of_chunk + warp; row < row1 && i < units; row += kWarps) {
    Pack<T, N> slope[2];
    f.template slopes<N>(row, i, slope);
#pragma unroll
    for (int k = 0; k < N; ++k) {
      sums[0][k] += double(slope[0].v[k]);
      sums[1][k] += double(slope[1].v[k]);
    }
  }
#pragma unroll
  for (int which = 0; which < 2; ++which) {
#pragma unroll
    for (int k = 0; k < N; ++k) parts[((which * kWarps + warp) * kWarp + lane) * N + k] = sums[which][k];
  }
  __syncthreads();
  double total[2] = {0, 0};
#pragma unroll
  for (int which = 0; which < 2; ++which) {
    for (int unit = int(threadIdx.x); unit < kWarp * N; unit += kThreads) {
      double sum = 0;
      for (int w = 0; w < kWarps; ++w) sum += parts[(which * kWarps + w) * kWarp * N + unit];
      total[which] += sum;
      if (to.sums[which] && to.extent[which] == GX_PER_UNIT && tile + unit < units) {
        to.sums[which][(tile + unit) * gridDim.y + chunk] = sum;
      }
    }
  }
  block_sum(total);
#pragma unroll
  for (int which = 0; which < 2; ++which) {
    if (threadIdx.x == 0 && to.sums[which] && to.extent[which] == GX_SHARED) {
      to.sums[which][chunk * gridDim.x + blockIdx.x] = total[which];
    }
  }
}

template <class T>
struct StoreSum {
  T* to;
  __device__ void operator()(int64_t i, double sum) const { to[i] = T(sum); }
};

template <int N, class T>
void shared_backward(gx_device* device, int64_t rows, const DensitySlopes<T>& all) {
  Gpu& gpu = gpu_of(device);
  DensitySlopes<T> f = all;
  const int64_t units = f.density.units, tiles = (units + kWarp * N - 1) / (kWarp * N);
  const int64_t most = parts_for(rows, tiles, 64, 1024), rows_of_chunk = std::max<int64_t>(1, (rows + most - 1) / most);
  const int64_t chunks = std::max<int64_t>(1, (rows + rows_of_chunk - 1) / rows_of_chunk);
  Workspace workspace(*device);
  SharedSums to = {{f.density.mean_extent, f.density.logvar_extent}, {nullptr, nullptr}};
  T** const gradients[] = {&f.dmean, &f.dlogvar};
  T* results[2] = {nullptr, nullptr};
  for (int which = 0; which < 2; ++which) {
    if (to.extent[which] == GX_EACH) continue;
    results[which] = *gradients[which];
    *gradients[which] = nullptr;
    if (results[which])
      to.sums[which] = workspace.get<double>((to.extent[which] == GX_PER_UNIT ? units : tiles) * chunks);
  }
  launch(gpu, {dim3(unsigned(tiles), unsigned(chunks)), kThreads}, shared_slopes<N, T>, f, rows, rows_of_chunk, to);
  for (int which = 0; which < 2; ++which) {
    if (!results[which]) continue;
    const bool per_unit = to.extent[which] == GX_PER_UNIT;
    finish_sums(gpu, per_unit ? units : 1, per_unit ? chunks : tiles * chunks, to.sums[which],
                StoreSum<T>{results[which]});
  }
}

template <class T>
void backward(gx_device* device, int64_t rows, const DensitySlopes<T>& f) {
  const Density<T>& d = f.density;
  const bool wide = d.wide() && packs_fit<T>(d.units, f.dx, d.mean_extent == GX_EACH ? f.dmean : nullptr,
                                             d.logvar_extent == GX_EACH ? f.dlogvar : nullptr);
  const bool shared = (f.dmean && d.mean_extent != GX_EACH) || (f.dlogvar && d.logvar_extent != GX_EACH);
  if (!shared) {
    each_of_rows<T>(device, rows, d.units, wide, f);
  } else if (wide) {
    shared_backward<kPack<T>>(device, rows, f);
  } else {
    shared_backward<1>(device, rows, f);
  }
}

template <class T>
Density<T> density_of(int64_t units, gx_extent mean_extent, gx_extent logvar_extent, const void* x, const void* mean,
                      const void* logvar) {
  return {units,
          mean_extent,
          logvar_extent,
          static_cast<const T*>(x),
          static_cast<const T*>(mean),
          static_cast<const T*>(logvar)};
}

}  // namespace

gx_status gx_gaussian_log_density(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                  gx_extent mean_extent, gx_extent logvar_extent, const void* x, const void* mean,
                                  const void* logvar, void* out) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const auto d = density_of<T>(units, mean_extent, logvar_extent, x, mean, logvar);
      sum_rows<T>(device, rows, units, d.wide(), LogDensity<T>{d, static_cast<T*>(out)});
    });
  });
}

gx_status gx_gaussian_log_density_backward(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                           gx_extent mean_extent, gx_extent logvar_extent, const void* x,
                                           const void* mean, const void* logvar, const void* dy, void* dx, void* dmean,
                                           void* dlogvar) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const auto d = density_of<T>(units, mean_extent, logvar_extent, x, mean, logvar);
      backward(device, rows,
               DensitySlopes<T>{d, static_cast<const T*>(dy), static_cast<T*>(dx), static_cast<T*>(dmean),
                                static_cast<T*>(dlogvar)});
    });
  });
}

}  // namespace gx::cuda
