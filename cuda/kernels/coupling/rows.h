// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// How the family's kernels go over examples.
//
// Sums of each example: a row is cut into parts, a part belongs to a block, or to 1 to 32 neighbouring threads where
// rows are short. Its sum is a tree over these threads; a second pass adds a row's parts. What is added to what follows
// from the shape alone.
//
// Maps: a thread for each pack of neighbouring elements, over all the examples. Sums of each channel beside a map: by
// parts of an example's channel, or down the examples where channels are short.
#ifndef GENERATRIX_CUDA_KERNELS_COUPLING_ROWS_H_
#define GENERATRIX_CUDA_KERNELS_COUPLING_ROWS_H_

#include <initializer_list>
#include <type_traits>

#include "runtime/divider.h"
#include "runtime/map.h"
#include "runtime/reduce.h"

namespace gx::cuda::coupling {

constexpr int kRowThreads = 256;
constexpr int64_t kRowSpan = 4096;  // elements of a block's part: 64 KB of a coupling's operands, few enough that the
                                    // last blocks of a grid end together, many enough to hide the block's sum

struct Rows {
  int64_t rows, size;  // elements of a row
  int64_t span;        // of a part, but for the last
  Divider parts;       // of a row, at least 1
  int64_t lane_bits;   // a part has 1 << lane_bits threads; kBlockBits: a block
};
constexpr int64_t kBlockBits = 8;

// span: a multiple of what a block takes at once. of_thread: elements of short rows that keep a thread busy.
inline Rows rows_of(int64_t rows, int64_t size, int64_t span = kRowSpan, int64_t of_thread = 8) {
  Rows r = {rows, size, span, Divider::by(std::max<int64_t>(1, (size + span - 1) / span)), kBlockBits};
  if (size > std::min<int64_t>(512, span)) return r;
  for (r.lane_bits = 0; r.lane_bits < 5 && (of_thread << r.lane_bits) < size;) ++r.lane_bits;
  return r;
}

// A part, as one of its threads has it.
struct Part {
  int64_t row, number;  // of the part in the row
  int64_t first, last;  // elements
  int lane, lanes;
};

// body(e) for the thread's packs of N elements. kAtOnce packs are loaded before the first of them is used.
template <int kAtOnce, int N, class Load, class Use>
__device__ inline void each_pack(const Part& part, const Load& load, const Use& use) {
  const int64_t step = int64_t(part.lanes) * N;
  int64_t e = part.first + int64_t(part.lane) * N;
  for (; e + (kAtOnce - 1) * step < part.last; e += kAtOnce * step) {
    decltype(load(e)) loaded[kAtOnce];
#pragma unroll
    for (int k = 0; k < kAtOnce; ++k) loaded[k] = load(e + k * step);
#pragma unroll
    for (int k = 0; k < kAtOnce; ++k) use(e + k * step, loaded[k]);
  }
  for (; e < part.last; e += step) use(e, load(e));
}

// N neighbours at once; their address suits. The store names its instruction: nvcc makes N stores of a struct's, or of
// a float4's, where branches stand before it.
template <int N, class T>
__device__ inline Pack<T, N> load_pack(const T* p) {
  return *reinterpret_cast<const Pack<T, N>*>(p);
}
template <int N, class T>
__device__ inline void store_pack(T* p, const Pack<T, N>& v) {
#if GX_ON_DEVICE
  if constexpr (N == 4 && std::is_same_v<T, float>) {
    __stwb(reinterpret_cast<float4*>(p), make_float4(v.v[0], v.v[1], v.v[2], v.v[3]));
    return;
  } else if constexpr (N == 2 && std::is_same_v<T, double>) {
    __stwb(reinterpret_cast<double2*>(p), make_double2(v.v[0], v.v[1]));
    return;
  }
#endif
  *reinterpret_cast<Pack<T, N>*>(p) = v;
}

// How many neighbours an access may have: kPack, or 1 unless all the addresses and strides suit.
template <class T>
bool packs(std::initializer_list<const void*> addresses, std::initializer_list<int64_t> strides) {
  for (const void* p : addresses) {
    if (!aligned(p)) return false;
  }
  for (int64_t s : strides) {
    if (s % kPack<T> != 0) return false;
  }
  return true;
}

// --- Sums of rows
// -----------------------------------------------------------------------------------------------------

// Where the sum of a part goes.
struct ToRow {
  const double* in;  // added, if there is one; rows have one part then
  double* to;
  int64_t parts;
  __device__ void operator()(const Part& part, const double (&sums)[1]) const {
    to[part.row * parts + part.number] = in ? in[part.row] + sums[0] : sums[0];
  }
};

// f(part, sums) adds what the thread has to f's kSums sums. All threads of a warp call it; some may have an empty part.
template <class F, class Put>
__global__ void __launch_bounds__(kRowThreads) each_part(Rows rows, F f, Put put) {
  const int64_t place = grid_place(), item = place >> rows.lane_bits;
  const int lanes = 1 << rows.lane_bits, lane = int(place) & (lanes - 1);
  const bool there = item < rows.rows * rows.parts.divisor;
  Part part = {0, 0, 0, 0, lane, lanes};
  double sums[F::kSums] = {};
  if (there) {
    part.row = rows.parts.quotient(item), part.number = item - part.row * rows.parts.divisor;
    part.first = part.number * rows.span;
    part.last = min(rows.size, part.first + rows.span);
  }
  f(part, sums);
  if (rows.lane_bits == kBlockBits) {
    block_sum(sums);
  } else {
    for (int by = lanes / 2; by > 0; by /= 2) {
#pragma unroll
      for (int k = 0; k < F::kSums; ++k) sums[k] += shuffle_xor(sums[k], by);
    }
  }
  if (there && lane == 0) put(part, sums);
}

template <class F, class Put>
void run_parts(Gpu& gpu, const Rows& rows, const F& f, const Put& put) {
  const int64_t threads = rows.rows * rows.parts.divisor << rows.lane_bits;
  launch(gpu, {unsigned((threads + kRowThreads - 1) / kRowThreads), kRowThreads}, each_part<F, Put>, rows, f, put);
}

struct AddRow {
  const double* in;
  double* out;
  __device__ void operator()(int64_t row, double sum) const { out[row] = in ? in[row] + sum : sum; }
};

// out[r] = in[r] + the row's sum of f. in may be null, or out; out may be null: not wanted.
template <class F>
void sum_rows(gx_device* device, const Rows& rows, const F& f, const double* in, double* out) {
  Gpu& gpu = gpu_of(device);
  Workspace workspace(*device);
  const int64_t parts = rows.parts.divisor;
  if (!out) in = nullptr, out = workspace.get<double>(rows.rows);
  if (parts == 1) return run_parts(gpu, rows, f, ToRow{in, out, 1});
  double* const partial = workspace.get<double>(rows.rows * parts);
  run_parts(gpu, rows, f, ToRow{nullptr, partial, parts});
  finish_sums(gpu, rows.rows, parts, partial, AddRow{in, out});
}

// --- Maps, f(n, e, terms) being called for pack [e, e + F::kPack) of example n
// ---------------------------------------------------------------------------------------------------------

template <class F>
__global__ void __launch_bounds__(kRowThreads) each_element(F f, int64_t total, Divider size) {
  for (int64_t i = grid_place() * F::kPack; i < total; i += grid_size() * F::kPack) {
    const int64_t n = size.quotient(i);
    double unused[F::kSums][F::kPack];
    f(n, i - n * size.divisor, unused);
  }
}

// The same for an f(n, e, there) that a warp calls together: one element each, if it is there.
template <class F>
__global__ void __launch_bounds__(kRowThreads) each_element_together(F f, int64_t total, Divider size) {
  const int lane = int(threadIdx.x) % kWarp;
  for (int64_t first = grid_place() - lane; first < total; first += grid_size()) {
    const int64_t i = first + lane, n = i < total ? size.quotient(i) : 0;
    f(n, i < total ? i - n * size.divisor : 0, i < total);
  }
}

template <bool kTogether = false, class F>
void map_examples(Gpu& gpu, int64_t examples, int64_t size, const F& f) {
  const int64_t total = examples * size;
  const Grid grid = {blocks_for(gpu, total, kRowThreads * F::kPack), kRowThreads};
  if constexpr (kTogether) {
    launch(gpu, grid, each_element_together<F>, f, total, Divider::by(size));
  } else {
    launch(gpu, grid, each_element<F>, f, total, Divider::by(size));
  }
}

// f(n, e, terms) sets terms[k][i], which is summed over the elements of each channel.

// A row is a channel of an example.
template <class F>
struct OfChannel {
  static constexpr int kSums = F::kSums;
  F f;
  Divider channels;
  int64_t pixels;
  __device__ void operator()(const Part& part, double (&sums)[kSums]) const {
    const int64_t n = channels.quotient(part.row), at = (part.row - n * channels.divisor) * pixels;
    for (int64_t e = part.first + int64_t(part.lane) * F::kPack; e < part.last; e += int64_t(part.lanes) * F::kPack) {
      double terms[kSums][F::kPack];
      f(n, at + e, terms);
#pragma unroll
      for (int k = 0; k < kSums; ++k) {
#pragma unroll
        for (int i = 0; i < F::kPack; ++i) sums[k] += terms[k][i];
      }
    }
  }
};

// partial[kSums][channels][examples][parts]
template <int kSums>
struct ToChannel {
  Divider channels;
  int64_t examples, parts;
  double* partial;
  __device__ void operator()(const Part& part, const double (&sums)[kSums]) const {
    const int64_t n = channels.quotient(part.row), c = part.row - n * channels.divisor;
    const int64_t of_sum = channels.divisor * examples * parts;
#pragma unroll
    for (int k = 0; k < kSums; ++k) partial[k * of_sum + (c * examples + n) * parts + part.number] = sums[k];
  }
};

constexpr int kColumnRows = 8;  // examples that a block takes at once, a warp each

// partial[kSums][size][spans], the span of examples being the block's along y.
template <class F>
__global__ void __launch_bounds__(kWarp* kColumnRows)
    each_column(F f, int64_t examples, int64_t size, int64_t of_span, double* partial) {
  constexpr int N = F::kPack, kSums = F::kSums;
  GX_SHARED(double, parts, kColumnRows* kSums* N* kWarp);
  const int lane = int(threadIdx.x), warp = int(threadIdx.y);
  const int64_t e = (int64_t(blockIdx.x) * kWarp + lane) * N, span = blockIdx.y;
  double sums[kSums][N] = {};
  if (e < size) {
    for (int64_t n = span * of_span + warp; n < min(examples, (span + 1) * of_span); n += kColumnRows) {
      double terms[kSums][N];
      f(n, e, terms);
#pragma unroll
      for (int k = 0; k < kSums; ++k) {
#pragma unroll
        for (int i = 0; i < N; ++i) sums[k][i] += terms[k][i];
      }
    }
  }
#pragma unroll
  for (int k = 0; k < kSums; ++k) {
#pragma unroll
    for (int i = 0; i < N; ++i) parts[((warp * kSums + k) * N + i) * kWarp + lane] = sums[k][i];
  }
  __syncthreads();
  if (warp != 0 || e >= size) return;
#pragma unroll
  for (int k = 0; k < kSums; ++k) {
#pragma unroll
    for (int i = 0; i < N; ++i) {
      double sum = sums[k][i];
      for (int w = 1; w < kColumnRows; ++w) sum += parts[((w * kSums + k) * N + i) * kWarp + lane];
      partial[(k * size + e + i) * gridDim.y + span] = sum;
    }
  }
}

constexpr int64_t kShortChannel = 64;  // shorter ones by columns

// For each k of kSums finish[k](c, sum of terms[k] over channel c).
template <class F, class Finish>
void sum_channels(gx_device* device, int64_t examples, int64_t channels, int64_t pixels, const F& f,
                  const Finish (&finish)[F::kSums]) {
  Gpu& gpu = gpu_of(device);
  Workspace workspace(*device);
  int64_t parts;  // of each channel
  double* partial;
  if (pixels < kShortChannel) {
    const int64_t size = channels * pixels, blocks = (size + kWarp * F::kPack - 1) / (kWarp * F::kPack);
    const int64_t wanted = std::max<int64_t>(1, 1024 / std::max<int64_t>(1, blocks));
    const int64_t spans = std::max<int64_t>(1, std::min(wanted, examples / (2 * kColumnRows)));
    parts = pixels * spans;
    partial = workspace.get<double>(F::kSums * size * spans);
    launch(gpu, {dim3(unsigned(blocks), unsigned(spans)), dim3(kWarp, kColumnRows)}, each_column<F>, f, examples, size,
           (examples + spans - 1) / spans, partial);
  } else {
    const Rows rows = rows_of(examples * channels, pixels);
    const Divider by_channels = Divider::by(channels);
    parts = examples * rows.parts.divisor;
    partial = workspace.get<double>(F::kSums * channels * parts);
    run_parts(gpu, rows, OfChannel<F>{f, by_channels, pixels},
              ToChannel<F::kSums>{by_channels, examples, rows.parts.divisor, partial});
  }
  for (int k = 0; k < F::kSums; ++k) finish_sums(gpu, channels, parts, partial + k * channels * parts, finish[k]);
}

}  // namespace gx::cuda::coupling

#endif  // GENERATRIX_CUDA_KERNELS_COUPLING_ROWS_H_
