// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_rbm_log_pseudo_likelihood (gibbs.h):
//
//   log PL(v) = - sum_i softplus(s b'_i + sum_j [softplus(x_j + s W_ij) - softplus(x_j)]),   s = 1 - 2 v_i,   x = c' +
//   v W
//
// The fields by the fused product; softplus(x) once; then a warp for every (row, visible unit), lanes along the hidden
// units, differences added in double; a warp per row adds the units up. visible hidden rows exponentials and
// logarithms bound it (784 x 500, 1000 rows: 392 million, about 1 ms); W, x and softplus(x) come from the caches.
// At most 256 MiB of fields and terms at a time.
//
// nvcc 13.0, registers on sm_80 and sm_90a: 32 at most. No spills, no stack.
//
// Not yet run on a GPU.

#include "kernels/gibbs/energy.h"
#include "runtime/entries.h"
#include "runtime/map.h"
#include "runtime/reduce.h"

namespace gx::cuda {
namespace gibbs {
namespace {

constexpr int kWarps = 8;

struct Softplus {
  __device__ float operator()(float x) const { return softplus(x); }
};

// terms[row][i]
__global__ void __launch_bounds__(kWarps* kWarp)
    flips(StateView v, int64_t rows, const float* W, int64_t hidden, const float* b, const float* x,
          const float* softplus_x, double* terms) {
  const int lane = int(threadIdx.x) % kWarp;
  const int64_t item = int64_t(blockIdx.x) * kWarps + int(threadIdx.x) / kWarp;
  if (item >= rows * v.units) return;  // with the whole warp
  const int64_t row = item / v.units, i = item % v.units;
  const float s = v.at(row, i) != 0.0f ? -1.0f : 1.0f;
  double change = 0;
#pragma unroll 4
  for (int64_t j = lane; j < hidden; j += kWarp) {
    change += softplus(x[row * hidden + j] + s * W[i * hidden + j]) - softplus_x[row * hidden + j];
  }
  change = warp_sum(change);
  if (lane != 0) return;
  const double gain = double(s) * b[i] + change;
  terms[item] = (gain > 0 ? gain : 0) + log1p(exp(gain > 0 ? -gain : gain));
}

__global__ void __launch_bounds__(kWarps* kWarp)
    add_terms(int64_t rows, int64_t units, const double* terms, double* log_pl) {
  const int lane = int(threadIdx.x) % kWarp;
  const int64_t row = int64_t(blockIdx.x) * kWarps + int(threadIdx.x) / kWarp;
  if (row >= rows) return;
  double sum = 0;
  for (int64_t i = lane; i < units; i += kWarp) sum += terms[row * units + i];
  sum = warp_sum(sum);
  if (lane == 0) log_pl[row] = -sum;
}

}  // namespace
}  // namespace gibbs

gx_status gx_rbm_log_pseudo_likelihood(gx_device* device, const gx_rbm* rbm, const gx_states* v, double* log_pl) {
  return guarded([&] {
    using namespace gibbs;
    const int64_t most = rows_at_once(std::max(rbm->hidden, 2 * rbm->visible));
    for (int64_t first = 0; first < v->rows; first += most) {
      const int64_t count = std::min(most, v->rows - first);
      Machine machine(device, *rbm);
      const gx_states rows = rows_of(*v, first, count);
      const float* x = fields(machine, rows);
      float* softplus_x = machine.workspace().get<float>(count * rbm->hidden);
      map(machine.gpu(), count * rbm->hidden, Softplus(), softplus_x, x);
      double* terms = machine.workspace().get<double>(count * rbm->visible);
      launch(machine.gpu(), {unsigned((count * rbm->visible + kWarps - 1) / kWarps), kWarps * kWarp}, flips,
             view_of(rows), count, rbm->W, rbm->hidden, machine.visible_bias(), x, softplus_x, terms);
      double* result = machine.workspace().get<double>(count);
      launch(machine.gpu(), {unsigned((count + kWarps - 1) / kWarps), kWarps * kWarp}, add_terms, count, rbm->visible,
             terms, result);
      copy(machine.gpu(), log_pl + first, result, count * int64_t(sizeof(double)));
    }
  });
}

}  // namespace gx::cuda
