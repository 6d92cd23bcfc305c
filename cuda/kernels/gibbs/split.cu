// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Weights, or the h of statistics, as pairs of float16 in the order of a warp's registers: split.h. A block owns a
// slot, 8 target units: it finds their largest weights and then writes their fragments.
//
// Traffic: W once from memory (the second reading hits the first cache: 25 KB a block at 784 inputs) and as many bytes
// written; 784 x 500: 3.1 MB, about 2 us, most of it latency.
//
// nvcc 13.0, registers on sm_80 / sm_90a: 48 / 48 of statistics and 28 / 28 of weights at most. No spills, no stack.
//
// Not yet run on a GPU.

#include "generatrix/states.h"
#include "kernels/gibbs/split.h"
#include "runtime/check.h"

namespace gx::cuda::gibbs {
namespace {

constexpr int kThreads = 256;

struct Weights {
  const float* W;
  int64_t by_k, by_n;
  __device__ bool along_k() const { return by_k == 1; }
  __device__ float at(int64_t k, int64_t n) const { return W[k * by_k + n * by_n]; }
};

struct Statistics {
  const float* data;
  const float* model;
  int64_t data_rows, model_at, hidden;
  float data_scale, model_scale;
  __device__ bool along_k() const { return false; }
  __device__ float at(int64_t k, int64_t n) const {
    if (k >= model_at) return model[(k - model_at) * hidden + n] * -model_scale;
    return k < data_rows ? data[k * hidden + n] * data_scale : 0.0f;
  }
};

template <class Source>
struct Task {
  Source source;
  int64_t in, units;
  int steps, slots;
  uint4* fragments;
  float* scale;
};

// The slots of one task, and then those of another.
template <class Source>
__global__ void __launch_bounds__(kThreads) split_weights(Task<Source> one, Task<Source> other) {
  GX_SHARED(float, greatest, kThreads);
  GX_SHARED(float, factor, 8);
  const bool of_one = int(blockIdx.x) < one.slots;
  const Source source = of_one ? one.source : other.source;
  const int64_t in = of_one ? one.in : other.in, units = of_one ? one.units : other.units;
  const int steps = of_one ? one.steps : other.steps;
  uint4* const fragments = of_one ? one.fragments : other.fragments;
  float* const scale = of_one ? one.scale : other.scale;
  const int thread = int(threadIdx.x), slot = int(blockIdx.x) - (of_one ? 0 : one.slots);
  const int64_t n0 = int64_t(tile_of(slot)) * 8;

  // Threads lie along the contiguous side of F: 32 positions of k for each of the 8 units.
  const bool along_k = source.along_k();
  const int unit = along_k ? thread / 32 : thread % 8, first = along_k ? thread % 32 : thread / 8;
  float most = 0;
  if (n0 + unit < units) {
#pragma unroll 8
    for (int64_t k = first; k < in; k += 32) most = fmaxf(most, fabsf(source.at(k, n0 + unit)));
  }
  greatest[unit * 32 + first] = most;
  __syncthreads();
  if (thread < 8) {
    float all = 0;
    for (int i = 0; i < 32; ++i) all = fmaxf(all, greatest[thread * 32 + i]);
    const int exponent = int(__float_as_uint(all) >> 23) - 127;
    const int s = all == 0 ? 0 : 14 - max(exponent, -86);
    factor[thread] = __uint_as_float(unsigned(s + 127) << 23);
    if (n0 + thread < units) scale[n0 + thread] = __uint_as_float(unsigned(127 - s) << 23);
  }
  __syncthreads();

  for (int64_t i = thread; i < int64_t(steps) * kWarp; i += kThreads) {
    const int lane = int(i % kWarp), step = int(i / kWarp), n = lane / 4;
    const int64_t k0 = int64_t(step) / 2 * 32 + step % 2 * 8 + lane % 4;
    uint32_t hi[4], lo[4];  // at k0, k0 + 16, k0 + 4, k0 + 20
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      const int64_t k = k0 + 16 * (j % 2) + 4 * (j / 2);
      const float w = k < in && n0 + n < units ? source.at(k, n0 + n) * factor[n] : 0.0f;
      hi[j] = half_of(w);
      lo[j] = half_of(w - float_of_half(hi[j]));
    }
    fragments[int64_t(slot) * steps * kWarp + i] =
        make_uint4(hi[0] | hi[1] << 16, hi[2] | hi[3] << 16, lo[0] | lo[1] << 16, lo[2] | lo[3] << 16);
  }
}

template <class Source>
Task<Source> task(Workspace& workspace, const Source& source, int64_t in, int64_t units) {
  Task<Source> t = {};
  t.source = source;
  t.in = in;
  t.units = units;
  t.steps = int(2 * words(in));
  t.slots = int(8 * ((units + 63) / 64));
  t.fragments = workspace.get<uint4>(int64_t(t.slots) * t.steps * kWarp);
  t.scale = workspace.get<float>(units);
  return t;
}

template <class Source>
Split result(const Task<Source>& t) {
  return {t.fragments, t.scale, t.in, t.units, t.steps, t.slots};
}

template <class Source>
void run(Gpu& gpu, const Task<Source>& one, const Task<Source>& other) {
  launch(gpu, {unsigned(one.slots + other.slots), kThreads}, split_weights<Source>, one, other);
}

Task<Weights> towards(Workspace& workspace, const gx_rbm& rbm, gx_layer target) {
  if (target == GX_HIDDEN) return task(workspace, Weights{rbm.W, rbm.hidden, 1}, rbm.visible, rbm.hidden);
  return task(workspace, Weights{rbm.W, 1, rbm.hidden}, rbm.hidden, rbm.visible);
}

}  // namespace

Split split(Gpu& gpu, Workspace& workspace, const gx_rbm& rbm, gx_layer target) {
  const Task<Weights> t = towards(workspace, rbm, target);
  run(gpu, t, Task<Weights>{});
  return result(t);
}

void split_both(Gpu& gpu, Workspace& workspace, const gx_rbm& rbm, Split& to_hidden, Split& to_visible) {
  const Task<Weights> up = towards(workspace, rbm, GX_HIDDEN), down = towards(workspace, rbm, GX_VISIBLE);
  run(gpu, up, down);
  to_hidden = result(up);
  to_visible = result(down);
}

Split split_statistics(Gpu& gpu, Workspace& workspace, const float* data_h, int64_t data_rows, const float* model_h,
                       int64_t model_rows, int64_t hidden) {
  const int64_t model_at = 32 * words(data_rows);
  const Statistics source = {
      data_h, model_h, data_rows, model_at, hidden, 1.0f / float(data_rows), 1.0f / float(model_rows)};
  const Task<Statistics> t = task(workspace, source, model_at + model_rows, hidden);
  run(gpu, t, Task<Statistics>{});
  return result(t);
}

}  // namespace gx::cuda::gibbs
