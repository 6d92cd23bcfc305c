// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Group, instance and adaptive instance norm: gx_group_norm, gx_group_norm_backward, gx_adaptive_instance_norm,
// gx_adaptive_instance_norm_backward (norm.h). A set is neighbouring memory: some channels of one example. sets.h says
// how its elements are gone over: 8 bytes an element forward. Backward is 12 for instance norm; groups of several
// channels need the sums of every channel, for the gradients of gamma and beta, and so take three launches that read x
// and dy twice (20 bytes, less what the L2 cache keeps). The gradients of gamma and beta are then sums over examples, a
// warp per channel.
//
// Not yet run on a GPU.

#include "kernels/norm/passes.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

using namespace norm;

template <class T>
Factors<T> factors_of(const gx_group_norm_params& p, const void* gamma, const void* beta) {
  Factors<T> f;
  f.gamma = in<T>(gamma);
  f.beta = in<T>(beta);
  f.relu = p.activation == GX_NORM_RELU;
  f.groups = p.groups;
  f.per_group = p.channels / p.groups;
  return f;
}

// The pullback of every slice (example, channel) from the sums of all slices of its set, times their gamma.
template <class T>
__global__ void __launch_bounds__(256)
    slice_pullbacks(int64_t slices, int64_t channels, int64_t per_group, int64_t count, const T* gamma,
                    Backward<T> statistics, const double* sums, Pullback<T>* pullbacks) {
  for (int64_t j = grid_place(); j < slices; j += grid_size()) {
    const int64_t set = j / per_group;
    double s = 0, q = 0;
    for (int64_t i = set * per_group; i < (set + 1) * per_group; ++i) {
      s += factor(gamma, i % channels) * sums[2 * i];
      q += factor(gamma, i % channels) * sums[2 * i + 1];
    }
    const Coefficients k(1, statistics.rstd[set], s, q, count);
    pullbacks[j] =
        Pullback<T>(statistics.standard(j), statistics.mean[set], k.k1 * factor(gamma, j % channels), k.k2, k.k3);
  }
}

// dgamma[c] = sum of dy x^, dbeta[c] = sum of dy, over examples. A warp per channel.
template <class T>
__global__ void __launch_bounds__(256) fold(int64_t examples, int64_t channels, int64_t per_group, const double* rstd,
                                            const double* sums, T* dgamma, T* dbeta) {
  for (int64_t first = int64_t(blockIdx.x) * 8; first < channels; first += int64_t(gridDim.x) * 8) {
    const int64_t c = first + threadIdx.x / kWarp;
    double of[2] = {0, 0};
    for (int64_t n = threadIdx.x % kWarp; n < examples && c < channels; n += kWarp) {
      const int64_t j = n * channels + c;
      of[0] += sums[2 * j];
      of[1] += sums[2 * j + 1] * rstd[j / per_group];
    }
    warp_sum(of);
    if (threadIdx.x % kWarp == 0 && c < channels) {
      put(dbeta, c, of[0]);
      put(dgamma, c, of[1]);
    }
  }
}

template <class T>
void pull_back(gx_device* device, const gx_group_norm_params& p, const T* x, const T* gamma, const T* beta,
               const double* statistics, const T* dy, T* dx, T* dgamma, T* dbeta) {
  Gpu& gpu = gpu_of(device);
  Workspace workspace(*device);
  const int64_t slices = p.examples * p.channels, per_group = p.channels / p.groups;
  Factors<T> factors = factors_of<T>(p, gamma, beta);
  factors.groups = p.channels;  // of slices
  factors.per_group = 1;
  Backward<T> backward;
  backward.mean = statistics;
  backward.rstd = statistics + p.examples * p.groups;
  backward.per_set = per_group;
  backward.count = double(per_group * p.spatial);
  backward.sums = workspace.get<double>(2 * slices);
  const Sets sets = row_sets(slices, p.spatial);
  BackwardPass<T, false> pass = {x, dy, dx, slices, backward, factors};
  if (per_group == 1) {
    run(device, sets, sets.count(), pass);
  } else {
    pass.dx = nullptr;
    pass.backward.kind = Backward<T>::kSums;
    run(device, sets, sets.count(), pass);
    if (dx) {
      auto* const pullbacks = workspace.get<Pullback<T>>(slices);
      launch(gpu, {blocks_for(gpu, slices, 256), 256}, slice_pullbacks<T>, slices, p.channels, per_group,
             per_group * p.spatial, gamma, backward, backward.sums, pullbacks);
      pass.dx = dx;
      write_flat(gpu, slices, p.spatial, slices, pullbacks, pass);
    }
  }
  if (!dgamma && !dbeta) return;
  launch(gpu, {blocks_for(gpu, p.channels, 8), 256}, fold<T>, p.examples, p.channels, per_group, backward.rstd,
         backward.sums, dgamma, dbeta);
}

// The style's gradient: (x - mu) of_sigma / (sigma count) + of_mean / count.
template <class T>
__global__ void __launch_bounds__(256) style_maps(int64_t sets, double count, const double* rstd, const double* mu,
                                                  const double* sigma, const double* sums, Standard<T>* maps) {
  for (int64_t j = grid_place(); j < sets; j += grid_size()) {
    maps[j] = Standard<T>(mu[j], sums[2 * j + 1] * rstd[j] / (sigma[j] * count), sums[2 * j] / count);
  }
}

}  // namespace

gx_status gx_group_norm(gx_device* device, gx_format format, const gx_group_norm_params* p, const void* x,
                        const void* gamma, const void* beta, void* y, void* statistics) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const Sets sets = row_sets(p->examples * p->groups, p->channels / p->groups * p->spatial);
      Forward<T> forward;
      forward.count = double(sets.count());
      forward.epsilon = p->epsilon;
      forward.statistics = out<double>(statistics);
      forward.step = sets.sets;
      run(device, sets, p->spatial,
          ForwardPass<T, false>{in<T>(x), out<T>(y), forward, factors_of<T>(*p, gamma, beta)});
    });
  });
}

gx_status gx_group_norm_backward(gx_device* device, gx_format format, const gx_group_norm_params* p, const void* x,
                                 const void* gamma, const void* beta, const void* statistics, const void* dy, void* dx,
                                 void* dgamma, void* dbeta) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      if (p->examples == 0) {  // of nothing, gradients are 0
        for (void* gradient : {dgamma, dbeta}) {
          if (gradient) gpu_of(device).zero(gradient, p->channels * int64_t(sizeof(T)));
        }
        return;
      }
      pull_back(device, *p, in<T>(x), in<T>(gamma), in<T>(beta), in<double>(statistics), in<T>(dy), out<T>(dx),
                out<T>(dgamma), out<T>(dbeta));
    });
  });
}

gx_status gx_adaptive_instance_norm(gx_device* device, gx_format format, const gx_adaptive_instance_norm_params* p,
                                    const void* content, const void* style, void* y, void* statistics) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const Sets contents = row_sets(p->examples * p->channels, p->spatial),
                 styles = row_sets(contents.sets, p->style_spatial);
      Forward<T> of_style;
      of_style.kind = Forward<T>::kStyle;
      of_style.count = double(p->style_spatial);
      of_style.epsilon = p->epsilon;
      of_style.step = contents.sets;
      of_style.statistics = out<double>(statistics) + 2 * contents.sets;
      run(device, styles, styles.count(), ForwardPass<T, false>{in<T>(style), nullptr, of_style, {}});
      Forward<T> forward;
      forward.count = double(p->spatial);
      forward.epsilon = p->epsilon;
      forward.statistics = out<double>(statistics);
      forward.step = contents.sets;
      forward.offset = of_style.statistics;
      forward.scale = of_style.statistics + contents.sets;
      run(device, contents, contents.count(), ForwardPass<T, false>{in<T>(content), out<T>(y), forward, {}});
    });
  });
}

gx_status gx_adaptive_instance_norm_backward(gx_device* device, gx_format format,
                                             const gx_adaptive_instance_norm_params* p, const void* content,
                                             const void* style, const void* statistics, const void* dy, void* dcontent,
                                             void* dstyle) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      Gpu& gpu = gpu_of(device);
      Workspace workspace(*device);
      const Sets contents = row_sets(p->examples * p->channels, p->spatial);
      const double *const mean = in<double>(statistics), *const rstd = mean + contents.sets,
                          *const mu = rstd + contents.sets, *const sigma = mu + contents.sets;
      Backward<T> backward;
      backward.mean = mean;
      backward.rstd = rstd;
      backward.scale = sigma;
      backward.count = double(p->spatial);
      backward.sums = workspace.get<double>(2 * contents.sets);
      run(device, contents, contents.count(),
          BackwardPass<T, false>{in<T>(content), in<T>(dy), out<T>(dcontent), contents.sets, backward, {}});
      if (!dstyle) return;
      auto* const maps = workspace.get<Standard<T>>(contents.sets);
      launch(gpu, {blocks_for(gpu, contents.sets, 256), 256}, style_maps<T>, contents.sets, double(p->style_spatial),
             rstd, mu, sigma, backward.sums, maps);
      write_flat(gpu, contents.sets, p->style_spatial, contents.sets, maps,
                 ForwardPass<T, false>{in<T>(style), out<T>(dstyle), {}, {}});
    });
  });
}

}  // namespace gx::cuda
