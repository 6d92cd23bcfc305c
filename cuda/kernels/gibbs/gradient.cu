// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_rbm_gradient (gibbs.h):
//
//   dW = <v h^T>_data - <v h^T>_model - mu dc^T - db lambda^T,   db = <v>_data - <v>_model,   dc = <h>_data - <h>_model
//
// the centered gradient multiplied out. The means first, in double: a block per 32 units of either layer, 32 rows at a
// time, data and then model.
//
// Bits: the means' blocks turn squares of 32 samples x 32 units on their side (a warp exchanges halves, quarters, .. of
// its words) and count them; then both averages are one product over all samples, bits times h / rows or -h / rows as
// two float16 parts (split.h), on the tensor cores of layer_sample.cu, which subtracts the offsets' terms: a launch
// each.
//   784 x 500, 512 + 512 rows: 3.2 GFLOP on tensor cores, 5 us at what mma.sync reaches; 2 MB of h, 4 of its parts, 1.6
//   of dW, all in the second cache. Three launches, about 12 us.
// Floats: a block has a tile of 64 visible x 64 hidden units in FP32 units, 4 x 4 of both averages a thread, samples 16
// at a time. 1.6 GFLOP, 24 us at the peak of FP32 units, about 40 as it stands (a 16-byte and four 4-byte loads from
// shared memory for 16 multiply-adds).
// dW is written once; no atomics.
//
// nvcc 13.0, registers on sm_80 / sm_90a: means 50 / 49, products 76 / 75. No spills, no stack.
//
// Not yet run on a GPU.

#include "generatrix/gibbs.h"
#include "kernels/gibbs/energy.h"
#include "runtime/entries.h"
#include "runtime/reduce.h"

namespace gx::cuda {
namespace gibbs {
namespace {

struct Side {
  StateView v;
  const float* h;
  int64_t rows;
};

// A square of bits, a row in each lane, turned on its side: bit r of lane u was bit u of lane r.
__device__ inline uint32_t transposed_square(uint32_t word) {
  const int lane = int(threadIdx.x) % kWarp;
  uint32_t lower = 0x0000FFFFu;  // columns without the bit `by`
#pragma unroll
  for (int by = 16; by > 0; by /= 2) {
    const uint32_t other = __shfl_xor_sync(kAllLanes, word, by);
    word = lane & by ? (word & ~lower) | (other & ~lower) >> by : (word & lower) | (other & lower) << by;
    lower ^= lower << by / 2;
  }
  return word;
}

// In a block of 32 x 32 threads lanes are units and warps are rows: the sum over the warps, divided by the rows of a
// side. For the threads of warp y: that of unit y.
__device__ inline double mean_of(double* sums, double sum, int64_t rows) {
  const int x = int(threadIdx.x), y = int(threadIdx.y);
  __syncthreads();
  sums[y * (kWarp + 1) + x] = sum;
  __syncthreads();
  return warp_sum(sums[x * (kWarp + 1) + y]) / double(rows);
}

__global__ void __launch_bounds__(kWarp* kWarp)
    means(Side data, Side model, int64_t visible, int64_t hidden, unsigned visible_blocks, uint32_t* turned,
          int64_t turned_words, float* db, float* mean_v, float* dc, float* mean_h) {
  GX_SHARED(double, sums, kWarp*(kWarp + 1));
  const bool of_v = blockIdx.x < visible_blocks;
  const int64_t first = int64_t(of_v ? blockIdx.x : blockIdx.x - visible_blocks) * kWarp;
  const int64_t units = of_v ? visible : hidden, unit = first + threadIdx.x;
  const bool there = unit < units;
  double both[2];
#pragma unroll
  for (int s = 0; s < 2; ++s) {
    const Side& side = s == 0 ? data : model;
    double sum = 0;
    if (of_v && turned) {
      const int64_t squares = (side.rows + kWarp - 1) / kWarp;
      const int64_t first_word = s == 0 ? 0 : (data.rows + kWarp - 1) / kWarp;
      for (int64_t square = threadIdx.y; square < squares; square += kWarp) {
        const int64_t row = square * kWarp + threadIdx.x;
        const uint32_t word = transposed_square(row < side.rows ? side.v.bits[row * side.v.words + first / kWarp] : 0);
        if (there) turned[unit * turned_words + first_word + square] = word;
        sum += __popc(word);
      }
    } else if (there) {
#pragma unroll 4
      for (int64_t r = threadIdx.y; r < side.rows; r += kWarp) {
        sum += of_v ? side.v.at(r, unit) : side.h[r * hidden + unit];
      }
    }
    both[s] = mean_of(sums, sum, side.rows);
  }
  const int64_t mine = first + threadIdx.y;
  if (threadIdx.x != 0 || mine >= units) return;
  (of_v ? db : dc)[mine] = float(both[0] - both[1]);
  float* mean = of_v ? mean_v : mean_h;
  if (mean) mean[mine] = float(both[0]);
}

constexpr int kTile = 64, kDepth = 16;

// sums[i][j] += sum_r v[r][visible0 + 4 y + i] h[r][hidden0 + x + 16 j]
__device__ inline void add_products(const Side& side, int64_t hidden, int64_t visible0, int64_t hidden0, float* v,
                                    float* h, float (&sums)[4][4]) {
  const int thread = int(threadIdx.x), x = thread % 16, y = thread / 16;
  for (int64_t r0 = 0; r0 < side.rows; r0 += kDepth) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int u = thread % kTile, k = thread / kTile + 4 * i;
      const bool in_rows = r0 + k < side.rows;
      v[k * (kTile + 4) + u] = in_rows && visible0 + u < side.v.units ? side.v.at(r0 + k, visible0 + u) : 0.0f;
      h[k * kTile + u] = in_rows && hidden0 + u < hidden ? side.h[(r0 + k) * hidden + hidden0 + u] : 0.0f;
    }
    __syncthreads();
#pragma unroll
    for (int k = 0; k < kDepth; ++k) {
      const float4 a = *reinterpret_cast<const float4*>(v + k * (kTile + 4) + 4 * y);
#pragma unroll
      for (int j = 0; j < 4; ++j) {
        const float b = h[k * kTile + x + 16 * j];
        sums[0][j] = fmaf(a.x, b, sums[0][j]);
        sums[1][j] = fmaf(a.y, b, sums[1][j]);
        sums[2][j] = fmaf(a.z, b, sums[2][j]);
        sums[3][j] = fmaf(a.w, b, sums[3][j]);
      }
    }
    __syncthreads();
  }
}

__global__ void __launch_bounds__(256)
    products(Side data, Side model, int64_t visible, int64_t hidden, int64_t visible_tiles, const float* mu,
             const float* lambda, const float* db, const float* dc, float* dW) {
  GX_SHARED(float4, v_packs, kDepth * (kTile + 4) / 4);
  GX_SHARED(float, h, kDepth* kTile);
  float* const v = reinterpret_cast<float*>(v_packs);
  const int x = int(threadIdx.x) % 16, y = int(threadIdx.x) / 16;
  const int64_t visible0 = int64_t(blockIdx.x) % visible_tiles * kTile;
  const int64_t hidden0 = int64_t(blockIdx.x) / visible_tiles * kTile;
  float of_data[4][4] = {}, of_model[4][4] = {};
  add_products(data, hidden, visible0, hidden0, v, h, of_data);
  add_products(model, hidden, visible0, hidden0, v, h, of_model);
  const float data_scale = 1.0f / float(data.rows), model_scale = 1.0f / float(model.rows);
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const int64_t unit = visible0 + 4 * y + i;
    if (unit >= visible) break;
    const float offset = mu ? mu[unit] : 0.0f;
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      const int64_t n = hidden0 + x + 16 * j;
      if (n >= hidden) break;
      float d = of_data[i][j] * data_scale - of_model[i][j] * model_scale;
      if (mu) d -= offset * dc[n];
      if (lambda) d -= db[unit] * lambda[n];
      dW[unit * hidden + n] = d;
    }
  }
}

}  // namespace
}  // namespace gibbs

gx_status gx_rbm_gradient(gx_device* device, const gx_rbm* rbm, const gx_gradient_params* params) {
  return guarded([&] {
    using namespace gibbs;
    const gx_gradient_params& a = *params;
    Gpu& gpu = gpu_of(device);
    const int64_t visible = rbm->visible, hidden = rbm->hidden;
    const Side data = {view_of(*a.data_v), a.data_h, a.data_v->rows};
    const Side model = {view_of(*a.model_v), a.model_h, a.model_v->rows};
    const unsigned visible_blocks = unsigned((visible + kWarp - 1) / kWarp);
    const unsigned hidden_blocks = unsigned((hidden + kWarp - 1) / kWarp);
    Workspace workspace(*device);
    const bool packed = data.v.bits && model.v.bits;
    const int64_t samples = 32 * words(data.rows) + model.rows;  // each side begins with a word
    uint32_t* turned = packed ? workspace.get<uint32_t>(visible * words(samples)) : nullptr;
    launch(gpu, {visible_blocks + hidden_blocks, dim3(kWarp, kWarp)}, means, data, model, visible, hidden,
           visible_blocks, turned, words(samples), a.db, a.mean_v, a.dc, a.mean_h);
    if (packed) {
      Finish out = {};
      out.rows = visible;
      out.units = hidden;
      out.beta = 1;
      out.x = a.dW;
      if (rbm->mu) out.of_row[0] = rbm->mu, out.of_unit[0] = a.dc;
      if (rbm->lambda) out.of_row[1] = a.db, out.of_unit[1] = rbm->lambda;
      const Split h = split_statistics(gpu, workspace, data.h, data.rows, model.h, model.rows, hidden);
      run_of_bits(gpu, h, {turned, visible, samples, GX_BITS}, out);
      return;
    }
    const int64_t visible_tiles = (visible + kTile - 1) / kTile, hidden_tiles = (hidden + kTile - 1) / kTile;
    launch(gpu, {unsigned(visible_tiles * hidden_tiles), 256}, products, data, model, visible, hidden, visible_tiles,
           rbm->mu, rbm->lambda, a.db, a.dc, a.dW);
  });
}

}  // namespace gx::cuda
