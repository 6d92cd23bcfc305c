// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_adam (optim.h): Adam, AdamW, AMSGrad over all segments in one launch. Mapping: pass.h.
//
// Floor: FLOAT32 28 bytes an element (p, g, s0, s1 read, p, s0, s1 written), 36 with amsgrad, 8 more with an average.
//
// nvcc 13.0, sm_80 / sm_90a: 78 registers, amsgrad 109 / 107; double 88, 100; no spills. Loads and stores of 16 bytes.
//
// Not yet run on a GPU.

#include "kernels/optim/adam/adam.h"
#include "kernels/optim/pass.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

template <class T, bool kGreatest>
struct AdamMove {
  T keep, share1, share2, rate, root_scale, epsilon;
  __device__ void operator()(T& p, T g, T (&s)[3]) const {
    s[0] = towards(s[0], g, share1);
    s[1] = towards(s[1], g * g, share2);
    if (kGreatest) s[2] = s[1] > s[2] || isnan(s[1]) ? s[1] : s[2];
    p = keep * p - rate * s[0] / (root_scale * sqrt(kGreatest ? s[2] : s[1]) + epsilon);
  }
};

template <class T, bool kGreatest>
void step(Gpu& gpu, const AdamRule& r, int64_t segments, const gx_segment* segment) {
  const AdamMove<T, kGreatest> move = {T(r.keep), T(r.share1), T(r.share2), T(r.rate), T(r.root_scale), T(r.epsilon)};
  pass<optim::kS0 | optim::kS1 | (kGreatest ? optim::kS2 : 0), T>(gpu, r.frame, move, segments, segment);
}

}  // namespace

gx_status gx_adam(gx_device* device, gx_format format, const gx_adam_params* params, int64_t segments,
                  const gx_segment* segment) {
  return guarded([&] {
    const AdamRule rule = adam_rule(*params);
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      rule.amsgrad ? step<T, true>(gpu_of(device), rule, segments, segment)
                   : step<T, false>(gpu_of(device), rule, segments, segment);
    });
  });
}

}  // namespace gx::cuda
