// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// W times a vector, in either direction, in double: effective biases and the shifts that follow moving offsets.
//
//   along rows:     to(i, sum_j W[i][j] weight[j])   a warp per row, 128 bytes an access
//   along columns:  to(j, sum_i W[i][j] weight[i])   a block per 32 columns, 32 rows at a time
//
// W is read once, from the second cache as a rule. Lanes and rows are added up in a fixed order.
#ifndef GENERATRIX_CUDA_KERNELS_GIBBS_WEIGH_H_
#define GENERATRIX_CUDA_KERNELS_GIBBS_WEIGH_H_

#include "runtime/reduce.h"

namespace gx::cuda::gibbs {

namespace detail {

constexpr int kRowWarps = 8;

template <class To>
__global__ void __launch_bounds__(kRowWarps* kWarp)
    weigh_rows(const float* W, const float* weight, int64_t visible, int64_t hidden, To to) {
  const int lane = int(threadIdx.x) % kWarp;
  const int64_t i = int64_t(blockIdx.x) * kRowWarps + int(threadIdx.x) / kWarp;
  if (i >= visible) return;  // with the whole warp
  double sum = 0;
#pragma unroll 4
  for (int64_t j = lane; j < hidden; j += kWarp) sum += double(W[i * hidden + j]) * weight[j];
  sum = warp_sum(sum);
  if (lane == 0) to(i, sum);
}

template <class To>
__global__ void __launch_bounds__(kWarp* kWarp)
    weigh_columns(const float* W, const float* weight, int64_t visible, int64_t hidden, To to) {
  GX_SHARED(double, sums, kWarp*(kWarp + 1));
  const int x = int(threadIdx.x), y = int(threadIdx.y);
  const int64_t j = int64_t(blockIdx.x) * kWarp + x;
  double sum = 0;
  if (j < hidden) {
#pragma unroll 4
    for (int64_t i = y; i < visible; i += kWarp) sum += double(W[i * hidden + j]) * weight[i];
  }
  sums[y * (kWarp + 1) + x] = sum;
  __syncthreads();
  sum = warp_sum(sums[x * (kWarp + 1) + y]);  // warp y: column y's rows
  const int64_t column = int64_t(blockIdx.x) * kWarp + y;
  if (x == 0 && column < hidden) to(column, sum);
}

}  // namespace detail

// `to` is a functor of (unit, sum) on the GPU.
template <class To>
void weigh_rows(Gpu& gpu, const float* W, const float* weight, int64_t visible, int64_t hidden, To to) {
  launch(gpu, {unsigned((visible + detail::kRowWarps - 1) / detail::kRowWarps), detail::kRowWarps * kWarp},
         detail::weigh_rows<To>, W, weight, visible, hidden, to);
}
template <class To>
void weigh_columns(Gpu& gpu, const float* W, const float* weight, int64_t visible, int64_t hidden, To to) {
  launch(gpu, {unsigned((hidden + kWarp - 1) / kWarp), dim3(kWarp, kWarp)}, detail::weigh_columns<To>, W, weight,
         visible, hidden, to);
}

// bias - sum, as a float or a double.
template <class T>
struct Effective {
  const float* bias;
  T* to;
  __device__ void operator()(int64_t unit, double sum) const { to[unit] = T(double(bias[unit]) - sum); }
};

}  // namespace gx::cuda::gibbs

#endif  // GENERATRIX_CUDA_KERNELS_GIBBS_WEIGH_H_
