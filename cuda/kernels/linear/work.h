// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a block of a product does: which tile of which item over which terms, and how it reads its operands' pieces.
#ifndef GENERATRIX_CUDA_KERNELS_LINEAR_WORK_H_
#define GENERATRIX_CUDA_KERNELS_LINEAR_WORK_H_

#include "runtime/map.h"

namespace gx::cuda {

struct ProductSizes {
  int64_t rows, columns, terms, batch;
};

// kWidth neighbours of an operand: the first `valid` are at `from`, the others are 0. `from` is an address of the
// operand's array even if none is valid.
template <class T>
struct Piece {
  const T* from;
  int valid;
};

// The same, but `from` may be off the grid of 16 bytes. It is looked at when it is read, which is cheaper than kernels
// for either case.
template <class T>
struct LoosePiece {
  const T* from;
  int valid;
};

namespace tile {

__device__ inline bool on_grid(const void* p) { return (reinterpret_cast<uintptr_t>(p) & 15) == 0; }

constexpr int kTerms = 16;     // of a step: what lies in shared memory at a time
constexpr int kPartGrid = 32;  // parts of the terms begin on it: a multiple of every kernel's step
constexpr int64_t kMostBlocks = (int64_t(1) << 31) - 1;  // of a launch

struct Work {
  ProductSizes sizes;
  int64_t tile_rows, tile_columns;  // tiles along each side of the product
  int64_t splits, part;             // parts of the terms, and their length
  int64_t first;                    // the launch's first block
  void* parts;                      // sums [batch, splits, rows, columns] if there are several
};

// A product of fewer than kFull pieces of 64 x 64 outputs is cut along the terms too, so that it fills a large GPU
// twice. Constants, so that sums do not depend on the GPU, nor on the tiles it takes.
constexpr int64_t kFull = 256;
constexpr int64_t kLeastPart = 128;  // terms; for less the second launch would cost more than it gains

inline int64_t tiles_of(const ProductSizes& s, int64_t rows, int64_t columns) {
  return (s.rows + rows - 1) / rows * ((s.columns + columns - 1) / columns) * s.batch;
}

inline int64_t splits_of(const ProductSizes& s) {
  return std::max<int64_t>(1, std::min(kFull / tiles_of(s, 64, 64), s.terms / kLeastPart));
}

inline Work work_of(const ProductSizes& s, int tile_rows, int tile_columns) {
  Work w = {s, (s.rows + tile_rows - 1) / tile_rows, (s.columns + tile_columns - 1) / tile_columns, 1, 0, 0, nullptr};
  const int64_t splits = splits_of(s);
  const int64_t steps = (s.terms + kPartGrid - 1) / kPartGrid, of_part = (steps + splits - 1) / splits;
  w.part = of_part * kPartGrid;
  w.splits = of_part == 0 ? 1 : (steps + of_part - 1) / of_part;
  return w;
}

struct Place {
  int64_t row, column;  // of the product, where the tile begins
  int64_t from, to;     // terms
  int64_t item, split;
};

// Blocks that run at the same time share what they read: eight rows of tiles are walked column by column.
template <int kRows, int kColumns>
__host__ __device__ inline Place place_of(const Work& w, int64_t block) {
  constexpr int64_t kGroup = 8;
  const int64_t tiles = w.tile_rows * w.tile_columns, t = block % tiles, rest = block / tiles;
  const int64_t group = t / (kGroup * w.tile_columns), above = group * kGroup;
  const int64_t height = w.tile_rows - above < kGroup ? w.tile_rows - above : kGroup;
  const int64_t within = t - above * w.tile_columns;
  Place p;
  p.split = rest % w.splits;
  p.item = rest / w.splits;
  p.row = (above + within % height) * kRows;
  p.column = within / height * kColumns;
  p.from = p.split * w.part;
  p.to = p.from + w.part < w.sizes.terms ? p.from + w.part : w.sizes.terms;
  return p;
}

// The pieces of a step of kRows rows and kStep terms that a thread reads: neighbours in memory go to neighbouring
// threads, and a thread that goes along rows has neighbouring terms.
template <class Operand, int kRows, int kThreads, int kStep = kTerms>
class Pieces {
 public:
  static constexpr int kWidth = Operand::kWidth;
  static constexpr bool kAlongTerms = Operand::kAlongTerms;
  static constexpr int kAcross = (kAlongTerms ? kStep : kRows) / kWidth;  // pieces along the neighbours
  static constexpr int kLines = kThreads / kAcross;                       // read at once
  static constexpr int kCount = kRows * kStep / kWidth / kThreads;        // of a thread
  static_assert(kThreads % kAcross == 0 && kCount * kWidth * kThreads == kRows * kStep, "all threads read alike");

  // `first`: the tile's first row.
  __device__ Pieces(const Operand& operand, int64_t first)
      : operand_(operand),
        first_(first),
        across_(int(threadIdx.x) % kAcross * kWidth),
        line_(int(threadIdx.x) / kAcross) {
#pragma unroll
    for (int p = 0; p < kKept; ++p) rows_[p] = operand.row(first + row(p));
  }

  // Of piece p: its row in the tile and its term in the step.
  __device__ int row(int p) const { return kAlongTerms ? line_ + p * kLines : across_; }
  __device__ int term(int p) const { return kAlongTerms ? across_ : line_ * kCount + p; }

  // Piece p of the step that begins with term k.
  __device__ auto at(int p, int64_t k) const {
    if constexpr (kKept == 0) {
      return operand_.at(operand_.row(first_ + row(p)), k + term(p));
    } else {
      return operand_.at(rows_[kAlongTerms ? p : 0], k + term(p));
    }
  }

 private:
  // Rows that are kept from step to step; many would take too many registers.
  static constexpr int kKept = !kAlongTerms ? 1 : kCount <= 4 ? kCount : 0;
  const Operand& operand_;
  int64_t first_;
  int across_, line_;
  typename Operand::Row rows_[kKept == 0 ? 1 : kKept];
};

// What becomes of a tile's sums: they go to the finish, or to the parts.
template <class T, class Finish>
class Sums {
 public:
  __device__ Sums(const Work& w, const Place& place, const Finish& finish) : w_(w), finish_(finish) {
    parts_ = static_cast<T*>(w.parts) + (place.item * w.splits + place.split) * w.sizes.rows * w.sizes.columns;
  }

  // N columns from j on, of kCount rows: row_of(r) is the r-th one, sums_of(r) its N sums.
  template <int N, int kCount, class RowOf, class SumsOf>
  __device__ void put(int64_t j, RowOf row_of, SumsOf sums_of) const {
    const int64_t rows = w_.sizes.rows, columns = w_.sizes.columns;
    if (w_.splits > 1) {
#pragma unroll
      for (int r = 0; r < kCount; ++r) {
        const Pack<T, N> sums = sums_of(r);
#pragma unroll
        for (int n = 0; n < N; ++n) {
          if (row_of(r) < rows && j + n < columns) parts_[row_of(r) * columns + j + n] = sums.v[n];
        }
      }
      return;
    }
    if (N > 1 && finish_.packs && j + N <= columns) {
      const auto column = finish_.column(j);
#pragma unroll
      for (int r = 0; r < kCount; ++r) {
        if (row_of(r) < rows) finish_.store(row_of(r), column, sums_of(r));
      }
      return;
    }
#pragma unroll
    for (int n = 0; n < N; ++n) {
      if (j + n >= columns) continue;
      const auto column = finish_.column(j + n);
#pragma unroll
      for (int r = 0; r < kCount; ++r) {
        const Pack<T, 1> sum = {{sums_of(r).v[n]}};
        if (row_of(r) < rows) finish_.store(row_of(r), column, sum);
      }
    }
  }

 private:
  const Work& w_;
  const Finish& finish_;
  T* parts_;
};

}  // namespace tile
}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_LINEAR_WORK_H_
