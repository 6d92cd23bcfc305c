// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>
#include <vector>

#include "generatrix/gibbs.h"
#include "kernels/gibbs/log_partition/log_partition.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/threads.h"

namespace gx {
namespace check {
void rbm(const gx_rbm* rbm);  // machine.cc
}

#define GX_KERNEL(family, op, variant, isa)        \
  namespace isa {                                  \
  double op##_##variant(const LogPartitionBlock&); \
  }
#include "kernels/gibbs/log_partition/kernels.inc"
#undef GX_KERNEL

namespace {

const LogPartitionVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/gibbs/log_partition/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kMostUnits = 25;
constexpr int kBlockBits = 10;

double log_partition(gx_device& device, const gx_rbm& rbm) {
  const bool hidden_small = rbm.hidden <= rbm.visible;
  LogPartitionBlock block = {};
  block.small = hidden_small ? rbm.hidden : rbm.visible;
  block.large = hidden_small ? rbm.visible : rbm.hidden;
  block.stride = (block.large + 7) / 8 * 8;
  block.block_bits = int(std::min<int64_t>(kBlockBits, block.small));

  const int threads = device.threads;
  Workspace workspace(device);
  double* W = workspace.get<double>(block.small * block.stride);
  double* small_bias = workspace.get<double>(block.small);
  double* large_bias = workspace.get<double>(block.stride);
  double* x = workspace.get<double>(threads * block.stride);
  std::fill(W, W + block.small * block.stride, 0.0);
  std::fill(large_bias, large_bias + block.stride, -1e300);
  // b' = b - W lambda and c' = c - W^T mu, in double.
  double* b = hidden_small ? large_bias : small_bias;
  double* c = hidden_small ? small_bias : large_bias;
  std::copy(rbm.b, rbm.b + rbm.visible, b);
  std::copy(rbm.c, rbm.c + rbm.hidden, c);
  for (int64_t i = 0; i < rbm.visible; ++i) {
    for (int64_t j = 0; j < rbm.hidden; ++j) {
      const double w = rbm.W[i * rbm.hidden + j];
      (hidden_small ? W[j * block.stride + i] : W[i * block.stride + j]) = w;
      if (rbm.lambda) b[i] -= w * rbm.lambda[j];
      if (rbm.mu) c[j] -= w * rbm.mu[i];
    }
  }
  block.W = W;
  block.small_bias = small_bias;
  block.large_bias = large_bias;

  const int64_t blocks = int64_t(1) << (block.small - block.block_bits);
  std::vector<double> logs(static_cast<size_t>(blocks));
  const LogPartitionKernel run = first_usable(kVariants).run;
  parallel_for(threads, blocks, [&](int64_t i, int t) {
    LogPartitionBlock mine = block;
    mine.first = uint64_t(i) << block.block_bits;
    mine.x = x + t * block.stride;
    logs[size_t(i)] = run(mine);
  });
  const double largest = *std::max_element(logs.begin(), logs.end());
  double scaled = 0;
  for (const double l : logs) scaled += std::exp(l - largest);
  return largest + std::log(scaled);
}

}  // namespace

const LogPartitionVariant* log_partition_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_rbm_log_partition(gx_device* device, const gx_rbm* rbm, double* log_z) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::rbm(rbm);
    check::not_null(log_z, "log_z");
    if (const int64_t small = std::min(rbm->visible, rbm->hidden); small > kMostUnits) {
      fail(GX_UNSUPPORTED, "exact log Z enumerates the smaller layer and takes at most %lld units there, got %lld",
           (long long)kMostUnits, (long long)small);
    }
    if (ran_on_gpu(&Backend::gx_rbm_log_partition, device, rbm, log_z)) return;
    *log_z = log_partition(*device, *rbm);
  });
}
