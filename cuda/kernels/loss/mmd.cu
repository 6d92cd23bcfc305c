// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// MMD^2 of two sets of points under a sum of RBF kernels, and its gradients: gx_mmd, gx_mmd_backward (loss.h).
//
// Forward: a block for each tile of 64 x 64 pairs of (x, x), (x, y), (y, y) (tile_distances.h), its sum in double by a
// tree; one block adds the tiles of each of the three in order. Equal sets go through the same steps three times, so
// that the V statistic of equal sets is exactly 0.
// Backward, for some rows of a set at a time: coefficients g_ij of its points with all points of both sets, then a
// block for each 64 rows x 64 units adds g_ij (a_i - b_j), in the format over 64 points and then in double.
//
// Floor: instructions, two per pair and unit each for distances and gradient, an exponential in double per pair and
// bandwidth.
//
// Registers by nvcc 13.0, sm_80 and sm_90a: 98 to 128, FLOAT64 to 177; 24 bytes spilled by the gradients on sm_80.
//
// Not yet run on a GPU.

#include <vector>

#include "kernels/loss/tile_distances.h"
#include "runtime/check.h"
#include "runtime/entries.h"
#include "runtime/reduce.h"

namespace gx::cuda {
namespace {

struct Kernels {
  int64_t count;
  const double* exponents;  // 1 / 2 w^2

  __device__ double value(double distance) const {
    double sum = 0;
    for (int64_t w = 0; w < count; ++w) sum += exp(-distance * exponents[w]);
    return sum;
  }
  // -2 times the derivative by the distance.
  __device__ double slope(double distance) const {
    double sum = 0;
    for (int64_t w = 0; w < count; ++w) sum += 2 * exponents[w] * exp(-distance * exponents[w]);
    return sum;
  }
};

template <class T>
struct Sets {
  const T *a, *b;
  int64_t na, nb, units;
};

int64_t tiles(int64_t n) { return (n + kTile - 1) / kTile; }

// --- Forward

template <class T>
struct Mmd {
  Sets<T> xy;
  Kernels kernels;
  int64_t x_tiles, y_tiles;
  int64_t unbiased;  // 0 or 1
  T* out;

  __host__ __device__ int64_t first(int of) const {  // of (x, x), (x, y), (y, y), end
    const int64_t xx = x_tiles * x_tiles;
    return of == 0 ? 0 : of == 1 ? xx : of == 2 ? xx + x_tiles * y_tiles : xx + (x_tiles + y_tiles) * y_tiles;
  }
};

template <class T>
__global__ void __launch_bounds__(kTileThreads) tile_sums(Mmd<T> m, double* partial) {
  GX_SHARED(FourPoints<T>, memory, kTileMemory);
  const int64_t item = blockIdx.x;
  const int of = item < m.first(1) ? 0 : item < m.first(2) ? 1 : 2;
  const Sets<T> s = of == 0   ? Sets<T>{m.xy.a, m.xy.a, m.xy.na, m.xy.na, m.xy.units}
                    : of == 1 ? m.xy
                              : Sets<T>{m.xy.b, m.xy.b, m.xy.nb, m.xy.nb, m.xy.units};
  const int64_t across = of == 0 ? m.x_tiles : m.y_tiles, place = item - m.first(of);
  const int64_t i0 = place / across * kTile, j0 = place % across * kTile;
  double d[kOfThread][kOfThread];
  tile_distances(s.a + i0 * s.units, s.na - i0, s.b + j0 * s.units, s.nb - j0, s.units, memory, d);
  double sum = 0;
#pragma unroll
  for (int i = 0; i < kOfThread; ++i) {
#pragma unroll
    for (int j = 0; j < kOfThread; ++j) {
      if (i0 + tile_row() + i < s.na && j0 + tile_column() + j < s.nb) sum += m.kernels.value(d[i][j]);
    }
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) partial[item] = sum;
}

template <class T>
__global__ void __launch_bounds__(256) combine(Mmd<T> m, const double* partial) {
  double total[3];
#pragma unroll
  for (int of = 0; of < 3; ++of) {
    total[of] = 0;
    for (int64_t i = m.first(of) + threadIdx.x; i < m.first(of + 1); i += 256) total[of] += partial[i];
  }
  block_sum(total);
  if (threadIdx.x != 0) return;
  const double x = double(m.xy.na), y = double(m.xy.nb), one = m.unbiased ? 1 : 0;
  if (m.unbiased) {  // k(a, a) = 1 for each bandwidth
    total[0] -= x * double(m.kernels.count);
    total[2] -= y * double(m.kernels.count);
  }
  m.out[0] = T(total[0] / (x * (x - one)) + total[2] / (y * (y - one)) - 2 * (total[1] / (x * y)));
}

// --- Backward

// g[i][j] = dout scale k'(a_i, b_j) for rows [row0, row0 + rows).
template <class T>
__global__ void __launch_bounds__(kTileThreads)
    coefficients(Sets<T> s, Kernels kernels, const T* dout, double scale, int64_t row0, int64_t rows, T* g) {
  GX_SHARED(FourPoints<T>, memory, kTileMemory);
  const int64_t across = (s.nb + kTile - 1) / kTile;
  const int64_t i0 = int64_t(blockIdx.x) / across * kTile, j0 = int64_t(blockIdx.x) % across * kTile;
  double d[kOfThread][kOfThread];
  tile_distances(s.a + (row0 + i0) * s.units, rows - i0, s.b + j0 * s.units, s.nb - j0, s.units, memory, d);
  const double factor = double(dout[0]) * scale;
#pragma unroll
  for (int i = 0; i < kOfThread; ++i) {
#pragma unroll
    for (int j = 0; j < kOfThread; ++j) {
      const int64_t row = i0 + tile_row() + i, column = j0 + tile_column() + j;
      if (row < rows && column < s.nb) g[row * s.nb + column] = T(factor * kernels.slope(d[i][j]));
    }
  }
}

// sums[i][u] += sum_j g_ij (a_i[u] - b_j[u]) for the block's 64 rows and units.
template <class T>
__device__ inline void add_slopes(const Pack<T, 4> (&x)[kOfThread], const T* g, int64_t rows, const T* b, int64_t nb,
                                  int64_t units, int64_t i0, int64_t u0, FourPoints<T>* memory, double (&sums)[4][4]) {
  T* const g_tile = memory->v;                     // [16 points j][rows]
  T* const b_tile = g_tile + kDepth * kTilePitch;  // [16 points j][units]
  T part[4][4] = {};
  for (int64_t first = 0; first < nb; first += kDepth) {
    __syncthreads();
    for (int e = int(threadIdx.x); e < kDepth * kTile; e += kTileThreads) {
      const int row = e / kDepth, j = e % kDepth;
      g_tile[j * kTilePitch + row] = i0 + row < rows && first + j < nb ? g[(i0 + row) * nb + first + j] : T(0);
      const int point = e / kTile, unit = e % kTile;
      b_tile[point * kTilePitch + unit] =
          first + point < nb && u0 + unit < units ? b[(first + point) * units + u0 + unit] : T(0);
    }
    __syncthreads();
    const int here = int(min(int64_t(kDepth), nb - first));  // beyond, 0 times an infinite difference would be NaN
    for (int j = 0; j < here; ++j) {
      const auto factor = *reinterpret_cast<const Pack<T, 4>*>(g_tile + j * kTilePitch + tile_row());
      const auto y = *reinterpret_cast<const Pack<T, 4>*>(b_tile + j * kTilePitch + tile_column());
#pragma unroll
      for (int i = 0; i < 4; ++i) {
#pragma unroll
        for (int k = 0; k < 4; ++k) part[i][k] += factor.v[i] * (x[i].v[k] - y.v[k]);
      }
    }
    if ((first + kDepth) % kFlush != 0 && first + kDepth < nb) continue;
#pragma unroll
    for (int i = 0; i < 4; ++i) {
#pragma unroll
      for (int k = 0; k < 4; ++k) {
        sums[i][k] += double(part[i][k]);
        part[i][k] = T(0);
      }
    }
  }
}

// own, other: coefficients of the rows with all of a and all of b.
template <class T>
__global__ void __launch_bounds__(kTileThreads)
    gradients(Sets<T> s, const T* own, const T* other, int64_t row0, int64_t rows, T* gradient) {
  GX_SHARED(FourPoints<T>, memory, kTileMemory);
  const int64_t across = (s.units + kTile - 1) / kTile;
  const int64_t i0 = int64_t(blockIdx.x) / across * kTile, u0 = int64_t(blockIdx.x) % across * kTile;
  Pack<T, 4> x[kOfThread];
#pragma unroll
  for (int i = 0; i < kOfThread; ++i) {
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      const int64_t row = i0 + tile_row() + i, unit = u0 + tile_column() + k;
      x[i].v[k] = row < rows && unit < s.units ? s.a[(row0 + row) * s.units + unit] : T(0);
    }
  }
  double sums[4][4] = {};
  add_slopes(x, own, rows, s.a, s.na, s.units, i0, u0, memory, sums);
  add_slopes(x, other, rows, s.b, s.nb, s.units, i0, u0, memory, sums);
#pragma unroll
  for (int i = 0; i < kOfThread; ++i) {
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      const int64_t row = i0 + tile_row() + i, unit = u0 + tile_column() + k;
      if (row < rows && unit < s.units) gradient[(row0 + row) * s.units + unit] = T(sums[i][k]);
    }
  }
}

double pairs(int64_t n, bool unbiased) { return double(n) * double(unbiased ? n - 1 : n); }

template <class T>
void gradient_by(gx_device* device, const Sets<T>& s, const Kernels& kernels, bool unbiased, const T* dout,
                 T* gradient) {
  if (!gradient || s.units == 0) return;
  Gpu& gpu = gpu_of(device);
  Workspace workspace(*device);
  constexpr int64_t kCoefficients = int64_t(1) << 24;
  const int64_t most = std::max<int64_t>(1, kCoefficients / (s.na + s.nb) / kTile) * kTile, held = std::min(most, s.na);
  T* const own = workspace.get<T>(held * s.na);
  T* const other = workspace.get<T>(held * s.nb);
  const Sets<T> with_itself = {s.a, s.a, s.na, s.na, s.units};
  for (int64_t row0 = 0; row0 < s.na; row0 += most) {
    const int64_t rows = std::min(most, s.na - row0);
    launch(gpu, {unsigned(tiles(rows) * tiles(s.na)), kTileThreads}, coefficients<T>, with_itself, kernels, dout,
           -2 / pairs(s.na, unbiased), row0, rows, own);
    launch(gpu, {unsigned(tiles(rows) * tiles(s.nb)), kTileThreads}, coefficients<T>, s, kernels, dout,
           2 / (double(s.na) * double(s.nb)), row0, rows, other);
    launch(gpu, {unsigned(tiles(rows) * tiles(s.units)), kTileThreads}, gradients<T>, s, own, other, row0, rows,
           gradient);
  }
}

Kernels kernels_of(Gpu& gpu, Workspace& workspace, const gx_mmd_params& p) {
  std::vector<double> exponents;
  for (int64_t w = 0; w < p.bandwidth_count; ++w) exponents.push_back(0.5 / (p.bandwidths[w] * p.bandwidths[w]));
  return {p.bandwidth_count, upload(gpu, workspace, exponents.data(), p.bandwidth_count)};
}

}  // namespace

gx_status gx_mmd(gx_device* device, gx_format format, const gx_mmd_params* params, const void* x, const void* y,
                 void* out) {
  return guarded([&] {
    const gx_mmd_params& p = *params;
    Gpu& gpu = gpu_of(device);
    Workspace workspace(*device);
    const Kernels kernels = kernels_of(gpu, workspace, p);
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const Mmd<T> m = {{static_cast<const T*>(x), static_cast<const T*>(y), p.rows, p.n, p.units},
                        kernels,
                        tiles(p.rows),
                        tiles(p.n),
                        p.unbiased != 0,
                        static_cast<T*>(out)};
      double* const partial = workspace.get<double>(m.first(3));
      launch(gpu, {unsigned(m.first(3)), kTileThreads}, tile_sums<T>, m, partial);
      launch(gpu, {1, 256}, combine<T>, m, partial);
    });
  });
}

gx_status gx_mmd_backward(gx_device* device, gx_format format, const gx_mmd_params* params, const void* x,
                          const void* y, const void* dout, void* dx, void* dy) {
  return guarded([&] {
    const gx_mmd_params& p = *params;
    Workspace workspace(*device);
    const Kernels kernels = kernels_of(gpu_of(device), workspace, p);
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const Sets<T> by_x = {static_cast<const T*>(x), static_cast<const T*>(y), p.rows, p.n, p.units};
      const Sets<T> by_y = {by_x.b, by_x.a, p.n, p.rows, p.units};
      gradient_by(device, by_x, kernels, p.unbiased != 0, static_cast<const T*>(dout), static_cast<T*>(dx));
      gradient_by(device, by_y, kernels, p.unbiased != 0, static_cast<const T*>(dout), static_cast<T*>(dy));
    });
  });
}

}  // namespace gx::cuda
