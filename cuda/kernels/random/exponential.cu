// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_random_exponential and gx_random_gumbel (random.h): -log((word + 1/2) 2^-32) and -log of that, in double with the
// CPU's bits (kernels/random/draws.h). Mapping: blocks.h.
//
// Floor: 4 or 8 bytes written an element, but arithmetic takes longer: a quarter of Philox and some 35 operations in
// double for each logarithm.
//
// nvcc 13.0, sm_80 / sm_90a: 64 to 68 registers by packs of floats, 52 to 54 of doubles, 44 to 48 by units; no spills.
//
// Not yet run on a GPU.

#include "kernels/random/blocks.h"
#include "kernels/random/draws.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

struct Exponential {
  template <class T>
  __device__ double operator()(const uint32_t (&word)[1], T) const {
    return -draws::natural_log(draws::open_uniform(word[0]));
  }
};

struct Gumbel {
  template <class T>
  __device__ double operator()(const uint32_t (&word)[1], T) const {
    return -draws::natural_log(-draws::natural_log(draws::open_uniform(word[0])));
  }
};

}  // namespace

gx_status gx_random_exponential(gx_device* device, gx_format format, gx_rng rng, int64_t rows, int64_t units,
                                void* out) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      draw(gpu_of(device), Exponential(), streams_of<1>(rng, GX_PURPOSE_EXPONENTIAL), rows, units,
           static_cast<const T*>(nullptr), static_cast<T*>(out));
    });
  });
}

gx_status gx_random_gumbel(gx_device* device, gx_format format, gx_rng rng, int64_t rows, int64_t units, void* out) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      draw(gpu_of(device), Gumbel(), streams_of<1>(rng, GX_PURPOSE_GUMBEL), rows, units, static_cast<const T*>(nullptr),
           static_cast<T*>(out));
    });
  });
}

}  // namespace gx::cuda
