// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Loading the CUDA backend, and devices that stand on it.

#include "runtime/backend.h"

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>

#include "runtime/check.h"

namespace gx {
namespace {

constexpr const char* kLibrary = "libgeneratrix_cuda.so";
constexpr const char* kVariable = "GENERATRIX_CUDA_LIBRARY";

std::mutex mutex;
const Backend* loaded = nullptr;
std::string loaded_from;

std::string path_of(const char* library) {
  if (library) return library;
  const char* given = std::getenv(kVariable);
  return given && *given ? given : kLibrary;
}

// The library stays: kernels and streams of it may outlive whoever asked for it.
const Backend* load(const std::string& path) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library) fail(GX_UNSUPPORTED, "the CUDA backend cannot be loaded: %s", dlerror());
  const auto table = reinterpret_cast<BackendFunction*>(dlsym(library, kBackendSymbol));
  if (!table) fail(GX_UNSUPPORTED, "%s is no backend of Generatrix: it has no %s", path.c_str(), kBackendSymbol);
  const Backend* backend = table();
  if (std::strcmp(backend->version, gx_version()) != 0) {
    fail(GX_UNSUPPORTED, "the CUDA backend must be of version %s, got %s in %s", gx_version(), backend->version,
         path.c_str());
  }
  return backend;
}

// nullptr for `library`: whatever is loaded, or the default.
const Backend* backend_of(const char* library) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (loaded && !library) return loaded;
  const std::string path = path_of(library);
  if (loaded && path != loaded_from) {
    fail(GX_UNSUPPORTED, "a process has one CUDA backend: %s is loaded, got %s", loaded_from.c_str(), path.c_str());
  }
  if (!loaded) {
    loaded = load(path);
    loaded_from = path;
  }
  return loaded;
}

const char* const kEntries[] = {
#define GX_ENTRY(name) #name,
#include "entries.inc"
#undef GX_ENTRY
};

}  // namespace

// The table's twins stand side by side, each a function pointer, in the order of kEntries.
void fail_without_twin(const Backend* backend, const void* entry) {
  constexpr size_t kCount = sizeof kEntries / sizeof kEntries[0];
  const char* const end = reinterpret_cast<const char*>(backend + 1);
  const size_t from_end = size_t(end - static_cast<const char*>(entry)) / sizeof(void (*)());
  fail(GX_UNSUPPORTED, "%s does not run on a GPU yet", from_end <= kCount ? kEntries[kCount - from_end] : "this call");
}

}  // namespace gx

gx_status gx_cuda_load(const char* library) {
  return gx::guarded([&] { gx::backend_of(library); });
}

gx_status gx_cuda_device_count(int32_t* count) {
  return gx::guarded([&] {
    gx::check::not_null(count, "count");
    *count = 0;
    const gx::Backend* backend = gx::backend_of(nullptr);
    gx::require(backend, backend->device_count(count));
  });
}

gx_status gx_cuda_get_info(int32_t ordinal, gx_cuda_info* info) {
  return gx::guarded([&] {
    gx::check::not_null(info, "info");
    const gx::Backend* backend = gx::backend_of(nullptr);
    gx::require(backend, backend->info(ordinal, info));
  });
}

gx_status gx_device_create_cuda(int32_t ordinal, void* stream, gx_device** device) {
  return gx::guarded([&] {
    gx::check::not_null(device, "device");
    *device = nullptr;
    const gx::Backend* backend = gx::backend_of(nullptr);
    gx::Gpu* gpu = nullptr;
    gx::require(backend, backend->open(ordinal, stream, &gpu));
    std::unique_ptr<gx_device> created;
    try {
      created = std::make_unique<gx_device>(backend->blocks(gpu));
    } catch (...) {
      backend->close(gpu);
      throw;
    }
    created->threads = 1;  // of the host's side
    created->backend = backend;
    created->gpu = gpu;
    *device = created.release();
  });
}

gx_status gx_device_get_stream(const gx_device* device, void** stream) {
  return gx::guarded([&] {
    gx::check::not_null(device, "device");
    gx::check::not_null(stream, "stream");
    *stream = device->backend ? device->backend->stream(device->gpu) : nullptr;
  });
}

gx_status gx_device_synchronize(gx_device* device) {
  return gx::guarded([&] {
    gx::checked(device);
    if (device->backend) gx::require(device->backend, device->backend->synchronize(device->gpu));
  });
}

gx_status gx_device_set_precision(gx_device* device, gx_precision precision) {
  return gx::guarded([&] {
    gx::checked(device);
    gx::check::in_range(gx::check::number_in(precision), GX_PRECISION_FP32, GX_PRECISION_BF16, "the precision");
    if (!device->backend && precision != GX_PRECISION_FP32) {
      gx::fail(GX_UNSUPPORTED, "the precision of a CPU must be FP32, got %s",
               precision == GX_PRECISION_TF32 ? "TF32" : "BF16");
    }
    device->precision = precision;
  });
}

gx_status gx_device_get_precision(const gx_device* device, gx_precision* precision) {
  return gx::guarded([&] {
    gx::check::not_null(device, "device");
    gx::check::not_null(precision, "precision");
    *precision = device->precision;
  });
}
