// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_rbm_log_partition (gibbs.h): log sum over the states s of the smaller layer of  exp(s.bias) prod_n (1 + exp(x_n)),
// x = other_bias + s W, in Gray code order, in double (kernels/gibbs/log_partition has the equations).
//
// A warp owns a block of neighbouring codes: x of the larger layer, units dealt to the lanes, in shared memory (or, for
// more than about 7,000 units, in the workspace), summed afresh at the first code and changed by one row of W at each
// next one. A lane multiplies up to 512 factors 1 + exp(-|x|), each in (1, 2], before it takes a logarithm. W is first
// copied into rows of the smaller layer. Blocks' logarithms are added up in ascending order of lanes by one warp.
//
// 2^small large exponentials in double: 25 x 784 is 26 billion, about 0.1 s at the 34 TFLOP/s of FP64 units.
//
// nvcc 13.0, registers on sm_80 / sm_90a: gray_codes 48 / 48, add_logs 32 / 47. No spills, no stack.
//
// Not yet run on a GPU.

#include "generatrix/gibbs.h"
#include "kernels/gibbs/weigh.h"
#include "runtime/entries.h"
#include "runtime/reduce.h"

namespace gx::cuda {
namespace gibbs {
namespace {

constexpr int kWarps = 4;

struct Codes {
  int small, block_bits;
  int64_t large, blocks;
  const float* W;            // [small][large]
  const double* small_bias;  // [small]
  const double* large_bias;  // [large]
  double* x;                 // [warps of the grid][large], or null: shared memory
  double* logs;              // [blocks]
};

// sum_n softplus(x_n): every lane has it.
__device__ inline double softplus_total(const double* x, int64_t large) {
  constexpr int kFactors = 512;
  double sum = 0, product = 1;
  int factors = 0;
  for (int64_t n = threadIdx.x % kWarp; n < large; n += kWarp) {
    const double v = x[n];
    if (v > 0) sum += v;
    product *= 1.0 + exp(-fabs(v));
    if (++factors == kFactors) {
      sum += log(product);
      product = 1;
      factors = 0;
    }
  }
  return warp_sum(sum + log(product));
}

__global__ void __launch_bounds__(kWarps* kWarp) gray_codes(Codes a) {
  GX_DYNAMIC_SHARED(double, shared);
  const int lane = int(threadIdx.x) % kWarp, warp = int(threadIdx.x) / kWarp;
  const int64_t place = int64_t(blockIdx.x) * kWarps + warp;
  double* x = a.x ? a.x + place * a.large : shared + warp * a.large;
  for (int64_t block = place; block < a.blocks; block += int64_t(gridDim.x) * kWarps) {
    const uint64_t first = uint64_t(block) << a.block_bits;
    uint64_t code = first ^ (first >> 1);
    double bias = 0;
    for (int s = 0; s < a.small; ++s) {
      if (code >> s & 1) bias += a.small_bias[s];
    }
    for (int64_t n = lane; n < a.large; n += kWarp) {  // a lane's units are its own throughout
      double v = a.large_bias[n];
      for (int s = 0; s < a.small; ++s) {
        if (code >> s & 1) v += a.W[s * a.large + n];
      }
      x[n] = v;
    }
    // The running log-sum-exp: total = exp(largest) * scaled.
    double largest = bias + softplus_total(x, a.large), scaled = 1;
    for (uint64_t i = 1; i < uint64_t(1) << a.block_bits; ++i) {
      int s = 0;  // the unit in which code i differs from code i - 1
      while (!(i >> s & 1)) ++s;
      code ^= uint64_t(1) << s;
      const double sign = code >> s & 1 ? 1 : -1;
      bias += sign * a.small_bias[s];
      const float* row = a.W + s * a.large;
      for (int64_t n = lane; n < a.large; n += kWarp) x[n] += sign * row[n];
      const double term = bias + softplus_total(x, a.large);
      if (term > largest) {
        scaled = scaled * exp(largest - term) + 1;
        largest = term;
      } else {
        scaled += exp(term - largest);
      }
    }
    if (lane == 0) a.logs[block] = largest + log(scaled);
  }
}

__global__ void __launch_bounds__(256) add_logs(const double* logs, int64_t count, double* log_z) {
  double largest = -INFINITY;
  for (int64_t i = threadIdx.x; i < count; i += 256)
    largest = logs[i] > largest || logs[i] != logs[i] ? logs[i] : largest;
  largest = block_max(largest);
  double scaled = 0;
  for (int64_t i = threadIdx.x; i < count; i += 256) scaled += exp(logs[i] - largest);
  scaled = block_sum(scaled);
  if (threadIdx.x == 0) *log_z = largest + log(scaled);
}

__global__ void __launch_bounds__(256)
    copy_by_rows(const float* W, int64_t visible, int64_t hidden, bool hidden_small, float* to) {
  const int64_t i = int64_t(blockIdx.x) * 256 + threadIdx.x;
  if (i >= visible * hidden) return;
  to[hidden_small ? i % hidden * visible + i / hidden : i] = W[i];
}

__global__ void __launch_bounds__(256) widen(const float* from, int64_t count, double* to) {
  const int64_t i = int64_t(blockIdx.x) * 256 + threadIdx.x;
  if (i < count) to[i] = from[i];
}

unsigned blocks_of(int64_t count) { return unsigned((count + 255) / 256); }

}  // namespace
}  // namespace gibbs

gx_status gx_rbm_log_partition(gx_device* device, const gx_rbm* rbm, double* log_z) {
  return guarded([&] {
    using namespace gibbs;
    Gpu& gpu = gpu_of(device);
    Workspace workspace(*device);
    const int64_t visible = rbm->visible, hidden = rbm->hidden;
    double* b = workspace.get<double>(visible);
    double* c = workspace.get<double>(hidden);
    if (rbm->lambda) {
      weigh_rows(gpu, rbm->W, rbm->lambda, visible, hidden, Effective<double>{rbm->b, b});
    } else {
      launch(gpu, {blocks_of(visible), 256}, widen, rbm->b, visible, b);
    }
    if (rbm->mu) {
      weigh_columns(gpu, rbm->W, rbm->mu, visible, hidden, Effective<double>{rbm->c, c});
    } else {
      launch(gpu, {blocks_of(hidden), 256}, widen, rbm->c, hidden, c);
    }
    const bool hidden_small = hidden <= visible;
    float* W = workspace.get<float>(visible * hidden);
    launch(gpu, {blocks_of(visible * hidden), 256}, copy_by_rows, rbm->W, visible, hidden, hidden_small, W);

    Codes a = {};
    a.small = int(hidden_small ? hidden : visible);
    a.large = hidden_small ? visible : hidden;
    // Up to 8192 warps; blocks of more than 1024 codes would let rounding build up.
    a.block_bits = std::min(10, std::max(0, a.small - 13));
    a.blocks = int64_t(1) << (a.small - a.block_bits);
    a.W = W;
    a.small_bias = hidden_small ? c : b;
    a.large_bias = hidden_small ? b : c;
    a.logs = workspace.get<double>(a.blocks);
    const int64_t shared = kWarps * a.large * int64_t(sizeof(double));
    const bool fits = shared <= gpu.shared_memory;
    const int64_t blocks = std::min((a.blocks + kWarps - 1) / kWarps, int64_t(gpu.multiprocessors) * 8);
    if (!fits) a.x = workspace.get<double>(blocks * kWarps * a.large);
    launch(gpu, {unsigned(blocks), kWarps * kWarp, fits ? shared : 0}, gray_codes, a);
    double* result = workspace.get<double>(1);
    launch(gpu, {1, 256}, add_logs, a.logs, a.blocks, result);
    copy(gpu, log_z, result, sizeof(double));
  });
}

}  // namespace gx::cuda
