// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// out[r] = sum_k t_k (l_k - LSE(l)), dl = dy (t - (sum t) softmax(l)), dt = dy (l - LSE(l)):
// gx_categorical_log_likelihood, _backward (loss.h). Rows of up to 1024 classes take a warp each, longer ones a block.
//
// A row is read once for its LSE: every thread keeps the greatest logit so far and the sum, in double, of e^(l -
// greatest); what is read again for targets and gradients comes from the caches, a warp's row from L1. With labels the
// forward reads no more than the one logit.
// Floor: bytes, logits once; probabilities and each gradient once.
//
// Tried and not kept: keeping a row in registers, which needs a kernel for every length and gains what L1 gives.
//
// Registers by nvcc 13.0, sm_80 / sm_90a: 32 to 60 / 32 to 80; no spills.
//
// Not yet run on a GPU.

#include "kernels/loss/by_rows.h"
#include "kernels/loss/log_sum_exp.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int64_t kRowOfWarp = 1024;

template <class T>
struct Categorical {
  int64_t rows, classes;
  const T* logits;
  const int64_t* labels;   // or null
  const T* probabilities;  // or null
  T* out;
  const T* dy;
  T *dlogits, *dprobabilities;

  __device__ T target(int64_t row, int64_t k) const {
    return labels ? T(labels[row] == k) : probabilities[row * classes + k];
  }
};

template <class Of, int N, class T>
__device__ inline double log_sum_exp(const T* l, int64_t classes) {
  LogSumExp<T, double> all;
#pragma unroll 2
  for (int64_t k = Of::rank() * N; k < classes; k += Of::kSize * N) {
    const auto given = load<N>(l + k);
#pragma unroll
    for (int j = 0; j < N; ++j) all.add(given.v[j]);
  }
  all.merge(Of::most(all.most));
  all.sum = Of::sum(all.sum);
  return all.most == T(-INFINITY) ? NAN : double(all.most) + log(all.sum);  // of nothing but -inf: as the CPU, NaN
}

template <bool kBlock, int N, class T>
__global__ void __launch_bounds__(kThreads) forward(Categorical<T> a) {
  using Of = Team<kBlock>;
  constexpr int kTeams = kThreads / Of::kSize;
  for (int64_t row = int64_t(blockIdx.x) * kTeams + threadIdx.x / Of::kSize; row < a.rows;
       row += int64_t(gridDim.x) * kTeams) {
    const T* const l = a.logits + row * a.classes;
    const double lse = log_sum_exp<Of, N>(l, a.classes);
    double sum = 0;
    if (a.labels) {
      sum = double(l[a.labels[row]]) - lse;
    } else {
      for (int64_t k = Of::rank() * N; k < a.classes; k += Of::kSize * N) {
        const auto t = load<N>(a.probabilities + row * a.classes + k);
        const auto given = load<N>(l + k);
#pragma unroll
        for (int j = 0; j < N; ++j) {
          if (t.v[j] != T(0)) sum += double(t.v[j]) * (double(given.v[j]) - lse);
        }
      }
      sum = Of::sum(sum);
    }
    if (Of::rank() == 0) a.out[row] = T(isnan(lse) ? lse : sum);
  }
}

template <bool kBlock, int N, class T>
__global__ void __launch_bounds__(kThreads) backward(Categorical<T> a) {
  using Of = Team<kBlock>;
  constexpr int kTeams = kThreads / Of::kSize;
  for (int64_t row = int64_t(blockIdx.x) * kTeams + threadIdx.x / Of::kSize; row < a.rows;
       row += int64_t(gridDim.x) * kTeams) {
    const int64_t first = row * a.classes;
    const double lse = log_sum_exp<Of, N>(a.logits + first, a.classes);
    const T dy = a.dy[row];
    double total = 1;
    if (!a.labels) {
      total = 0;
      for (int64_t k = Of::rank() * N; k < a.classes; k += Of::kSize * N) {
        const auto t = load<N>(a.probabilities + first + k);
#pragma unroll
        for (int j = 0; j < N; ++j) total += double(t.v[j]);
      }
      total = Of::sum(total);
    }
    for (int64_t k = Of::rank() * N; k < a.classes; k += Of::kSize * N) {
      const auto given = load<N>(a.logits + first + k);
      Pack<T, N> by_logit, by_probability;
#pragma unroll
      for (int j = 0; j < N; ++j) {
        const T log_p = T(double(given.v[j]) - lse);
        by_logit.v[j] = dy * (a.target(row, k + j) - T(total) * exp(log_p));
        by_probability.v[j] = dy * log_p;
      }
      if (a.dlogits) store(a.dlogits + first + k, by_logit);
      if (a.dprobabilities) store(a.dprobabilities + first + k, by_probability);
    }
  }
}

template <int N, class T>
void run(Gpu& gpu, const Categorical<T>& a) {
  const bool block = a.classes > kRowOfWarp;
  const unsigned blocks = blocks_for(gpu, a.rows, block ? 1 : kThreads / kWarp);
  if (a.out) {
    launch(gpu, {blocks, kThreads}, block ? forward<true, N, T> : forward<false, N, T>, a);
  } else {
    launch(gpu, {blocks, kThreads}, block ? backward<true, N, T> : backward<false, N, T>, a);
  }
}

template <class T>
void run(gx_device* device, Categorical<T> a) {
  Workspace workspace(*device);
  Gpu& gpu = gpu_of(device);
  if (a.labels) a.labels = upload(gpu, workspace, a.labels, a.rows);
  if (packs_fit<T>(a.classes, a.logits, a.probabilities, a.dlogits, a.dprobabilities)) {
    run<kPack<T>>(gpu, a);
  } else {
    run<1>(gpu, a);
  }
}

}  // namespace

gx_status gx_categorical_log_likelihood(gx_device* device, gx_format format, int64_t rows, int64_t classes,
                                        const void* logits, const int64_t* labels, const void* probabilities,
                                        void* out) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      Categorical<T> a = {};
      a.rows = rows, a.classes = classes, a.labels = labels;
      a.logits = static_cast<const T*>(logits), a.probabilities = static_cast<const T*>(probabilities);
      a.out = static_cast<T*>(out);
      if (rows > 0) run(device, a);
    });
  });
}

gx_status gx_categorical_log_likelihood_backward(gx_device* device, gx_format format, int64_t rows, int64_t classes,
                                                 const void* logits, const int64_t* labels, const void* probabilities,
                                                 const void* dy, void* dlogits, void* dprobabilities) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      Categorical<T> a = {};
      a.rows = rows, a.classes = classes, a.labels = labels;
      a.logits = static_cast<const T*>(logits), a.probabilities = static_cast<const T*>(probabilities);
      a.dy = static_cast<const T*>(dy);
      a.dlogits = static_cast<T*>(dlogits), a.dprobabilities = static_cast<T*>(dprobabilities);
      if (rows > 0) run(device, a);
    });
  });
}

}  // namespace gx::cuda
