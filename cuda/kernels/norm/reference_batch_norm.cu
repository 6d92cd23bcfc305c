// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Reference batch norm: gx_reference_batch_norm, gx_reference_batch_norm_backward (norm.h). Forward first the reference
// batch, a set per channel, then the other examples, a set per example and channel, which need its statistics. Backward
// the other way round: what the examples' gradients leave to the reference batch is added up per channel, a warp each,
// in the examples' order by lanes. The floor is that of sets.h: 8 bytes an element forward, 12 backward.
//
// nvcc 13.0: the warp per channel has 62 registers (sm_80), 60 (sm_90a), no spills; the rest is sets.cu.
//
// Not yet run on a GPU.

#include "kernels/norm/passes.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

using namespace norm;

struct Parts {
  explicit Parts(const gx_reference_batch_norm_params& p)
      : others(p.examples - p.references),
        rows((1 + others) * p.channels),
        at(p.references * p.channels * p.spatial),
        w(1 / double(p.references + 1)),
        reference(channel_sets(p.references, p.channels, p.spatial)),
        live(row_sets(others * p.channels, p.spatial)) {}
  int64_t others, rows;  // examples, of the statistics
  int64_t at;            // element where the other examples begin
  double w;
  Sets reference, live;
};

template <class T>
Factors<T> factors_of(int64_t channels, const void* gamma, const void* beta) {
  Factors<T> f;
  f.gamma = in<T>(gamma);
  f.beta = in<T>(beta);
  f.groups = channels;
  return f;
}

// owed[4][channels]: what the others add to k2, k3, dgamma and dbeta of the reference batch. A warp per channel.
template <class T>
__global__ void __launch_bounds__(256)
    fold(int64_t channels, int64_t others, double spatial, double w, const T* gamma, const double* mean,
         const double* rstd, const double* reference_mean, const double* sums, double* owed) {
  for (int64_t first = int64_t(blockIdx.x) * 8; first < channels; first += int64_t(gridDim.x) * 8) {
    const int64_t c = first + threadIdx.x / kWarp;
    double add[4] = {0, 0, 0, 0};
    for (int64_t n = threadIdx.x % kWarp; n < others && c < channels; n += kWarp) {
      const int64_t set = n * channels + c;
      const Coefficients k(factor(gamma, c), rstd[set], sums[2 * set], sums[2 * set + 1], int64_t(spatial));
      const double rest = (1 - w) * spatial;
      add[0] += rest * k.k2;
      add[1] += rest * (k.k3 + k.k2 * (reference_mean[c] - mean[set]));
      add[2] += sums[2 * set + 1] * rstd[set];
      add[3] += sums[2 * set];
    }
    warp_sum(add);
    if (threadIdx.x % kWarp == 0 && c < channels) {
      for (int j = 0; j < 4; ++j) owed[j * channels + c] = add[j];
    }
  }
}

}  // namespace

gx_status gx_reference_batch_norm(gx_device* device, gx_format format, const gx_reference_batch_norm_params* p,
                                  const void* x, const void* gamma, const void* beta, void* y, void* statistics) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const Parts parts(*p);
      Workspace workspace(*device);
      const Factors<T> factors = factors_of<T>(p->channels, gamma, beta);
      Forward<T> forward;
      forward.count = double(p->references * p->spatial);
      forward.epsilon = p->epsilon;
      forward.statistics = out<double>(statistics);
      forward.step = parts.rows;
      forward.variance = workspace.get<double>(p->channels);
      run(device, parts.reference, parts.reference.count(),
          ForwardPass<T, false>{in<T>(x), out<T>(y), forward, factors});
      forward.kind = Forward<T>::kLive;
      forward.count = double(p->spatial);
      forward.w = parts.w;
      forward.channels = p->channels;
      forward.other_mean = forward.statistics;
      forward.other_var = forward.variance;
      forward.variance = nullptr;
      forward.statistics += p->channels;
      run(device, parts.live, parts.live.count(),
          ForwardPass<T, false>{in<T>(x) + parts.at, out<T>(y) + parts.at, forward, factors});
    });
  });
}

gx_status gx_reference_batch_norm_backward(gx_device* device, gx_format format, const gx_reference_batch_norm_params* p,
                                           const void* x, const void* gamma, const void* statistics, const void* dy,
                                           void* dx, void* dgamma, void* dbeta) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const Parts parts(*p);
      Gpu& gpu = gpu_of(device);
      Workspace workspace(*device);
      const Factors<T> factors = factors_of<T>(p->channels, gamma, nullptr);
      const double *const mean = in<double>(statistics), *const rstd = mean + parts.rows;
      Backward<T> live;
      live.kind = Backward<T>::kLive;
      live.mean = mean + p->channels;
      live.rstd = rstd + p->channels;
      live.count = double(p->spatial);
      live.w = parts.w;
      live.sums = workspace.get<double>(2 * parts.live.sets);
      run(device, parts.live, parts.live.count(),
          BackwardPass<T, false>{in<T>(x) + parts.at, in<T>(dy) + parts.at, dx ? out<T>(dx) + parts.at : nullptr,
                                 parts.live.sets, live, factors});
      double* const owed = workspace.get<double>(4 * p->channels);
      launch(gpu, {blocks_for(gpu, p->channels, 8), 256}, fold<T>, p->channels, parts.others, double(p->spatial),
             parts.w, in<T>(gamma), live.mean, live.rstd, mean, live.sums, owed);
      Backward<T> reference;
      reference.kind = Backward<T>::kReference;
      reference.mean = mean;
      reference.rstd = rstd;
      reference.count = double(p->references * p->spatial);
      reference.others = owed;
      reference.dgamma = out<T>(dgamma);
      reference.dbeta = out<T>(dbeta);
      run(device, parts.reference, parts.reference.count(),
          BackwardPass<T, false>{in<T>(x), in<T>(dy), out<T>(dx), p->channels, reference, factors});
    });
  });
}

}  // namespace gx::cuda
