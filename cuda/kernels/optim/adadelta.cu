// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_adadelta (optim.h) over all segments in one launch. Mapping: pass.h.
//
// Floor: FLOAT32 28 bytes an element, 8 more with an average.
//
// Not yet run on a GPU.

#include "kernels/optim/adadelta/adadelta.h"
#include "kernels/optim/pass.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

template <class T>
struct AdadeltaMove {
  T rate, share, epsilon;
  __device__ void operator()(T& p, T g, T (&s)[3]) const {
    s[0] = towards(s[0], g * g, share);
    const T d = g * sqrt((s[1] + epsilon) / (s[0] + epsilon));  // one root less
    s[1] = towards(s[1], d * d, share);
    p -= rate * d;
  }
};

}  // namespace

gx_status gx_adadelta(gx_device* device, gx_format format, const gx_adadelta_params* params, int64_t segments,
                      const gx_segment* segment) {
  return guarded([&] {
    const AdadeltaRule r = adadelta_rule(*params);
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const AdadeltaMove<T> move = {T(r.rate), T(r.share), T(r.epsilon)};
      pass<optim::kS0 | optim::kS1, T>(gpu_of(device), r.frame, move, segments, segment);
    });
  });
}

}  // namespace gx::cuda
