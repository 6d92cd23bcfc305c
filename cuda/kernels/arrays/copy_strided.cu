// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// to[to_offset + i . to_strides] = from[from_offset + i . from_strides]: gx_copy_strided (arrays.h).
//
// Axes are sorted and merged as on the CPU (copy_strided/loops.h), which leaves
//   rows        contiguous on both sides: copied in the widest unit of 16, 8 or 4 bytes that extents, strides and
//               addresses allow;
//   repeats     one element along a row of the target: read once for 16 bytes of it;
//   elements    whatever else has no axis to win by, or matrices too small for a tile: a thread per element, in the
//               target's order;
//   transposes  an axis is contiguous in the source and another in the target: tiles of up to 2048 elements through
//               shared memory, as wide and as high as the matrix asks for (32 x 64, or 4 x 512 for pictures of three
//               channels), both sides read and written along their contiguous axis.
// All but the last are one kernel: a flat index over the target, taken apart by a division for each axis but the first
// (runtime/divider.h), four units in flight per thread. In a tile, eight elements per thread are read before the first
// is put down; rows of the tile are padded so that 32 neighbours along the source fall into 32 banks. Floor: each
// element read and written once, 8 bytes (float) or 16 (double).
//
// Untried: transposes by 16-byte accesses, which would cost two-way conflicts in shared memory. By count, a tile's
// elements cost some 20 instructions each, under half of what a multiprocessor issues while its share of the memory
// delivers them.
//
// nvcc, sm_80 and sm_90a: 38 to 80 registers, no spills; tiles 12 or 24 KiB of shared memory.
// Not yet run on a GPU.

#include "kernels/arrays/copy_strided/loops.h"
#include "runtime/divider.h"
#include "runtime/entries.h"
#include "runtime/map.h"

namespace gx::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kInFlight = 4;

// Loops as kernels take them: strides in units of either side.
struct Axes {
  int64_t rank = 0;
  Divider extents[GX_MAX_RANK] = {};
  int64_t from[GX_MAX_RANK] = {}, to[GX_MAX_RANK] = {};
};

Axes axes_of(const CopyLoops& loops, int rank) {
  Axes axes;
  axes.rank = rank;
  for (int d = 0; d < rank; ++d) {
    axes.extents[d] = Divider::by(loops.axes[d].extent);
    axes.from[d] = loops.axes[d].from;
    axes.to[d] = loops.axes[d].to;
  }
  return axes;
}

int64_t positions(const CopyLoops& loops, int rank) {
  int64_t n = 1;
  for (int d = 0; d < rank; ++d) n *= loops.axes[d].extent;
  return n;
}

__device__ inline void offsets(const Axes& axes, int64_t position, int64_t* from, int64_t* to) {
  *from = *to = 0;
  for (int64_t d = axes.rank - 1; d > 0; --d) {
    const int64_t outer = axes.extents[d].quotient(position), at = position - outer * axes.extents[d].divisor;
    *from += at * axes.from[d];
    *to += at * axes.to[d];
    position = outer;
  }
  *from += position * axes.from[0];
  *to += position * axes.to[0];
}

template <class To, class From>
__device__ inline To spread(const From& value) {
  if constexpr (sizeof(To) == sizeof(From)) {
    return value;
  } else {
    To pack;
#pragma unroll
    for (int i = 0; i < int(sizeof(To) / sizeof(From)); ++i) pack.v[i] = value;
    return pack;
  }
}

// Rows, repeats and elements.
template <class To, class From>
__global__ void __launch_bounds__(kThreads) walk(Axes axes, int64_t total, const From* from, To* to) {
  for (int64_t base = grid_place(); base < total; base += kInFlight * grid_size()) {
    From value[kInFlight];
    int64_t target[kInFlight];
#pragma unroll
    for (int k = 0; k < kInFlight; ++k) {
      const int64_t i = base + k * grid_size();
      if (i < total) {
        int64_t source;
        offsets(axes, i, &source, &target[k]);
        value[k] = from[source];
      }
    }
#pragma unroll
    for (int k = 0; k < kInFlight; ++k) {
      if (base + k * grid_size() < total) to[target[k]] = spread<To>(value[k]);
    }
  }
}

template <class To, class From>
void launch_walk(Gpu& gpu, const CopyLoops& loops, const void* from, void* to) {
  const int64_t total = positions(loops, loops.rank);
  launch(gpu, {blocks_for(gpu, total, kThreads * kInFlight), kThreads}, walk<To, From>, axes_of(loops, loops.rank),
         total, static_cast<const From*>(from), static_cast<To*>(to));
}

// --- Transposes

constexpr int kTileBits = 11;            // of the elements of a tile
constexpr int kTileSpace = 2048 + 1024;  // with its padding: at most 1024 rows of one more

struct Tiles {
  int64_t rows, columns;  // contiguous in the source; in the target
  int64_t from_stride;    // of a column
  int64_t to_stride;      // of a row
  int64_t row_bits, column_bits;
  Divider row_tiles, column_tiles;
  int64_t count;
};

template <class T>
__global__ void __launch_bounds__(kThreads) transpose(Axes outer, Tiles tiles, const T* from, T* to) {
  GX_SHARED(T, tile, kTileSpace);
  constexpr int kEach = (1 << kTileBits) / kThreads;
  const int row_bits = int(tiles.row_bits), column_bits = int(tiles.column_bits);
  const int high = 1 << row_bits, wide = 1 << column_bits;
  constexpr int kBanks = int(128 / sizeof(T));
  const int pitch = wide + (high < kBanks ? kBanks / high : 1);
  for (int64_t n = blockIdx.x; n < tiles.count; n += gridDim.x) {
    const int64_t line = tiles.column_tiles.quotient(n), position = tiles.row_tiles.quotient(line);
    const int64_t column = (n - line * tiles.column_tiles.divisor) << column_bits;
    const int64_t row = (line - position * tiles.row_tiles.divisor) << row_bits;
    int64_t source, target;
    offsets(outer, position, &source, &target);
    source += row + column * tiles.from_stride;
    target += row * tiles.to_stride + column;
    const int rows = int(tiles.rows - row < high ? tiles.rows - row : high);
    const int columns = int(tiles.columns - column < wide ? tiles.columns - column : wide);
    T value[kEach];
#pragma unroll
    for (int k = 0; k < kEach; ++k) {
      const int i = int(threadIdx.x) + k * kThreads, r = i & (high - 1), c = i >> row_bits;
      if (r < rows && c < columns) value[k] = from[source + r + c * tiles.from_stride];
    }
#pragma unroll
    for (int k = 0; k < kEach; ++k) {
      const int i = int(threadIdx.x) + k * kThreads, r = i & (high - 1), c = i >> row_bits;
      if (r < rows && c < columns) tile[r * pitch + c] = value[k];
    }
    __syncthreads();
#pragma unroll
    for (int k = 0; k < kEach; ++k) {
      const int i = int(threadIdx.x) + k * kThreads, c = i & (wide - 1), r = i >> column_bits;
      if (r < rows && c < columns) to[target + r * tiles.to_stride + c] = tile[r * pitch + c];
    }
    __syncthreads();
  }
}

int bits_of(int64_t n) { return n <= 1 ? 0 : 64 - __builtin_clzll(uint64_t(n - 1)); }  // 2^bits >= n

// The last axis is contiguous in the target, axis `d` in the source. False if the matrices are too small for tiles.
template <class T>
bool transposed(Gpu& gpu, CopyLoops loops, int d, const T* from, T* to) {
  const CopyLoops::Axis rows = loops.axes[d], columns = loops.axes[loops.rank - 1];
  int row_bits = std::min(5, bits_of(rows.extent));
  const int column_bits = std::min(kTileBits - row_bits, bits_of(columns.extent));
  row_bits = std::min(kTileBits - column_bits, bits_of(rows.extent));
  if (row_bits + column_bits < kTileBits - 1) return false;
  for (int k = d; k + 1 < loops.rank; ++k) loops.axes[k] = loops.axes[k + 1];
  const int outer = loops.rank - 2;
  const auto parts = [](int64_t extent, int bits) { return ((extent - 1) >> bits) + 1; };
  Tiles tiles = {rows.extent, columns.extent, columns.from, rows.to, row_bits, column_bits, {}, {}, 0};
  tiles.row_tiles = Divider::by(parts(rows.extent, row_bits));
  tiles.column_tiles = Divider::by(parts(columns.extent, column_bits));
  tiles.count = positions(loops, outer) * tiles.row_tiles.divisor * tiles.column_tiles.divisor;
  launch(gpu, {blocks_for(gpu, tiles.count, 1), kThreads}, transpose<T>, axes_of(loops, outer), tiles, from, to);
  return true;
}

// --- Which of them

// The loops in units of `ratio` elements on the given sides; false if something is no whole unit.
bool widen(CopyLoops* loops, int64_t ratio, bool from_too) {
  const int last = loops->rank - 1;
  if (loops->axes[last].extent % ratio != 0) return false;
  for (int d = 0; d < last; ++d) {
    if (loops->axes[d].to % ratio != 0 || (from_too && loops->axes[d].from % ratio != 0)) return false;
  }
  for (int d = 0; d < last; ++d) {
    loops->axes[d].to /= ratio;
    if (from_too) loops->axes[d].from /= ratio;
  }
  loops->axes[last].extent /= ratio;
  return true;
}

bool aligned_to(const void* p, int64_t bytes) { return reinterpret_cast<uintptr_t>(p) % uintptr_t(bytes) == 0; }

// Rows that are contiguous on both sides.
template <class T>
void copy_rows(Gpu& gpu, const CopyLoops& loops, const T* from, T* to) {
  const auto fits = [&](CopyLoops* wide, int64_t bytes) {
    return aligned_to(from, bytes) && aligned_to(to, bytes) && widen(wide, bytes / int64_t(sizeof(T)), true);
  };
  CopyLoops wide = loops;
  if (fits(&wide, 16)) {
    using Unit = Pack<uint64_t, 2>;
    launch_walk<Unit, Unit>(gpu, wide, from, to);
  } else if (sizeof(T) == 4 && fits(&wide, 8)) {
    launch_walk<uint64_t, uint64_t>(gpu, wide, from, to);
  } else {
    launch_walk<T, T>(gpu, loops, from, to);
  }
}

template <class T>
void copy_loops_of(Gpu& gpu, const CopyLoops& loops, const T* from, T* to) {
  if (loops.rank == 0) return launch_walk<T, T>(gpu, loops, from, to);
  const CopyLoops::Axis inner = loops.axes[loops.rank - 1];
  if (inner.to == 1 && inner.from == 1) return copy_rows(gpu, loops, from, to);
  if (inner.to == 1 && inner.from == 0) {
    CopyLoops wide = loops;
    if (aligned(to) && widen(&wide, kPack<T>, false)) return launch_walk<Pack<T, kPack<T>>, T>(gpu, wide, from, to);
  } else if (inner.to == 1) {
    for (int d = loops.rank - 2; d >= 0; --d) {
      if (loops.axes[d].from != 1) continue;
      if (transposed(gpu, loops, d, from, to)) return;
      break;
    }
  }
  launch_walk<T, T>(gpu, loops, from, to);
}

template <class T>
void copy_strided(Gpu& gpu, const gx_copy_strided_params& p, const void* from, void* to) {
  copy_loops_of(gpu, copy_loops(p), static_cast<const T*>(from) + p.from_offset, static_cast<T*>(to) + p.to_offset);
}

}  // namespace

gx_status gx_copy_strided(gx_device* device, gx_format format, const gx_copy_strided_params* params, int64_t,
                          const void* from, int64_t, void* to) {
  return guarded([&] {
    if (format == GX_FLOAT64) {
      copy_strided<uint64_t>(gpu_of(device), *params, from, to);
    } else {
      copy_strided<uint32_t>(gpu_of(device), *params, from, to);
    }
  });
}

}  // namespace gx::cuda
