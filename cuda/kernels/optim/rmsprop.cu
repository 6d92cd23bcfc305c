// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_rmsprop (optim.h), plain or centered, with or without momentum, over all segments in one launch. Mapping: pass.h.
//
// Floor: FLOAT32 20 bytes an element, 8 more for momentum, for the mean of gradients, and for an average.
//
// Not yet run on a GPU.

#include "kernels/optim/pass.h"
#include "kernels/optim/rmsprop/rmsprop.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

template <class T, int kStates>
struct RmspropMove {
  T rate, share, epsilon, momentum;
  __device__ void operator()(T& p, T g, T (&s)[3]) const {
    s[0] = towards(s[0], g * g, share);
    T square = s[0];
    if (kStates & optim::kS2) {
      s[2] = towards(s[2], g, share);
      square -= s[2] * s[2];
      square = square < T(0) ? T(0) : square;  // NaN stays
    }
    T d = g / (sqrt(square) + epsilon);
    if (kStates & optim::kS1) d = s[1] = momentum * s[1] + d;
    p -= rate * d;
  }
};

template <class T, int kStates>
void step(Gpu& gpu, const RmspropRule& r, int64_t segments, const gx_segment* segment) {
  const RmspropMove<T, kStates> move = {T(r.rate), T(r.share), T(r.epsilon), T(r.momentum)};
  pass<kStates, T>(gpu, r.frame, move, segments, segment);
}

}  // namespace

gx_status gx_rmsprop(gx_device* device, gx_format format, const gx_rmsprop_params* params, int64_t segments,
                     const gx_segment* segment) {
  return guarded([&] {
    using namespace optim;
    const RmspropRule r = rmsprop_rule(*params);
    Gpu& gpu = gpu_of(device);
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      if (r.centered) {
        r.momentum > 0 ? step<T, kS0 | kS1 | kS2>(gpu, r, segments, segment)
                       : step<T, kS0 | kS2>(gpu, r, segments, segment);
      } else {
        r.momentum > 0 ? step<T, kS0 | kS1>(gpu, r, segments, segment) : step<T, kS0>(gpu, r, segments, segment);
      }
    });
  });
}

}  // namespace gx::cuda
