// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The twins of the C entries: gx::cuda::gx_unary stands behind ::gx_unary for a GPU's device, with the same signature,
// and is called once the entry has checked everything. A twin that nobody has written is a null pointer in the table.
//
//   gx_status gx::cuda::gx_unary(gx_device* device, ...) {
//     return guarded([&] { .. launch(gpu_of(device), ..) .. });
//   }
#ifndef GENERATRIX_CUDA_RUNTIME_ENTRIES_H_
#define GENERATRIX_CUDA_RUNTIME_ENTRIES_H_

#include "generatrix/generatrix.h"
#include "runtime/status.h"

namespace gx::cuda {

#define GX_ENTRY(name) extern decltype(::name) name __attribute__((weak));
#include "entries.inc"
#undef GX_ENTRY

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_RUNTIME_ENTRIES_H_
