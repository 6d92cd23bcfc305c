// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_adagrad (optim.h) over all segments in one launch. Mapping: pass.h.
//
// Floor: FLOAT32 20 bytes an element, 8 more with an average.
//
// Not yet run on a GPU.

#include "kernels/optim/adagrad/adagrad.h"
#include "kernels/optim/pass.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

template <class T>
struct AdagradMove {
  T rate, epsilon;
  __device__ void operator()(T& p, T g, T (&s)[3]) const {
    s[0] += g * g;
    p -= rate * g / (sqrt(s[0]) + epsilon);
  }
};

}  // namespace

gx_status gx_adagrad(gx_device* device, gx_format format, const gx_adagrad_params* params, int64_t segments,
                     const gx_segment* segment) {
  return guarded([&] {
    const AdagradRule r = adagrad_rule(*params);
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      pass<optim::kS0, T>(gpu_of(device), r.frame, AdagradMove<T>{T(r.rate), T(r.epsilon)}, segments, segment);
    });
  });
}

}  // namespace gx::cuda
