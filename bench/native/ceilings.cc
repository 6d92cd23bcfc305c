// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "ceilings.h"

#include <cstdint>
#include <cstring>
#include <vector>

#include "generatrix/core.h"
#include "measure.h"

namespace gx::bench {
namespace {

constexpr int64_t kRounds = 2'000'000;
constexpr int kChains = 10;  // independent sums: latency 4 of two pipes, with room

// kRounds * kChains multiply-adds of `bytes`-wide vectors. The result is used, so that the loop stays.
#define GX_FMA_LOOP(name, target_attribute, bytes)                                          \
  target_attribute float name(float factor) {                                               \
    typedef float vector __attribute__((vector_size(bytes)));                               \
    vector sums[kChains] = {}, a = vector{} + factor, b = vector{} + 0.5f;                  \
    for (int64_t i = 0; i < kRounds; ++i) {                                                 \
      _Pragma("GCC unroll 10") for (int k = 0; k < kChains; ++k) sums[k] = sums[k] * a + b; \
    }                                                                                       \
    for (int k = 1; k < kChains; ++k) sums[0] += sums[k];                                   \
    return sums[0][0];                                                                      \
  }
GX_FMA_LOOP(multiply_add_baseline, , 16)
GX_FMA_LOOP(multiply_add_v3, __attribute__((target("avx2,fma"))), 32)
GX_FMA_LOOP(multiply_add_v4, __attribute__((target("avx512f"))), 64)
#undef GX_FMA_LOOP

double gigaflops(int threads) {
  const gx_isa isa = gx_cpu_isa();
  const auto loop = isa == GX_ISA_V4 ? multiply_add_v4 : isa == GX_ISA_V3 ? multiply_add_v3 : multiply_add_baseline;
  const int lanes = isa == GX_ISA_V4 ? 16 : isa == GX_ISA_V3 ? 8 : 4;
  std::vector<float> results(16 * size_t(threads));  // a cache line each
  const Timing time = measure({9, false}, [&] {
#pragma omp parallel for num_threads(threads) schedule(static)
    for (int t = 0; t < threads; ++t) results[16 * size_t(t)] = loop(0.5f);
  });
  return 2.0 * kRounds * kChains * lanes * threads / (time.median * 1e6);
}

double gigabytes(int threads) {
  constexpr int64_t kBytes = int64_t(256) << 20;
  std::vector<char> from(kBytes, 1), to(kBytes);
  const int64_t share = kBytes / threads;
  const Timing time = measure({9, false}, [&] {
#pragma omp parallel for num_threads(threads) schedule(static)
    for (int t = 0; t < threads; ++t) std::memcpy(to.data() + t * share, from.data() + t * share, size_t(share));
  });
  return 2.0 * double(share) * threads / (time.median * 1e6);
}

}  // namespace

Ceilings measure_ceilings(int threads) { return {gigaflops(threads), gigabytes(threads)}; }

}  // namespace gx::bench
