// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_random_gamma (random.h): Marsaglia and Tsang's rejection in double, with the CPU's bits (kernels/random/draws.h).
//
// A thread takes one counter and its four units, 16 apart, through the rounds together, since they share Philox's work;
// a round is computed for those that still wait. Nineteen of twenty are through after the first, so that a warp, whose
// threads go on together, takes two or three.
//
// Floor: 4 or 8 bytes written an element, as many read with shapes; arithmetic takes far longer: Philox three quarters
// a round, and some 120 operations in double.
//
// nvcc 13.0, sm_80 / sm_90a: 98 registers; no spills.
//
// Not yet run on a GPU.

#include "kernels/random/blocks.h"
#include "kernels/random/draws.h"
#include "kernels/random/gamma/gamma.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

// The words of one counter for one purpose.
struct Counter {
  gx_rng rng;
  uint32_t index, row;
  __device__ void words(uint32_t purpose, uint32_t (&out)[4]) const {
    const PhiloxStream s = philox_stream(rng.seed, rng.step, purpose);
    philox(index, row, s.c2, s.c3, s.k0, s.k1, out);
  }
};

// One round: whether the draw is accepted, and its value.
__device__ inline bool accepted(double d, uint32_t radius, uint32_t angle, uint32_t uniform, double* value) {
  const double c = 1.0 / sqrt(9.0 * d);
  const double x = draws::standard_normal(radius, angle);
  const double root = 1.0 + c * x, v = root * root * root;
  *value = d * v;
  return v > 0 &&
         draws::natural_log(draws::open_uniform(uniform)) < 0.5 * x * x + d - d * v + d * draws::natural_log(v);
}

template <class T>
__global__ void __launch_bounds__(256)
    gamma_draws(gx_rng rng, double shape, const T* shapes, int64_t rows, int64_t units, T* out) {
  const int64_t counters = (units + kUnitsPerBlock - 1) / kUnitsPerBlock * kCountersPerBlock;
  for (int64_t at = grid_place(); at < rows * counters; at += grid_size()) {
    const Split place = split(at, counters);
    const Counter counter = {rng, uint32_t(place.rest), uint32_t(place.quotient)};
    const int64_t first = place.rest / kCountersPerBlock * kUnitsPerBlock + place.rest % kCountersPerBlock;
    const int64_t to = place.quotient * units + first;
    double a[4], d[4], value[4];
    unsigned waiting = 0;
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      const bool there = first + kCountersPerBlock * j < units;
      a[j] = !shapes ? shape : there ? double(shapes[to + kCountersPerBlock * j]) : 1.0;
      const bool good = a[j] > 0 && a[j] < double(INFINITY);
      d[j] = good ? (a[j] < 1 ? a[j] + 1 : a[j]) - 1.0 / 3 : double(NAN);
      value[j] = d[j];
      if (good && there) waiting |= 1u << j;
    }
    for (uint32_t round = 0; waiting && round < kGammaRounds; ++round) {
      const uint32_t purpose = GX_PURPOSE_GAMMA + 3 * round;
      uint32_t radius[4], angle[4], uniform[4];
      counter.words(purpose, radius);
      counter.words(purpose + 1, angle);
      counter.words(purpose + 2, uniform);
#pragma unroll
      for (int j = 0; j < 4; ++j) {
        double drawn;
        if ((waiting >> j & 1) && accepted(d[j], radius[j], angle[j], uniform[j], &drawn)) {
          value[j] = drawn;
          waiting &= ~(1u << j);
        }
      }
    }
    if (a[0] < 1 || a[1] < 1 || a[2] < 1 || a[3] < 1) {
      uint32_t uniform[4];
      counter.words(kGammaBoost, uniform);
#pragma unroll
      for (int j = 0; j < 4; ++j) {
        if (a[j] < 1) {
          value[j] *= draws::exponential(draws::natural_log(draws::open_uniform(uniform[j])) / a[j]);
        }
      }
    }
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      if (first + kCountersPerBlock * j < units) out[to + kCountersPerBlock * j] = T(value[j]);
    }
  }
}

}  // namespace

gx_status gx_random_gamma(gx_device* device, gx_format format, gx_rng rng, double shape, const void* shapes,
                          int64_t rows, int64_t units, void* out) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      Gpu& gpu = gpu_of(device);
      const int64_t threads = (units + kUnitsPerBlock - 1) / kUnitsPerBlock * kCountersPerBlock * rows;
      launch(gpu, {blocks_for(gpu, threads, 256), 256}, gamma_draws<T>, rng, shape, static_cast<const T*>(shapes), rows,
             units, static_cast<T*>(out));
    });
  });
}

}  // namespace gx::cuda
