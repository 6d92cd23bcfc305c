// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_rbm_layer_sample (gibbs.h):
//
//   x[m][n] = beta_m (bias[n] + sum_k given[m][k] F[k][n]),   p = sigmoid(x),   sample ~ Bernoulli(p)
//
// One pass: the product, the sigmoid, the Philox words, the comparison and the packing of bits happen in registers.
//
// Bits: layer_of_bits, tensor cores on weights in two float16 parts (split.h has the error). A block has 32 R rows of
// states and a block of 64 units; two warps side by side have 32 rows and four slots each, 32 units 16 apart, so that
// one Philox counter serves four of a thread's units. Weights and words of states come by cp.async in four stages of
// 64 inputs, already in the order of registers: one 16-byte load from shared memory is both parts of a tile. Sums of
// the upper and the lower parts have accumulators of their own, 64 registers.
//   784 x 500, 4096 rows, a sweep: 12.8 GFLOP on tensor cores, 26 us at 500 TFLOP/s (what mma.sync reaches of 990), 13
//   at what wgmma would; 26 MB + 51 MB of weights from the second cache (R = 8, 4); 0.9 MB of states; 1.3 million
//   Philox counters, about 3 us. FP32 units would need 96 us at their peak.
//   Expected with the split of the weights and the gaps between three launches: 35 to 42 us. The step from there is
//   wgmma: states from registers as they are now, hi and lo as 128 columns of one m64n128k16, weights by bulk copies.
//   R of 8, 4, 2, 1 is the one that leaves the busiest multiprocessor the least; slots past the last unit are skipped.
// Floats: layer_of_floats, FP32 units, 64 rows x 64 units a block, 4 x 4 a thread whose units are 16 apart.
//
// No atomics: an output has one owner and a sum one order.
//
// nvcc 13.0, registers on sm_80 / sm_90a: layer_of_bits 128 / 128 for every R, 72 KB of shared memory at R = 8;
// layer_of_floats 74 / 78; weigh_rows 31 / 32, weigh_columns 32 / 32. No spills, no stack.
//
// Not yet run on a GPU.

#include "kernels/gibbs/machine.h"
#include "kernels/gibbs/weigh.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace gibbs {
namespace {

// --- States of bits
// ---------------------------------------------------------------------------------------

constexpr int kStages = 4;
constexpr int kChunk = 4;                            // steps of 16 inputs in a stage: two words
constexpr int kChunkFragments = 8 * kChunk * kWarp;  // of 16 bytes
constexpr int rows_of_block(int R) { return 32 * R; }
constexpr int64_t bytes_of_stage(int R) { return kChunkFragments * 16 + 2 * 4 * rows_of_block(R); }

// Starts the copies of one stage: steps kChunk * chunk .. of all slots of the block, and the two words of its rows.
template <int R>
__device__ inline void load_stage(unsigned char* stage, const Split& f, const uint32_t* given, int64_t given_words,
                                  int64_t row0, int64_t rows, int slot0, int chunk) {
  constexpr int kThreads = 64 * R, kRows = rows_of_block(R);
  uint4* weights = reinterpret_cast<uint4*>(stage);
  const int step0 = chunk * kChunk;
#pragma unroll
  for (int i = int(threadIdx.x); i < kChunkFragments; i += kThreads) {
    const int slot = slot0 + i / (kChunk * kWarp), step = step0 + i / kWarp % kChunk;
    if (step < f.steps) copy_16_bytes(weights + i, f.fragments + (int64_t(slot) * f.steps + step) * kWarp + i % kWarp);
  }
  uint32_t* states = reinterpret_cast<uint32_t*>(stage + kChunkFragments * 16);
#pragma unroll
  for (int i = int(threadIdx.x); i < 2 * kRows; i += kThreads) {
    const int64_t row = row0 + i / 2, word = 2 * int64_t(chunk) + i % 2;
    const bool there = row < rows && word < given_words;
    copy_word(states + i % 2 * kRows + i / 2, there ? given + row * given_words + word : given, there);
  }
}

template <int R>
__global__ void __launch_bounds__(64 * R)
    layer_of_bits(Split f, const uint32_t* given, int64_t given_words, Finish out, int64_t row_tiles) {
  constexpr int kThreads = 64 * R, kRows = rows_of_block(R);
  GX_DYNAMIC_SHARED(unsigned char, stages);
  GX_SHARED(uint32_t, sample, kRows * 2);  // a byte for each tile
  unsigned char* const bytes = reinterpret_cast<unsigned char*>(sample);
  const int thread = int(threadIdx.x), lane = thread % kWarp, warp = thread / kWarp;
  const int g = lane / 4, c = lane % 4, half = warp % 2, warp_row = warp / 2 * 32;
  const int64_t row0 = int64_t(blockIdx.x) % row_tiles * kRows;
  const int64_t unit_block = int64_t(blockIdx.x) / row_tiles;
  const int slot0 = int(unit_block) * 8;

  // Slots of the warp that have units: of the last block, not all.
  const int live = int(min(int64_t(4), (out.units - unit_block * 64 - 8 * half + 15) / 16));
  float hi[2][4][4] = {}, lo[2][4][4] = {};  // [16 rows][slot][d]
  const int chunks = (f.steps + kChunk - 1) / kChunk;
#pragma unroll
  for (int s = 0; s < kStages - 1; ++s) {
    if (s < chunks) {
      load_stage<R>(stages + s * bytes_of_stage(R), f, given, given_words, row0, out.rows, slot0, s);
    }
    commit_copies();
  }
  for (int chunk = 0; chunk < chunks; ++chunk) {
    wait_for_copies<kStages - 2>();
    __syncthreads();  // this stage is there for all, and all have done with the one before
    const int next = chunk + kStages - 1;
    if (next < chunks) {
      load_stage<R>(stages + next % kStages * bytes_of_stage(R), f, given, given_words, row0, out.rows, slot0, next);
    }
    commit_copies();
    const unsigned char* stage = stages + chunk % kStages * bytes_of_stage(R);
    const uint4* weights = reinterpret_cast<const uint4*>(stage) + half * 4 * kChunk * kWarp + lane;
    const uint32_t* states = reinterpret_cast<const uint32_t*>(stage + kChunkFragments * 16) + warp_row + g;
#pragma unroll
    for (int word = 0; word < 2; ++word) {
      if (chunk * kChunk + 2 * word >= f.steps) break;
      uint32_t given_bits[4];
#pragma unroll
      for (int i = 0; i < 4; ++i) given_bits[i] = states[word * kRows + 8 * i] >> c;
#pragma unroll
      for (int j = 0; j < 2; ++j) {
        uint32_t a[2][4];
        expand(given_bits[0], given_bits[1], 8 * j, a[0]);
        expand(given_bits[2], given_bits[3], 8 * j, a[1]);
#pragma unroll
        for (int t = 0; t < 4; ++t) {
          if (t >= live) break;
          const uint4 b = weights[(t * kChunk + 2 * word + j) * kWarp];
#pragma unroll
          for (int m = 0; m < 2; ++m) {
            multiply(hi[m][t], a[m], b.x, b.y);
            multiply(lo[m][t], a[m], b.z, b.w);
          }
        }
      }
    }
  }

  // A thread's units are first + 16 t and first + 16 t + 1 of its block of 64.
  const bool draws = out.bits || out.values;
  const int first = 8 * half + 2 * c;
  float scale[4][2], bias[4][2];
#pragma unroll
  for (int t = 0; t < 4; ++t) {
#pragma unroll
    for (int e = 0; e < 2; ++e) {
      const int64_t unit = unit_block * 64 + first + 16 * t + e;
      scale[t][e] = unit < out.units ? f.scale[unit] : 0.0f;
      bias[t][e] = unit < out.units && out.bias ? out.bias[unit] : 0.0f;
    }
  }
#pragma unroll
  for (int m = 0; m < 2; ++m) {
#pragma unroll
    for (int upper = 0; upper < 2; ++upper) {
      const int local = warp_row + 16 * m + 8 * upper + g;
      const int64_t row = row0 + local;
      uint32_t fired = 0;  // byte t: the thread's bits of tile 2 t + half
      if (row < out.rows) {
        const float beta = out.row_beta ? out.row_beta[row] : out.beta;
#pragma unroll
        for (int e = 0; e < 2; ++e) {
          uint32_t random[4] = {};
          if (draws) {
            philox(uint32_t(unit_block * kCountersPerBlock + first + e), uint32_t(row), out.stream.c2, out.stream.c3,
                   out.stream.k0, out.stream.k1, random);
          }
#pragma unroll
          for (int t = 0; t < 4; ++t) {
            const int64_t unit = unit_block * 64 + first + 16 * t + e;
            const float sum = (hi[m][t][2 * upper + e] + lo[m][t][2 * upper + e]) * scale[t][e] + bias[t][e];
            if (unit < out.units && finish_element(out, row, unit, beta, sum, draws, random[t])) {
              fired |= 1u << (8 * t + 2 * c + e);
            }
          }
        }
      }
      fired |= __shfl_xor_sync(kAllLanes, fired, 1);
      fired |= __shfl_xor_sync(kAllLanes, fired, 2);
      bytes[local * 8 + 2 * c + half] = static_cast<unsigned char>(fired >> 8 * c);
    }
  }
  if (!out.bits) return;  // with the whole grid
  __syncthreads();
  for (int i = thread; i < 2 * kRows; i += kThreads) {
    const int64_t row = row0 + i / 2, word = 2 * unit_block + i % 2;
    if (row >= out.rows || word >= out.words) continue;
    put_bits(out, row, word, sample[i]);
  }
}

template <int R>
void run_bits(Gpu& gpu, const Split& f, const gx_states& given, const Finish& out) {
  const int64_t row_tiles = (out.rows + rows_of_block(R) - 1) / rows_of_block(R);
  launch(gpu, {unsigned(row_tiles * (f.slots / 8)), 64 * R, kStages * bytes_of_stage(R)}, layer_of_bits<R>, f,
         static_cast<const uint32_t*>(given.data), words(given.units), out, row_tiles);
}

// --- States of floats
// ---------------------------------------------------------------------------------------

constexpr int kTile = 64, kDepth = 16;

// F[k][n] = W[k * by_k + n * by_n]; thread (x, y) has rows 4 y .. 4 y + 3 and units x, x + 16, x + 32, x + 48.
__global__ void __launch_bounds__(256) layer_of_floats(const float* W, int64_t by_k, int64_t by_n, int64_t in,
                                                       const float* given, Finish out, int64_t row_tiles) {
  GX_SHARED(float4, state_packs, kDepth * (kTile + 4) / 4);
  float* const states = reinterpret_cast<float*>(state_packs);  // [k][row]
  GX_SHARED(float, weights, kDepth*(kTile + 1));                // [k][unit]
  const int thread = int(threadIdx.x), x = thread % 16, y = thread / 16;
  const int64_t row0 = int64_t(blockIdx.x) % row_tiles * kTile, unit_block = int64_t(blockIdx.x) / row_tiles;
  const int64_t unit0 = unit_block * kTile;
  float sums[4][4] = {};
  for (int64_t k0 = 0; k0 < in; k0 += kDepth) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int r = thread / 16 + 16 * i, k = thread % 16;
      const bool there = row0 + r < out.rows && k0 + k < in;
      states[k * (kTile + 4) + r] = there ? given[(row0 + r) * in + k0 + k] : 0.0f;
    }
#pragma unroll
    for (int i = 0; i < 4; ++i) {  // along the contiguous side
      const int n = by_n == 1 ? thread % 64 : thread / 16 + 16 * i, k = by_n == 1 ? thread / 64 + 4 * i : thread % 16;
      const bool there = unit0 + n < out.units && k0 + k < in;
      weights[k * (kTile + 1) + n] = there ? W[(k0 + k) * by_k + (unit0 + n) * by_n] : 0.0f;
    }
    __syncthreads();
#pragma unroll
    for (int k = 0; k < kDepth; ++k) {
      const float4 a = *reinterpret_cast<const float4*>(states + k * (kTile + 4) + 4 * y);
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const float w = weights[k * (kTile + 1) + x + 16 * i];
        sums[0][i] = fmaf(a.x, w, sums[0][i]);
        sums[1][i] = fmaf(a.y, w, sums[1][i]);
        sums[2][i] = fmaf(a.z, w, sums[2][i]);
        sums[3][i] = fmaf(a.w, w, sums[3][i]);
      }
    }
    __syncthreads();
  }

  const bool draws = out.bits || out.values;
#pragma unroll
  for (int r = 0; r < 4; ++r) {
    const int64_t row = row0 + 4 * y + r;
    uint32_t fired[2] = {};
    if (row < out.rows) {
      const float beta = out.row_beta ? out.row_beta[row] : out.beta;
      uint32_t random[4] = {};
      if (draws) {
        philox(uint32_t(unit_block * kCountersPerBlock + x), uint32_t(row), out.stream.c2, out.stream.c3, out.stream.k0,
               out.stream.k1, random);
      }
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int64_t unit = unit0 + x + 16 * i;
        if (unit >= out.units) continue;
        if (finish_element(out, row, unit, beta, sums[r][i] + out.bias[unit], draws, random[i])) {
          fired[i / 2] |= 1u << (16 * (i % 2) + x);
        }
      }
    }
#pragma unroll
    for (int by = 8; by > 0; by /= 2) {
      fired[0] |= __shfl_xor_sync(kAllLanes, fired[0], by);
      fired[1] |= __shfl_xor_sync(kAllLanes, fired[1], by);
    }
    if (out.bits && x < 2 && row < out.rows && 2 * unit_block + x < out.words) {
      put_bits(out, row, 2 * unit_block + x, x == 0 ? fired[0] : fired[1]);
    }
  }
}

}  // namespace

// --- The machine
// ---------------------------------------------------------------------------------------

Machine::Machine(gx_device* device, const gx_rbm& rbm)
    : gpu_(gpu_of(device)), rbm_(rbm), workspace_(*device), b_(rbm.b), c_(rbm.c) {
  if (rbm.lambda) {
    float* b = workspace_.get<float>(rbm.visible);
    weigh_rows(gpu_, rbm.W, rbm.lambda, rbm.visible, rbm.hidden, Effective<float>{rbm.b, b});
    b_ = b;
  }
  if (rbm.mu) {
    float* c = workspace_.get<float>(rbm.hidden);
    weigh_columns(gpu_, rbm.W, rbm.mu, rbm.visible, rbm.hidden, Effective<float>{rbm.c, c});
    c_ = c;
  }
}

const Split& Machine::split(gx_layer target) {
  Split& s = splits_[target];
  if (!s.fragments) s = gibbs::split(gpu_, workspace_, rbm_, target);
  return s;
}

void Machine::split_both() { gibbs::split_both(gpu_, workspace_, rbm_, splits_[GX_HIDDEN], splits_[GX_VISIBLE]); }

Finish Machine::finish(gx_layer target, int64_t rows) const {
  Finish out = {};
  out.rows = rows;
  out.units = target == GX_HIDDEN ? rbm_.hidden : rbm_.visible;
  out.words = words(out.units);
  out.bias = target == GX_HIDDEN ? c_ : b_;
  out.beta = 1;
  return out;
}

void Machine::run(gx_layer target, const gx_states& given, const Finish& out) {
  if (given.format == GX_FLOAT32) {
    const bool to_hidden = target == GX_HIDDEN;
    const int64_t row_tiles = (out.rows + kTile - 1) / kTile, unit_tiles = (out.units + kTile - 1) / kTile;
    launch(gpu_, {unsigned(row_tiles * unit_tiles), 256}, layer_of_floats, rbm_.W, to_hidden ? rbm_.hidden : 1,
           to_hidden ? 1 : rbm_.hidden, given.units, static_cast<const float*>(given.data), out, row_tiles);
    return;
  }
  run_of_bits(gpu_, split(target), given, out);
}

void run_of_bits(Gpu& gpu, const Split& f, const gx_states& given, const Finish& out) {
  // The rows that the busiest multiprocessor has to do, in quarters of a block of 64 units; of equals the largest R.
  const auto rows_at_most = [&](int R) {
    const int64_t quarters = (out.rows + rows_of_block(R) - 1) / rows_of_block(R) * ((out.units + 15) / 16);
    const int64_t at_once = 4 * int64_t(gpu.multiprocessors);
    return (quarters + at_once - 1) / at_once * R;
  };
  int best = 8;
  for (const int R : {4, 2, 1}) {
    if (rows_at_most(R) < rows_at_most(best)) best = R;
  }
  switch (best) {
    case 8:
      return run_bits<8>(gpu, f, given, out);
    case 4:
      return run_bits<4>(gpu, f, given, out);
    case 2:
      return run_bits<2>(gpu, f, given, out);
    default:
      return run_bits<1>(gpu, f, given, out);
  }
}

}  // namespace gibbs

gx_status gx_rbm_layer_sample(gx_device* device, const gx_rbm* rbm, const gx_layer_sample_params* params) {
  return guarded([&] {
    const gx_layer_sample_params& a = *params;
    gibbs::Machine machine(device, *rbm);
    gibbs::Finish out = machine.finish(a.target, a.given->rows);
    out.beta = a.beta;
    out.row_beta = a.row_beta;
    out.stream = philox_stream(a.rng.seed, a.rng.step, a.target == GX_HIDDEN ? GX_PURPOSE_HIDDEN : GX_PURPOSE_VISIBLE);
    out.x = a.x;
    out.p = a.p;
    if (a.sample) gibbs::set_sample(out, *a.sample);
    machine.run(a.target, *a.given, out);
  });
}

}  // namespace gx::cuda
