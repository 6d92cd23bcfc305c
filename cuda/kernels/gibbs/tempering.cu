// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_rbm_tempering_swap (gibbs.h): the fields of all states once, their free energies at their own temperature and at
// their partner's, and a block per pair of neighbouring replicas and chain, which decides and moves two rows. The
// numbers of swaps are added by an integer atomic: their order does not show.
//
// Traffic beside the product's: the fields written once and read twice, two rows of states a pair read and written.
//
// nvcc 13.0, registers on sm_80 and sm_90a: swap_pairs 32 and 16 bytes of stack (a word chosen by its number), no
// spills.
//
// Not yet run on a GPU.

#include <vector>

#include "kernels/gibbs/energy.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace gibbs {
namespace {

constexpr int kThreads = 64;

// Replicas parity, parity + 2, .. pair up with the next one; who has no partner keeps its own temperature.
__global__ void __launch_bounds__(256)
    fill_betas(const float* betas, int64_t replicas, int64_t chains, int parity, float* own, float* partner) {
  const int64_t row = int64_t(blockIdx.x) * 256 + threadIdx.x;
  if (row >= replicas * chains) return;
  const int64_t r = row / chains, p = (r + parity) % 2 == 0 ? r + 1 : r - 1;
  own[row] = betas[r];
  partner[row] = betas[p >= 0 && p < replicas ? p : r];
}

__global__ void __launch_bounds__(kThreads)
    swap_pairs(int64_t chains, int parity, PhiloxStream stream, const double* at_own, const double* at_partner,
               uint32_t* v, int64_t row_words, unsigned long long* accepted) {
  const int64_t r = parity + 2 * (int64_t(blockIdx.x) / chains), chain = int64_t(blockIdx.x) % chains;
  const int64_t low = r * chains + chain, high = low + chains;
  const double log_ratio = at_own[low] + at_own[high] - at_partner[low] - at_partner[high];
  // Every thread comes to the same answer.
  if (!(log_ratio >= 0 || double(uniform_of_word(philox_word(stream, chain, r))) < exp(log_ratio))) return;
  for (int64_t i = threadIdx.x; i < row_words; i += kThreads) {
    const uint32_t word = v[low * row_words + i];
    v[low * row_words + i] = v[high * row_words + i];
    v[high * row_words + i] = word;
  }
  if (threadIdx.x == 0) atomicAdd(accepted + r, 1ull);
}

}  // namespace
}  // namespace gibbs

gx_status gx_rbm_tempering_swap(gx_device* device, const gx_rbm* rbm, const gx_tempering_params* params) {
  return guarded([&] {
    using namespace gibbs;
    const gx_tempering_params& a = *params;
    const gx_states& v = *a.v;
    const int64_t chains = v.rows / a.replicas;
    Machine machine(device, *rbm);
    Gpu& gpu = machine.gpu();
    Workspace& workspace = machine.workspace();
    const float* betas = upload(gpu, workspace, a.betas, a.replicas);
    float* own = workspace.get<float>(v.rows);
    float* partner = workspace.get<float>(v.rows);
    launch(gpu, {unsigned((v.rows + 255) / 256), 256}, fill_betas, betas, a.replicas, chains, a.parity, own, partner);

    double* at_own = workspace.get<double>(v.rows);
    double* at_partner = workspace.get<double>(v.rows);
    const int64_t most = rows_at_once(rbm->hidden);
    for (int64_t first = 0; first < v.rows; first += most) {
      const int64_t count = std::min(most, v.rows - first);
      Machine part(device, *rbm);
      const gx_states rows = rows_of(v, first, count);
      const float* x = fields(part, rows);
      free_energies(part, rows, x, 1, own + first, at_own + first);
      free_energies(part, rows, x, 1, partner + first, at_partner + first);
    }

    const int64_t pairs = (a.replicas - a.parity) / 2;
    auto* accepted = workspace.get<unsigned long long>(a.replicas);
    gpu.zero(accepted, a.replicas * 8);
    launch(gpu, {unsigned(pairs * chains), kThreads}, swap_pairs, chains, a.parity,
           philox_stream(a.rng.seed, a.rng.step, GX_PURPOSE_SWAP), at_own, at_partner, static_cast<uint32_t*>(v.data),
           v.format == GX_BITS ? words(v.units) : v.units, accepted);
    if (!a.accepted || a.replicas < 2) return;
    std::vector<unsigned long long> counts(size_t(a.replicas - 1));
    copy(gpu, counts.data(), accepted, int64_t(counts.size()) * 8);
    for (size_t r = 0; r < counts.size(); ++r) a.accepted[r] += int64_t(counts[r]);
  });
}

}  // namespace gx::cuda
