// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// C[m, n] = A B (+ C), over policies for A, for B and for what happens to a finished tile. C is cut into items of some
// rows and columns. An item owns its part of C, walks over k in blocks, and packs what it needs of A and B itself, so
// that there is one parallel loop and results do not depend on threads. Its packed rows of A stay in the L2 cache while
// panels of B pass by; B is packed once per item, which its many rows make cheap.
//
// Against OpenBLAS 0.3.31 on one thread of a Zen 5 (CPU time, interleaved): 0.96 of its speed at 2048^3, 1.0 at 1024^3,
// 1.18 at the shapes of small networks, where it packs both operands and its tiles leave rests.
#ifndef GENERATRIX_KERNELS_LINEAR_PRODUCT_ENGINE_H_
#define GENERATRIX_KERNELS_LINEAR_PRODUCT_ENGINE_H_

#include "kernels/linear/product/operands.h"
#include "runtime/threads.h"

namespace gx::GX_ISA {

// An item has at most so many rows: their block of A (420 x 512 floats on AVX-512) fits the L2 cache.
constexpr int64_t kItemRows = (GX_VEC_BYTES == 64 ? 30 : 40) * kTileRows;
// A thread is worth its wake-up for this many multiply-adds.
constexpr int64_t kThreadWork = 1 << 19;

// Part p of n cut into nearly equal parts begins here; how many parts of at most `most`.
inline int64_t part(int64_t n, int64_t parts, int64_t p) { return n * p / parts; }
inline int64_t parts_of(int64_t n, int64_t most) { return n <= most ? 1 : (n + most - 1) / most; }

struct NoFinish {
  void operator()(float*, int64_t, int64_t, int64_t, int64_t, int64_t) const {}
};

// finish(c, c_stride, row, rows, column, columns): the tile of C at c, row and column, still in the cache, is complete.
template <class A, class B, class Finish = NoFinish>
class Product {
 public:
  Product(A a, B b, int64_t m, int64_t n, int64_t k, float* c, int64_t c_stride, bool add, int threads,
          Finish finish = Finish())
      : a_(a), b_(b), finish_(finish), m_(m), n_(n), k_(k), c_(c), c_stride_(c_stride), add_(add) {
    const int64_t panels = parts_of(n, kTileColumns);
    const double work = double(m) * double(n) * double(k < 16 ? 16 : k) / kThreadWork;
    const int64_t team = work < 2 ? 1 : work < threads ? int64_t(work) : threads;
    const int64_t wanted = team == 1 ? 1 : work > 16.0 * double(team) ? 4 * team : 2 * team;
    row_parts_ = parts_of(m, kItemRows);
    column_parts_ = lesser(panels, parts_of(wanted, row_parts_));
    if (row_parts_ * column_parts_ < wanted) {
      row_parts_ = lesser(parts_of(m, kTileRows), parts_of(wanted, column_parts_));
    }
    pack_a_ = a.packs(n / column_parts_);
    pack_b_ = b.packs(m / row_parts_);
  }

  int64_t items() const { return m_ == 0 || n_ == 0 ? 0 : row_parts_ * column_parts_; }
  // Floats of scratch of a thread: a panel of B, the rows of A.
  int64_t scratch() const { return kDepth * kTileColumns + (pack_a_ ? parts_of(m_, row_parts_) * kPackedStride : 0); }

  void item(int64_t i, float* scratch) const {
    const int64_t r = i / column_parts_, s = i % column_parts_, panels = parts_of(n_, kTileColumns);
    const int64_t row = part(m_, row_parts_, r), rows = part(m_, row_parts_, r + 1) - row;
    const int64_t column = part(panels, column_parts_, s) * kTileColumns;
    const int64_t end = lesser(n_, part(panels, column_parts_, s + 1) * kTileColumns);
    const int64_t blocks = parts_of(k_, kDepth);
    for (int64_t p = 0; p < blocks; ++p) {
      const int64_t k = part(k_, blocks, p), depth = part(k_, blocks, p + 1) - k;
      const RowBlock block = a_.block(row, rows, k, depth, pack_a_, scratch + kDepth * kTileColumns);
      for (int64_t j = column; j < end; j += kTileColumns) {
        const int64_t columns = lesser<int64_t>(kTileColumns, end - j);
        const Panel panel = b_.panel(k, depth, j, columns, pack_b_, scratch);
        tiles(block, panel, depth, row, rows, j, columns, add_ || p > 0, p + 1 == blocks);
      }
    }
  }

 private:
  void tiles(const RowBlock& block, const Panel& panel, int64_t depth, int64_t row, int64_t rows, int64_t column,
             int64_t columns, bool add, bool complete) const {
    const int vectors = int((columns + kLanes - 1) / kLanes), last = int(columns - (vectors - 1) * kLanes);
    const TileFunction* const tile = kTiles[block.reads][vectors - 1];
    const int64_t parts = parts_of(rows, kTileRows);
    for (int64_t t = 0; t < parts; ++t) {
      const int64_t r = part(rows, parts, t), height = part(rows, parts, t + 1) - r;
      float* const to = c_ + (row + r) * c_stride_ + column;
      tile[height - 1](block.data + r * block.row_step, block.stride, panel.data, panel.stride, depth, to, c_stride_,
                       last, add);
      if (complete) finish_(to, c_stride_, row + r, height, column, columns);
    }
  }

  A a_;
  B b_;
  Finish finish_;
  int64_t m_, n_, k_;
  float* c_;
  int64_t c_stride_;
  bool add_, pack_a_, pack_b_;
  int64_t row_parts_, column_parts_;
};

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_LINEAR_PRODUCT_ENGINE_H_
