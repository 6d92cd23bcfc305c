// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// E(v, h) and F(v): products of the family with sums in double around them.

#include <algorithm>

#include "generatrix/gibbs.h"
#include "kernels/gibbs/energy/energy.h"
#include "kernels/gibbs/softplus_sum/softplus_sum.h"
#include "runtime/backend.h"
#include "runtime/threads.h"

namespace gx {
namespace {

// sum_u states[row][u] weight[u]; `weight` is a row of its own per batch row, or one for all.
double dot(const gx_states& s, int64_t row, const float* weight) {
  double sum = 0;
  if (s.format == GX_BITS) {
    const uint32_t* bits = static_cast<const uint32_t*>(s.data) + row * words(s.units);
    for (int64_t w = 0; w < words(s.units); ++w) {
      for (uint32_t word = bits[w]; word != 0; word &= word - 1) sum += weight[w * 32 + __builtin_ctz(word)];
    }
  } else {
    const float* values = static_cast<const float*>(s.data) + row * s.units;
    for (int64_t u = 0; u < s.units; ++u) sum += double(values[u]) * weight[u];
  }
  return sum;
}

constexpr int64_t kRows = 16;  // per work item
int64_t row_items(int64_t rows) { return (rows + kRows - 1) / kRows; }

}  // namespace

void state_dots(Machine& machine, const gx_states& states, const float* weight, double* dots) {
  parallel_for(machine.threads(), row_items(states.rows), [&](int64_t item, int) {
    for (int64_t r = item * kRows; r < std::min(states.rows, (item + 1) * kRows); ++r) dots[r] = dot(states, r, weight);
  });
}

void free_energies(Machine& machine, const gx_states& v, float beta, const float* row_beta, double* free_energy) {
  double* dots = machine.workspace().get<double>(v.rows);
  state_dots(machine, v, machine.visible_bias(), dots);
  LayerSample layer = machine.layer(GX_HIDDEN, v);
  layer.beta = beta;
  layer.row_beta = row_beta;
  softplus_sums(machine, layer, free_energy);
  for (int64_t r = 0; r < v.rows; ++r) free_energy[r] = -(row_beta ? row_beta[r] : beta) * dots[r] - free_energy[r];
}

namespace {

void energies(Machine& machine, const gx_states& v, const gx_states& h, double* energy) {
  LayerSample layer = machine.layer(GX_HIDDEN, v);
  layer.x = machine.workspace().get<float>(v.rows * h.units);
  machine.run(layer);
  double* dots = machine.workspace().get<double>(v.rows);
  state_dots(machine, v, machine.visible_bias(), dots);
  parallel_for(machine.threads(), row_items(v.rows), [&](int64_t item, int) {
    for (int64_t r = item * kRows; r < std::min(v.rows, (item + 1) * kRows); ++r) {
      energy[r] = -dots[r] - dot(h, r, layer.x + r * h.units);
    }
  });
}

}  // namespace
}  // namespace gx

gx_status gx_rbm_energy(gx_device* device, const gx_rbm* rbm, const gx_states* v, const gx_states* h, double* energy) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::rbm(rbm);
    check::states(v, rbm->visible, "v");
    check::states(h, v->rows, rbm->hidden, "h");
    if (v->rows == 0) return;
    check::not_null(energy, "energy");
    if (ran_on_gpu(&Backend::gx_rbm_energy, device, rbm, v, h, energy)) return;
    const int64_t most = rows_at_once(rbm->hidden);
    for (int64_t first = 0; first < v->rows; first += most) {
      const int64_t count = std::min(most, v->rows - first);
      Machine machine(*device, *rbm);
      energies(machine, rows_of(*v, first, count), rows_of(*h, first, count), energy + first);
    }
  });
}

gx_status gx_rbm_free_energy(gx_device* device, const gx_rbm* rbm, const gx_states* v, float beta,
                             const float* row_beta, double* free_energy) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::rbm(rbm);
    check::states(v, rbm->visible, "v");
    check::beta(device, beta, row_beta, v->rows);
    if (v->rows == 0) return;
    check::not_null(free_energy, "free_energy");
    if (ran_on_gpu(&Backend::gx_rbm_free_energy, device, rbm, v, beta, row_beta, free_energy)) return;
    Machine machine(*device, *rbm);
    free_energies(machine, *v, beta, row_beta, free_energy);
  });
}
