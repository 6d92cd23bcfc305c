// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// States from floats to bits and back, or as they are: gx_states_convert (states.h).
//
// To bits: a warp makes eight neighbouring words, flat over rows; lane l compares unit l of each, the vote is the word.
// Eight loads of 128 bytes are in flight per warp, eight lanes store 32 bytes. Lanes past the last unit vote no, which
// keeps the padding clear.
// To floats: a thread has four units of one word, 16 bytes of floats, where rows are whole packs; else a thread has a
// unit. Eight threads read the same word.
// Floor: 4 + 1/8 bytes per unit.
//
// nvcc, sm_80 and sm_90a: 24 to 38 registers, no spills.
// Not yet run on a GPU.

#include "runtime/check.h"
#include "runtime/divider.h"
#include "runtime/entries.h"
#include "runtime/map.h"

namespace gx::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kWords = 8;  // of a warp at a time

// row: divider by the words of a row.
__global__ void __launch_bounds__(kThreads)
    pack(Divider row, int64_t units, int64_t total, float threshold, const float* values, uint32_t* bits) {
  const int lane = int(threadIdx.x % kWarp);
  for (int64_t first = grid_place() / kWarp * kWords; first < total; first += grid_size() / kWarp * kWords) {
    int64_t r = row.quotient(first), w = first - r * row.divisor;
    bool set[kWords];
#pragma unroll
    for (int k = 0; k < kWords; ++k) {
      const int64_t unit = w * 32 + lane;
      set[k] = first + k < total && unit < units && values[r * units + unit] >= threshold;
      if (++w == row.divisor) ++r, w = 0;
    }
    uint32_t mine = 0;
#pragma unroll
    for (int k = 0; k < kWords; ++k) {
      const uint32_t word = __ballot_sync(kAllLanes, set[k]);
      if (lane == k) mine = word;
    }
    if (lane < kWords && first + lane < total) bits[first + lane] = mine;
  }
}

// row: divider by the packs of N units of a row; `words` of it in bits.
template <int N>
__global__ void __launch_bounds__(kThreads)
    unpack(Divider row, int64_t words, int64_t total, const uint32_t* bits, float* values) {
  for (int64_t i = grid_place(); i < total; i += grid_size()) {
    const int64_t r = row.quotient(i), unit = (i - r * row.divisor) * N;
    const uint32_t word = bits[r * words + unit / 32] >> (unit % 32);
    Pack<float, N> result;
#pragma unroll
    for (int k = 0; k < N; ++k) result.v[k] = float(word >> k & 1);
    reinterpret_cast<Pack<float, N>*>(values)[i] = result;
  }
}

struct Same {
  __device__ uint32_t operator()(uint32_t x) const { return x; }
};

void convert(Gpu& gpu, const gx_states& from, float threshold, const gx_states& to) {
  const int64_t in_row = words(from.units);
  if (from.format == GX_FLOAT32 && to.format == GX_BITS) {
    const int64_t total = from.rows * in_row;
    launch(gpu, {blocks_for(gpu, total, kThreads / kWarp * kWords), kThreads}, pack, Divider::by(in_row), from.units,
           total, threshold, static_cast<const float*>(from.data), static_cast<uint32_t*>(to.data));
  } else if (from.format == GX_BITS && to.format == GX_FLOAT32) {
    const bool wide = from.units % 4 == 0 && aligned(to.data);
    const int64_t packs = wide ? from.units / 4 : from.units, total = from.rows * packs;
    launch(gpu, {blocks_for(gpu, total, kThreads), kThreads}, wide ? unpack<4> : unpack<1>, Divider::by(packs), in_row,
           total, static_cast<const uint32_t*>(from.data), static_cast<float*>(to.data));
  } else {
    map(gpu, from.rows * (from.format == GX_BITS ? in_row : from.units), Same(), static_cast<uint32_t*>(to.data),
        static_cast<const uint32_t*>(from.data));
  }
}

}  // namespace

gx_status gx_states_convert(gx_device* device, const gx_states* from, float threshold, const gx_states* to) {
  return guarded([&] { convert(gpu_of(device), *from, threshold, *to); });
}

}  // namespace gx::cuda
