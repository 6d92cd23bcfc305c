// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Batch norm and batch renormalisation: gx_batch_norm, gx_batch_norm_backward, gx_batch_norm_evaluate,
// gx_batch_norm_evaluate_backward, gx_batch_renorm, gx_batch_renorm_backward (norm.h). [examples][channels][spatial], a
// set per channel; sets.h says how its elements are gone over and what that costs: 8 bytes an element forward and in
// evaluation, 12 backward.
//
// Not yet run on a GPU.

#include "kernels/norm/passes.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

using namespace norm;

Sets sets_of(const gx_batch_norm_params& p) { return channel_sets(p.examples, p.channels, p.spatial); }

template <class T>
Factors<T> factors_of(const gx_batch_norm_params& p, const void* gamma, const void* beta) {
  Factors<T> f;
  f.gamma = in<T>(gamma);
  f.beta = in<T>(beta);
  f.relu = p.activation == GX_NORM_RELU;
  f.groups = p.channels;
  return f;
}

// Of running statistics: the map of a channel, and mean and rstd in double; either may be NULL.
template <class T>
__global__ void constants(int64_t channels, double epsilon, const T* mean, const T* var, Standard<T>* map,
                          double* mean_and_rstd) {
  for (int64_t c = grid_place(); c < channels; c += grid_size()) {
    const double m = double(mean[c]), r = rstd_of(double(var[c]), epsilon);
    if (map) map[c] = Standard<T>(m, r, 0);
    if (mean_and_rstd) mean_and_rstd[c] = m, mean_and_rstd[channels + c] = r;
  }
}

template <class T>
void evaluate(gx_device* device, const gx_batch_norm_params& p, const void* x, const void* gamma, const void* beta,
              const void* mean, const void* var, void* y) {
  Gpu& gpu = gpu_of(device);
  Workspace workspace(*device);
  Standard<T>* const maps = workspace.get<Standard<T>>(p.channels);
  launch(gpu, {blocks_for(gpu, p.channels, 256), 256}, constants<T>, p.channels, p.epsilon, in<T>(mean), in<T>(var),
         maps, nullptr);
  const ForwardPass<T, false> pass = {in<T>(x), out<T>(y), {}, factors_of<T>(p, gamma, beta)};
  write_flat(gpu, p.examples * p.channels, p.spatial, p.channels, maps, pass);
}

template <class T>
void pull_back(gx_device* device, const gx_batch_norm_params& p, const Backward<T>& backward, const void* x,
               const void* gamma, const void* beta, const void* dy, void* dx) {
  const BackwardPass<T, false> pass = {in<T>(x),   in<T>(dy), out<T>(dx),
                                       p.channels, backward,  factors_of<T>(p, gamma, beta)};
  const Sets sets = sets_of(p);
  run(device, sets, sets.count(), pass);
}

}  // namespace

gx_status gx_batch_norm(gx_device* device, gx_format format, const gx_batch_norm_params* p, const void* x,
                        const void* gamma, const void* beta, void* running_mean, void* running_var, void* y,
                        void* statistics) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      Forward<T> forward;
      forward.count = double(p->examples * p->spatial);
      forward.epsilon = p->epsilon;
      forward.momentum = p->momentum;
      forward.statistics = out<double>(statistics);
      forward.step = p->channels;
      forward.running_mean = out<T>(running_mean);
      forward.running_var = out<T>(running_var);
      const ForwardPass<T, false> pass = {in<T>(x), out<T>(y), forward, factors_of<T>(*p, gamma, beta)};
      const Sets sets = sets_of(*p);
      run(device, sets, sets.count(), pass);
    });
  });
}

gx_status gx_batch_norm_backward(gx_device* device, gx_format format, const gx_batch_norm_params* p, const void* x,
                                 const void* gamma, const void* beta, const void* statistics, const void* dy, void* dx,
                                 void* dgamma, void* dbeta) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      Backward<T> backward;
      backward.mean = in<double>(statistics);
      backward.rstd = backward.mean + p->channels;
      backward.count = double(p->examples * p->spatial);
      backward.dgamma = out<T>(dgamma);
      backward.dbeta = out<T>(dbeta);
      pull_back(device, *p, backward, x, gamma, beta, dy, dx);
    });
  });
}

gx_status gx_batch_norm_evaluate(gx_device* device, gx_format format, const gx_batch_norm_params* p, const void* x,
                                 const void* gamma, const void* beta, const void* running_mean, const void* running_var,
                                 void* y) {
  return guarded([&] {
    with_real(format,
              [&](auto zero) { evaluate<decltype(zero)>(device, *p, x, gamma, beta, running_mean, running_var, y); });
  });
}

gx_status gx_batch_norm_evaluate_backward(gx_device* device, gx_format format, const gx_batch_norm_params* p,
                                          const void* x, const void* gamma, const void* beta, const void* running_mean,
                                          const void* running_var, const void* dy, void* dx, void* dgamma,
                                          void* dbeta) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      Gpu& gpu = gpu_of(device);
      if (p->examples * p->spatial == 0) {  // of nothing, gradients are 0
        for (void* gradient : {dgamma, dbeta}) {
          if (gradient && p->channels > 0) gpu.zero(gradient, p->channels * int64_t(sizeof(T)));
        }
        return;
      }
      if (p->channels == 0) return;
      Workspace workspace(*device);
      double* const statistics = workspace.get<double>(2 * p->channels);
      launch(gpu, {blocks_for(gpu, p->channels, 256), 256}, constants<T>, p->channels, p->epsilon, in<T>(running_mean),
             in<T>(running_var), nullptr, statistics);
      Backward<T> backward;
      backward.kind = Backward<T>::kConstant;
      backward.mean = statistics;
      backward.rstd = statistics + p->channels;
      backward.dgamma = out<T>(dgamma);
      backward.dbeta = out<T>(dbeta);
      pull_back(device, *p, backward, x, gamma, beta, dy, dx);
    });
  });
}

gx_status gx_batch_renorm(gx_device* device, gx_format format, const gx_batch_renorm_params* p, const void* x,
                          const void* gamma, const void* beta, void* running_mean, void* running_var, void* y,
                          void* statistics) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      Forward<T> forward;
      forward.kind = Forward<T>::kRenorm;
      forward.count = double(p->examples * p->spatial);
      forward.epsilon = p->epsilon;
      forward.momentum = p->momentum;
      forward.r_max = p->r_max;
      forward.d_max = p->d_max;
      forward.statistics = out<double>(statistics);
      forward.step = p->channels;
      forward.running_mean = out<T>(running_mean);
      forward.running_var = out<T>(running_var);
      Factors<T> factors;
      factors.gamma = in<T>(gamma);
      factors.beta = in<T>(beta);
      factors.groups = p->channels;
      const Sets sets = channel_sets(p->examples, p->channels, p->spatial);
      run(device, sets, sets.count(), ForwardPass<T, false>{in<T>(x), out<T>(y), forward, factors});
    });
  });
}

gx_status gx_batch_renorm_backward(gx_device* device, gx_format format, const gx_batch_renorm_params* p, const void* x,
                                   const void* gamma, const void* statistics, const void* dy, void* dx, void* dgamma,
                                   void* dbeta) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      Backward<T> backward;
      backward.mean = in<double>(statistics);
      backward.rstd = backward.mean + p->channels;
      backward.scale = backward.rstd + p->channels;
      backward.moved = backward.scale + p->channels;
      backward.count = double(p->examples * p->spatial);
      backward.dgamma = out<T>(dgamma);
      backward.dbeta = out<T>(dbeta);
      Factors<T> factors;
      factors.gamma = in<T>(gamma);
      factors.groups = p->channels;
      const Sets sets = channel_sets(p->examples, p->channels, p->spatial);
      run(device, sets, sets.count(),
          BackwardPass<T, false>{in<T>(x), in<T>(dy), out<T>(dx), p->channels, backward, factors});
    });
  });
}

}  // namespace gx::cuda
