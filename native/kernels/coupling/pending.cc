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

extern "C" gx_status gx_channel_affine(gx_device*, gx_format, const gx_channel_affine_params*, const void*, const void*,
                                       const void*, const double*, void*, double*) {
  return pending("gx_channel_affine");
}

extern "C" gx_status gx_channel_affine_backward(gx_device*, gx_format, const gx_channel_affine_params*, const void*,
                                                const void*, const void*, const void*, const double*, void*, void*,
                                                void*) {
  return pending("gx_channel_affine_backward");
}

extern "C" gx_status gx_invertible_matrix(gx_device*, gx_format, int64_t, int32_t, const int64_t*, const void*,
                                          const void*, const void*, const void*, void*) {
  return pending("gx_invertible_matrix");
}

extern "C" gx_status gx_invertible_matrix_backward(gx_device*, gx_format, int64_t, int32_t, const int64_t*, const void*,
                                                   const void*, const void*, const void*, const void*, void*, void*,
                                                   void*) {
  return pending("gx_invertible_matrix_backward");
}

extern "C" gx_status gx_dequantise(gx_device*, gx_format, const gx_dequantise_params*, gx_rng, const void*,
                                   const double*, void*, double*) {
  return pending("gx_dequantise");
}

extern "C" gx_status gx_dequantise_backward(gx_device*, gx_format, const gx_dequantise_params*, const void*,
                                            const void*, const double*, void*) {
  return pending("gx_dequantise_backward");
}

extern "C" gx_status gx_base_log_density(gx_device*, gx_format, int64_t, int64_t, int64_t, gx_base, const void*,
                                         const double*, double*) {
  return pending("gx_base_log_density");
}

extern "C" gx_status gx_base_log_density_backward(gx_device*, gx_format, int64_t, int64_t, int64_t, gx_base,
                                                  const void*, const double*, void*) {
  return pending("gx_base_log_density_backward");
}
