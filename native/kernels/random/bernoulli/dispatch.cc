// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The draws of gx_states_bernoulli into plain arrays: floats by its kernels, doubles by the equation.

#include "generatrix/states.h"
#include "kernels/random/check.h"
#include "kernels/random/spans.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/philox.h"

gx_status gx_random_bernoulli(gx_device* device, gx_format format, gx_rng rng, int64_t rows, int64_t units,
                              const void* p, void* out) {
  using namespace gx;
  bool states_do = false;
  const gx_status status = guarded([&] {
    checked(device);
    if (!check::draw(rng, rows, units, format, out)) return;
    check::same_or_disjoint(check::array(out, rows * units, format, "out"), check::array(p, rows * units, format, "p"));
    if (ran_on_gpu(&Backend::gx_random_bernoulli, device, format, rng, rows, units, p, out)) return;
    if (format == GX_FLOAT32) {
      states_do = true;
      return;
    }
    const PhiloxStream stream = philox_stream(rng.seed, rng.step, GX_PURPOSE_BERNOULLI);
    const double* chance = static_cast<const double*>(p);
    double* to = static_cast<double*>(out);
    draw_spans(*device, rows, units, 1 << 12, [&](uint32_t row, int64_t first, int64_t count, int64_t at) {
      for (int64_t i = 0; i < count; ++i) {
        to[at + i] = double(uniform_of_word(philox_word(stream, row, first + i))) < chance[at + i] ? 1.0 : 0.0;
      }
    });
  });
  if (!states_do) return status;
  const gx_states to = {out, rows, units, GX_FLOAT32};
  return gx_states_bernoulli(device, static_cast<const float*>(p), rng, &to);
}
