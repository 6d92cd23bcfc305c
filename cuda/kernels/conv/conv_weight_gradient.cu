// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// dW = the gradient of sum(dz conv(x, W)): gx_conv_weight_gradient (conv.h).
//
// dW[row][column, tap] = sum over pixels of the rows' side times patches of the columns' side (patches.h): an implicit
// product of the engine in kernels/linear/tile.h with pixels as terms, cut into parts where dW is small, which are
// added up in order. Where there are fewer than 8 rows, or than 8 pairs of a column and a tap, a block sums 9 taps of
// a row and a column over the pixels instead, threads side by side along them.
//
// Floor: 2 batch rows (columns, live taps) pixels operations at the rate of float32; x, dz and dW once from or to
// memory.
//
// Registers, sm_90a, nvcc 13.0: register tiles 64 x 128 123 without spills, in double 64 x 64 128 (a word spilled);
// tensor cores 64 x 64 96 to 128 (3 words spilled at most); few pairs 54 at most. Hopper's warpgroups spill 46 words at
// 128: what is left to do here.
//
// Lost: register tiles of 128 x 128, whose places of two operands spill 44 words; places looked up with branches, which
// take the assembler twice as long.
//
// Not yet run on a GPU.

#include "kernels/conv/patches.h"
#include "kernels/conv/tensor.h"
#include "runtime/check.h"
#include "runtime/entries.h"
#include "runtime/reduce.h"

namespace gx::cuda {
namespace {

// The rows' side: row i at pixel k.
template <class T, int kElements>
struct RowsSide {
  static constexpr bool kAlongTerms = true;
  static constexpr int kWidth = kElements;

  ConvRaster raster;
  const T* data;
  int64_t rows;

  struct Row {
    const T* at;
    bool there;
  };
  __device__ void select(int64_t item) { data += item * rows * raster.pixels.by; }
  __device__ Row row(int64_t i) const { return {data + (i < rows ? i * raster.pixels.by : 0), i < rows}; }
  __device__ Piece<T> at(const Row& row, int64_t k) const {
    const bool there = row.there & (k < raster.count);
    const int64_t at = k + raster.pixels.quotient(int(k)) * (raster.row_example - raster.pixels.by);
    return {row.at + (there ? at : 0), there ? kWidth : 0};
  }
};

// The patches: pair j at pixel k.
template <class T>
struct Patches {
  static constexpr bool kAlongTerms = true;
  static constexpr int kWidth = 1;

  ConvRaster raster;
  const ConvPair* pairs;
  const T* data;
  int64_t group;  // elements

  using Row = ConvPair;
  __device__ void select(int64_t item) { data += item * group; }
  __device__ Row row(int64_t j) const { return pairs[j]; }
  __device__ Piece<T> at(const Row& pair, int64_t k) const {
    const RasterPlace place = place_of(raster, int(k));  // the same for all pairs of a thread's step
    const bool there = (k < raster.count) & inside(raster, place, pair);
    return {data + (there ? column_pixel(raster, place) + pair.offset : 0), there};
  }
};

// Writes dW; weights whose channels do not meet under a colour get 0.
template <class T>
struct WeightFinish {
  int64_t packs;
  ConvColours colours;
  const int* weight;
  int* flag;
  T* dW;
  int64_t rows, row_step, taps;  // row_step: weights of a row

  struct Column {
    int64_t weight;
  };
  __device__ void select(int64_t item) { dW += item * rows * row_step; }
  __device__ Column column(int64_t j) const { return {weight[j]}; }
  template <int N>
  __device__ void store(int64_t i, const Column& column, const Pack<T, N>& sums) const {
    Pack<T, N> results = sums;
#pragma unroll
    for (int n = 0; n < N; ++n) {
      if (results.v[n] != results.v[n]) *flag = 1;
      if (colours.count > 1 && !colours.meet((column.weight + n) % taps, i, (column.weight + n) / taps)) {
        results.v[n] = 0;
      }
    }
    *reinterpret_cast<Pack<T, N>*>(dW + i * row_step + column.weight) = results;
  }
};

// --- Few rows or pairs
// ------------------------------------------------------------------------------------------------------

constexpr int kTapsOfBlock = 9;

template <class T>
struct FewPairs {
  ConvRaster raster;
  const ConvPair* pairs;
  const T* rows_side;
  const T* columns_side;
  double* partial;  // [groups, rows, columns, live taps, splits]
  int64_t rows, columns, live_taps, chunks, splits, part;
};

// Blocks (group, row, column, taps, part of the pixels).
template <class T>
__global__ void __launch_bounds__(256) sum_few_pairs(FewPairs<T> w) {
  GX_SHARED(ConvPair, pairs, kTapsOfBlock);
  int64_t rest = blockIdx.x;
  const int64_t split = rest % w.splits;
  rest /= w.splits;
  const int first = int(rest % w.chunks) * kTapsOfBlock;
  rest /= w.chunks;
  const int64_t pair = rest, column = rest % w.columns, group_row = rest / w.columns, group = group_row / w.rows;
  const int count = int(min(int64_t(kTapsOfBlock), w.live_taps - first));
  if (int(threadIdx.x) < count) pairs[threadIdx.x] = w.pairs[column * w.live_taps + first + threadIdx.x];
  __syncthreads();

  const ConvRaster& r = w.raster;
  const T* const of_row = w.rows_side + group_row * r.pixels.by;
  const T* const of_columns = w.columns_side + group * w.columns * (r.size[0] * r.size[1] * r.size[2]);
  T sum[kTapsOfBlock] = {};
  const int to = int(min((split + 1) * w.part, r.count));
  for (int k = int(split * w.part) + int(threadIdx.x); k < to; k += 256) {
    const RasterPlace place = place_of(r, k);
    const T row = of_row[place.example * r.row_example + place.pixel];
    const T* const base = of_columns + column_pixel(r, place);
#pragma unroll
    for (int j = 0; j < kTapsOfBlock; ++j) {
      if (j < count && inside(r, place, pairs[j])) sum[j] += row * __ldg(base + pairs[j].offset);
    }
  }
  double all[kTapsOfBlock];
#pragma unroll
  for (int j = 0; j < kTapsOfBlock; ++j) all[j] = sum[j];
  block_sum(all);
  if (threadIdx.x != 0) return;
#pragma unroll
  for (int j = 0; j < kTapsOfBlock; ++j) {
    if (j < count) w.partial[(pair * w.live_taps + first + j) * w.splits + split] = all[j];
  }
}

template <class T>
struct FewFinish {
  ConvColours colours;
  const int* weight;
  T* dW;
  int64_t rows, columns, live_taps, taps;
  __device__ void operator()(int64_t item, double sum) const {
    const int64_t per_row = columns * live_taps, row = item / per_row;
    const int64_t of_row = weight[item % per_row];
    const bool meet = colours.meet(of_row % taps, row % rows, of_row / taps);
    dW[row * columns * taps + of_row] = meet ? T(sum) : T(0);
  }
};

template <class T>
void by_few(Gpu& gpu, Workspace& workspace, const ConvPlan& p, const ConvRaster& raster, int64_t live_taps,
            const ConvPairs& table, const T* rows_side, const T* columns_side, T* dW) {
  FewPairs<T> w = {raster, table.pairs, rows_side, columns_side, nullptr, p.rows(), p.columns(), live_taps, 0, 0, 0};
  const int64_t pairs = p.groups * w.rows * w.columns;
  w.chunks = (live_taps + kTapsOfBlock - 1) / kTapsOfBlock;
  w.splits = parts_for(raster.count, pairs * w.chunks, 8192, 1024);
  w.part = (raster.count + w.splits - 1) / w.splits;
  w.partial = workspace.get<double>(pairs * live_taps * w.splits);
  launch(gpu, {unsigned(pairs * w.chunks * w.splits), 256}, sum_few_pairs<T>, w);
  finish_sums(gpu, pairs * live_taps, w.splits, w.partial,
              FewFinish<T>{p.colours, table.weight, dW, w.rows, w.columns, live_taps, p.kernel_taps});
}

// --- Everything else
// ---------------------------------------------------------------------------------------------------------

// What zeros outside of the columns' side made NaN, or all if there is no flag: by the definition.
template <class T>
__global__ void __launch_bounds__(256)
    mend(ConvPlan p, const int* flag, int64_t count, const T* x, const T* dz, T* dW) {
  if (flag && *flag == 0) return;
  for (int64_t i = grid_place(); i < count; i += grid_size()) {
    if (flag && !isnan(dW[i])) continue;
    const int64_t tap = i % p.kernel_taps, column = i / p.kernel_taps % p.columns();
    const int64_t row = i / p.kernel_taps / p.columns() % p.rows();
    dW[i] = p.is_live(tap) && p.colours.meet(tap, row, column) ? conv_weight_gradient_sum(p, x, dz, i) : T(0);
  }
}

// Where the rows' side is read element by element there are small tiles only: that is for images of odd sizes.
template <class T, class A, class B, class Finish>
void multiply(gx_device& device, Workspace& workspace, const ProductSizes& sizes, const A& a, const B& b,
              const Finish& finish) {
  if constexpr (sizeof(T) == sizeof(double)) {
    tile::run_simt<T, 64, 64, 4, 4>(device, workspace, sizes, a, b, finish);
  } else {
    const gx_precision precision = device.precision;
    if (precision == GX_PRECISION_TF32) {
      return tensor_product<tile::Tf32, A::kWidth == 4>(device, workspace, sizes, a, b, finish);
    }
    if (precision == GX_PRECISION_BF16) {
      return tensor_product<tile::Bf16, A::kWidth == 4>(device, workspace, sizes, a, b, finish);
    }
    if constexpr (A::kWidth == 4) {
      if (sizes.columns > 64) {
        return tile::run_simt<T, 64, 128, 8, 4>(device, workspace, sizes, a, b, finish);
      }
    }
    return tile::run_simt<T, 64, 64, 4, 4>(device, workspace, sizes, a, b, finish);
  }
}

template <class T, int kElements>
void by_product(gx_device& device, Workspace& workspace, const ConvPlan& p, const ConvRaster& raster, int64_t live_taps,
                const ConvPairs& table, const T* rows_side, const T* columns_side, T* dW) {
  const RowsSide<T, kElements> rows = {raster, rows_side, p.rows()};
  const Patches<T> patches = {raster, table.pairs, columns_side, raster.column_example / p.groups};
  const int64_t row_step = p.columns() * p.kernel_taps;
  const bool packs = !p.masked && row_step * int64_t(sizeof(T)) % 16 == 0 && aligned(dW);
  const WeightFinish<T> finish = {packs, p.colours, table.weight, table.flag, dW, p.rows(), row_step, p.kernel_taps};
  multiply<T>(device, workspace, {p.rows(), p.columns() * live_taps, raster.count, p.groups}, rows, patches, finish);
}

template <class T>
void run(gx_device& device, const ConvShape& s, const T* x, const T* dz, T* dW) {
  Gpu& gpu = gpu_of(&device);
  const int64_t count = s.weight_count();
  if (s.p.batch == 0) return gpu.zero(dW, count * int64_t(sizeof(T)));
  const ConvPlan p = plan_of(s);
  if (!has_pairs(p)) {
    launch(gpu, {blocks_for(gpu, count, 256), 256}, mend<T>, p, nullptr, count, x, dz, dW);
    return;
  }
  if (p.masked) gpu.zero(dW, count * int64_t(sizeof(T)));  // taps under the mask
  Workspace workspace(device);
  const ConvRaster raster = raster_of(p, s);
  const ConvPairs table = prepare_pairs(gpu, workspace, p, s.live_taps);
  const T* const rows_side = p.transposed ? x : dz;
  const T* const columns_side = p.transposed ? dz : x;
  if (p.rows() < 8 || p.columns() * s.live_taps < 8) {
    return by_few(gpu, workspace, p, raster, s.live_taps, table, rows_side, columns_side, dW);
  }
  bool wide = false;
  if constexpr (sizeof(T) == sizeof(float)) wide = raster.pixels.by % 4 == 0 && aligned(rows_side);
  if constexpr (sizeof(T) == sizeof(float)) {
    if (wide) by_product<T, 4>(device, workspace, p, raster, s.live_taps, table, rows_side, columns_side, dW);
  }
  if (!wide) by_product<T, 1>(device, workspace, p, raster, s.live_taps, table, rows_side, columns_side, dW);
  const unsigned blocks = unsigned(std::min<int64_t>((count + 255) / 256, 2 * gpu.multiprocessors));
  launch(gpu, {blocks, 256}, mend<T>, p, table.flag, count, x, dz, dW);
}

}  // namespace

gx_status gx_conv_weight_gradient(gx_device* device, gx_format format, const gx_conv_params* params, const void* x,
                                  const void* dz, void* dW) {
  return guarded([&] {
    const CheckedConv conv = check::conv(params);
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      run(*device, conv.shape, static_cast<const T*>(x), static_cast<const T*>(dz), static_cast<T*>(dW));
    });
  });
}

}  // namespace gx::cuda
