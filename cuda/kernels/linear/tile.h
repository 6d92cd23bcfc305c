// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Dense products of anything that can be read as two matrices:
//
//   finish(i, j, sum over k < terms of a(i, k) b(j, k))        i < rows, j < columns, for each item of a batch
//
//   product<T>(device, workspace, {rows, columns, terms, batch}, a, b, finish);
//
// a and b are operands, types that say where their elements lie: rows of terms, for b the columns of the product. So a
// convolution is a product whose operand looks into tables (an implicit product: nothing is unrolled in memory).
//
//   struct Operand {                           passed to the kernel by value
//     static constexpr bool kAlongTerms;       neighbours in memory: terms of a row, or else rows of a term
//     static constexpr int kWidth;             neighbours read at once: 1, or 16 bytes of them on a grid of 16 bytes
//     struct Row;                              what a thread keeps of a row (kWidth neighbouring ones, if along rows)
//     void select(int64_t item);               turns to an item of the batch
//     Row row(int64_t i) const;                i may be beyond the last row: its pieces have valid = 0
//     Piece<T> at(const Row&, int64_t k) const;  k may be beyond the last term
//   };
//
//   struct Finish {
//     bool packs;                              floats of columns 4j to 4j + 3 lie on a grid of 16 bytes
//     struct Column;
//     void select(int64_t item);
//     Column column(int64_t j) const;          j < columns
//     void store(int64_t i, const Column&, const Pack<T, N>& sums) const;  N columns from that one on; N is 1 unless
//   };                                         packs, which allows 2 and 4 from a multiple of N
//
// Precision FP32 and doubles go through register tiles (simt.h), TF32 and BF16 through tensor cores (tensor.h;
// warpgroup.h for large tiles on Hopper). An
// element's sum is one chain of fused multiply-adds over ascending terms in simt.h; where a product has too few tiles
// to fill a GPU, its terms are cut into parts, added up in order by a second launch. All that follows from the sizes
// alone, so results are the same bits from run to run, whatever the GPU.
//
// Not yet run on a GPU.
#ifndef GENERATRIX_CUDA_KERNELS_LINEAR_TILE_H_
#define GENERATRIX_CUDA_KERNELS_LINEAR_TILE_H_

#include "kernels/linear/simt.h"
#include "kernels/linear/tensor.h"
#include "kernels/linear/warpgroup.h"
#include "kernels/linear/work.h"
#include "runtime/device.h"

namespace gx::cuda {

namespace tile {

// Adds up the parts of sums that were cut, in order.
template <class T, class Finish>
__global__ void __launch_bounds__(256) combine(Work w, Finish finish) {
  const int64_t size = w.sizes.rows * w.sizes.columns;
  for (int64_t e = grid_place(); e < size * w.sizes.batch; e += grid_size()) {
    const int64_t item = e / size, i = e % size / w.sizes.columns, j = e % w.sizes.columns;
    const T* part = static_cast<const T*>(w.parts) + item * w.splits * size + e % size;
    Pack<T, 1> sum = {{T(0)}};
    for (int64_t s = 0; s < w.splits; ++s) sum.v[0] += part[s * size];
    Finish own = finish;
    own.select(item);
    own.store(i, own.column(j), sum);
  }
}

struct Plan {
  int rows, columns;  // of a tile
  unsigned threads;
  int64_t shared;
};

// Launches a kernel over all tiles of the product, cut into parts if they are few.
template <class T, class A, class B, class Finish>
void run(gx_device& device, Workspace& workspace, const ProductSizes& sizes, const Plan& plan,
         void (*kernel)(Work, A, B, Finish), const A& a, const B& b, const Finish& finish) {
  Gpu& gpu = gpu_of(&device);
  Work w = work_of(sizes, plan.rows, plan.columns);
  if (w.splits > 1) w.parts = workspace.get<T>(w.splits * sizes.batch * sizes.rows * sizes.columns);
  const int64_t blocks = w.tile_rows * w.tile_columns * w.splits * sizes.batch;
  for (w.first = 0; w.first < blocks; w.first += kMostBlocks) {
    launch(gpu, {unsigned(std::min(kMostBlocks, blocks - w.first)), plan.threads, plan.shared}, kernel, w, a, b,
           finish);
  }
  if (w.splits > 1) {
    const int64_t outputs = sizes.batch * sizes.rows * sizes.columns;
    launch(gpu, {blocks_for(gpu, outputs, 256), 256}, combine<T, Finish>, w, finish);
  }
}

template <class T, int kRows, int kColumns, int kHigh, int kWide, class A, class B, class Finish>
void run_simt(gx_device& device, Workspace& workspace, const ProductSizes& sizes, const A& a, const B& b,
              const Finish& finish) {
  run<T>(device, workspace, sizes, {kRows, kColumns, unsigned(kRows / kHigh * (kColumns / kWide)), 0},
         simt<T, kRows, kColumns, kHigh, kWide, A, B, Finish>, a, b, finish);
}

template <class Rounding, int kRows, int kColumns, class A, class B, class Finish>
void run_tensor(gx_device& device, Workspace& workspace, const ProductSizes& sizes, const A& a, const B& b,
                const Finish& finish) {
  run<float>(device, workspace, sizes, {kRows, kColumns, 128, tensor_shared<kRows, kColumns, A, B>()},
             tensor<Rounding, kRows, kColumns, A, B, Finish>, a, b, finish);
}

template <class Rounding, class A, class B, class Finish>
void run_warpgroup(gx_device& device, Workspace& workspace, const ProductSizes& sizes, const A& a, const B& b,
                   const Finish& finish) {
  run<float>(device, workspace, sizes, {128, 128, 2 * kWarpgroup, warpgroup_shared<Rounding>()},
             warpgroup<Rounding, A, B, Finish>, a, b, finish);
}

// The instructions of compute capability 9.0 are not among those of later ones.
inline bool has_warpgroups(gx_device& device) { return gpu_of(&device).compute_capability == 90; }

// A large tile does more per byte, small ones make more blocks. Either adds up the same terms in the same order.
inline bool takes_large_tiles(gx_device& device, const ProductSizes& s) {
  return s.rows > 64 && s.columns > 64 && tiles_of(s, 128, 128) * splits_of(s) >= gpu_of(&device).multiprocessors;
}

}  // namespace tile

// The product of the header's comment, on the device's stream. Nothing happens where there is no output; with no terms
// all sums are 0. Memory of the workspace is in use until the stream has gone on.
template <class T, class A, class B, class Finish>
void product(gx_device& device, Workspace& workspace, const ProductSizes& sizes, const A& a, const B& b,
             const Finish& finish) {
  if (sizes.rows == 0 || sizes.columns == 0 || sizes.batch == 0) return;
  if constexpr (sizeof(T) == sizeof(double)) {
    tile::run_simt<T, 64, 64, 4, 4>(device, workspace, sizes, a, b, finish);
  } else {
    const gx_precision precision = device.precision;
    const bool large = tile::takes_large_tiles(device, sizes);
    const auto tensor = [&](auto rounding) {
      using Rounding = decltype(rounding);
      if (large && tile::has_warpgroups(device)) {
        return tile::run_warpgroup<Rounding>(device, workspace, sizes, a, b, finish);
      }
      if (large) return tile::run_tensor<Rounding, 128, 128>(device, workspace, sizes, a, b, finish);
      return tile::run_tensor<Rounding, 64, 64>(device, workspace, sizes, a, b, finish);
    };
    if (precision == GX_PRECISION_TF32) return tensor(tile::Tf32());
    if (precision == GX_PRECISION_BF16) return tensor(tile::Bf16());
    if (large) return tile::run_simt<T, 128, 128, 8, 8>(device, workspace, sizes, a, b, finish);
    return tile::run_simt<T, 64, 64, 4, 4>(device, workspace, sizes, a, b, finish);
  }
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_LINEAR_TILE_H_
