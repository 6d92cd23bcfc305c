// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Cutting C[rows][columns] into work items: tiles of 64 columns by chunks of rows, and the scratch their threads need.
#ifndef GENERATRIX_KERNELS_GIBBS_PRODUCT_TILES_H_
#define GENERATRIX_KERNELS_GIBBS_PRODUCT_TILES_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/gibbs/product/operands.h"
#include "runtime/device.h"
#include "runtime/threads.h"

namespace gx {

struct Tiles {
  int64_t rows, chunk, chunks, tiles;

  Tiles(int64_t rows, int64_t columns, int threads) : rows(rows), tiles((columns + kTileColumns - 1) / kTileColumns) {
    // Every chunk of rows builds its own tables, so rows are split only as far as the threads need it or the sums would
    // leave L2.
    const int64_t wanted = std::max<int64_t>(1, (2 * threads + tiles - 1) / std::max<int64_t>(tiles, 1));
    const int64_t most = std::max<int64_t>(1, rows / 64);
    const int64_t least = (rows + kRowChunk - 1) / kRowChunk;
    const int64_t pieces = std::max({least, std::min(wanted, most), int64_t(1)});
    chunk = std::max<int64_t>(1, (rows + pieces - 1) / pieces);
    chunks = (rows + chunk - 1) / chunk;
  }
  int64_t items() const { return tiles * chunks; }
};

// Per-thread scratch for items of these tiles, with `buffers` arrays of sums each.
class TileScratch {
 public:
  TileScratch(Workspace& workspace, const Tiles& tiles, int threads, int buffers)
      : sums_(tiles.chunk * kTileColumns), stride_(kTableFloats + kPackedFloats + buffers * sums_) {
    base_ = workspace.get<float>(stride_ * threads);
  }
  ProductScratch product(int thread) const {
    float* p = base_ + thread * stride_;
    return {p, p + kTableFloats};
  }
  float* sums(int thread, int buffer = 0) const {
    return base_ + thread * stride_ + kTableFloats + kPackedFloats + buffer * sums_;
  }

 private:
  int64_t sums_, stride_;
  float* base_;
};

// body(tile, m0, m1, thread) for every item.
template <class F>
void for_each_tile(const Tiles& t, int threads, F&& body) {
  parallel_for(threads, t.items(), [&](int64_t item, int thread) {
    const int64_t tile = item / t.chunks, m0 = item % t.chunks * t.chunk;
    body(tile, m0, std::min(m0 + t.chunk, t.rows), thread);
  });
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_GIBBS_PRODUCT_TILES_H_
