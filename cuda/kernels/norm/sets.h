// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// How a normalisation goes over an array on a GPU: two sums of every set of elements, then every element by what came
// of its set's sums. The sums are double, in an order that the shape alone decides. A Pass (passes.h) says what is
// summed and what is written; this file says how:
//
//   held      a set's elements stay in the registers of 8 or 32 lanes, or of a block: one launch, each array is read
//             once
//   ticketed  a larger set is cut into items of 32 KiB. One launch: blocks draw tickets for items to sum and for items
//             to write; whoever sums the last item of a set adds up its parts, and items to write wait for that.
//             Writing follows summing at the distance of half the items that are resident, so that it finds its
//             elements in the L2 cache: memory sees one read (8 bytes an element forward, 12 backward), where two
//             launches would see two. An item waits for tickets before its own alone, each of which a block works on,
//             so that nothing hangs however blocks are scheduled. Atomics count; they add no numbers.
//   columns   sets whose runs are shorter than 8 elements (batch norm of plain vectors and tiny images): lanes go along
//             neighbouring columns, warps down the rows; then `flat`. Three launches, each array is read twice.
//   flat      every element by factors that are known: evaluation, and the second half of `columns`.
//
// Tried and dropped on paper: keeping a large set in the shared memory of a cluster (no channel of more than 1.8 MB
// would fit, and nothing below compute capability 9.0); two launches (12 bytes an element forward).
#ifndef GENERATRIX_CUDA_KERNELS_NORM_SETS_H_
#define GENERATRIX_CUDA_KERNELS_NORM_SETS_H_

#include "runtime/map.h"
#include "runtime/reduce.h"
#include "runtime/runs.h"

namespace gx::cuda::norm {

// Set i: elements i base + run stride + j, run < runs, j < length.
struct Sets {
  int64_t sets, base, runs, length, stride;
  int64_t count() const { return runs * length; }  // elements of a set
  bool whole(int64_t n) const { return base % n == 0 && length % n == 0 && (runs == 1 || stride % n == 0); }
};
// Channels of [examples][channels][spatial].
inline Sets channel_sets(int64_t examples, int64_t channels, int64_t spatial) {
  return {channels, spatial, examples, spatial, channels * spatial};
}
// `sets` rows of `count` elements, one after the other.
inline Sets row_sets(int64_t sets, int64_t count) { return {sets, count, 1, count, count}; }

// The same in packs of N, for a kernel. slices: runs of one channel within a set.
struct View {
  View(const Sets& s, int64_t slice, int n)
      : sets(s.sets), base(s.base), stride(s.stride), count(s.count() / n), runs(s.length / n), slices(slice / n) {}
  int64_t sets, base, stride, count;
  Runs runs, slices;
};

// An element's place in its set: the slice it is in, and its number.
struct Spot {
  int64_t slice, element;
};

template <class T>
constexpr int kHeld = int(128 / sizeof(T));  // elements of one array in a thread's registers
// Those of a pass in packs of N: one by one they take an address each, and so half as many.
template <class Pass>
constexpr int per_thread(int n) {
  return n == 1 ? Pass::kPer / 2 : Pass::kPer;
}

namespace detail {

// Both sums to all lanes of a set.
template <int kLanes>
__device__ inline void sum_over(double (&sums)[2]) {
  if constexpr (kLanes <= kWarp) {
    warp_sum<kLanes>(sums);
  } else {
    block_sum(sums);
  }
}

template <class Ready>
__device__ inline void store_shared(Ready* to, const Ready& from) {
  *to = from;
}

// --- held
// -----------------------------------------------------------------------------------------------------------

template <int kLanes, int N, class Pass>
__global__ void __launch_bounds__(kLanes < 256 ? 256 : kLanes, 2) held(View v, Pass pass) {
  using Ready = typename Pass::Ready;
  constexpr int kPacks = per_thread<Pass>(N) / N, kTogether = kLanes < 256 ? 256 / kLanes : 1;
  GX_SHARED(Ready, ready, kTogether);
  const int lane = int(threadIdx.x) % kLanes, mine = int(threadIdx.x) / kLanes;
  for (int64_t first = int64_t(blockIdx.x) * kTogether; first < v.sets; first += int64_t(gridDim.x) * kTogether) {
    const bool there = first + mine < v.sets;
    const int64_t set = there ? first + mine : first, base = set * v.base;
    const int count = there ? int(v.count) : 0;
    typename Pass::template Piece<N> piece[kPacks];
    const auto at = [&](int i) {
      const Runs::Place p = v.runs.at({0, 0}, i);
      return base + p.run * v.stride + p.rest * N;
    };
    const auto spot = [&](int i) -> Spot {
      return {Pass::kPerElement ? 0 : v.slices.at({0, 0}, i).run, int64_t(i) * N};
    };
#pragma unroll
    for (int k = 0; k < kPacks; ++k) {
      const int i = k * kLanes + lane;
      if (i < count) piece[k] = pass.template load<N>(at(i));
    }
    const auto context = pass.context(set, base);
    double sums[2] = {0, 0};
#pragma unroll
    for (int k = 0; k < kPacks; ++k) {
      const int i = k * kLanes + lane;
      if (i < count) pass.template sum<N>(context, spot(i), piece[k], sums);
    }
    sum_over<kLanes>(sums);
    if (lane == 0 && there) ready[mine] = pass.finish(set, context, sums);
    if (kLanes <= kWarp) {
      __syncwarp();
    } else {
      __syncthreads();
    }
    if (pass.writes()) {
      const Ready r = ready[mine];
#pragma unroll
      for (int k = 0; k < kPacks; ++k) {
        const int i = k * kLanes + lane;
        if (i < count) pass.template apply<N>(set, spot(i), r, piece[k], at(i));
      }
    }
    if (kLanes <= kWarp) __syncwarp();  // `ready` has been read; a block has its barriers in the next sum
  }
}

// --- ticketed
// -------------------------------------------------------------------------------------------------------

template <class Ready>
struct Tickets {
  unsigned long long* ticket;
  unsigned* done;   // [sets]: parts that have been summed, and 1 for the set's being ready
  double* partial;  // [sets][parts][2]
  Ready* ready;     // [sets]
  int64_t parts;
  int64_t chunk;   // sets that are summed before others are written
  int64_t chunks;  // of these
};

// Reads and writes past the L1 cache, which does not see what other blocks write.
template <class V>
__device__ inline V read_fresh(const V* from) {
  static_assert(sizeof(V) % 4 == 0);
  unsigned words[sizeof(V) / 4];
  for (size_t i = 0; i < sizeof(V) / 4; ++i) words[i] = reinterpret_cast<const volatile unsigned*>(from)[i];
  V value;
  memcpy(&value, words, sizeof value);
  return value;
}

__device__ inline void wait_until_above(const unsigned* word, unsigned value) {
#if GX_ON_DEVICE
  while (*reinterpret_cast<const volatile unsigned*>(word) <= value) __nanosleep(40);
  __threadfence();
#elif !defined(__CUDACC__)
  if (*word <= value) emulator::named_barrier(15, 2);  // it cannot come: the launch fails
#endif
}

// What a ticket stands for.
struct Item {
  enum Kind { kEnd, kNothing, kSum, kWrite };
  Kind kind;
  int count;  // packs
  int64_t set, part;
  int64_t base, begin;  // the set's first element, the item's first pack in it
  Runs::Place run, slice;
};

// By one thread: divisions cost more than an item's sums. Phases: sum chunk 0, sum 1, write 0, sum 2, write 1, .. write
// the last; without writing, sums alone.
template <class Ready>
__device__ Item item_of(unsigned long long ticket, const View& v, const Tickets<Ready>& t, bool writes, bool slices,
                        int most) {
  Item item = {};
  const int64_t per_chunk = t.chunk * t.parts, phases = writes ? 2 * t.chunks : t.chunks;
  const int64_t phase = int64_t(ticket) / per_chunk, number = int64_t(ticket) % per_chunk;
  if (phase >= phases) return item;
  const bool last = phase == phases - 1, write = writes && phase > 0 && (phase % 2 == 0 || last);
  const int64_t chunk = !writes ? phase : !write ? (phase + 1) / 2 : last ? t.chunks - 1 : phase / 2 - 1;
  item.set = chunk * t.chunk + number / t.parts;
  item.part = number % t.parts;
  item.kind = item.set >= v.sets ? Item::kNothing : write ? Item::kWrite : Item::kSum;
  item.base = item.set * v.base;
  item.begin = item.part * most;
  item.count = int(v.count - item.begin < most ? v.count - item.begin : most);
  item.run = v.runs.from(item.begin);
  if (slices) item.slice = v.slices.from(item.begin);
  return item;
}

template <int N, class Pass>
__global__ void __launch_bounds__(256) ticketed(View v, Pass pass, Tickets<typename Pass::Ready> t) {
  using Ready = typename Pass::Ready;
  constexpr int kPacks = per_thread<Pass>(N) / N, kMost = 256 * kPacks;
  GX_SHARED(Item, items, 2);
  GX_SHARED(unsigned, last, 1);
  const int rank = int(threadIdx.x);
  const auto decoded = [&](unsigned long long ticket) {
    return item_of(ticket, v, t, pass.writes(), !Pass::kPerElement, kMost);
  };
  if (rank == 0) items[0] = decoded(atomicAdd(t.ticket, 1ull));
  __syncthreads();
  for (int turn = 0;; turn ^= 1) {
    const Item item = items[turn];
    if (item.kind == Item::kEnd) break;
    unsigned long long following = 0;
    if (rank == 0) following = atomicAdd(t.ticket, 1ull);
    const int count = item.kind == Item::kNothing ? 0 : item.count;
    typename Pass::template Piece<N> piece[kPacks];
    const auto at = [&](int i) {
      const Runs::Place p = v.runs.at(item.run, i);
      return item.base + p.run * v.stride + p.rest * N;
    };
    const auto spot = [&](int i) -> Spot {
      return {Pass::kPerElement ? 0 : v.slices.at(item.slice, i).run, (item.begin + i) * N};
    };
#pragma unroll
    for (int k = 0; k < kPacks; ++k) {
      const int i = k * 256 + rank;
      if (i < count) piece[k] = pass.template load<N>(at(i));
    }
    if (rank == 0) items[turn ^ 1] = decoded(following);  // while the elements are on their way
    if (item.kind == Item::kWrite) {
      if (rank == 0) wait_until_above(t.done + item.set, unsigned(t.parts));
      __syncthreads();
      const Ready r = read_fresh(t.ready + item.set);
#pragma unroll
      for (int k = 0; k < kPacks; ++k) {
        const int i = k * 256 + rank;
        if (i < count) pass.template apply<N>(item.set, spot(i), r, piece[k], at(i));
      }
    } else if (item.kind == Item::kSum) {
      const auto context = pass.context(item.set, item.base);
      double sums[2] = {0, 0};
#pragma unroll
      for (int k = 0; k < kPacks; ++k) {
        const int i = k * 256 + rank;
        if (i < count) pass.template sum<N>(context, spot(i), piece[k], sums);
      }
      block_sum(sums);
      double* const parts = t.partial + 2 * item.set * t.parts;
      if (rank == 0) {
        parts[2 * item.part] = sums[0];
        parts[2 * item.part + 1] = sums[1];
        __threadfence();
        last[0] = atomicAdd(t.done + item.set, 1u) == unsigned(t.parts - 1);
      }
      __syncthreads();
      if (last[0]) {
        __threadfence();
        sums[0] = sums[1] = 0;
        for (int64_t p = rank; p < t.parts; p += 256) {
          sums[0] += read_fresh(parts + 2 * p);
          sums[1] += read_fresh(parts + 2 * p + 1);
        }
        block_sum(sums);
        if (rank == 0) {
          t.ready[item.set] = pass.finish(item.set, context, sums);
          __threadfence();
          atomicAdd(t.done + item.set, 1u);
        }
      }
    }
    __syncthreads();
  }
}

// --- columns
// --------------------------------------------------------------------------------------------------------

constexpr int kColumnWarps = 8;

// A block of 32 x 8 threads: `whole` channels of 32 columns, rows [part rows / parts, ..). partial[set][part][2].
template <class Pass>
__global__ void __launch_bounds__(256)
    column_sums(View v, int64_t rows, int length, int64_t parts, double* partial, Pass pass) {
  GX_SHARED(double, sums_of, 2 * kColumnWarps * kWarp);
  const int lane = int(threadIdx.x), warp = int(threadIdx.y), whole = kWarp / length;
  const int64_t tiles = (v.sets + whole - 1) / whole;
  for (int64_t item = blockIdx.x; item < tiles * parts; item += gridDim.x) {
    const int64_t set = item % tiles * whole + lane / length, part = item / tiles;
    const int64_t begin = rows * part / parts, end = rows * (part + 1) / parts;
    const bool there = lane < whole * length && set < v.sets;
    double sums[2] = {0, 0};
    if (there) {
      const auto context = pass.context(set, set * v.base);
      const int64_t column = set * v.base + lane % length;
      int64_t row = begin + warp;
      for (; row + 3 * kColumnWarps < end; row += 4 * kColumnWarps) {
        typename Pass::template Piece<1> piece[4];
#pragma unroll
        for (int k = 0; k < 4; ++k) piece[k] = pass.template load<1>(column + (row + k * kColumnWarps) * v.stride);
#pragma unroll
        for (int k = 0; k < 4; ++k) pass.template sum<1>(context, {0, 0}, piece[k], sums);
      }
      for (; row < end; row += kColumnWarps) {
        pass.template sum<1>(context, {0, 0}, pass.template load<1>(column + row * v.stride), sums);
      }
    }
    sums_of[warp * kWarp + lane] = sums[0];
    sums_of[(kColumnWarps + warp) * kWarp + lane] = sums[1];
    __syncthreads();
    if (warp < 2 && there && lane % length == 0) {  // warp 0 the first sum, warp 1 the second
      double all = 0;
      for (int j = 0; j < length; ++j) {
        for (int w = 0; w < kColumnWarps; ++w) all += sums_of[(warp * kColumnWarps + w) * kWarp + lane + j];
      }
      partial[2 * (set * parts + part) + warp] = all;
    }
    __syncthreads();
  }
}

template <class Pass>
__global__ void __launch_bounds__(256)
    column_finish(View v, int64_t parts, const double* partial, typename Pass::Ready* ready, Pass pass) {
  for (int64_t set = grid_place(); set < v.sets; set += grid_size()) {
    double sums[2] = {0, 0};
    for (int64_t p = set * parts; p < (set + 1) * parts; ++p) {
      sums[0] += partial[2 * p];
      sums[1] += partial[2 * p + 1];
    }
    ready[set] = pass.finish(set, pass.context(set, set * v.base), sums);
  }
}

// --- flat
// -----------------------------------------------------------------------------------------------------------

// n packs in all; `slices` neighbours have one set, slice j that of number j mod sets.
template <int N, class Pass>
__global__ void __launch_bounds__(256)
    flat(int64_t n, Runs slices, Runs sets, const typename Pass::Ready* ready, Pass pass) {
  constexpr int kPacks = per_thread<Pass>(N) / N, kItem = 256 * kPacks;
  for (int64_t begin = int64_t(blockIdx.x) * kItem; begin < n; begin += int64_t(gridDim.x) * kItem) {
    const Runs::Place from = slices.from(begin), from_set = sets.from(from.run);
    const int count = int(n - begin < kItem ? n - begin : kItem);
    typename Pass::template Piece<N> piece[kPacks];
#pragma unroll
    for (int k = 0; k < kPacks; ++k) {
      const int i = k * 256 + int(threadIdx.x);
      if (i < count) piece[k] = pass.template load<N>((begin + i) * N);
    }
#pragma unroll
    for (int k = 0; k < kPacks; ++k) {
      const int i = k * 256 + int(threadIdx.x);
      if (i >= count) continue;
      const int64_t set = sets.at(from_set, int(slices.at(from, i).run - from.run)).rest;
      pass.template apply<N>(set, {0, 0}, ready[set], piece[k], (begin + i) * N);
    }
  }
}

}  // namespace detail

// --- Launches
// ---------------------------------------------------------------------------------------------------------

// Writes every element of `slices` runs of `length` by ready[run mod sets].
template <class Pass>
void write_flat(Gpu& gpu, int64_t slices, int64_t length, int64_t sets, const typename Pass::Ready* ready,
                const Pass& pass) {
  constexpr int kN = kPack<typename Pass::Element>;
  if (slices * length == 0) return;
  const bool wide = length % kN == 0 && pass.aligned();
  const int n = wide ? kN : 1;
  const unsigned blocks = blocks_for(gpu, slices * length, 256 * per_thread<Pass>(n));
  launch(gpu, {blocks, 256}, wide ? detail::flat<kN, Pass> : detail::flat<1, Pass>, slices * (length / n),
         Runs(length / n), Runs(sets), ready, pass);
}

template <int kLanes, class Pass>
void run_held(Gpu& gpu, const Sets& sets, int64_t slice, bool wide, const Pass& pass) {
  constexpr int kN = kPack<typename Pass::Element>, kThreads = kLanes < 256 ? 256 : kLanes;
  const unsigned blocks = blocks_for(gpu, sets.sets, kThreads / kLanes);
  launch(gpu, {blocks, unsigned(kThreads)}, wide ? detail::held<kLanes, kN, Pass> : detail::held<kLanes, 1, Pass>,
         View(sets, slice, wide ? kN : 1), pass);
}

template <class Pass>
void run_ticketed(gx_device* device, const Sets& sets, int64_t slice, bool wide, const Pass& pass) {
  using Ready = typename Pass::Ready;
  constexpr int kN = kPack<typename Pass::Element>;
  Gpu& gpu = gpu_of(device);
  const auto kernel = wide ? detail::ticketed<kN, Pass> : detail::ticketed<1, Pass>;
  const int64_t resident = int64_t(gpu.multiprocessors) *
                           std::max(1, blocks_per_multiprocessor(gpu, reinterpret_cast<const void*>(kernel), 256, 0));
  const int64_t item = 256 * per_thread<Pass>(wide ? kN : 1);
  detail::Tickets<Ready> t;
  t.parts = (sets.count() + item - 1) / item;
  t.chunk = std::min(sets.sets, std::max<int64_t>(1, resident / 2 / t.parts));
  t.chunks = (sets.sets + t.chunk - 1) / t.chunk;
  Workspace workspace(*device);
  const int64_t counters = 8 + 4 * sets.sets;
  char* const zeroed = workspace.get<char>(counters);
  gpu.zero(zeroed, counters);
  t.ticket = reinterpret_cast<unsigned long long*>(zeroed);
  t.done = reinterpret_cast<unsigned*>(zeroed + 8);
  t.partial = workspace.get<double>(2 * sets.sets * t.parts);
  t.ready = workspace.get<Ready>(sets.sets);
  const int64_t items = sets.sets * t.parts * (pass.writes() ? 2 : 1);
  launch(gpu, {unsigned(std::min(items, resident)), 256}, kernel, View(sets, slice, wide ? kN : 1), pass, t);
}

template <class Pass>
void run_columns(gx_device* device, const Sets& sets, const Pass& pass) {
  Gpu& gpu = gpu_of(device);
  const int length = int(sets.length), whole = kWarp / length;
  const int64_t tiles = (sets.sets + whole - 1) / whole, parts = parts_for(sets.runs, tiles, 64, 1024);
  Workspace workspace(*device);
  double* const partial = workspace.get<double>(2 * sets.sets * parts);
  auto* const ready = workspace.get<typename Pass::Ready>(sets.sets);
  const View view(sets, sets.length, 1);
  launch(gpu, {blocks_for(gpu, tiles * parts, 1), dim3(kWarp, detail::kColumnWarps)}, detail::column_sums<Pass>, view,
         sets.runs, length, parts, partial, pass);
  launch(gpu, {blocks_for(gpu, sets.sets, 256), 256}, detail::column_finish<Pass>, view, parts, partial, ready, pass);
  if (pass.writes()) write_flat(gpu, sets.runs * sets.sets, sets.length, sets.sets, ready, pass);
}

// Sums every set and writes it. slice: elements of a set that share a channel.
template <class Pass>
void run(gx_device* device, const Sets& sets, int64_t slice, const Pass& pass) {
  constexpr int kN = kPack<typename Pass::Element>;
  if (sets.sets == 0 || sets.count() == 0) return;
  Gpu& gpu = gpu_of(device);
  const int64_t count = sets.count();
  if constexpr (!Pass::kPerElement) {
    const bool interleaved = sets.runs > 1 && sets.base == sets.length && sets.stride == sets.sets * sets.length;
    if (interleaved && sets.length < 8) return run_columns(device, sets, pass);
  }
  const bool wide = sets.whole(kN) && slice % kN == 0 && pass.aligned();
  const int per = per_thread<Pass>(wide ? kN : 1);
  if (count <= 8 * per) return run_held<8>(gpu, sets, slice, wide, pass);
  if (count <= 32 * per) return run_held<32>(gpu, sets, slice, wide, pass);
  if (count <= 256 * per) return run_held<256>(gpu, sets, slice, wide, pass);
  run_ticketed(device, sets, slice, wide, pass);
}

}  // namespace gx::cuda::norm

#endif  // GENERATRIX_CUDA_KERNELS_NORM_SETS_H_
