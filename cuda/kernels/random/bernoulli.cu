// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_random_bernoulli (random.h): out = 1 where uniform < p, else 0. Mapping: blocks.h; a pack of p is read where the
// pack of out is written, so that out may be p.
//
// Floor: 8 or 16 bytes an element.
//
// Not yet run on a GPU.

#include "kernels/random/blocks.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

struct Bernoulli {
  template <class T>
  __device__ T operator()(const uint32_t (&word)[1], T p) const {
    return T(uniform_of_word(word[0])) < p ? T(1) : T(0);
  }
};

}  // namespace

gx_status gx_random_bernoulli(gx_device* device, gx_format format, gx_rng rng, int64_t rows, int64_t units,
                              const void* p, void* out) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      draw(gpu_of(device), Bernoulli(), streams_of<1>(rng, GX_PURPOSE_BERNOULLI), rows, units, static_cast<const T*>(p),
           static_cast<T*>(out));
    });
  });
}

}  // namespace gx::cuda
