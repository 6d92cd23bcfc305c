// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_rbm_update (gibbs.h):
//
//   sW = momentum sW + rate (dW - weight_decay W),   W += sW;   the same for b and c without decay, c with sparsity;
//   lambda += offset_rate (mean_h - lambda), b += W (change of lambda);   mu likewise, c += W^T (change of mu)
//
// One launch over W, b and c where no offset moves: 20 bytes a weight, 4 numbers of each array a thread. Where one
// does, its change comes first, and b or c waits for the new W: a warp per row or a block per 32 columns weighs it, in
// double, and its functor is the update.
//   784 x 500: 7.8 MB, which stay in the second cache: about 3 us.
//
// nvcc 13.0, registers on sm_80 / sm_90a: update_all 40 / 39. No spills, no stack.
//
// Not yet run on a GPU.

#include "generatrix/gibbs.h"
#include "kernels/gibbs/weigh.h"
#include "runtime/entries.h"
#include "runtime/map.h"

namespace gx::cuda {
namespace gibbs {
namespace {

struct UpdateBias {
  float* bias;
  float* velocity;
  const float* gradient;
  const float* mean;  // where there is a cost of sparsity
  float rate, momentum, target, cost;
  __device__ void operator()(int64_t u, double shift) const {
    float g = gradient[u];
    if (mean) g += cost * (target - mean[u]);
    const float v = momentum * velocity[u] + rate * g;
    velocity[u] = v;
    bias[u] = float(double(bias[u]) + v + shift);
  }
};

struct UpdateWeights {
  float* W;
  float* sW;
  const float* dW;
  float rate, momentum, decay;
  __device__ void operator()(float& w, float& s, float d) const {
    s = momentum * s + rate * (d - decay * w);
    w += s;
  }
};

// Packs of N weights; then what is left of them, and the biases.
template <int N>
__global__ void __launch_bounds__(256)
    update_all(UpdateWeights a, int64_t weights, UpdateBias b, int64_t visible, UpdateBias c, int64_t hidden) {
  using P = Pack<float, N>;
  const int64_t packs = weights / N;
  for (int64_t i = grid_place(); i < packs; i += grid_size()) {
    P w = reinterpret_cast<P*>(a.W)[i], s = reinterpret_cast<P*>(a.sW)[i];
    const P d = reinterpret_cast<const P*>(a.dW)[i];
#pragma unroll
    for (int k = 0; k < N; ++k) a(w.v[k], s.v[k], d.v[k]);
    reinterpret_cast<P*>(a.W)[i] = w;
    reinterpret_cast<P*>(a.sW)[i] = s;
  }
  for (int64_t i = packs * N + grid_place(); i < weights; i += grid_size()) a(a.W[i], a.sW[i], a.dW[i]);
  for (int64_t i = grid_place(); i < visible; i += grid_size()) b(i, 0);
  for (int64_t i = grid_place(); i < hidden; i += grid_size()) c(i, 0);
}

// Offsets move towards the means; the changes are kept, because the biases follow them.
__global__ void __launch_bounds__(256)
    move_offsets(float* offset, const float* mean, int64_t units, float rate, float* change) {
  const int64_t u = grid_place();
  if (u >= units) return;
  const float moved = offset[u] + rate * (mean[u] - offset[u]);
  change[u] = moved - offset[u];
  offset[u] = moved;
}

}  // namespace
}  // namespace gibbs

gx_status gx_rbm_update(gx_device* device, const gx_update_params* params) {
  return guarded([&] {
    using namespace gibbs;
    const gx_update_params& a = *params;
    Gpu& gpu = gpu_of(device);
    Workspace workspace(*device);
    const auto moved = [&](float* offset, const float* mean, int64_t units) -> const float* {
      if (!offset || a.offset_rate == 0) return nullptr;
      float* change = workspace.get<float>(units);
      launch(gpu, {unsigned((units + 255) / 256), 256}, move_offsets, offset, mean, units, a.offset_rate, change);
      return change;
    };
    const float* dmu = moved(a.mu, a.mean_v, a.visible);
    const float* dlambda = moved(a.lambda, a.mean_h, a.hidden);

    const UpdateBias b = {a.b, a.sb, a.db, nullptr, a.rate, a.momentum, 0, 0};
    const UpdateBias c = {a.c,
                          a.sc,
                          a.dc,
                          a.sparsity_cost > 0 ? a.mean_h : nullptr,
                          a.rate,
                          a.momentum,
                          a.sparsity_target,
                          a.sparsity_cost};
    UpdateWeights w = {};  // its padding too
    w.W = a.W;
    w.sW = a.sW;
    w.dW = a.dW;
    w.rate = a.rate;
    w.momentum = a.momentum;
    w.decay = a.weight_decay;
    const bool wide = aligned(a.W) && aligned(a.sW) && aligned(a.dW);
    const int64_t weights = a.visible * a.hidden;
    launch(gpu, {blocks_for(gpu, std::max(weights / (wide ? 4 : 1), a.visible + a.hidden), 256), 256},
           wide ? update_all<4> : update_all<1>, w, weights, b, dlambda ? 0 : a.visible, c, dmu ? 0 : a.hidden);
    if (dlambda) weigh_rows(gpu, a.W, dlambda, a.visible, a.hidden, b);
    if (dmu) weigh_columns(gpu, a.W, dmu, a.visible, a.hidden, c);
  });
}

}  // namespace gx::cuda
