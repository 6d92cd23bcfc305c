// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The table that the library hands to the core.

#include "runtime/backend.h"

#include <memory>

#include "runtime/entries.h"
#include "runtime/gpu.h"

namespace gx::cuda {
namespace {

const Backend kBackend = {
    GX_VERSION,
    [] { return ::gx_last_error(); },
    [](int32_t* count) { return guarded([&] { *count = device_count(); }); },
    [](int32_t ordinal, gx_cuda_info* info) { return guarded([&] { *info = device_info(ordinal); }); },
    [](int32_t ordinal, void* stream, Gpu** gpu) { return guarded([&] { *gpu = open(ordinal, stream); }); },
    [](Gpu* gpu) { delete gpu; },
    [](Gpu* gpu) -> Blocks& { return *gpu; },
    [](const Gpu* gpu) { return static_cast<void*>(gpu->stream); },
    [](Gpu* gpu) { return guarded([&] { trim(*gpu); }); },
    [](Gpu* gpu) { return guarded([&] { synchronize(*gpu); }); },
    [](Gpu* gpu, void* to, const void* from, int64_t bytes) { return guarded([&] { copy(*gpu, to, from, bytes); }); },
#define GX_ENTRY(name) &gx::cuda::name,
#include "entries.inc"
#undef GX_ENTRY
};

}  // namespace
}  // namespace gx::cuda

extern "C" __attribute__((visibility("default"))) const gx::Backend* gx_backend_table(void) {
  return &gx::cuda::kBackend;
}
