// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_sgd (optim.h): gradient descent, with momentum, with Nesterov's, over all segments in one launch. Mapping: pass.h.
//
// Floor: FLOAT32 12 bytes an element, 20 with momentum, 8 more with an average.
//
// nvcc 13.0, sm_80 / sm_90a: 44 / 48 registers, 60 / 64 with momentum; double 48 / 60, 60 / 76; no spills.
//
// Not yet run on a GPU.

#include "kernels/optim/pass.h"
#include "kernels/optim/sgd/sgd.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

template <class T>
struct Descent {
  T rate;
  __device__ void operator()(T& p, T g, T (&)[3]) const { p -= rate * g; }
};

template <class T, bool kNesterov>
struct Momentum {
  T rate, momentum;
  __device__ void operator()(T& p, T g, T (&s)[3]) const {
    s[0] = momentum * s[0] + g;
    p -= rate * (kNesterov ? g + momentum * s[0] : s[0]);
  }
};

}  // namespace

gx_status gx_sgd(gx_device* device, gx_format format, const gx_sgd_params* params, int64_t segments,
                 const gx_segment* segment) {
  return guarded([&] {
    const SgdRule r = sgd_rule(*params);
    Gpu& gpu = gpu_of(device);
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const T rate = T(r.rate), momentum = T(r.momentum);
      if (r.momentum == 0) {
        pass<0, T>(gpu, r.frame, Descent<T>{rate}, segments, segment);
      } else if (r.nesterov) {
        pass<optim::kS0, T>(gpu, r.frame, Momentum<T, true>{rate, momentum}, segments, segment);
      } else {
        pass<optim::kS0, T>(gpu, r.frame, Momentum<T, false>{rate, momentum}, segments, segment);
      }
    });
  });
}

}  // namespace gx::cuda
