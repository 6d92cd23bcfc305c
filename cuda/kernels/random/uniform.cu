// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_random_uniform (random.h): out = (word div 256) 2^-24, exact in both formats. Mapping: blocks.h.
//
// Floor: 4 or 8 bytes written an element. A word costs a quarter of Philox, some 25 instructions, so that arithmetic
// and memory take about as long on Hopper.
//
// nvcc 13.0, sm_80 / sm_90a: 36 / 44 registers by packs, 32 / 26 by units; no spills.
//
// Not yet run on a GPU.

#include "kernels/random/blocks.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

struct Uniform {
  template <class T>
  __device__ T operator()(const uint32_t (&word)[1], T) const {
    return T(uniform_of_word(word[0]));
  }
};

}  // namespace

gx_status gx_random_uniform(gx_device* device, gx_format format, gx_rng rng, int64_t rows, int64_t units, void* out) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      draw(gpu_of(device), Uniform(), streams_of<1>(rng, GX_PURPOSE_UNIFORM), rows, units,
           static_cast<const T*>(nullptr), static_cast<T*>(out));
    });
  });
}

}  // namespace gx::cuda
