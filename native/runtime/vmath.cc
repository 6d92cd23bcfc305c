// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The C entries of generatrix/vmath.h.

#include "generatrix/vmath.h"

#include <algorithm>

#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/threads.h"
#include "runtime/vmath/functions.h"

namespace gx {
namespace {

constexpr int64_t kChunk = 1 << 14;  // elements of a work item: a few microseconds, both arrays in the L2 cache

const ArrayFunctions& functions() {
  switch (gx_cpu_isa()) {
    case GX_ISA_V4:
      return x86_v4::array_functions;
    case GX_ISA_V3:
      return x86_v3::array_functions;
    default:
      return baseline::array_functions;
  }
}

gx_status apply(gx_device* device, int64_t n, const float* x, float* y, ArrayFunction ArrayFunctions::*function) {
  return guarded([&] {
    checked(device);
    check::at_least(n, 0, "n");
    if (n == 0) return;
    check::not_null(x, "x");
    check::not_null(y, "y");
    const check::Range in = check::floats(x, n, "x"), out = check::floats(y, n, "y");
    if (x != y) check::disjoint(out, in);
    const ArrayFunction f = functions().*function;
    parallel_for(device->threads, (n + kChunk - 1) / kChunk, [&](int64_t chunk, int) {
      const int64_t first = chunk * kChunk;
      f(x + first, y + first, std::min(kChunk, n - first));
    });
  });
}

}  // namespace
}  // namespace gx

gx_status gx_vector_exp(gx_device* device, int64_t n, const float* x, float* y) {
  return gx::apply(device, n, x, y, &gx::ArrayFunctions::exp);
}
gx_status gx_vector_log(gx_device* device, int64_t n, const float* x, float* y) {
  return gx::apply(device, n, x, y, &gx::ArrayFunctions::log);
}
gx_status gx_vector_sigmoid(gx_device* device, int64_t n, const float* x, float* y) {
  return gx::apply(device, n, x, y, &gx::ArrayFunctions::sigmoid);
}
gx_status gx_vector_softplus(gx_device* device, int64_t n, const float* x, float* y) {
  return gx::apply(device, n, x, y, &gx::ArrayFunctions::softplus);
}
