// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Entries of generatrix/coupling.h that are not built yet.

#include "generatrix/coupling.h"
#include "runtime/status.h"

namespace {

gx_status pending(const char* name) {
  return gx::guarded([&] { gx::fail(GX_UNSUPPORTED, "expected a build with %s, got one without", name); });
}

}  // namespace

extern "C" gx_status gx_spline_coupling(gx_device*, gx_format, const gx_spline_coupling_params*, const gx_states*,
                                        const void*, const void*, const double*, void*, double*) {
  return pending("gx_spline_coupling");
}

extern "C" gx_status gx_spline_coupling_backward(gx_device*, gx_format, const gx_spline_coupling_params*,
                                                 const gx_states*, const void*, const void*, const void*, const double*,
                                                 void*, void*) {
  return pending("gx_spline_coupling_backward");
}
