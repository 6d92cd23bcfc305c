// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_global_norm (optim.h): sqrt(sum x^2) over all segments. A block sums a tile of 16384 elements in double: a thread
// its packs in ascending order, then the block (reduce.h); a second kernel adds up the tiles, and the host takes the
// root. The order depends on the segments' sizes and on whether they lie on the grid of 16 bytes.
//
// Floor: 4 or 8 bytes read an element. A conversion to double and a fused product an element, an eighth to a half of
// the bytes' time.
//
// nvcc 13.0, sm_80 / sm_90a: 32 registers; no spills.
//
// Not yet run on a GPU.

#include <cmath>

#include "kernels/optim/look.h"
#include "runtime/check.h"
#include "runtime/entries.h"
#include "runtime/reduce.h"

namespace gx::cuda {
namespace {

template <class T>
__global__ void __launch_bounds__(256)
    sums_of_squares(const __grid_constant__ Segments<Reading<T>> list, double* partial) {
  const TilePlace place = tile_place(list, blockIdx.x, kReadTile);
  double sum = 0;
  look_through(list.segment[place.segment], place.first, [&](T x, int64_t) { sum += double(x) * double(x); });
  sum = block_sum(sum);
  if (threadIdx.x == 0) partial[blockIdx.x] = sum;
}

struct Put {
  double* to;
  __device__ void operator()(int64_t, double sum) const { *to = sum; }
};

template <class T>
double sum_of_squares(gx_device& device, int64_t segments, const gx_read_segment* segment) {
  Gpu& gpu = gpu_of(&device);
  int64_t tiles = 0;
  for (int64_t s = 0; s < segments; ++s) tiles += (segment[s].count + kReadTile - 1) / kReadTile;
  if (tiles == 0) return 0;
  Workspace workspace(device);
  double* const partial = workspace.get<double>(tiles);
  double* const total = workspace.get<double>(1);
  each_reading<T>(segments, segment, [&](const Segments<Reading<T>>& list, int64_t count, int64_t before) {
    launch(gpu, {unsigned(count), 256}, sums_of_squares<T>, list, partial + before);
  });
  finish_sums(gpu, 1, tiles, partial, Put{total});
  double sum;
  copy(gpu, &sum, total, sizeof sum);
  return sum;
}

}  // namespace

gx_status gx_global_norm(gx_device* device, gx_format format, int64_t segments, const gx_read_segment* segment,
                         double* norm) {
  return guarded([&] {
    with_real(format,
              [&](auto zero) { *norm = std::sqrt(sum_of_squares<decltype(zero)>(*device, segments, segment)); });
  });
}

}  // namespace gx::cuda
