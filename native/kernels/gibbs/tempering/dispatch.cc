// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Swaps between neighbouring replicas. Each state's free energy is needed at its own temperature and at its partner's:
// two passes.

#include <algorithm>
#include <cmath>

#include "generatrix/gibbs.h"
#include "kernels/gibbs/energy/energy.h"
#include "kernels/gibbs/machine.h"
#include "runtime/backend.h"

namespace gx {
namespace {

int64_t check_tempering(const gx_rbm& rbm, const gx_tempering_params& a) {
  check::at_least(a.replicas, 1, "replicas");
  check::not_null(a.betas, "betas");
  for (int64_t r = 0; r < a.replicas; ++r) check::finite(a.betas[r], "an element of betas");
  check::in_range(a.parity, 0, 1, "parity");
  check::states(a.v, rbm.visible, "v");
  if (a.v->rows % a.replicas != 0) {
    fail(GX_INVALID_ARGUMENT, "the rows of v must be a multiple of the %lld replicas, got %lld", (long long)a.replicas,
         (long long)a.v->rows);
  }
  check::rng(a.rng, 1);
  check::disjoint({check::range(*a.v, "v")},
                  {check::floats(rbm.W, rbm.visible * rbm.hidden, "W"), check::floats(rbm.b, rbm.visible, "b"),
                   check::floats(rbm.c, rbm.hidden, "c"), check::floats(rbm.mu, rbm.visible, "mu"),
                   check::floats(rbm.lambda, rbm.hidden, "lambda"), check::floats(a.betas, a.replicas, "betas")});
  return a.v->rows / a.replicas;
}

void swap_rows(const gx_states& v, int64_t a, int64_t b) {
  const int64_t row = v.format == GX_BITS ? words(v.units) : v.units;
  uint32_t* data = static_cast<uint32_t*>(v.data);
  std::swap_ranges(data + a * row, data + (a + 1) * row, data + b * row);
}

void swap_replicas(Machine& machine, const gx_tempering_params& a, int64_t chains) {
  const int64_t rows = a.v->rows;
  float* own = machine.workspace().get<float>(rows);
  float* partner = machine.workspace().get<float>(rows);
  for (int64_t r = 0; r < a.replicas; ++r) {
    // Replicas parity, parity + 2, .. pair up with the next one; who has no partner keeps its own temperature.
    const int64_t p = (r + a.parity) % 2 == 0 ? r + 1 : r - 1;
    const float beta = p >= 0 && p < a.replicas ? a.betas[p] : a.betas[r];
    std::fill(own + r * chains, own + (r + 1) * chains, a.betas[r]);
    std::fill(partner + r * chains, partner + (r + 1) * chains, beta);
  }
  double* at_own = machine.workspace().get<double>(rows);
  double* at_partner = machine.workspace().get<double>(rows);
  free_energies(machine, *a.v, 1, own, at_own);
  free_energies(machine, *a.v, 1, partner, at_partner);

  const PhiloxStream stream = philox_stream(a.rng.seed, a.rng.step, GX_PURPOSE_SWAP);
  for (int64_t r = a.parity; r + 1 < a.replicas; r += 2) {
    for (int64_t chain = 0; chain < chains; ++chain) {
      const int64_t low = r * chains + chain, high = low + chains;
      const double log_ratio = at_own[low] + at_own[high] - at_partner[low] - at_partner[high];
      if (log_ratio >= 0 || uniform_of_word(philox_word(stream, chain, r)) < std::exp(log_ratio)) {
        swap_rows(*a.v, low, high);
        if (a.accepted) ++a.accepted[r];
      }
    }
  }
}

}  // namespace
}  // namespace gx

gx_status gx_rbm_tempering_swap(gx_device* device, const gx_rbm* rbm, const gx_tempering_params* params) {
  return gx::guarded([&] {
    gx::checked(device);
    gx::check::rbm(rbm);
    gx::check::not_null(params, "params");
    const int64_t chains = gx::check_tempering(*rbm, *params);
    if (params->v->rows == 0) return;
    if (gx::ran_on_gpu(&gx::Backend::gx_rbm_tempering_swap, device, rbm, params)) return;
    gx::Machine machine(*device, *rbm);
    gx::swap_replicas(machine, *params, chains);
  });
}
