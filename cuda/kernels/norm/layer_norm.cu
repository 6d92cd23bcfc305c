// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Layer and weight norm: gx_layer_norm, gx_layer_norm_backward, gx_weight_norm, gx_weight_norm_backward (norm.h). A set
// is a row; sets.h says how rows are gone over: 8 bytes an element forward, 12 backward. dgamma and dbeta of layer norm
// are sums down the columns: a second reading of x and dy by blocks of 32 columns x 8 rows (8 bytes an element more),
// parts of the rows added up in order by a last launch.
//
// Tried and dropped on paper: column sums in the registers of the pass over rows, which reads once but gives every
// block two doubles per column to carry and a number of blocks that the order of the sums then depends on.
//
// Not yet run on a GPU.

#include "kernels/norm/passes.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

using namespace norm;

constexpr int kWarps = 8;

// partial[2][units][parts] = sums of dy and of dy x^ over the rows of a part. Blocks of 32 columns x 8 warps.
template <class T>
__global__ void __launch_bounds__(256)
    column_gradients(int64_t rows, int64_t units, int64_t parts, const T* x, const T* dy, const double* mean,
                     const double* rstd, double* partial) {
  GX_SHARED(double, sums, 2 * kWarps * kWarp);
  const int lane = int(threadIdx.x), warp = int(threadIdx.y);
  const int64_t tiles = (units + kWarp - 1) / kWarp;
  for (int64_t item = blockIdx.x; item < tiles * parts; item += gridDim.x) {
    const int64_t column = item % tiles * kWarp + lane, part = item / tiles;
    const int64_t begin = rows * part / parts, end = rows * (part + 1) / parts;
    double s = 0, q = 0;
    if (column < units) {
      const auto add = [&](int64_t r, T dy_r, T x_r) {
        s += double(dy_r);
        q += double(dy_r) * ((double(x_r) - mean[r]) * rstd[r]);
      };
      int64_t r = begin + warp;
      for (; r + 3 * kWarps < end; r += 4 * kWarps) {
        T g[4], v[4];
#pragma unroll
        for (int k = 0; k < 4; ++k) {
          const int64_t at = (r + k * kWarps) * units + column;
          g[k] = dy[at];
          v[k] = x[at];
        }
#pragma unroll
        for (int k = 0; k < 4; ++k) add(r + k * kWarps, g[k], v[k]);
      }
      for (; r < end; r += kWarps) add(r, dy[r * units + column], x[r * units + column]);
    }
    sums[warp * kWarp + lane] = s;
    sums[(kWarps + warp) * kWarp + lane] = q;
    __syncthreads();
    if (warp < 2 && column < units) {
      double all = 0;
      for (int w = 0; w < kWarps; ++w) all += sums[(warp * kWarps + w) * kWarp + lane];
      partial[(warp * units + column) * parts + part] = all;
    }
    __syncthreads();
  }
}

template <class T>
struct Gradients {
  int64_t units;
  T *dbeta, *dgamma;
  __device__ void operator()(int64_t item, double sum) const {
    item < units ? put(dbeta, item, sum) : put(dgamma, item - units, sum);
  }
};

template <class T>
void pull_back(gx_device* device, int64_t rows, int64_t units, const T* x, const T* gamma, const double* statistics,
               const T* dy, T* dx, T* dgamma, T* dbeta) {
  Gpu& gpu = gpu_of(device);
  if (rows == 0) {  // of nothing, gradients are 0
    for (T* gradient : {dgamma, dbeta}) {
      if (gradient) gpu.zero(gradient, units * int64_t(sizeof(T)));
    }
    return;
  }
  if (dx) {
    const Sets sets = row_sets(rows, units);
    Backward<T> backward;
    backward.mean = statistics;
    backward.rstd = statistics + rows;
    backward.count = double(units);
    Factors<T> factors;
    factors.gamma = gamma;
    run(device, sets, units, BackwardPass<T, true>{x, dy, dx, rows, backward, factors});
  }
  if (!dgamma && !dbeta) return;
  const int64_t tiles = (units + kWarp - 1) / kWarp, parts = parts_for(rows, tiles, 64, 1024);
  Workspace workspace(*device);
  double* const partial = workspace.get<double>(2 * units * parts);
  launch(gpu, {blocks_for(gpu, tiles * parts, 1), dim3(kWarp, kWarps)}, column_gradients<T>, rows, units, parts, x, dy,
         statistics, statistics + rows, partial);
  finish_sums(gpu, 2 * units, parts, partial, Gradients<T>{units, dbeta, dgamma});
}

}  // namespace

gx_status gx_layer_norm(gx_device* device, gx_format format, int64_t rows, int64_t units, double epsilon, const void* x,
                        const void* gamma, const void* beta, void* y, void* statistics) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      Forward<T> forward;
      forward.count = double(units);
      forward.epsilon = epsilon;
      forward.statistics = out<double>(statistics);
      forward.step = rows;
      Factors<T> factors;
      factors.gamma = in<T>(gamma);
      factors.beta = in<T>(beta);
      run(device, row_sets(rows, units), units, ForwardPass<T, true>{in<T>(x), out<T>(y), forward, factors});
    });
  });
}

gx_status gx_layer_norm_backward(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* x,
                                 const void* gamma, const void* statistics, const void* dy, void* dx, void* dgamma,
                                 void* dbeta) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      pull_back(device, rows, units, in<T>(x), in<T>(gamma), in<double>(statistics), in<T>(dy), out<T>(dx),
                out<T>(dgamma), out<T>(dbeta));
    });
  });
}

gx_status gx_weight_norm(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* v, const void* g,
                         void* w, void* norms) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      Forward<T> forward;
      forward.kind = Forward<T>::kWeight;
      forward.statistics = out<double>(norms);
      forward.g = in<T>(g);
      run(device, row_sets(rows, units), units, ForwardPass<T, false>{in<T>(v), out<T>(w), forward, {}});
    });
  });
}

gx_status gx_weight_norm_backward(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* v,
                                  const void* g, const void* norms, const void* dw, void* dv, void* dg) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      Backward<T> backward;
      backward.kind = Backward<T>::kWeight;
      backward.rstd = in<double>(norms);
      backward.dgamma = out<T>(dg);
      Factors<T> factors;
      factors.gamma = in<T>(g);
      factors.groups = rows;
      run(device, row_sets(rows, units), units,
          BackwardPass<T, false>{in<T>(v), in<T>(dw), out<T>(dv), rows, backward, factors});
    });
  });
}

}  // namespace gx::cuda
