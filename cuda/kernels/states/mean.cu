// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// mean[i] = (1 / rows) sum_r from[r][i] in double: gx_states_mean (states.h).
//
// Rows are cut into parts of at least 32, at most 256 of them, which the shape alone decides: the same sums on any GPU.
// A thread adds a column of a part in the order of its rows, eight in flight; a second kernel adds the parts in order.
// Threads of a block are neighbouring columns: 128 bytes of floats a warp and row, or one word of bits that 32 threads
// share.
// Floor: 4 bytes per unit, or 1/8; the parts are under 16 / 32 bytes per unit. Bits are bound by the three instructions
// per unit and row.
//
// nvcc, sm_80 and sm_90a: 30 to 32 registers, no spills.
// Not yet run on a GPU.

#include "runtime/check.h"
#include "runtime/entries.h"
#include "runtime/map.h"

namespace gx::cuda {
namespace {

constexpr int kThreads = 128;

struct Floats {
  const float* data;
  int64_t units;
  __device__ float operator()(int64_t row, int64_t column) const { return data[row * units + column]; }
};

struct Bits {
  const uint32_t* data;
  int64_t words;
  __device__ uint32_t operator()(int64_t row, int64_t column) const {
    return data[row * words + column / 32] >> (column % 32) & 1;
  }
};

// sums[part][unit]; Sum is exact for bits.
template <class Sum, class Read>
__global__ void __launch_bounds__(kThreads)
    add_rows(Read read, int64_t rows, int64_t units, int64_t per_part, int64_t bands, double* sums) {
  constexpr int kInFlight = 8;
  const int64_t part = int64_t(blockIdx.x) / bands;
  const int64_t column = (int64_t(blockIdx.x) - part * bands) * kThreads + threadIdx.x;
  if (column >= units) return;
  int64_t r = part * per_part;
  const int64_t end = r + per_part < rows ? r + per_part : rows;
  Sum sum = 0;
  for (; r + kInFlight <= end; r += kInFlight) {
    Sum value[kInFlight];
#pragma unroll
    for (int k = 0; k < kInFlight; ++k) value[k] = Sum(read(r + k, column));
#pragma unroll
    for (int k = 0; k < kInFlight; ++k) sum += value[k];
  }
  for (; r < end; ++r) sum += Sum(read(r, column));
  sums[part * units + column] = double(sum);
}

__global__ void __launch_bounds__(kThreads)
    add_parts(int64_t parts, int64_t units, double rows, const double* sums, float* mean) {
  const int64_t column = grid_place();
  if (column >= units) return;
  double sum = 0;
#pragma unroll 8
  for (int64_t part = 0; part < parts; ++part) sum += sums[part * units + column];
  mean[column] = float(sum / rows);
}

}  // namespace

gx_status gx_states_mean(gx_device* device, const gx_states* from, float* mean) {
  return guarded([&] {
    Gpu& gpu = gpu_of(device);
    const int64_t rows = from->rows, units = from->units;
    const int64_t per_part = std::max<int64_t>(32, (rows + 255) / 256), parts = (rows + per_part - 1) / per_part;
    const int64_t bands = (units + kThreads - 1) / kThreads;
    Workspace workspace(*device);
    double* const sums = workspace.get<double>(parts * units);
    const Grid grid = {unsigned(bands * parts), kThreads};
    if (from->format == GX_BITS) {
      launch(gpu, grid, add_rows<uint32_t, Bits>, Bits{static_cast<const uint32_t*>(from->data), words(units)}, rows,
             units, per_part, bands, sums);
    } else {
      launch(gpu, grid, add_rows<double, Floats>, Floats{static_cast<const float*>(from->data), units}, rows, units,
             per_part, bands, sums);
    }
    launch(gpu, {unsigned(bands), kThreads}, add_parts, parts, units, double(rows), sums, mean);
  });
}

}  // namespace gx::cuda
