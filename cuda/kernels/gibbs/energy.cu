// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_rbm_energy, gx_rbm_free_energy (gibbs.h): the fields x = c' + v W by the fused product, then a warp per row,
//
//   E(v, h) = -b'.v - h.x,      F_beta(v) = -beta b'.v - sum_j softplus(beta x_j)
//
// each lane a fixed share of the units in double, lanes in pairs. Traffic beside the product's: x written and read,
// 8 bytes a row and hidden unit; the results go back to host memory. At most 256 MiB of fields at a time.
//
// nvcc 13.0, registers on sm_80 and sm_90a: 32. No spills, no stack.
//
// Not yet run on a GPU.

#include "kernels/gibbs/energy.h"
#include "runtime/entries.h"
#include "runtime/reduce.h"

namespace gx::cuda {
namespace gibbs {
namespace {

constexpr int kRows = 8;  // of a block: a warp each

__device__ inline double dot(const StateView& s, int64_t row, const float* weight) {
  const int lane = int(threadIdx.x) % kWarp;
  double sum = 0;
#pragma unroll 4
  for (int64_t u = lane; u < s.units; u += kWarp) sum += double(s.at(row, u)) * weight[u];
  return warp_sum(sum);
}

__global__ void __launch_bounds__(kRows* kWarp)
    dot_rows(StateView states, int64_t rows, const float* weight, double* dots) {
  const int64_t row = int64_t(blockIdx.x) * kRows + int(threadIdx.x) / kWarp;
  if (row >= rows) return;  // with the whole warp
  const double sum = dot(states, row, weight);
  if (threadIdx.x % kWarp == 0) dots[row] = sum;
}

__global__ void __launch_bounds__(kRows* kWarp)
    energy_rows(StateView v, StateView h, int64_t rows, const float* b, const float* x, double* energy) {
  const int64_t row = int64_t(blockIdx.x) * kRows + int(threadIdx.x) / kWarp;
  if (row >= rows) return;
  const double visible = dot(v, row, b), hidden = dot(h, row, x + row * h.units);
  if (threadIdx.x % kWarp == 0) energy[row] = -visible - hidden;
}

__global__ void __launch_bounds__(kRows* kWarp)
    free_energy_rows(StateView v, int64_t rows, const float* b, const float* x, int64_t hidden, float beta,
                     const float* row_beta, double* free_energy) {
  const int64_t row = int64_t(blockIdx.x) * kRows + int(threadIdx.x) / kWarp;
  if (row >= rows) return;
  const int lane = int(threadIdx.x) % kWarp;
  const float factor = row_beta ? row_beta[row] : beta;
  const double visible = dot(v, row, b);
  double sum = 0;
#pragma unroll 4
  for (int64_t j = lane; j < hidden; j += kWarp) sum += softplus(factor * x[row * hidden + j]);
  sum = warp_sum(sum);
  if (lane == 0) free_energy[row] = -double(factor) * visible - sum;
}

unsigned blocks_of(int64_t rows) { return unsigned((rows + kRows - 1) / kRows); }

}  // namespace

void state_dots(Gpu& gpu, const gx_states& states, const float* weight, double* dots) {
  launch(gpu, {blocks_of(states.rows), kRows * kWarp}, dot_rows, view_of(states), states.rows, weight, dots);
}

float* fields(Machine& machine, const gx_states& v) {
  Finish out = machine.finish(GX_HIDDEN, v.rows);
  out.x = machine.workspace().get<float>(v.rows * out.units);
  machine.run(GX_HIDDEN, v, out);
  return out.x;
}

void free_energies(Machine& machine, const gx_states& v, const float* x, float beta, const float* row_beta,
                   double* free_energy) {
  launch(machine.gpu(), {blocks_of(v.rows), kRows * kWarp}, free_energy_rows, view_of(v), v.rows,
         machine.visible_bias(), x, machine.rbm().hidden, beta, row_beta, free_energy);
}

}  // namespace gibbs

gx_status gx_rbm_energy(gx_device* device, const gx_rbm* rbm, const gx_states* v, const gx_states* h, double* energy) {
  return guarded([&] {
    using namespace gibbs;
    const int64_t most = rows_at_once(rbm->hidden);
    for (int64_t first = 0; first < v->rows; first += most) {
      const int64_t count = std::min(most, v->rows - first);
      Machine machine(device, *rbm);
      const gx_states v_rows = rows_of(*v, first, count), h_rows = rows_of(*h, first, count);
      const float* x = fields(machine, v_rows);
      double* result = machine.workspace().get<double>(count);
      launch(machine.gpu(), {blocks_of(count), kRows * kWarp}, energy_rows, view_of(v_rows), view_of(h_rows), count,
             machine.visible_bias(), x, result);
      copy(machine.gpu(), energy + first, result, count * int64_t(sizeof(double)));
    }
  });
}

gx_status gx_rbm_free_energy(gx_device* device, const gx_rbm* rbm, const gx_states* v, float beta,
                             const float* row_beta, double* free_energy) {
  return guarded([&] {
    using namespace gibbs;
    const int64_t most = rows_at_once(rbm->hidden);
    for (int64_t first = 0; first < v->rows; first += most) {
      const int64_t count = std::min(most, v->rows - first);
      Machine machine(device, *rbm);
      const gx_states rows = rows_of(*v, first, count);
      const float* x = fields(machine, rows);
      double* result = machine.workspace().get<double>(count);
      free_energies(machine, rows, x, beta, row_beta ? row_beta + first : nullptr, result);
      copy(machine.gpu(), free_energy + first, result, count * int64_t(sizeof(double)));
    }
  });
}

}  // namespace gx::cuda
