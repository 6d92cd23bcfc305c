// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_random_normal (random.h): out = mean + stddev sqrt(-2 log((w0 + 1) 2^-32)) cos(2 pi w1 2^-32) in double, rounded
// once for FLOAT32. The bits are the CPU's: its polynomials (kernels/random/draws.h), no contraction. Mapping:
// blocks.h.
//
// Floor: 4 or 8 bytes written an element, but arithmetic takes longer: half of Philox and some 60 operations in double,
// which a data centre's GPU has at half of float's rate.
//
// nvcc 13.0, sm_80 / sm_90a: 92 registers by packs of floats, 64 of doubles, 50 by units; no spills.
//
// Not yet run on a GPU.

#include "kernels/random/blocks.h"
#include "kernels/random/draws.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

struct Normal {
  double mean, stddev;
  template <class T>
  __device__ double operator()(const uint32_t (&word)[2], T) const {
    return mean + stddev * draws::standard_normal(word[0], word[1]);
  }
};

}  // namespace

gx_status gx_random_normal(gx_device* device, gx_format format, gx_rng rng, double mean, double stddev, int64_t rows,
                           int64_t units, void* out) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      draw(gpu_of(device), Normal{mean, stddev}, streams_of<2>(rng, GX_PURPOSE_NORMAL), rows, units,
           static_cast<const T*>(nullptr), static_cast<T*>(out));
    });
  });
}

}  // namespace gx::cuda
