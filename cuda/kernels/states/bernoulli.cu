// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// to[r][i] = 1 where uniform(r, i) < p[r][i], as floats or bits: gx_states_bernoulli (states.h, random.h).
//
// A thread has 16 units of a row, four neighbours in each quarter of a block of 64, of four counters (runtime/draws.h).
// Bits: the four threads of a block join their nibbles by two exchanges; the first stores the lower word, the second
// the upper. Draws are exact comparisons of exact numbers: the CPU's bits. Floor: 8 bytes per unit to floats, 4 + 1/8
// to bits; ten rounds for four units are about 20 instructions a unit, which is what bounds the draw of bits.
//
// nvcc, sm_80 and sm_90a: 59 to 62 registers, no spills.
// Not yet run on a GPU.

#include "runtime/check.h"
#include "runtime/divider.h"
#include "runtime/draws.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

// blocks: divider by the blocks of a row. values may be p; or null, and bits are written, `words` per row. All threads
// of the grid take the same number of turns, since those of a warp exchange.
template <bool kWide>
__global__ void __launch_bounds__(256) bernoulli(PhiloxStream stream, Divider blocks, int64_t rows, int64_t units,
                                                 int64_t words, const float* p, float* values, uint32_t* bits) {
  const int64_t pieces = rows * blocks.divisor * kThreadsPerDraw;
  for (int64_t begin = 0; begin < pieces; begin += grid_size()) {
    const int64_t piece = begin + grid_place();
    const bool active = piece < pieces;
    const int64_t row = blocks.quotient(piece / kThreadsPerDraw),
                  block = piece / kThreadsPerDraw - row * blocks.divisor;
    const int q = int(piece % kThreadsPerDraw);
    const int64_t first = kUnitsPerBlock * block + 4 * q;  // within the row
    uint64_t fired = 0;
    if (active) {
      float chance[4][4];
#pragma unroll
      for (int s = 0; s < 4; ++s) {
        load_four<kWide>(p + row * units, first + kCountersPerBlock * s, units, chance[s]);
      }
      uint32_t word[4][4];
      draw_words(stream, uint32_t(row), uint32_t(block), q, word);
#pragma unroll
      for (int s = 0; s < 4; ++s) {
        float one[4];
#pragma unroll
        for (int j = 0; j < 4; ++j) {
          const bool fires = uniform_of_word(word[s][j]) < chance[s][j];
          one[j] = fires ? 1.0f : 0.0f;
          fired |= uint64_t(fires) << (kCountersPerBlock * s + 4 * q + j);
        }
        if (values) store_four<kWide>(values + row * units, first + kCountersPerBlock * s, units, one);
      }
    }
    if (bits) {
      fired |= __shfl_xor_sync(kAllLanes, fired, 1);
      fired |= __shfl_xor_sync(kAllLanes, fired, 2);
      const int64_t w = 2 * block + q;
      if (active && q < 2 && w < words) bits[row * words + w] = uint32_t(fired >> (32 * q));
    }
  }
}

}  // namespace

gx_status gx_states_bernoulli(gx_device* device, const float* p, gx_rng rng, const gx_states* to) {
  return guarded([&] {
    Gpu& gpu = gpu_of(device);
    const PhiloxStream stream = philox_stream(rng.seed, rng.step, GX_PURPOSE_BERNOULLI);
    const int64_t blocks = (to->units + kUnitsPerBlock - 1) / kUnitsPerBlock;
    const bool floats = to->format == GX_FLOAT32;
    float* const values = floats ? static_cast<float*>(to->data) : nullptr;
    uint32_t* const bits = floats ? nullptr : static_cast<uint32_t*>(to->data);
    const bool wide = to->units % 4 == 0 && aligned(p) && aligned(values);
    launch(gpu, {blocks_for(gpu, to->rows * blocks * kThreadsPerDraw, 256), 256},
           wide ? bernoulli<true> : bernoulli<false>, stream, Divider::by(blocks), to->rows, to->units,
           words(to->units), p, values, bits);
  });
}

}  // namespace gx::cuda
